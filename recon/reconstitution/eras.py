"""Members between two events where no list tells: as the last rank day decided.

The era of an event begins at the close on which it is implemented. Decision 0057.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from recon import schedule
from recon.indexes import INDEXES, LARGE, MICRO, SMALL
from recon.reconstitution.applying import apply
from recon.reconstitution.changed_symbols import find_changes
from recon.reconstitution.companies import listed_on
from recon.reconstitution.facts import Facts
from recon.reconstitution.gathering import History, Season
from recon.rules import size_indexes
from recon.rules.segments import TOP10

TOP10_RANK = 10


@dataclass(frozen=True, kw_only=True)
class Era:
    """What an event decided, by key of every common share of the companies.

    `index_by_key` has R1000, R2000 or MICRO (outside the Russell 3000), `sizes` the
    keys of TOP10, TOP50, TOP200 and of the whole Microcap, `before_by_key` the index
    held before the event where lists tell it; `changes` the symbols changed since then:
    day, old key, new key. The new symbols are in all three.
    """

    index_by_key: Mapping[str, str]
    sizes: Mapping[str, frozenset[str]]
    before_by_key: Mapping[str, str]
    changes: tuple[tuple[date, str, str], ...]


def era_of(
    facts: Facts,
    history: History,
    event: schedule.Reconstitution | None,
    until: date,
) -> Era:
    """Return the era of an event as known on a day of it.

    Its rank day decides; where the store holds none of it, the session before, and
    where it begins later, its first session. A company inside the band of the Top 50 or
    the Top 200 goes by rank: no list tells on which side of it members were.
    """
    days = facts.published_days()
    rank_day = pd.Timestamp(event.rank_day) if event else days[0]
    place = max(days.searchsorted(rank_day, side="right") - 1, 0)
    ranked_on = days[place].date()
    season = Season(history, ranked_on, ranked_on, listed_on(facts, ranked_on))
    gathered = season.gather(ranked_on, ranked_on)
    (spell,) = gathered.spells
    companies = apply(gathered).companies
    companies = size_indexes.project(
        companies, {}, gathered.rules, is_known=spell.known.as_of is not None
    )
    index_by_key, sizes = _by_key(gathered.securities, companies)
    before, since = _before(history, event, days)
    known = {*index_by_key, *before}.union(*sizes.values())
    found = find_changes(facts, min(since or ranked_on, ranked_on), until, known)
    changes = tuple(
        zip(found["changed_on"].dt.date, found["key"], found["key_new"], strict=True)
    )
    for _, old, new in changes:
        for held in (index_by_key, before):
            if old in held:
                held.setdefault(new, held[old])
        sizes = {
            code: keys | {new} if old in keys else keys for code, keys in sizes.items()
        }
    return Era(
        index_by_key=index_by_key, sizes=sizes, before_by_key=before, changes=changes
    )


def _by_key(
    securities: pd.DataFrame, companies: pd.DataFrame
) -> tuple[dict[str, str], dict[str, frozenset[str]]]:
    """Return the projected index and the sizes of companies, by key of their shares."""
    common = securities[securities["is_common"] & securities["key"].notna()]
    owner = securities["company_id"].to_numpy()[companies["at"].to_numpy()]
    rank = companies["rank"].to_numpy()
    is_large = companies["projected_index"].eq(LARGE).to_numpy(bool)
    index = pd.Series(companies["projected_index"].astype("str").to_numpy(), owner)
    held = common["company_id"].map(index)
    is_held = held.isin([LARGE, SMALL, MICRO])
    index_by_key = dict(zip(common["key"][is_held], held[is_held], strict=True))
    is_in = {TOP10: is_large & (rank <= TOP10_RANK)}
    for code, by_rank in (
        ("TOP50", is_large & (rank <= 50)),
        ("TOP200", is_large & (rank <= 200)),
        (
            MICRO,
            (rank > INDEXES[MICRO].line_rank)
            & companies["projected_index"].notna().to_numpy(),
        ),
    ):
        told = companies[size_indexes.projected_column(code)]
        is_in[code] = np.where(told.isna(), by_rank, told.fillna(False).astype(bool))
    sizes = {
        code: frozenset(common["key"][common["company_id"].isin(owner[flags])])
        for code, flags in is_in.items()
    }
    return index_by_key, sizes


def _before(
    history: History, event: schedule.Reconstitution | None, days: pd.DatetimeIndex
) -> tuple[dict[str, str], date | None]:
    """Return who was in which index before an event, by lists, and the lists' day."""
    if event is None:
        return {}, None
    place = days.searchsorted(pd.Timestamp(event.implementation_close)) - 1
    if place < 0:
        return {}, None
    known = history.lists.known(days[place].date())
    if known.as_of is None or known.is_stale:
        return {}, None
    return dict(known.index_by_key), known.named_on
