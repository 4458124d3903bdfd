"""Facts that the rules ask for, gathered for one day or for the days of a season."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from recon import schedule
from recon.reconstitution import applying
from recon.reconstitution.changed_symbols import find_changes, follow
from recon.reconstitution.companies import (
    FOR_COMPANIES,
    FOR_LINES,
    arrange,
    listed_on,
    quoted_on,
    quotes_of,
)
from recon.reconstitution.evidence import Register, Spell, Verdict
from recon.reconstitution.facts import Facts
from recon.reconstitution.filed import judged_by_symbol
from recon.reconstitution.gathered import Gathered
from recon.reconstitution.lists import Lists, spells
from recon.reconstitution.sightings import Sightings
from recon.reconstitution.size_lists import SizeLists
from recon.rulebook import Rulebook, rulebook
from recon.rules import membership


class History:
    """What many days ask of the same facts, looked up once.

    Membership lists, the symbols of the sessions they were made on, and verdicts. A
    caller that projects day after day keeps one for as long as its facts are the same;
    it is not for two threads at once.
    """

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.days = facts.published_days()
        self.lists = Lists(facts)
        self.sightings = Sightings(facts, self.days)
        self.size_lists = SizeLists(facts)
        self.verdicts: dict[date, Verdict] = {}
        self._filed: dict[object, pd.DataFrame] = {}

    def filed(self, rules: Rulebook) -> pd.DataFrame:
        """Return what filings say of each symbol by some rules."""
        key = rules.home_countries, rules.benefit_driven_countries
        if key not in self._filed:
            self._filed[key] = judged_by_symbol(self.facts, rules)
        return self._filed[key]


def gather(
    facts: Facts,
    day: date,
    rules: Rulebook | None = None,
    history: History | None = None,
) -> Gathered:
    """Gather the facts of one published session; `rules` replaces its rulebook."""
    season = Season(history or History(facts), day, day, listed_on(facts, day))
    return season.gather(day, day, rules)


class Season:
    """The days from `since` to `until`, gathered a part at a time.

    `securities` are those of all of them, prepared.
    """

    def __init__(
        self, history: History, since: date, until: date, securities: pd.DataFrame
    ) -> None:
        self._facts, self._days = history.facts, history.days
        self._filed = history.filed
        self._lists, self._sightings = history.lists, history.sightings
        self._size_lists, self._verdicts = history.size_lists, history.verdicts
        self._securities = securities
        self._register = Register(securities)
        self._sightings.learn(securities)
        # symbols changed since the lists known on the first day
        listed = self._lists.known(since).named_on or since
        keys = self._lists.keys(listed, until)
        changed = find_changes(self._facts, listed, until, keys)
        days = changed["changed_on"].dt.date
        self._changes = list(zip(days, changed["key"], changed["key_new"], strict=True))

    def gather(
        self,
        first: date,
        last: date,
        rules: Rulebook | None = None,
        *,
        lines_only: bool = False,
    ) -> Gathered:
        """Gather the published sessions between two days under one rulebook.

        `lines_only` leaves out what break points do not ask for.
        """
        rules = rules or rulebook(first)
        quotes = quotes_of(
            self._facts,
            self._securities,
            first,
            last,
            rules,
            companies_only=lines_only,
            filed=self._filed(rules),
        )
        columns = FOR_LINES if lines_only else FOR_COMPANIES
        part = Gathered(
            rules=rules,
            securities=self._securities,
            quotes=quotes,
            companies=arrange(quotes, rules, columns),
            spells=(),
            filed=self._filed(rules),
        )
        spells = self._spells(part, first, last)
        if not lines_only:
            spells = tuple(map(self._with_sizes, spells))
        return replace(part, spells=spells)

    def _with_sizes(self, spell: Spell) -> Spell:
        sizes = self._size_lists.known(spell.known, spell.first)
        return replace(spell, sizes=sizes) if sizes else spell

    def _spells(self, part: Gathered, first: date, last: date) -> tuple[Spell, ...]:
        """Say what is known of membership between two days, spell after spell."""
        inside = self._days.slice_indexer(pd.Timestamp(first), pd.Timestamp(last))
        turns = self._lists.turns() | {day for day, _, _ in self._changes}
        spans = list(spells(turns, self._days[inside].to_numpy()))
        stated = [self._lists.known(start) for start, _ in spans]
        newest = [self._lists.newest(start) for start, _ in spans]
        looked_for = map(self._sightings.sessions, stated, newest)
        self._sightings.read(session for found in looked_for for session in found)
        found = []
        for known, newest_list, (start, end) in zip(stated, newest, spans, strict=True):
            followed = follow(known, self._changes, start)
            verdict = self._verdict(followed.as_of, start, part)
            found.append(
                Spell(
                    first=start,
                    last=end,
                    known=followed,
                    evidence=self._register.look_up(followed, verdict, known),
                    unseen=self._sightings.unseen(known, newest_list),
                )
            )
        return tuple(found)

    def _verdict(
        self, listed: date | None, day: date, part: Gathered
    ) -> Verdict | None:
        """Return the verdict of the event that the known lists follow, if a day tells.

        Where the store begins after that rank day its first session stands in. A rank
        day in a gap of the store tells nothing, and a verdict does not last for ever.
        """
        event = schedule.last_implemented(listed) if listed else None
        if event is None or not len(self._days):
            return None
        place = self._days.searchsorted(pd.Timestamp(event.rank_day), side="right") - 1
        ranked_on = self._days[max(place, 0)].date()
        if not membership.tells(event.rank_day, ranked_on, day, rulebook(day)):
            return None
        if event.rank_day not in self._verdicts:
            gathered = self._on(ranked_on, part)
            listings = quoted_on(self._facts, gathered.securities, ranked_on)
            self._verdicts[event.rank_day] = applying.judge(
                gathered, listings, event, is_late=place < 0
            )
        return self._verdicts[event.rank_day]

    def _on(self, day: date, part: Gathered) -> Gathered:
        """Gather a rank day by what was known then, without the verdict before.

        Its companies are those of the part at hand where that holds the day.
        """
        rules, known = rulebook(day), self._lists.known(day)
        days = part.companies["snapshot_date"].to_numpy("datetime64[D]")
        start, end = np.searchsorted(
            days, np.array([day, day], "datetime64[D]") + [0, 1]
        )
        if part.rules == rules and start < end:
            one = replace(part, companies=part.companies[start:end])
            register = self._register
        else:
            securities = listed_on(self._facts, day)
            register = Register(securities)
            filed = self._filed(rules)
            quotes = quotes_of(
                self._facts,
                securities,
                day,
                day,
                rules,
                companies_only=True,
                filed=filed,
            )
            companies = arrange(quotes, rules, FOR_LINES)
            one = Gathered(
                rules=rules,
                securities=securities,
                quotes=quotes,
                companies=companies,
                spells=(),
                filed=filed,
            )
        spell = Spell(
            first=day,
            last=day,
            known=known,
            evidence=register.look_up(known),
            unseen=frozenset(),
        )
        return replace(one, spells=(spell,))
