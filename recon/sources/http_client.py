"""One polite client for every provider: never fast, never stubborn, never without end.

Requests go one at a time at an even pace with some jitter. What fails for the moment
(429, 5xx, a time-out, half an answer) is asked again after a growing wait; after
several 429 in a row the circuit opens and nothing is asked for a while. Every attempt
is told to a ledger. Numbers and reasons: decision 0016.
"""

import os
import random
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

import pybreaker
import tenacity
from curl_cffi import CurlECode, CurlOpt
from curl_cffi import requests as http
from pyrate_limiter import Limiter, Rate

from recon.errors import SourceBlocked, SourceSilent
from recon.sources.response_cache import Answer, Answers

PACE = "RECON_SOURCE_PACE"  # waits times this, where the base is a local server
NOT_THERE, TOO_MANY, SERVER_ERROR = 404, 429, 500
REFUSED = (401, 403)
SECRET = re.compile(r"(?<=[?&])crumb=[^&]*&?")
NOBODY = "nobody asks for it now"
UNREACHED_ATTEMPTS = 3  # without a way to anybody more of them change nothing
NO_WAY = (
    CurlECode.COULDNT_RESOLVE_PROXY,
    CurlECode.COULDNT_RESOLVE_HOST,
    CurlECode.COULDNT_CONNECT,
)


class NotWhole(Exception):
    """An answer that is not what the address answers when it is well."""


class _Unanswered(Exception):
    """An attempt that may be made again; its text is the outcome for the ledger."""

    def __init__(self, outcome: str, wait_seconds: float = 0.0) -> None:
        super().__init__(outcome)
        self.wait_seconds = wait_seconds  # what the provider asked for


class _TooMany(_Unanswered):
    """The provider says that we ask too much."""


class _Unreached(_Unanswered):
    """There was no way to the provider, and there has been none before."""


@dataclass(frozen=True, kw_only=True)
class Manners:
    """How a provider is asked; seconds, counts of attempts."""

    seconds_between: float = 0.5
    jitter_seconds: float = 0.2
    attempts: int = 5
    first_wait_seconds: float = 4.0
    longest_wait_seconds: float = 120.0
    timeout_seconds: float = 30.0
    refusals_until_open: int = 6
    rest_seconds: float = 1800.0

    def at_pace(self, pace: float) -> "Manners":
        """Return the same manners with every wait times `pace`."""
        return replace(
            self,
            seconds_between=self.seconds_between * pace,
            jitter_seconds=self.jitter_seconds * pace,
            first_wait_seconds=self.first_wait_seconds * pace,
            longest_wait_seconds=self.longest_wait_seconds * pace,
        )


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One attempt: a row of the ledger. `rows` is None where none were counted."""

    started_at: str
    url: str
    slice: str
    rows: int | None
    status: int | None
    seconds: float
    attempt: int
    outcome: str


Record = Callable[[Asked], None]
# takes the address, the status and the content; returns the rows (None: an answer not
# worth keeping, such as a cookie), or raises NotWhole
Inspect = Callable[[str, int, bytes], int | None]


class Polite:
    """A client with manners; `session` is what a library may be given to talk through.

    Parameters
    ----------
    provider
        Its name in messages, such as ``Yahoo``.
    base
        Address of a server that stands in for every host (tests); None for the real.
    record
        Is told of every attempt.
    inspect
        Judges every answer before anybody reads it.
    answers
        Where answers are kept for a resume; None keeps nothing.
    greeting
        Address that only hands out a cookie: asked once while we have one.
    """

    def __init__(
        self,
        provider: str,
        *,
        manners: Manners | None = None,
        base: str | None = None,
        record: Record | None = None,
        inspect: Inspect | None = None,
        answers: Answers | None = None,
        greeting: str | None = None,
    ) -> None:
        self.provider = provider
        self.base = base.rstrip("/") if base else None
        manners = manners or Manners()
        self.manners = manners.at_pace(_pace()) if base else manners
        self.session = PoliteSession(self)
        self.blocked: str | None = None
        self.is_answered = False  # by anything at all, so far
        self.sent = 0
        self._record, self._answers = record, answers
        self._inspect = inspect or (lambda url, status, content: None)
        self._greeting = greeting
        self._greeted: http.Response | None = None
        self._slice = NOBODY
        self._lock = threading.RLock()
        milliseconds = max(1, round(1000 * self.manners.seconds_between))
        self._limiter = Limiter(Rate(1, milliseconds), buffer_ms=1)
        self._breaker = pybreaker.CircuitBreaker(
            fail_max=self.manners.refusals_until_open,
            reset_timeout=self.manners.rest_seconds,
            exclude=[lambda error: not isinstance(error, _TooMany)],
        )

    def get(self, url: str, *, slice: str = "") -> http.Response:
        """Return the answer to a plain GET; `slice` names the purpose in the ledger.

        Raises
        ------
        SourceBlocked
            If the provider refuses us for now.
        SourceSilent
            If it gave no whole answer after several attempts.
        """
        with self.asking_for(slice or urlsplit(url).path):
            return self.session.get(url)

    @contextmanager
    def asking_for(self, slice: str) -> Iterator[None]:
        """Name the purpose of the requests inside; answers are kept by it."""
        before, self._slice = self._slice, slice
        try:
            yield
        finally:
            self._slice = before

    def ask(
        self, send: Callable[[str], http.Response], url: str, body: str
    ) -> http.Response:
        """Send one request with all manners; what `session` does for every caller."""
        with self._lock:
            if url == self._greeting and self._greeted and self.session.cookies:
                return self._greeted
            asked = f"{self._slice} {public(url)} {body}"
            kept = self._answers.get(asked) if self._answers else None
            if kept is None:
                response, rows = self._sent(send, url)
                if self._answers and rows is not None:
                    status, content = response.status_code, response.content
                    answer = Answer(status=status, url=public(url), content=content)
                    self._answers.put(asked, answer)
            else:
                response, rows = _response(kept), 0
            if url == self._greeting:
                self._greeted = response
            if rows is not None and response.status_code == NOT_THERE:
                # the answer says so itself: a library need not try another way in
                response.status_code, response.ok = 200, True
            return response

    def _sent(
        self, send: Callable[[str], http.Response], url: str
    ) -> tuple[http.Response, int | None]:
        attempts = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(_Unanswered),
            stop=self._is_enough,
            wait=self._wait,
            reraise=True,
        )
        try:
            for attempt in attempts:
                with attempt:
                    number = attempt.retry_state.attempt_number
                    return self._breaker.call(self._once, send, url, number)
        except (pybreaker.CircuitBreakerError, _TooMany):
            raise self._stopped() from None
        except _Unreached:
            raise SourceSilent(
                f"{self.provider} cannot be reached from this machine (no connection); "
                "nothing was changed: see to its network and run the same command "
                "again."
            ) from None
        except _Unanswered as error:
            raise SourceSilent(
                f"{self.provider} gave no whole answer for {self._slice} in "
                f"{self.manners.attempts} attempts ({error}); run the same command "
                "again, it goes on where it stopped."
            ) from None
        raise AssertionError("tenacity returns or raises")

    def _once(
        self, send: Callable[[str], http.Response], url: str, attempt: int
    ) -> tuple[http.Response, int | None]:
        self._limiter.try_acquire(self.provider)
        time.sleep(random.uniform(0, self.manners.jitter_seconds))
        started, began = datetime.now(UTC), time.monotonic()
        rows, status, outcome = None, None, "stopped"
        self.sent += 1
        try:
            response = send(self._address(url))
            status, self.is_answered = response.status_code, True
            rows, outcome = self._judged(url, response)
            return response, rows
        except http.exceptions.RequestException as error:
            outcome = "timed out" if "imed out" in str(error) else "no connection"
            is_lost = error.code in NO_WAY and not self.is_answered
            raise (_Unreached if is_lost else _Unanswered)(outcome) from error
        except _Unanswered as error:
            outcome = str(error)
            raise
        finally:
            if self._record:
                self._record(
                    Asked(
                        started_at=started.isoformat(timespec="milliseconds"),
                        url=public(url),
                        slice=self._slice,
                        rows=rows,
                        status=status,
                        seconds=round(time.monotonic() - began, 3),
                        attempt=attempt,
                        outcome=outcome,
                    )
                )

    def _judged(self, url: str, response: http.Response) -> tuple[int | None, str]:
        """Return rows and outcome of an answer, or raise what may be asked again."""
        status = response.status_code
        if status == TOO_MANY:
            raise _TooMany("rate limited", wait_seconds=_retry_after(response))
        if status >= SERVER_ERROR:
            raise _Unanswered(f"server error {status}")
        if status in REFUSED:
            return None, "refused"
        try:
            rows = self._inspect(url, status, response.content)
        except NotWhole as error:
            raise _Unanswered(str(error)) from error
        return rows, "answered" if status < NOT_THERE else "not there"

    def _is_enough(self, state: tenacity.RetryCallState) -> bool:
        error = state.outcome.exception() if state.outcome else None
        most = self.manners.attempts
        if isinstance(error, _Unreached):
            most = min(most, UNREACHED_ATTEMPTS)
        return state.attempt_number >= most

    def _wait(self, state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked_for = error.wait_seconds if isinstance(error, _Unanswered) else 0.0
        manners = self.manners
        growing = manners.first_wait_seconds * 2 ** (state.attempt_number - 1)
        growing *= random.uniform(0.75, 1.25)
        return min(max(growing, asked_for), manners.longest_wait_seconds)

    def _stopped(self) -> SourceBlocked:
        minutes = self.manners.rest_seconds / 60
        self.blocked = (
            f"{self.provider} refuses more requests for now (429, too many); what it "
            f"answered is kept: run the same command again in {minutes:.0f} minutes."
        )
        return SourceBlocked(self.blocked)

    def _address(self, url: str) -> str:
        if self.base is None:
            return url
        parts = urlsplit(url)
        query = f"?{parts.query}" if parts.query else ""
        return f"{self.base}/{parts.netloc}{parts.path}{query}"


class PoliteSession(http.Session):
    """The session that talks; a library given it has our manners without knowing.

    It speaks as a browser does, as yfinance's own session: without that Yahoo refuses.
    """

    def __init__(self, polite: Polite) -> None:
        options = {CurlOpt.NOPROXY: "*"} if polite.base else {}
        super().__init__(impersonate="chrome", curl_options=options)
        self._polite = polite

    def request(  # type: ignore[override]
        self, method: Any, url: str, **options: Any
    ) -> http.Response:
        """Send a request when it is its turn; see `Polite.ask`."""
        params = options.pop("params", None)
        if params:
            url += ("&" if "?" in url else "?") + urlencode(params, doseq=True)
        options["timeout"] = self._polite.manners.timeout_seconds

        def send(address: str) -> http.Response:
            return super(PoliteSession, self).request(method, address, **options)

        body = options.get("json") or options.get("data") or ""
        return self._polite.ask(send, url, str(body))


def public(url: str) -> str:
    """Return an address without the visitor's token.

    >>> public("https://example.org/a?crumb=x&b=1"), public("https://a.org/?b=1&crumb=x")
    ('https://example.org/a?b=1', 'https://a.org/?b=1')
    """
    return SECRET.sub("", url).rstrip("?&")


def _response(answer: Answer) -> http.Response:
    response = http.Response()
    response.status_code, response.url = answer.status, answer.url
    response.content, response.ok = answer.content, answer.status < 400
    return response


def _retry_after(response: http.Response) -> float:
    try:
        return float(response.headers.get("Retry-After") or 0)
    except ValueError:  # a date: the growing wait will do
        return 0.0


def _pace() -> float:
    try:
        return max(0.0, float(os.environ.get(PACE, "1")))
    except ValueError:
        return 1.0
