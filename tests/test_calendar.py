"""The dates of the events as a calendar that can be subscribed to."""

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar
from starlette.requests import Request

from pages.feeds import ROUTES
from recon import schedule
from recon.export import calendar_feed
from tests import terminal

NEW_YORK = ZoneInfo("America/New_York")
DECEMBER = schedule.reconstitution(2026, "December")


def entries(data: bytes) -> dict[str, dict[str, object]]:
    """Begin, end, status and summary of each entry, by UID."""
    return {
        str(entry["UID"]): {
            "begin": entry.start,
            "end": entry.end,
            "status": str(entry["STATUS"]),
            "summary": str(entry["SUMMARY"]),
            "sequence": int(entry["SEQUENCE"]),
        }
        for entry in Calendar.from_ical(data).events
    }


def test_every_date_is_an_entry_at_its_hour_in_new_york() -> None:
    found = entries(calendar_feed.ics([DECEMBER]))
    assert len(found) == len(DECEMBER.milestones())
    begins = {name: each["begin"] for name, each in found.items()}
    day = "2026-december-"
    assert begins[f"{day}preliminary-list@recon"] == datetime(
        2026, 11, 13, 18, tzinfo=NEW_YORK
    )
    assert begins[f"{day}implementation-close@recon"] == datetime(
        2026, 12, 11, 16, tzinfo=NEW_YORK
    )
    assert begins[f"{day}effective-open@recon"] == datetime(
        2026, 12, 14, 9, 30, tzinfo=NEW_YORK
    )
    assert begins[f"{day}lock-down-starts@recon"] == date(2026, 11, 30)
    assert found[f"{day}rank-day@recon"]["summary"] == "Russell December 2026: rank day"


def test_an_announced_date_takes_the_place_of_the_ruled_one() -> None:
    ruled = schedule.reconstitution(2030, "June")
    later = replace(ruled, preliminary_list=date(2030, 5, 31), confidence="official")
    old, new = (entries(calendar_feed.ics([each])) for each in (ruled, later))
    assert old.keys() == new.keys()
    uid = "2030-june-preliminary-list@recon"
    assert (old[uid]["status"], new[uid]["status"]) == ("TENTATIVE", "CONFIRMED")
    assert old[uid]["sequence"] < new[uid]["sequence"]
    assert old[uid]["summary"].endswith("(by rule)")
    assert new[uid]["begin"].date() == date(2030, 5, 31)


def test_the_calendar_reaches_to_the_end_and_is_always_the_same() -> None:
    events = calendar_feed.events_since(date(2026, 12, 14))
    assert [events[0].name, events[-1].name] == ["December 2026", "December 2035"]
    assert calendar_feed.ics(events) == calendar_feed.ics(events)


def test_the_app_serves_the_calendar_to_subscribe_to() -> None:
    assert [route.path for route in ROUTES] == ["/calendar.ics", "/alerts.atom"]
    answer = ROUTES[0].endpoint(Request({"type": "http"}))
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert f"{date.today().year}-june-rank-day@recon" in entries(answer.body)


def test_the_command_writes_a_file(tmp_path: Path) -> None:
    path = tmp_path / "russell.ics"
    code, said = terminal.run("calendar", "-o", str(path), "--since", "2026-12-14")
    assert (code, said) == (0, f"{path}: 19 events, to 2035\n")
    assert len(entries(path.read_bytes())) > 150
    with pytest.raises(Exception, match="name it with -o FILE"):
        terminal.run("calendar")
