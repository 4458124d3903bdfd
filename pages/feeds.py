"""What the server gives to other programs beside the pages: files to subscribe to."""

from datetime import date
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pages.cache import folder
from recon.alerts.sending import FEED_FILE
from recon.export import calendar_feed

CALENDAR = "text/calendar; charset=utf-8"
ATOM = "application/atom+xml; charset=utf-8"
HOUR_SECONDS = 3_600


def dates(request: Request) -> Response:
    """Answer with the dates of the reconstitutions from this year on."""
    events = calendar_feed.events_since(date(date.today().year, 1, 1))
    return Response(
        calendar_feed.ics(events),
        media_type=CALENDAR,
        headers={"Cache-Control": f"max-age={HOUR_SECONDS}"},
    )


def alerts(request: Request) -> Response:
    """Answer with the feed of alerts, where the rules of the store write one."""
    path = Path(folder()) / FEED_FILE
    if not path.is_file():
        return Response("No alert has been written here yet.\n", status_code=404)
    return Response(path.read_bytes(), media_type=ATOM)


ROUTES = [Route("/calendar.ics", dates), Route("/alerts.atom", alerts)]
