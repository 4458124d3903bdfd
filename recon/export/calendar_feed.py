"""The dates of the reconstitutions as an iCalendar file, to load or to subscribe to.

An entry keeps its UID when its day changes, as when FTSE Russell announces what was
a date by rule: a calendar that is subscribed to then moves the entry. Times are New
York's; where only a day is known the entry takes the whole day.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from zoneinfo import ZoneInfo

from icalendar import STATUS, TRANSP, Calendar, Event

from recon import formatting, schedule
from recon.schedule import Reconstitution

NEW_YORK = ZoneInfo("America/New_York")
LISTS_AT = clock(18)  # preliminary lists and updates come after 18:00 New York time
BY_RULE = "by rule"
REFRESH = timedelta(days=1)
PRODID = "-//recon//reconstitution dates//EN"
NOTE = "Not a FTSE Russell product; dates by rule are tentative until announced."


def events_since(first: date) -> list[Reconstitution]:
    """Return the events that take effect on a day or later, to the schedule's end."""
    return [each for each in schedule.reconstitutions() if each.effective_open >= first]


def ics(events: Sequence[Reconstitution]) -> bytes:
    """Return the dates of some events as an iCalendar file (RFC 5545).

    The same events give the same bytes, whenever it is made.
    """
    calendar = Calendar.new(
        name="Russell reconstitutions",
        description=NOTE,
        prodid=PRODID,
        uid="reconstitutions@recon",
        refresh_interval=REFRESH,
    )
    for event in events:
        for label, day in event.milestones():
            calendar.add_component(_entry(event, label, day))
    calendar.add_missing_timezones(
        first_date=date(2020, 1, 1), last_date=date(schedule.LAST_YEAR + 1, 1, 1)
    )
    return calendar.to_ical()


def _entry(event: Reconstitution, label: str, day: date) -> Event:
    is_ruled = event.confidence == BY_RULE
    slug = f"{event.year}-{event.leg}-{label}".lower().replace(" ", "-")
    start, end = _span(label, day)
    tentative = " (by rule)" if is_ruled else ""
    return Event.new(
        summary=f"Russell {event.name}: {label.lower()}{tentative}",
        description=f"{formatting.day(day)}, New York. Source: {event.source}. {NOTE}",
        uid=f"{slug}@recon",
        start=start,
        end=end,
        status=STATUS.TENTATIVE if is_ruled else STATUS.CONFIRMED,
        # a fixed stamp: the file changes only where a date does
        stamp=datetime(event.year, 1, 1, tzinfo=UTC),
        sequence=0 if is_ruled else 1,
        transparency=TRANSP.TRANSPARENT,
    )


def _span(label: str, day: date) -> tuple[date | datetime, date | datetime]:
    """Return begin and end of an entry: an hour where the hour is known."""
    if label.startswith(("Preliminary", "Update")):
        begin = datetime.combine(day, LISTS_AT, NEW_YORK)
    elif label in ("Rank day", "Implementation close") and schedule.is_session(day):
        begin = schedule.closes_at(day).astimezone(NEW_YORK)
    elif label == "Effective open" and schedule.is_session(day):
        begin = schedule.opens_at(day).astimezone(NEW_YORK)
    else:
        return day, day + timedelta(days=1)
    return begin, begin + timedelta(hours=1)
