"""Fair counting: one row a company, what data show to be no error set apart."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from recon.rulebook import HEURISTICS

LARGE, SMALL = "R1000", "R2000"
LISTS = ("up", "down", "additions_r2000", "deletions_r2000", "r1000", "r2000")
CLASS_LETTERS = frozenset("ABCKV")
WHEN_ISSUED = ("WV", "V")
GONE = "no longer listed afterwards: taken over or delisted"
CAME = "listed only after rank day: an IPO or a spin-off"
CLASS = "share class, counted with its company"
DOUBT = "in the Russell 1000 only by subtraction, and far too small for it"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What was listed afterwards, and symbols that changed since rank day.

    `after` was listed on every day of the outcome, None where no session shows it;
    nobody is then called gone. `came` was listed on one of them.
    """

    after: frozenset[str] | None
    came: frozenset[str]
    symbol_then: Mapping[str, str]


def units(
    securities: pd.DataFrame,
    members: Mapping[str, str],
    outcome: Mapping[str, str],
    seen: Seen,
    unseen: Collection[str] = frozenset(),
) -> pd.DataFrame:
    """One row per company with its index now, projected and afterwards.

    `securities` is `ProjectedSecurities` with key and company_id; `members` and
    `outcome` map keys to an index; `unseen` are members that the projection keeps
    though nothing is listed of them. Adds `note`, why a row is not counted (missing:
    it is), and `is_listed`. Rows are indexed by the company's key.
    """
    table = securities[securities["key"].notna()].drop_duplicates("key")
    then = {new: old for old, new in seen.symbol_then.items()}
    listed = set(table["key"])
    after = {
        _key_then(key, then, listed, outcome): index for key, index in outcome.items()
    }
    table = table.assign(after=table["key"].map(after).astype("str"))
    at_stake = table[["current_index", "projected_index", "after"]].isin([LARGE, SMALL])
    ids = table.loc[at_stake.any(axis=1), "company_id"]
    table = table[table["company_id"].isin(ids)]
    is_vehicle = table["security_id"].eq(table["pricing_vehicle"])
    table = table.assign(is_vehicle=is_vehicle).sort_values(
        ["is_vehicle", "total_market_cap_usd", "key"], ascending=[False, False, True]
    )
    # index of a company by its classes, the pricing vehicle's first
    sides = {"now": "current_index", "projected": "projected_index", "came": "after"}
    for name, column in sides.items():
        index = table[column].astype(object)
        table[name] = index.where(index.isin([LARGE, SMALL]))
    keys: dict[int, list[str]] = {}
    for company, key in zip(table["company_id"], table["key"], strict=True):
        keys.setdefault(company, []).append(key)
    companies = table.groupby("company_id", sort=False).first()
    companies[list(sides)] = companies[list(sides)].fillna("").astype("str")
    companies = companies.assign(keys=companies.index.map(keys), is_listed=True)
    companies = companies.reset_index().set_index("key", drop=False)
    strangers = _strangers(after, listed, members, companies, seen)
    if len(strangers):
        kept = strangers["key"].isin(unseen)
        strangers["projected"] = strangers["projected"].mask(kept, strangers["now"])
    rows = pd.concat([companies, strangers]) if len(strangers) else companies
    return _set_apart(rows, seen)


def in_doubt(
    rows: pd.DataFrame, break_point_usd: float, is_subtracted: bool
) -> pd.DataFrame:
    """Set newcomers apart that the Russell 1000 holds only by subtraction.

    A company that was not in it needs a cap above the break point to come in; one of a
    fourth of that is there because the Russell 2000 fund does not hold it.
    """
    if not is_subtracted:
        return rows
    small = rows["total_market_cap_usd"] < HEURISTICS.in_doubt_frac * break_point_usd
    is_new = rows["came"].eq(LARGE) & rows["now"].ne(LARGE) & rows["note"].isna()
    return rows.assign(note=rows["note"].mask(is_new & small, DOUBT))


def flags(rows: pd.DataFrame, name: str) -> tuple[pd.Series, pd.Series]:
    """Tell of each row whether a list projects it, and whether it came."""
    now = rows["now"]
    outside = ~now.isin([LARGE, SMALL])
    tests = {
        "up": lambda then: now.eq(SMALL) & then.eq(LARGE),
        "down": lambda then: now.eq(LARGE) & then.eq(SMALL),
        "additions_r2000": lambda then: outside & then.eq(SMALL),
        "deletions_r2000": lambda then: now.eq(SMALL) & ~then.isin([LARGE, SMALL]),
        "r1000": lambda then: then.eq(LARGE),
        "r2000": lambda then: then.eq(SMALL),
    }
    test = tests[name]
    said = test(rows["projected"])
    if name == "deletions_r2000":  # of what is not in the listings nothing is said
        said &= rows["is_listed"].astype(bool)
    return said, test(rows["came"])


def tally(rows: pd.DataFrame) -> pd.DataFrame:
    """Count each list: projected, actual, hits, precision, recall, f1."""
    counted = rows[rows["note"].isna()]
    lines = []
    for name in LISTS:
        projected, came = flags(counted, name)
        hits = int((projected & came).sum())
        lines.append((name, int(projected.sum()), int(came.sum()), hits))
    return with_ratios(
        pd.DataFrame(lines, columns=["list", "projected", "actual", "hits"])
    )


def with_ratios(table: pd.DataFrame) -> pd.DataFrame:
    """Add precision, recall and f1 to counts of projected, actual and hits."""
    hits = table["hits"]
    both = table["projected"] + table["actual"]
    return table.assign(
        precision=_ratio(hits, table["projected"]),
        recall=_ratio(hits, table["actual"]),
        f1=_ratio(2 * hits, both),
    )


def _ratio(part: pd.Series, whole: pd.Series) -> pd.Series:
    return (part / whole.where(whole > 0)).astype(float)


def _key_then(
    key: str,
    then: Mapping[str, str],
    listed: Collection[str],
    outcome: Mapping[str, str],
) -> str:
    """Symbol on rank day of what a list names: changed since, or a line when issued.

    A company whose shares trade when-issued on the list's day (after a spin-off) stands
    in it by that line alone: its symbol and a V or WV.
    """
    if key in listed:
        return key
    if then.get(key) in listed:
        return then[key]
    for ending in WHEN_ISSUED:
        base = key.removesuffix(ending)
        if base != key and base in listed and base not in outcome:
            return base
    return key


def _strangers(
    after: Mapping[str, str],
    listed: Collection[str],
    members: Mapping[str, str],
    companies: pd.DataFrame,
    seen: Seen,
) -> pd.DataFrame:
    """Rows of what came but was not listed on rank day."""
    known = set(companies["key"]) | {k for keys in companies["keys"] for k in keys}
    rows, counted = [], set()
    for key, index in sorted(after.items()):
        if key in listed:
            continue
        note: str | None = None
        base, is_class = key[:-1], key[-1:] in CLASS_LETTERS
        if is_class and base in known and after.get(base) == index:
            note = CLASS
        elif is_class and (base, index, members.get(key, "")) in counted:
            note = CLASS
        elif key in seen.came and key not in members:
            note = CAME
        if is_class:
            counted.add((base, index, members.get(key, "")))
        rows.append(
            {
                "key": key,
                "now": members.get(key, ""),
                "projected": "",
                "came": index,
                "keys": [key],
                "is_listed": False,
                "note": note,
            }
        )
    return pd.DataFrame(rows).set_index("key", drop=False) if rows else pd.DataFrame()


def _set_apart(rows: pd.DataFrame, seen: Seen) -> pd.DataFrame:
    """Mark companies of which nothing is listed any more."""
    noted = rows["note"] if "note" in rows else pd.Series(None, rows.index, dtype="str")
    if seen.after is None:
        return rows.assign(note=noted)
    still = np.array(
        [
            any(k in seen.after or k in seen.symbol_then for k in keys)
            for keys in rows["keys"]
        ],
        dtype=bool,
    )
    gone = ~still & rows["is_listed"].to_numpy(bool)
    gone &= ~(rows["came"].ne("") & rows["came"].eq(rows["projected"])).to_numpy()
    noted = noted.astype(object).mask(pd.Series(gone, rows.index), GONE)
    return rows.assign(note=noted)
