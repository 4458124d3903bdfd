"""Ground Rules v7.0, 4.2.3, 5.14, 6.9, 9.3 and Appendix F: the dates of an event."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from recon import record, schedule
from recon.errors import ScheduleMissing
from recon.rulebook import rulebook
from recon.schedule import Reconstitution

EVENTS = schedule.reconstitutions()
BY_RULE = [e for e in EVENTS if e.year >= 2027]


def names(events: list[Reconstitution]) -> list[str]:
    return [event.name for event in events]


def test_december_2026_is_as_announced() -> None:
    event = schedule.reconstitution(2026, "December")
    assert event.milestones() == [
        ("Rank day", date(2026, 10, 30)),
        ("Preliminary list", date(2026, 11, 13)),
        ("Update 1", date(2026, 11, 20)),
        ("Update 2", date(2026, 11, 27)),
        ("Query period ends", date(2026, 11, 27)),
        ("Lock-down starts", date(2026, 11, 30)),
        ("Update 3", date(2026, 12, 4)),
        ("Implementation close", date(2026, 12, 11)),
        ("Effective open", date(2026, 12, 14)),
    ]


def test_every_published_row_is_in_the_schedule() -> None:
    published = record.schedule()
    for row in published.to_dict("records"):
        event = schedule.reconstitution(int(row["year"]), row["leg"])
        assert event.rank_day.isoformat() == row["rank_day"]
        assert event.implementation_close.isoformat() == row["implementation_close"]
        assert event.effective_open.isoformat() == row["effective_open"]
        updates = ";".join(day.isoformat() for day in event.updates)
        assert updates == row["update_dates"]
        assert (event.source, event.confidence) == (row["source"], row["confidence"])


def test_events_are_every_june_and_from_2026_every_december_to_2035() -> None:
    junes = [f"June {year}" for year in range(2007, 2036)]
    decembers = [f"December {year}" for year in range(2026, 2036)]
    assert sorted(names(list(EVENTS))) == sorted(junes + decembers)
    assert [e.rank_day for e in EVENTS] == sorted(e.rank_day for e in EVENTS)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.name)
def test_the_dates_of_an_event_are_in_order_and_on_sessions(
    event: Reconstitution,
) -> None:
    chain = [
        event.rank_day,
        event.preliminary_list,
        event.query_period_end,
        event.lockdown_start,
        event.implementation_close,
        event.effective_open,
    ]
    known = [day for day in chain if day is not None]
    assert known == sorted(set(known))
    assert list(event.updates) == sorted(set(event.updates))
    first = event.preliminary_list or event.rank_day
    assert all(first < day <= event.implementation_close for day in event.updates)
    for day in (event.rank_day, event.implementation_close, event.effective_open):
        assert schedule.is_session(day)
    days = [day for _, day in event.milestones()]
    assert days == sorted(days)
    assert len(days) == len(known) + len(event.updates)


@pytest.mark.parametrize("event", BY_RULE, ids=lambda event: event.name)
def test_the_rules_of_an_event_not_yet_announced(event: Reconstitution) -> None:
    is_june = event.leg == "June"
    preliminary, lockdown = event.preliminary_list, event.lockdown_start
    assert preliminary is not None and lockdown is not None
    rank_month = 4 if is_june else 10
    assert event.rank_day.month == rank_month
    assert schedule.session_after(event.rank_day).month == rank_month + 1
    friday = preliminary + timedelta(weeks=5 if is_june else 4)
    first = 22 if is_june else 8  # the 4th Friday, the 2nd Friday
    assert friday.weekday() == schedule.FRIDAY
    assert friday.month == (6 if is_june else 12)
    assert first <= friday.day <= first + 6
    assert event.implementation_close == schedule.session_on_or_before(friday)
    assert event.query_period_end == preliminary + timedelta(weeks=2)
    assert lockdown == preliminary + timedelta(days=17)
    assert friday - lockdown == timedelta(days=18 if is_june else 11)
    assert len(event.updates) == (4 if is_june else 3)
    assert all(map(schedule.is_session, event.updates))
    assert event.effective_open == schedule.session_after(friday)
    assert event.confidence == "by rule"


@pytest.mark.parametrize("year", range(2023, 2027))
def test_the_rules_give_the_announced_dates_of_june(year: int) -> None:
    announced = schedule.reconstitution(year, "June")
    by_rule = schedule._by_rule(year, rulebook(date(year, 1, 1)).legs[0])
    told = {"source": announced.source, "confidence": announced.confidence}
    assert replace(by_rule, **told) == announced


def test_the_rules_give_the_announced_dates_of_december_2026() -> None:
    announced = schedule.reconstitution(2026, "December")
    by_rule = schedule._by_rule(2026, rulebook(date(2026, 1, 1)).legs[1])
    told = {"source": announced.source, "confidence": announced.confidence}
    assert replace(by_rule, **told) == announced


def test_june_and_december_2027() -> None:
    june = schedule.reconstitution(2027, "June")
    assert (june.rank_day, june.preliminary_list, june.lockdown_start) == (
        date(2027, 4, 30),
        date(2027, 5, 21),
        date(2027, 6, 7),
    )
    # Juneteenth is a Saturday: the exchange is closed on Friday 18 June
    assert june.updates == (
        date(2027, 5, 28),
        date(2027, 6, 4),
        date(2027, 6, 11),
        date(2027, 6, 17),
    )
    assert june.implementation_close == date(2027, 6, 25)
    december = schedule.reconstitution(2027, "December")
    assert (
        december.rank_day,
        december.preliminary_list,
        december.lockdown_start,
        december.implementation_close,
    ) == (
        date(2027, 10, 29),
        date(2027, 11, 12),
        date(2027, 11, 29),
        date(2027, 12, 10),
    )


@pytest.mark.parametrize(
    ("today", "name"),
    [
        pytest.param(
            date(2026, 6, 25), "June 2026", id="the day before the funds trade"
        ),
        pytest.param(date(2026, 6, 26), "June 2026", id="the day the funds trade"),
        pytest.param(date(2026, 6, 28), "June 2026", id="the Sunday before it holds"),
        pytest.param(date(2026, 6, 29), "December 2026", id="the day it holds"),
        pytest.param(date(2026, 10, 30), "December 2026", id="the rank day"),
        pytest.param(date(2026, 11, 20), "December 2026", id="between its lists"),
        pytest.param(date(2026, 12, 14), "June 2027", id="the open in December"),
        pytest.param(date(2025, 6, 30), "June 2026", id="no December in 2025"),
        pytest.param(date(2000, 1, 3), "June 2007", id="long before the first"),
    ],
)
def test_the_coming_event(today: date, name: str) -> None:
    assert schedule.coming(today).name == name


def test_after_the_last_event_none_is_coming() -> None:
    last = EVENTS[-1]
    assert schedule.coming(last.effective_open - timedelta(days=1)) == last
    with pytest.raises(ScheduleMissing, match=f"after {last.effective_open}"):
        schedule.coming(last.effective_open)


def test_the_last_event_that_funds_have_traded() -> None:
    def last(day: date) -> str | None:
        event = schedule.last_implemented(day)
        return event.name if event else None

    assert last(date(2024, 6, 27)) == "June 2023"
    assert last(date(2024, 6, 28)) == "June 2024"
    assert last(date(2007, 6, 21)) is None


def test_the_last_rank_day() -> None:
    assert schedule.last_rank_day(date(2024, 4, 29)) == date(2023, 4, 28)
    assert schedule.last_rank_day(date(2024, 4, 30)) == date(2024, 4, 30)
    assert schedule.last_rank_day(date(2007, 5, 30)) is None


def test_an_event_that_never_was_is_refused() -> None:
    with pytest.raises(ScheduleMissing, match="no December 2025 reconstitution"):
        schedule.reconstitution(2025, "December")


def test_sessions() -> None:
    assert schedule.is_session(date(2024, 4, 30))
    assert not schedule.is_session(date(2024, 4, 28))
    assert schedule.session_on_or_before(date(2027, 6, 18)) == date(2027, 6, 17)
    assert schedule.session_after(date(2024, 4, 26)) == date(2024, 4, 29)
    assert schedule.sessions_between(date(2024, 4, 26), date(2024, 4, 30)) == 2
    assert schedule.sessions_between(date(2024, 4, 30), date(2024, 4, 26)) == -2
    assert schedule.sessions_between(date(2024, 4, 27), date(2024, 4, 28)) == 0
