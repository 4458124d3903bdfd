"""Who an event concerns, built on accuracy, official and style: a company a row."""

from collections.abc import Callable, Mapping
from datetime import date

import numpy as np
import pandas as pd

from recon.indexes import BROAD, IN_BROAD, LARGE, SMALL
from recon.reconstitution import Projection
from recon.reconstitution.changed_symbols import find_changes
from recon.schedule import Reconstitution
from recon.studies import accuracy
from recon.studies import style as styles
from recon.studies.accuracy.counting import CLASS
from recon.studies.events.returns import EventFacts
from recon.studies.official import posted as official
from recon.studies.official.posted import LIST
from recon.vocabulary import ADDITION, DELETION, TO_GROWTH, TO_VALUE, membership_key

ADDITIONS, DELETIONS, UP, DOWN = "additions", "deletions", "up", "down"
HELD, IPO, STYLE = "held", "ipo", "style"
GROUPS = (ADDITIONS, DELETIONS, UP, DOWN, HELD, IPO, STYLE)
# what a list rests on
CAME, PROJECTED, OFFICIAL = "came", "projected", "official"
BASES = (CAME, PROJECTED, OFFICIAL)
ProjectOn = Callable[[date], Projection]
COLUMNS = [
    "company_id",
    "symbol_id",
    "key",
    "symbol",
    "company",
    "sector",
    "total_market_cap_usd",
    "now",
    "projected",
    "came",
    "official",
    "is_held_by_band",
    "distance_to_break_point_frac",
    "nearest_line",
    "ipo_year",
    "shift",
    "note",
]


def concerned(
    facts: EventFacts, event: Reconstitution, project_on: ProjectOn
) -> tuple[pd.DataFrame, str]:
    """Return every company ranked or at stake on rank day, and what it rests on.

    Columns: company_id, symbol_id (of the pricing vehicle), key, symbol, company,
    sector, total_market_cap_usd, now, projected and came (R1000, R2000 or empty) and
    official (by the last lists posted for the event, missing without any),
    is_held_by_band, nearest_line, distance_to_break_point_frac, ipo_year, shift (of
    style, missing where not known), note (why accuracy does not count it).

    Raises
    ------
    SnapshotMissing
        If what came of the event is not in the data.
    """
    projected = project_on(event.rank_day)
    rows, outcome = accuracy.compared(facts, event, projected)
    listed = rows[rows["is_listed"].astype(bool)]
    stakes = listed.set_index("company_id")[["now", "projected", "came", "note"]]
    ranked = projected.companies
    plain = {
        "now": _codes(ranked["current_index"]),
        "projected": _codes(ranked["projected_index"]),
        "came": "",
        "note": None,
    }
    table = ranked.assign(**plain).set_index("company_id")
    known = table.index.intersection(stakes.index)
    table.loc[known, list(stakes)] = stakes.loc[known]
    securities = projected.securities.set_index("security_id")
    table["symbol_id"] = table["pricing_vehicle"].map(securities["symbol_id"])
    others = listed[~listed["company_id"].isin(table.index)]
    others = others.set_index("company_id").assign(is_held_by_band=False)
    both = pd.concat([table, others]).reset_index()
    both["ipo_year"] = _ipo_years(facts, event.rank_day, both["symbol_id"])
    both["official"] = by_official_lists(facts, event, both)
    both["shift"] = _shifts(facts, event.rank_day, project_on, both["company_id"])
    statement = f"{projected.membership.statement}; then {outcome.statement}"
    return both[COLUMNS].reset_index(drop=True), statement


def in_group(names: pd.DataFrame, group: str, basis: str, year: int) -> pd.Series:
    """Tell which of `concerned` are in a group by what came, or by other lists.

    A name of what came counts as accuracy counts it; of a projection and of official
    lists all do but second share classes: nobody knew who would be taken over.
    """
    now, then = names["now"], names[basis]
    outside, stays_out = ~now.isin(IN_BROAD), ~then.isin(IN_BROAD)
    tests: Mapping[str, pd.Series] = {
        ADDITIONS: outside & then.eq(SMALL),
        DELETIONS: now.eq(SMALL) & stays_out,
        UP: now.eq(SMALL) & then.eq(LARGE),
        DOWN: now.eq(LARGE) & then.eq(SMALL),
        HELD: names["is_held_by_band"].astype(bool) & now.eq(then),
        IPO: outside & ~stays_out & names["ipo_year"].eq(year),
        STYLE: names["shift"].isin([TO_VALUE, TO_GROWTH]) & now.eq(then),
    }
    is_counted = names["note"].isna() & then.notna()
    if basis != CAME:
        is_counted = names["note"].ne(CLASS) & then.notna()
    return tests[group] & is_counted


def staying(names: pd.DataFrame, index: str | None = None) -> pd.Series:
    """Tell which companies the event leaves where they are, outsiders included.

    With an index, those that are in it before and after.
    """
    stays = names["now"].eq(names["came"]) & names["note"].isna()
    return stays if index is None else stays & names["now"].eq(index)


def symbols_since(
    facts: EventFacts, names: pd.DataFrame, since: date, until: date
) -> pd.DataFrame:
    """Return the listings that took the place of others: for `returns.read`.

    Columns: symbol_id, symbol_id_new, changed_on; of a symbol that changed twice there
    are two rows.
    """
    keys = frozenset(names["key"].dropna())
    changes = find_changes(facts, since, until)
    table = facts.securities(since, until).drop_duplicates("symbol_id", keep="last")
    table = table.assign(key=membership_key(table["symbol"])).dropna(subset=["key"])
    ids = table.drop_duplicates("key", keep="last").set_index("key")["symbol_id"]
    own = names.drop_duplicates("key").set_index("key")["symbol_id"]
    rows = []
    for first in changes[changes["key"].isin(keys)].itertuples():
        key, after = first.key, first
        while after is not None:
            rows.append((own[key], ids.get(after.key_new), after.changed_on))
            later = changes[
                (changes["key"] == after.key_new)
                & (changes["changed_on"] > after.changed_on)
            ]
            after = next(later.itertuples(), None)
    columns = ["symbol_id", "symbol_id_new", "changed_on"]
    found = pd.DataFrame(rows, columns=columns).dropna()
    return found[found["symbol_id"] != found["symbol_id_new"]].reset_index(drop=True)


def by_official_lists(
    facts: EventFacts, event: Reconstitution, table: pd.DataFrame
) -> pd.Series:
    """Return the index of each company by the last lists posted for an event.

    An addition to the Russell 3000 goes where it came, else where it was projected,
    else to the Russell 2000: a list of the Russell 3000 alone does not say.
    """
    posted = facts.official_names(event.implementation_close)
    stated = official.newest(official.of_event(posted, event))
    stated = stated[stated["index"].isin([LARGE, SMALL, BROAD])]
    if stated.empty:
        return pd.Series(None, table.index, dtype="str")
    then, key = table["now"].astype(object), table["key"]
    keys = {which: set(own["key"]) for which, own in stated.groupby(LIST)}
    for index in (LARGE, SMALL, BROAD):
        held = table["now"].isin(IN_BROAD if index == BROAD else [index])
        then = then.mask(held & key.isin(keys.get((index, DELETION), set())), "")
    where = table["came"].where(table["came"].isin(IN_BROAD), table["projected"])
    where = where.where(where.isin(IN_BROAD), SMALL)
    is_new = ~table["now"].isin(IN_BROAD)
    then = then.mask(is_new & key.isin(keys.get((BROAD, ADDITION), set())), where)
    for index in (LARGE, SMALL):
        then = then.mask(key.isin(keys.get((index, ADDITION), set())), index)
    return then


def _codes(index: pd.Series) -> pd.Series:
    codes = index.astype(object)
    return codes.where(codes.isin(IN_BROAD), "")


def _ipo_years(facts: EventFacts, day: date, symbol_ids: pd.Series) -> np.ndarray:
    table = facts.securities(day, day).drop_duplicates("symbol_id", keep="last")
    return symbol_ids.map(table.set_index("symbol_id")["ipo_year"]).to_numpy(float)


def _shifts(
    facts: EventFacts, day: date, project_on: ProjectOn, company_ids: pd.Series
) -> pd.Series:
    """Return the shift of style of each company; missing without fundamentals."""
    if facts.fundamentals(day).empty:
        return pd.Series(None, company_ids.index, dtype="str")
    table = styles.project(facts, day, project_on).companies
    return company_ids.map(table.set_index("company_id")["shift"]).astype("str")
