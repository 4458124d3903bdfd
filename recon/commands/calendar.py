"""`recon calendar`: the dates of the reconstitutions for a calendar program."""

from datetime import date
from typing import Annotated

import typer

from recon.commands import Output, day_of
from recon.errors import BadRequest


def calendar(
    output: Output = None,
    since: Annotated[
        str | None,
        typer.Option(help="First day, YYYY-MM-DD; the first of this year if none."),
    ] = None,
) -> None:
    """Every date of the reconstitutions to 2035 as an iCalendar file (.ics).

    Dates that FTSE Russell has announced are confirmed, those by rule tentative. An
    entry keeps its identity when its day changes: import the file again, or subscribe
    to calendar.ics of the app. Times are New York's.
    """
    from recon import schedule
    from recon.export import calendar_feed

    if output is None:
        raise BadRequest("A calendar is a file; name it with -o FILE, such as x.ics.")
    first = day_of(since, "since") or date(date.today().year, 1, 1)
    events = calendar_feed.events_since(first)
    output.write_bytes(calendar_feed.ics(events))
    typer.echo(f"{output}: {len(events)} events, to {schedule.LAST_YEAR}")
