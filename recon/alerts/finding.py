"""What there is to tell on a day: one alert a fact, with a key that does not change."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

import numpy as np

from recon import formatting, schedule
from recon.alerts import rules as declared
from recon.alerts.rules import NEW_YORK, Rules
from recon.errors import ReconError
from recon.exhibits import Answers
from recon.jobs import runs
from recon.jobs.runs import State as RunState
from recon.store import Store
from recon.studies import official
from recon.studies.candidates import watchlist
from recon.studies.changes import words
from recon.studies.official import posted

FAILED_RUNS = 5  # the newest loads that are looked at


@dataclass(frozen=True, kw_only=True)
class Alert:
    """One thing to tell; `key` is the same whenever and however often it is found."""

    key: str
    rule: str
    title: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Found:
    """What there is to tell, and the two days that were compared for it.

    `unanswered` has the reason of each rule that the store cannot answer.
    """

    alerts: tuple[Alert, ...]
    since: str | None
    day: str | None
    unanswered: Mapping[str, str] = field(default_factory=dict)

    def unanswered_words(self) -> list[str]:
        """Return a sentence for each rule that the store cannot answer."""
        return [
            f"The rule '{name}' has no answer: {reason}"
            for name, reason in self.unanswered.items()
        ]

    def of(self, rules: Collection[str]) -> list[Alert]:
        """Return the alerts of some rules, in the order of the file."""
        return [alert for alert in self.alerts if alert.rule in rules]


@dataclass(frozen=True, kw_only=True)
class _Look:
    """A look at a store: its newest day, the one to compare with, the moment."""

    answers: Answers
    day: date
    since: date | None
    now: datetime


def find(store: Store, rules: Rules, now: datetime, since: str | None) -> Found:
    """Return everything that the rules tell of a store's newest day.

    `since` is the day to compare it with, else the session before. A rule that the
    store cannot answer leaves the others as they are.
    """
    answers = Answers(store)
    days = answers.published_days()
    if not len(days):
        return Found(alerts=(), since=None, day=None)
    day = days[-1].date()
    base = date.fromisoformat(since) if since else None
    if base is None and len(days) > 1:
        base = days[-2].date()
    look = _Look(answers=answers, day=day, since=base, now=now)
    alerts: dict[str, Alert] = {}
    unanswered: dict[str, str] = {}
    for rule in rules.rule:
        try:
            alerts |= {alert.key: alert for alert in FINDERS[type(rule)](rule, look)}
        except ReconError as error:
            unanswered[rule.name] = str(error)
    return Found(
        alerts=tuple(alerts.values()),
        since=None if base is None else base.isoformat(),
        day=day.isoformat(),
        unanswered=unanswered,
    )


def _list_changes(rule: declared.ListChange, look: _Look) -> list[Alert]:
    if look.since is None or look.since >= look.day:
        return []
    since = look.answers.day_on_or_before(look.since)
    rows = look.answers.changes(since, look.day).rows
    rows = rows[rows["kind"].isin([words.JOINS, words.LEAVES])]
    rows = rows[rows["list"].isin(rule.lists)]
    if rule.symbols:
        rows = rows[rows["symbol"].isin(rule.symbols)]
    verbs = {words.JOINS: "joins", words.LEAVES: "leaves"}
    return [
        _alert(
            rule.name,
            f"{look.day}:{row['kind']}:{row['list']}:{row['symbol']}",
            f"{row['symbol']} {verbs[row['kind']]} the projected {row['list']}",
            f"{row['company']}, {row['before']} on {formatting.day(since)}, "
            f"{row['after']} on {formatting.day(look.day)}: {row['cause']} "
            f"({row['why']}).",
        )
        for row in rows.to_dict("records")
    ]


def _near(rule: declared.NearLine, look: _Look) -> list[Alert]:
    projected = look.answers.projection(look.day)
    rows = watchlist.watch(projected.companies, projected.securities)
    away = rows["distance_to_break_point_frac"]
    rows = rows[away.abs() <= rule.within]
    if rule.symbols:
        rows = rows[rows["symbol"].isin(rule.symbols)]
    event = schedule.coming(look.day).name
    return [
        _alert(
            rule.name,
            f"{event}:{row['symbol']}:{row['line']}",
            f"{row['symbol']} is near the {row['line']}",
            f"{row['company']} stands {formatting.above_or_below(frac, 'it')} on "
            f"{formatting.day(look.day)}, at "
            f"{formatting.usd(row['total_market_cap_usd'], 2)}.",
        )
        for row in rows.to_dict("records")
        if not np.isnan(frac := row["distance_to_break_point_frac"])
    ]


def _odds(rule: declared.OddsOver, look: _Look) -> list[Alert]:
    """Tell which names' odds of a move are above the level, and were not before."""
    now = look.answers.odds(look.day)
    rows = now.companies[now.companies["p_move"] > rule.odds]
    before = None
    if look.since is not None and look.since < look.day:
        then = look.answers.day_on_or_before(look.since)
        known = look.answers.odds(then).companies.dropna(subset=["key"])
        before = known.drop_duplicates("key").set_index("key")["p_move"]
    if rule.symbols:
        rows = rows[rows["symbol"].isin(rule.symbols)]
    rank_day = formatting.day(now.rank_day)
    found = []
    for row in rows.to_dict("records"):
        old = np.nan if before is None else before.get(row["key"], np.nan)
        if old > rule.odds:
            continue
        was = "" if np.isnan(old) else f", {formatting.percent(old, 0)} before"
        odds = formatting.percent(row["p_move"], 0)
        found.append(
            _alert(
                rule.name,
                f"{look.day}:{row['symbol']}",
                f"{row['symbol']} has odds of a move above "
                f"{formatting.percent(rule.odds, 0)}",
                f"{row['company']}, {formatting.index_name(row['current_index'])}: "
                f"{odds} at the event ranked on {rank_day}{was}.",
            )
        )
    return found


def _stale(rule: declared.StaleData, look: _Look) -> list[Alert]:
    today = look.now.astimezone(NEW_YORK).date()
    age = schedule.sessions_between(look.day, today)
    if age < rule.sessions:
        return []
    return [
        _alert(
            rule.name,
            f"{look.day}",
            f"Data are {formatting.count(age, 'session')} old",
            f"The newest day is {formatting.day(look.day)}.",
        )
    ]


def _failed(rule: declared.LoadFailed, look: _Look) -> list[Alert]:
    newest = runs.past(look.answers.store.folder)[:FAILED_RUNS]
    return [
        _alert(rule.name, run.id, f"{run.title} failed", run.message)
        for run in newest
        if run.state in (RunState.FAILED, RunState.LOST)
    ]


def _dates(rule: declared.DateComing, look: _Look) -> list[Alert]:
    today = look.now.astimezone(NEW_YORK).date()
    event = schedule.coming(today)
    found = []
    for label, day in event.milestones():
        left = (day - today).days
        if 0 <= left <= rule.days:
            when = "today" if not left else f"in {formatting.count(left, 'day')}"
            found.append(
                _alert(
                    rule.name,
                    f"{event.name}:{label}:{day}",
                    f"{event.name}: {label.lower()} {when}",
                    f"{formatting.day(day)}, New York; {event.confidence}.",
                )
            )
    return found


def _official(rule: declared.OfficialList, look: _Look) -> list[Alert]:
    store = look.answers.store
    names = store.official_names(look.now.astimezone(NEW_YORK).date())
    found = []
    for event in official.events(store, look.day)[-2:]:
        drift = posted.drift(posted.of_event(names, event))
        for row in drift.to_dict("records"):
            changed = ""
            if not np.isnan(row["new_count"]):
                changed = (
                    f"; {row['new_count']:,.0f} new ({row['new'] or 'none'}), "
                    f"{row['dropped_count']:,.0f} dropped ({row['dropped'] or 'none'})"
                )
            found.append(
                _alert(
                    rule.name,
                    f"{event.name}:{row['list']}:{row['kind']}:{row['posted_on']:%F}",
                    f"{event.name}: official {row['list']}, {row['kind']}",
                    f"Posted {formatting.day(row['posted_on'])}: "
                    f"{row['security_count']:,.0f} names{changed}.",
                )
            )
    return found


def _alert(rule: str, key: str, title: str, text: str) -> Alert:
    return Alert(key=f"{rule}:{key}", rule=rule, title=title, text=text)


FINDERS: dict[type, Callable[..., list[Alert]]] = {
    declared.ListChange: _list_changes,
    declared.NearLine: _near,
    declared.OddsOver: _odds,
    declared.StaleData: _stale,
    declared.LoadFailed: _failed,
    declared.DateComing: _dates,
    declared.OfficialList: _official,
}
