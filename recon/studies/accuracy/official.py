"""Projected additions and deletions against the index provider's own lists of them.

The truth of `outcome` is read from what funds hold. Where the provider's lists of
additions to and deletions from the Russell 3000 are at hand, projections are counted
against those too, and so is what the holdings made of the event.
"""

from collections.abc import Collection

import pandas as pd

from recon.errors import BadRequest
from recon.rulebook import HEURISTICS
from recon.schedule import Reconstitution
from recon.studies.accuracy import counting
from recon.vocabulary import membership_key

BROAD, ADDITION, DELETION = "R3000", "addition", "deletion"
COLUMNS = ("effective_date", "index", "action", "ticker")
LISTS = {ADDITION: "additions_r3000", DELETION: "deletions_r3000"}
HELD = "holdings_"  # before the name of a list: what the holdings make of it
INSIDE = (counting.LARGE, counting.SMALL)


def read_official(table: pd.DataFrame) -> pd.DataFrame:
    """Return day, action, key and name of additions to and deletions from the R3000.

    Takes the columns effective_date, index, action (addition or deletion) and ticker;
    name if there is one.

    Raises
    ------
    BadRequest
        If columns are missing or no row is of the Russell 3000.
    """
    missing = [name for name in COLUMNS if name not in table]
    if missing:
        raise BadRequest(
            f"A file of official changes needs the columns {', '.join(COLUMNS)}; "
            f"{', '.join(missing)} is missing. It has {', '.join(map(str, table))}."
        )
    action = table["action"].astype("str").str.lower()
    is_broad = table["index"].astype("str").eq(BROAD) & action.isin(list(LISTS))
    if not is_broad.any():
        raise BadRequest(
            f"No row of the file is an addition to or a deletion from the {BROAD}."
        )
    key = membership_key(table["ticker"].astype("str"))
    name = table["name"] if "name" in table else table["ticker"]
    return pd.DataFrame(
        {
            "day": pd.to_datetime(table["effective_date"]),
            "action": action,
            "key": key.astype(object),
            "name": name.astype("str"),
        }
    )[is_broad].reset_index(drop=True)


def against(
    rows: pd.DataFrame,
    securities: pd.DataFrame,
    official: pd.DataFrame,
    event: Reconstitution,
    seen: counting.Seen,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Count additions and deletions of one event against the official ones.

    `rows` are `counting.units` of the event, `securities` the projected ones,
    `official` the output of `read_official`. The first table is like `counting.tally`:
    the lists projected, and after `HELD` what the holdings show, each against the
    official one; empty where the file has nothing of the event. The second has list,
    kind (missed or false), symbol and name.
    """
    gap = official["day"] - pd.Timestamp(event.implementation_close)
    within = HEURISTICS.official_within_days
    of_event = official[gap.dt.days.between(-within, within)]
    counts, errors = [], []
    for action, name in LISTS.items():
        stated = of_event[of_event["action"] == action]
        if stated.empty:
            continue
        table = _companies(rows, securities, stated, seen)
        inside, outside = table["now"].isin(INSIDE), ~table["now"].isin(INSIDE)
        for column, title in (("projected", name), ("came", HELD + name)):
            then = table[column].isin(INSIDE)
            said = (outside & then) if action == ADDITION else (inside & ~then)
            # of what is not in the listings nothing is projected
            if action == DELETION and column == "projected":
                said &= table["is_listed"]
            came = table["is_official"]
            hits = int((said & came).sum())
            counts.append((title, int(said.sum()), int(came.sum()), hits))
            for kind, wrong in (("missed", came & ~said), ("false", said & ~came)):
                errors.append(table[wrong].assign(list=title, kind=kind))
    found = pd.DataFrame(counts, columns=["list", "projected", "actual", "hits"])
    columns = ["list", "kind", "symbol", "name"]
    misjudged = pd.concat(errors)[columns] if errors else pd.DataFrame(columns=columns)
    return counting.with_ratios(found), misjudged.reset_index(drop=True)


def _companies(
    rows: pd.DataFrame,
    securities: pd.DataFrame,
    stated: pd.DataFrame,
    seen: counting.Seen,
) -> pd.DataFrame:
    """One row a company at stake or stated, less those that are set apart."""
    then = {new: old for old, new in seen.symbol_then.items()}
    listed = securities[securities["key"].notna()].drop_duplicates("key")
    at = listed.set_index("key")["company_id"]
    asked = stated.assign(
        key=[_then(key, then, at.index) for key in stated["key"]],
    )
    company = asked["key"].map(at)
    table = rows[rows["note"].isna()].copy()
    ids = set(company.dropna())
    table["is_official"] = table["company_id"].isin(ids) | table["key"].isin(
        asked["key"]
    )
    new = company.isna() | ~company.isin(rows["company_id"])
    known = asked["key"].isin(rows["key"])
    # an IPO or a spin-off between rank day and the event was not there to be called
    late = company.isna() & asked["key"].isin(seen.came)
    more = asked.assign(company_id=company)[new & ~known & ~late]
    listing = listed.drop_duplicates("company_id").set_index("company_id")
    extra = pd.DataFrame(
        {
            "key": more["key"],
            "symbol": more["key"],
            "name": more["name"],
            "now": more["company_id"].map(listing["current_index"]).fillna(""),
            "projected": more["company_id"].map(listing["projected_index"]).fillna(""),
            "came": "",
            "is_listed": more["company_id"].notna(),
            "is_official": True,
            "company_id": more["company_id"],
        }
    )
    again = extra["company_id"].duplicated() & extra["company_id"].notna()
    whole = pd.concat([table, extra[~again]])
    symbol = whole["symbol"].fillna(whole["key"])
    return whole.assign(symbol=symbol, is_listed=whole["is_listed"].astype(bool))


def _then(key: str, then: dict[str, str], listed: Collection[str]) -> str:
    """Symbol on rank day of a company that has another by the event."""
    return then.get(key, key) if key not in listed else key
