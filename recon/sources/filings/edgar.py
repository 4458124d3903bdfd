"""EDGAR over the network: lists, daily indexes, and what one company has filed.

The SEC wants to know who asks and lets nobody send more than ten requests a second
(decision 0071).
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta

import orjson

from recon.errors import BadRequest, SourceBlocked, SourceUnreadable
from recon.sources.filings import Told, company_facts, daily_index, submissions, tickers
from recon.sources.http_client import HttpClient, Incomplete, Record, RetryPolicy
from recon.sources.response_cache import ResponseCache

TICKERS = "https://www.sec.gov/files/company_tickers_exchange.json"
INDEXES = "https://www.sec.gov/Archives/edgar/daily-index"
SUBMISSIONS = "https://data.sec.gov/submissions"
FACTS = "https://data.sec.gov/api/xbrl/companyfacts"
POLICY = RetryPolicy(seconds_between=0.11, jitter_seconds=0.02, rest_seconds=600.0)
OK, UNCHANGED, NOT_THERE = 200, 304, 404
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[a-zA-Z]{2,}")
INDEX_NAME = re.compile(r"form\.(\d{8})\.idx")


def checked_contact(contact: str) -> str:
    """Return a name and an address as the SEC asks for them.

    Raises
    ------
    BadRequest
        If there is no address of electronic mail in it.
    """
    words = " ".join(contact.split())
    if not ADDRESS.search(words):
        raise BadRequest(
            "The SEC wants to know who asks: give a name and an address once, with "
            '--contact "Your Name name@example.org"; it is kept with the store and '
            "sent to the SEC alone."
        )
    return words


class Edgar:
    """EDGAR's data, one request at a time; `modified` says of when a response is."""

    def __init__(
        self,
        contact: str,
        *,
        base: str | None = None,
        record: Record | None = None,
        cache: ResponseCache | None = None,
        policy: RetryPolicy | None = None,
    ) -> None:
        self._client = HttpClient(
            "EDGAR",
            policy=policy or POLICY,
            base=base,
            record=record,
            inspect=inspect,
            cache=cache,
            agent=checked_contact(contact),
        )
        self.modified: dict[str, str] = {}

    def tickers(self, known_on: date) -> Told:
        """Return the list of tickers, as of the day it is fetched."""
        content = self._content(TICKERS, "list of tickers")
        if content is None:
            raise SourceUnreadable("The SEC's list of tickers is not at its address.")
        return tickers.parse(content, "company_tickers_exchange.json", known_on)

    def index_days(self, since: date, until: date) -> Iterator[date]:
        """Yield the days between two that have an index of filings."""
        quarter = date(since.year, 3 * ((since.month - 1) // 3) + 1, 1)
        while quarter <= until:
            number = (quarter.month + 2) // 3
            url = f"{INDEXES}/{quarter.year}/QTR{number}/index.json"
            content = self._content(url, f"days of quarter {number} of {quarter.year}")
            listed = orjson.loads(content)["directory"]["item"] if content else ()
            names = (INDEX_NAME.fullmatch(str(each.get("name"))) for each in listed)
            days = sorted(date.fromisoformat(name.group(1)) for name in names if name)
            yield from (day for day in days if since <= day <= until)
            quarter = (quarter + timedelta(days=100)).replace(day=1)

    def index(self, day: date) -> Told:
        """Return the filings of a day."""
        quarter = f"{day.year}/QTR{(day.month + 2) // 3}"
        url = f"{INDEXES}/{quarter}/form.{day:%Y%m%d}.idx"
        content = self._content(url, f"filings of {day}")
        return Told() if content is None else daily_index.parse(content, url)

    def company(self, cik: int, before: tuple[str, str] = ("", "")) -> list[Told]:
        """Return who a filer is, its forms and facts; what has not changed is left out.

        `before` are the marks of `modified` from the last time, of both addresses.
        """
        name = f"CIK{cik:010d}.json"
        told = []
        for base, parse, mark, what in (
            (SUBMISSIONS, submissions.parse, before[0], "forms"),
            (FACTS, company_facts.parse, before[1], "facts"),
        ):
            url = f"{base}/{name}"
            content = self._content(url, f"{what} of CIK {cik}", mark)
            if content is not None:
                told.append(parse(content, name))
        return told

    def marks(self, cik: int, before: tuple[str, str]) -> tuple[str, str]:
        """Return the marks of a filer's two addresses, older ones where none came."""
        name = f"CIK{cik:010d}.json"
        first, second = (f"{base}/{name}" for base in (SUBMISSIONS, FACTS))
        return (
            self.modified.get(first, before[0]),
            self.modified.get(second, before[1]),
        )

    def _content(self, url: str, what: str, modified: str = "") -> bytes | None:
        """Return what stands at an address; None if nothing does, or nothing new."""
        headers = {"If-Modified-Since": modified} if modified else None
        response = self._client.get(url, slice=what, headers=headers)
        status = response.status_code
        if status == OK:
            if mark := response.headers.get("Last-Modified"):
                self.modified[url] = mark
            return response.content
        if status in (UNCHANGED, NOT_THERE):
            return None
        raise SourceBlocked(
            f"EDGAR refused the {what} (status {status}); it refuses who does not say "
            "who asks, and for ten minutes who asked too often: check --contact, then "
            "run the same command again, and it resumes where it stopped."
        )


def inspect(url: str, status: int, content: bytes) -> int | None:
    """Check a response for the HTTP client: complete, and how many rows it has.

    Raises
    ------
    Incomplete
        If it is not of the form that its address serves.
    """
    if status != OK:
        return None
    try:
        if url.endswith(".idx"):
            return len(daily_index.parse(content, url).forms)
        whole = orjson.loads(content)
        return len(whole) if isinstance(whole, dict) else None
    except (SourceUnreadable, ValueError) as error:
        raise Incomplete("not complete") from error
