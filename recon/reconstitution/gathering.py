"""Facts that the rules ask for, gathered for one day or for the days of a season."""

from datetime import date

import pandas as pd

from recon import schedule
from recon.reconstitution import applying
from recon.reconstitution.changed_symbols import find_changes, follow
from recon.reconstitution.companies import (
    FOR_COMPANIES,
    FOR_LINES,
    arrange,
    listed_on,
    prepare,
    quoted_on,
    quotes_of,
)
from recon.reconstitution.evidence import Register, Spell, Verdict
from recon.reconstitution.facts import Facts
from recon.reconstitution.gathered import Gathered
from recon.reconstitution.lists import Lists, spells
from recon.reconstitution.sightings import Sightings
from recon.rulebook import Rulebook, rulebook


def gather(facts: Facts, day: date, rules: Rulebook | None = None) -> Gathered:
    """Gather the facts of one published session; `rules` replaces its rulebook."""
    return Season(facts, day, day, listed_on(facts, day)).gather(day, day, rules)


class Season:
    """Days to be gathered a part at a time; what they have in common is read once.

    `securities` are those of the days, prepared, where the caller has them.
    """

    def __init__(
        self,
        facts: Facts,
        since: date,
        until: date,
        securities: pd.DataFrame | None = None,
    ) -> None:
        if securities is None:
            securities = prepare(facts.securities(since, until))
        self._facts, self._since, self._until = facts, since, until
        self._securities = securities
        self._register = Register(securities)
        self._lists = Lists(facts, until)
        self._days = facts.published_days()
        self._sightings = Sightings(facts, securities, since)
        self._verdicts: dict[date, Verdict] = {}

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
        )
        return Gathered(
            rules=rules,
            securities=self._securities,
            quotes=quotes,
            companies=arrange(
                quotes, rules, FOR_LINES if lines_only else FOR_COMPANIES
            ),
            spells=self._spells(first, last),
        )

    def _spells(self, first: date, last: date) -> tuple[Spell, ...]:
        """What is known of membership between two days, one spell after another."""
        days = self._days[
            self._days.slice_indexer(pd.Timestamp(first), pd.Timestamp(last))
        ]
        spans = list(spells(self._lists, days.to_numpy()))
        if not spans:
            return ()
        changed = self._changes(first, last)
        stated = [self._lists.known(start) for start, _ in spans]
        newest = [self._lists.newest(start) for start, _ in spans]
        looked_for = map(self._sightings.sessions, stated, newest)
        self._sightings.read(session for found in looked_for for session in found)
        found = []
        for known, newest_list, (start, end) in zip(stated, newest, spans, strict=True):
            followed = follow(known, changed, end)
            verdict = self._verdict(followed.as_of, start)
            found.append(
                Spell(
                    first=start,
                    last=end,
                    known=followed,
                    evidence=self._register.look_up(followed, verdict),
                    unseen=self._sightings.unseen(known, newest_list),
                )
            )
        return tuple(found)

    def _changes(self, first: date, last: date) -> pd.DataFrame:
        """Symbols changed since the lists known on the first day."""
        start = self._lists.known(first).as_of or first
        return find_changes(self._facts, start, last, self._lists.keys(start))

    def _verdict(self, listed: date | None, day: date) -> Verdict | None:
        """Rank for the event that the known lists follow; None where no day tells.

        By what was known on the rank day, without the verdict before: one step. Where
        the store begins after that rank day its first session stands in.
        """
        event = schedule.last_implemented(listed) if listed else None
        if event is None or not len(self._days):
            return None
        place = self._days.searchsorted(pd.Timestamp(event.rank_day), side="right") - 1
        ranked_on = self._days[max(place, 0)].date()
        if ranked_on > day:
            return None
        if event.rank_day not in self._verdicts:
            self._verdicts[event.rank_day] = self._judge(event, ranked_on, place < 0)
        return self._verdicts[event.rank_day]

    def _judge(
        self, event: schedule.Reconstitution, day: date, is_late: bool
    ) -> Verdict:
        rules = rulebook(day)
        if self._since <= day <= self._until:
            securities = quoted_on(self._facts, self._securities, day)
        else:
            securities = listed_on(self._facts, day)
        known = self._lists.known(day)
        spell = Spell(
            first=day,
            last=day,
            known=known,
            evidence=Register(securities).look_up(known),
            unseen=frozenset(),
        )
        quotes = quotes_of(
            self._facts, securities, day, day, rules, companies_only=True
        )
        gathered = Gathered(
            rules=rules,
            securities=securities,
            quotes=quotes,
            companies=arrange(quotes, rules, FOR_LINES),
            spells=(spell,),
        )
        return applying.judge(gathered, event, is_late=is_late)
