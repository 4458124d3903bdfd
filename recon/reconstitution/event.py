"""The event as it is run: rank day decides, and what is known later is applied to it.

Ground Rules v7.0, 6.9: from rank day to the implementation close the lists of an event
are those of the rank day's ranking. Companies that leave the listings meanwhile are not
replaced (9.2.1), what was not listed by rank day waits for the next event (5.14), and a
changed symbol is followed. Mergers and spin-offs before lock-down (6.4.1) are seen as
listings that end or begin; caps are not worked out again for them (not modelled).
"""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from recon import formatting, schedule, tables
from recon.reconstitution.changed_symbols import find_changes
from recon.reconstitution.facts import Facts
from recon.reconstitution.projection import Projection
from recon.rulebook import HEURISTICS
from recon.rules import size_indexes
from recon.vocabulary import NONE

LATER_COLUMNS = ["symbol", "company", "index", "projected", "what", "since"]
GONE, CHANGED = "no longer listed", "new symbol"


def deciding_day(facts: Facts, as_of: date) -> date | None:
    """Return the rank day that decides the event of a day.

    None before that rank day, and where the store holds no session within a week of it.
    """
    event = schedule.coming(as_of)
    if as_of <= event.rank_day:
        return None
    days = facts.published_days()
    place = days.searchsorted(pd.Timestamp(event.rank_day), side="right") - 1
    gap = pd.Timestamp(event.rank_day) - days[max(place, 0)]
    if place < 0 or gap.days > HEURISTICS.sighting_days:
        return None
    return days[place].date()


def decide(facts: Facts, ranked: Projection, now: Projection) -> Projection:
    """Return the projection of a rank day as it stands on a later day of its event.

    `ranked` is as ranked on the rank day, `now` as ranked on the later day, of which
    only the listings count. `later` of the result has one row a company of the event
    that has left the listings or has another symbol since.
    """
    day = now.snapshot_date
    renamed = _renamed(facts, ranked, now)
    gone = _gone(facts, ranked.securities, now.securities, renamed, day)
    securities = ranked.securities.assign(since=gone)
    securities = _with_symbols(securities, renamed, now.securities)
    left = _whole_companies(securities)
    later = _later(securities, renamed, left)
    words = "no longer listed since " + securities["since"].map(formatting.day)
    is_gone = securities["since"].notna()
    securities = securities.assign(
        ineligible_reason=securities["ineligible_reason"].mask(is_gone, words),
        eligible=securities["eligible"] & ~is_gone,
        current_index=securities["current_index"].mask(is_gone),
        projected_index=securities["projected_index"].mask(is_gone),
        move=securities["move"].mask(is_gone, NONE),
    ).drop(columns="since")
    securities = size_indexes.leave(securities, is_gone)
    listed = _listed_since(ranked, now, renamed)
    companies = ranked.companies
    has_left = companies["company_id"].isin(left)
    companies = _with_symbols(companies, renamed, now.securities).assign(
        current_index=companies["current_index"].mask(has_left),
        projected_index=companies["projected_index"].mask(has_left),
        move=companies["move"].mask(has_left, NONE),
        is_held_by_band=companies["is_held_by_band"] & ~has_left,
    )
    companies = size_indexes.leave(companies, has_left)
    both = pd.concat([securities, listed], ignore_index=True)
    return replace(
        ranked,
        as_of=now.as_of,
        companies=tables.Companies.validate(companies),
        securities=tables.ProjectedSecurities.validate(both),
        later=later,
    )


def _renamed(facts: Facts, ranked: Projection, now: Projection) -> pd.DataFrame:
    """Return the symbols of the rank day that another has taken the place of since.

    Indexed by key: key_new (the newest, where it changed twice) and changed_on.
    """
    securities = ranked.securities
    lost = ~securities["symbol_id"].isin(now.securities["symbol_id"])
    keys = frozenset(securities.loc[lost & securities["is_common"], "key"].dropna())
    changes = find_changes(facts, ranked.snapshot_date, now.snapshot_date)
    newest = dict(zip(changes["key"], changes["key_new"], strict=True))
    rows = []
    for row in changes[changes["key"].isin(keys)].itertuples():
        key_new = row.key_new
        while key_new in newest and newest[key_new] != row.key:
            key_new = newest[key_new]
        rows.append((row.key, key_new, row.changed_on))
    table = pd.DataFrame(rows, columns=["key", "key_new", "changed_on"])
    return table.drop_duplicates("key").set_index("key")


def _gone(
    facts: Facts,
    securities: pd.DataFrame,
    now: pd.DataFrame,
    renamed: pd.DataFrame,
    day: date,
) -> pd.Series:
    """Return the first session without each security, missing where it is listed.

    A halt of a few sessions is no end.
    """
    lost = ~securities["symbol_id"].isin(now["symbol_id"]) & securities["is_common"]
    lost &= ~securities["key"].isin(renamed.index)
    since = pd.Series(pd.NaT, index=securities.index, dtype="datetime64[ns]")
    if not lost.any():
        return since
    first = securities["snapshot_date"].max().date()
    ids = securities.loc[lost, "symbol_id"].to_numpy()
    quoted = facts.trailing(first, day, np.unique(ids))
    last = quoted.groupby("symbol_id")["snapshot_date"].max()
    sessions = facts.published_days()
    end = sessions.searchsorted(pd.Timestamp(day), side="right") - 1
    place = sessions.searchsorted(securities.loc[lost, "symbol_id"].map(last))
    is_gone = end - place >= HEURISTICS.max_gap_sessions
    rows = securities.index[lost][is_gone]
    since.loc[rows] = sessions[place[is_gone] + 1].to_numpy()
    return since


def _with_symbols(
    table: pd.DataFrame, renamed: pd.DataFrame, now: pd.DataFrame
) -> pd.DataFrame:
    """Give rows of a changed symbol the symbol and name they have now."""
    key_new = table["key"].map(renamed["key_new"])
    listed = now.drop_duplicates("key").set_index("key")
    found = key_new.notna() & key_new.isin(listed.index)
    columns = {
        name: table[name].mask(found, key_new.map(listed[name]))
        for name in ("symbol", "name", "company")
    }
    return table.assign(**columns, key=table["key"].mask(found, key_new))


def _whole_companies(securities: pd.DataFrame) -> np.ndarray:
    """Return the companies of which no common line is listed any more."""
    common = securities[securities["is_common"]]
    is_gone = common["since"].notna().groupby(common["company_id"]).all()
    return is_gone.index[is_gone].to_numpy()


def _later(
    securities: pd.DataFrame, renamed: pd.DataFrame, left: np.ndarray
) -> pd.DataFrame:
    """Return what is known of the event's companies that rank day did not know."""
    concerned = securities["current_index"].notna()
    concerned |= securities["projected_index"].notna()
    rows = securities[concerned & securities["is_common"]]
    gone = rows[rows["since"].notna() & rows["company_id"].isin(left)]
    changed = renamed.reset_index().rename(columns={"key": "was", "key_new": "key"})
    other = rows.merge(changed, on="key", how="inner")
    parts = [
        gone.assign(what=GONE),
        other.assign(what=CHANGED + ", was " + other["was"], since=other["changed_on"]),
    ]
    table = pd.concat(parts, ignore_index=True)
    table = table.rename(
        columns={"current_index": "index", "projected_index": "projected"}
    )
    return table.sort_values(["since", "symbol"])[LATER_COLUMNS].reset_index(drop=True)


def _listed_since(
    ranked: Projection, now: Projection, renamed: pd.DataFrame
) -> pd.DataFrame:
    """Return the listings that have come since rank day: they wait for the next."""
    listed = now.securities
    is_new = ~listed["symbol_id"].isin(ranked.securities["symbol_id"])
    is_new &= ~listed["key"].isin(renamed["key_new"])
    new = size_indexes.keep(listed[is_new])
    day = formatting.day(ranked.snapshot_date)
    offset = int(ranked.securities["company_id"].max()) + 1
    nothing = dict.fromkeys(["rank", "cumulative_cap_frac", "pricing_vehicle"], np.nan)
    held = new["current_index"]
    return new.assign(
        **nothing,
        company_id=new["company_id"] + offset,
        projected_index=held,
        move=np.where(held.notna(), new["move"].where(held.isna(), "stays"), NONE),
        eligible=False,
        ineligible_reason=new["listing_reason"].fillna(
            f"not listed by rank day, {day}"
        ),
    )
