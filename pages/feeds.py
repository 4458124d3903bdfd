"""What the server gives to other programs beside the pages: files to subscribe to."""

from datetime import date

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from recon.export import calendar_feed

CALENDAR = "text/calendar; charset=utf-8"
HOUR_SECONDS = 3_600


def dates(request: Request) -> Response:
    """Answer with the dates of the reconstitutions from this year on."""
    events = calendar_feed.events_since(date(date.today().year, 1, 1))
    return Response(
        calendar_feed.ics(events),
        media_type=CALENDAR,
        headers={"Cache-Control": f"max-age={HOUR_SECONDS}"},
    )


ROUTES = [Route("/calendar.ics", dates)]
