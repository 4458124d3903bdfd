"""The HTTP client for every provider: paced, patient, and never without end.

Requests go out one at a time at an even pace with some jitter. A request that fails
for the moment (429, 5xx, a timeout, a truncated response) is repeated after a growing
wait; after several 429 in a row the circuit opens and nothing is sent for a while.
Every attempt is recorded. Numbers and reasons: decision 0016.
"""

import os
import random
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
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
from recon.sources.response_cache import CachedResponse, ResponseCache

PACE = "RECON_SOURCE_PACE"  # waits times this, where the base is a local server
NOT_THERE, TOO_MANY, SERVER_ERROR = 404, 429, 500
REFUSED = (401, 403)
SECRET = re.compile(r"(?<=[?&])crumb=[^&]*&?")
MOST_BYTES = 64 << 20  # of one response; the largest of a fund page has 4 MB
NO_SLICE = "outside any slice"
UNREACHED_ATTEMPTS = 3  # without a connection, more attempts change nothing
NO_CONNECTION = (
    CurlECode.COULDNT_RESOLVE_PROXY,
    CurlECode.COULDNT_RESOLVE_HOST,
    CurlECode.COULDNT_CONNECT,
)


class Incomplete(Exception):
    """A response that is truncated, or not of the form its address serves."""


class _Unanswered(Exception):
    """An attempt that may be repeated; its text is the outcome in the ledger."""

    def __init__(self, outcome: str, wait_seconds: float = 0.0) -> None:
        super().__init__(outcome)
        self.wait_seconds = wait_seconds  # as the provider asked


class _TooMany(_Unanswered):
    """The provider says that we send too many requests."""


class _Unreached(_Unanswered):
    """The provider could not be reached, now or before."""


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """How fast requests go out and how often they are repeated; times in seconds."""

    seconds_between: float = 0.5
    jitter_seconds: float = 0.2
    attempts: int = 5
    first_wait_seconds: float = 4.0
    longest_wait_seconds: float = 120.0
    timeout_seconds: float = 30.0
    refusals_until_open: int = 6
    rest_seconds: float = 1800.0

    def at_pace(self, pace: float) -> "RetryPolicy":
        """Return the same policy with every wait multiplied by `pace`."""
        return replace(
            self,
            seconds_between=self.seconds_between * pace,
            jitter_seconds=self.jitter_seconds * pace,
            first_wait_seconds=self.first_wait_seconds * pace,
            longest_wait_seconds=self.longest_wait_seconds * pace,
        )


@dataclass(frozen=True, kw_only=True)
class RequestRecord:
    """One attempt, a row of the ledger; `rows` is None where none were counted."""

    started_at: str
    url: str
    slice: str
    rows: int | None
    status: int | None
    seconds: float
    attempt: int
    outcome: str


Record = Callable[[RequestRecord], None]
# takes address, status and content; returns the number of rows (None for a response
# not worth caching, such as a cookie), or raises Incomplete
Inspect = Callable[[str, int, bytes], int | None]


class HttpClient:
    """A client that follows a policy; `session` can be handed to a library.

    Parameters
    ----------
    provider
        Its name in messages, such as ``Yahoo``.
    policy
        Pace and patience; the standing ones if None.
    base
        Address of a server that stands in for every host (tests); None for the real.
    record
        Called with every attempt.
    inspect
        Checks every response before it is used.
    cache
        Keeps responses so that a run can resume; None keeps nothing.
    greeting
        Address that only hands out a cookie: requested once while we have one.
    agent
        Who asks, for a provider that wants to know it; None poses as a browser.
    """

    def __init__(
        self,
        provider: str,
        *,
        policy: RetryPolicy | None = None,
        base: str | None = None,
        record: Record | None = None,
        inspect: Inspect | None = None,
        cache: ResponseCache | None = None,
        greeting: str | None = None,
        agent: str | None = None,
    ) -> None:
        self.provider, self.agent = provider, agent
        self.base = base.rstrip("/") if base else None
        policy = policy or RetryPolicy()
        pace = float(os.environ.get(PACE, "1")) if base else 1.0
        self.policy = policy.at_pace(pace)
        self.session = ClientSession(self)
        self.blocked: str | None = None
        self.is_answered = False  # whether any response has come so far
        self.sent = 0
        self._record, self._cache = record, cache
        self._inspect = inspect or (lambda url, status, content: None)
        self._greeting = greeting
        self._greeted: http.Response | None = None
        self._slice = NO_SLICE
        self._lock = threading.RLock()
        milliseconds = max(1, round(1000 * self.policy.seconds_between))
        self._limiter = Limiter(Rate(1, milliseconds), buffer_ms=1)
        self._breaker = pybreaker.CircuitBreaker(
            fail_max=self.policy.refusals_until_open,
            reset_timeout=self.policy.rest_seconds,
            exclude=[lambda error: not isinstance(error, _TooMany)],
        )

    def get(
        self, url: str, *, slice: str = "", headers: Mapping[str, str] | None = None
    ) -> http.Response:
        """Return the response to a plain GET; `slice` is its purpose in the ledger.

        Raises
        ------
        SourceBlocked
            If the provider refuses us for now.
        SourceSilent
            If it gave no complete response after several attempts.
        """
        with self.for_slice(slice or urlsplit(url).path):
            return self.session.get(url, headers=dict(headers or {}))

    @contextmanager
    def for_slice(self, slice: str) -> Iterator[None]:
        """Name the purpose of the requests inside; responses are cached under it."""
        before, self._slice = self._slice, slice
        try:
            yield
        finally:
            self._slice = before

    def fetch(
        self, send: Callable[[str], http.Response], url: str, body: str
    ) -> http.Response:
        """Send one request under the policy; `session` does so for every caller."""
        with self._lock:
            if url == self._greeting and self._greeted and self.session.cookies:
                return self._greeted
            request = f"{self._slice} {public(url)} {body}"
            cached = self._kept(request, url)
            if cached is None:
                response, rows = self._sent(send, url)
                if self._cache and rows is not None:
                    cached = CachedResponse(
                        status=response.status_code,
                        url=public(url),
                        content=response.content,
                    )
                    self._cache.put(request, cached)
            else:
                response, rows = _response(cached), 0
            if url == self._greeting:
                self._greeted = response
            if rows is not None and response.status_code == NOT_THERE:
                # the content says so itself: a library need not try another way
                response.status_code, response.ok = 200, True
            return response

    def _kept(self, request: str, url: str) -> CachedResponse | None:
        """Return the response kept for a request, if it still passes as one."""
        kept = self._cache.get(request) if self._cache else None
        try:
            if kept is not None:
                self._inspect(url, kept.status, kept.content)
        except Incomplete:  # kept by an earlier version of the program
            return None
        return kept

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
            return attempts(
                lambda: self._breaker.call(
                    self._once, send, url, attempts.statistics["attempt_number"]
                )
            )
        except (pybreaker.CircuitBreakerError, _TooMany):
            raise self._stopped() from None
        except _Unreached:
            raise SourceSilent(
                f"{self.provider} cannot be reached from this machine (no connection); "
                "nothing was changed: check the network and run the same command again."
            ) from None
        except _Unanswered as error:
            raise SourceSilent(
                f"{self.provider} gave no complete response for {self._slice} in "
                f"{self.policy.attempts} attempts ({error}); run the same command "
                "again, and it resumes where it stopped."
            ) from None

    def _once(
        self, send: Callable[[str], http.Response], url: str, attempt: int
    ) -> tuple[http.Response, int | None]:
        self._limiter.try_acquire(self.provider)
        time.sleep(random.uniform(0, self.policy.jitter_seconds))
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
            is_lost = error.code in NO_CONNECTION and not self.is_answered
            raise (_Unreached if is_lost else _Unanswered)(outcome) from error
        except _Unanswered as error:
            outcome = str(error)
            raise
        finally:
            if self._record:
                self._record(
                    RequestRecord(
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
        """Return rows and outcome of a response, or raise what may be repeated."""
        status = response.status_code
        if status == TOO_MANY:
            raise _TooMany("rate limited", wait_seconds=_retry_after(response))
        if status >= SERVER_ERROR:
            raise _Unanswered(f"server error {status}")
        if status in REFUSED:
            return None, "refused"
        try:
            rows = self._inspect(url, status, response.content)
        except Incomplete as error:
            raise _Unanswered(str(error)) from error
        return rows, "answered" if status < NOT_THERE else "not there"

    def _is_enough(self, state: tenacity.RetryCallState) -> bool:
        error = state.outcome.exception() if state.outcome else None
        most = self.policy.attempts
        if isinstance(error, _Unreached):
            most = min(most, UNREACHED_ATTEMPTS)
        return state.attempt_number >= most

    def _wait(self, state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        requested = error.wait_seconds if isinstance(error, _Unanswered) else 0.0
        policy = self.policy
        growing = policy.first_wait_seconds * 2 ** (state.attempt_number - 1)
        growing *= random.uniform(0.75, 1.25)
        return min(max(growing, requested), policy.longest_wait_seconds)

    def _stopped(self) -> SourceBlocked:
        minutes = self.policy.rest_seconds / 60
        self.blocked = (
            f"{self.provider} refuses more requests for now (429, too many); its "
            "responses so far are kept: run the same command again in "
            f"{minutes:.0f} minutes."
        )
        return SourceBlocked(self.blocked)

    def _address(self, url: str) -> str:
        if self.base is None:
            return url
        parts = urlsplit(url)
        query = f"?{parts.query}" if parts.query else ""
        return f"{self.base}/{parts.netloc}{parts.path}{query}"


class ClientSession(http.Session):
    """The session that sends; a library given it follows our policy unknowingly.

    It poses as a browser, as yfinance's own session does: Yahoo refuses others. With
    an `agent` it says who asks instead.
    """

    def __init__(self, client: HttpClient) -> None:
        options: dict[CurlOpt, Any] = {CurlOpt.MAXFILESIZE_LARGE: MOST_BYTES}
        if client.base:
            options[CurlOpt.NOPROXY] = "*"
        if client.agent:
            super().__init__(
                headers={"User-Agent": client.agent, "Accept-Encoding": "gzip"},
                curl_options=options,
            )
        else:
            super().__init__(impersonate="chrome", curl_options=options)
        self._client = client

    def request(  # type: ignore[override]
        self, method: Any, url: str, **options: Any
    ) -> http.Response:
        """Send a request when its turn comes; see `HttpClient.fetch`."""
        params = options.pop("params", None)
        if params:
            url += ("&" if "?" in url else "?") + urlencode(params, doseq=True)
        options["timeout"] = self._client.policy.timeout_seconds

        def send(address: str) -> http.Response:
            return super(ClientSession, self).request(method, address, **options)

        body = options.get("json") or options.get("data") or ""
        return self._client.fetch(send, url, str(body))


def public(url: str) -> str:
    """Return an address without the session's token.

    >>> public("https://example.org/a?crumb=x&b=1"), public("https://a.org/?b=1&crumb=x")
    ('https://example.org/a?b=1', 'https://a.org/?b=1')
    """
    return SECRET.sub("", url).rstrip("?&")


def _response(cached: CachedResponse) -> http.Response:
    response = http.Response()
    response.status_code, response.url = cached.status, cached.url
    response.content, response.ok = cached.content, cached.status < 400
    return response


def _retry_after(response: http.Response) -> float:
    try:
        return float(response.headers.get("Retry-After") or 0)
    except ValueError:  # a date: the growing wait serves
        return 0.0
