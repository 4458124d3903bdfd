"""yfinance behind one door, sending through our HTTP client.

Its process-wide state gets our session, its caches a folder that ends with the
process, and it must not hide errors.
Hosts are rewritten by the session when a local server stands in (`RECON_YAHOO_BASE`).
"""

import atexit
import logging
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import TypeVar

import orjson
import pandas as pd
import tenacity
import yfinance as yf
from yfinance import cache as yfinance_cache
from yfinance.data import YfData

from recon.errors import ReconError, SourceBlocked, SourceSilent
from recon.sources.http_client import HttpClient, Incomplete, Record, RetryPolicy
from recon.sources.response_cache import ResponseCache
from recon.sources.yahoo.slices import PAGE_ROWS, Slice

BASE = "RECON_YAHOO_BASE"  # address of a server that stands in for Yahoo
GREETING = "https://fc.yahoo.com"
ZONE = "America/New_York"
CRUMB_TRIES = 4  # a token may be refused once more after it was renewed
LONGEST_CRUMB = 64
OK = 200
SCREENER = "v1/finance/screener"
DATA = ("/v1/finance/", "/v7/finance/", "/v8/finance/", "/v10/finance/", "/ws/")
T = TypeVar("T")


class Yahoo:
    """A session with Yahoo; every request goes through its `client`.

    Parameters
    ----------
    record
        Called with every request.
    cache
        Keeps responses so that a run can resume.
    policy
        Pace and patience; the standing ones if None.
    """

    def __init__(
        self,
        record: Record | None = None,
        cache: ResponseCache | None = None,
        policy: RetryPolicy | None = None,
    ) -> None:
        self.client = HttpClient(
            "Yahoo",
            policy=policy,
            base=os.environ.get(BASE),
            record=record,
            inspect=rows_of,
            cache=cache,
            greeting=GREETING,
        )
        self._turn = cache.turn if cache else 1
        _own_caches()
        data = YfData(session=self.client.session)
        data._cookie, data._crumb = None, None  # of an earlier session, if any
        data._cookie_strategy = "basic"
        data.cache_get.cache_clear()

    def page(self, slice_: Slice, offset: int, turn: int) -> dict[str, object]:
        """Return one page of the screener: ``total`` and ``quotes``.

        `turn` counts the requests for this page, from 1.
        """
        # what fell short in an earlier run must not come from disk again
        again = f", again {turn - 1} ({self._turn})" if turn > 1 else ""
        label = f"{slice_.name}, row {offset}{again}"
        return self._call(
            label,
            lambda: yf.screen(
                query_of(slice_),
                offset=offset,
                size=PAGE_ROWS,
                sortField="ticker",
                sortAsc=True,
                session=self.client.session,
            ),
        )

    def prices(self, symbols: Sequence[str], since: date, until: date) -> pd.DataFrame:
        """Return daily bars, columns by symbol and field, split-adjusted, with splits.

        Closes are not adjusted for dividends. A symbol without data has no values;
        the ledger says why.
        """
        zones = yfinance_cache.get_tz_cache()
        for symbol in symbols:
            zones.store(symbol, ZONE)  # else each symbol costs one more request

        def download() -> pd.DataFrame:
            return yf.download(
                list(symbols),
                start=since,
                end=until + timedelta(days=1),
                auto_adjust=False,
                actions=True,
                threads=False,
                progress=False,
                group_by="ticker",
                timeout=self.client.policy.timeout_seconds,
                session=self.client.session,
            )

        table = self._call("prices", download)
        if self.client.blocked:  # a refusal that `yfinance.download` swallows
            raise SourceBlocked(self.client.blocked)
        return table

    def share_counts(self, symbol: str, since: date, until: date) -> pd.Series:
        """Return share counts as reported, by New York day; may be empty."""
        yfinance_cache.get_tz_cache().store(symbol, ZONE)
        ticker = yf.Ticker(symbol, session=self.client.session)
        counts = self._call(
            "share counts",
            lambda: ticker.get_shares_full(start=since, end=until + timedelta(days=1)),
        )
        if counts is None:
            return pd.Series(dtype=float)
        days = counts.index.tz_localize(None).normalize()
        return pd.Series(counts.to_numpy(float), index=days)

    def profile(self, symbol: str) -> dict[str, object]:
        """Return `info` of a company; empty where Yahoo knows no such symbol."""
        ticker = yf.Ticker(symbol, session=self.client.session)
        info = self._call(f"profile of {symbol}", lambda: ticker.info)
        return info if info and info.get("quoteType") else {}

    def growth(self, symbol: str) -> pd.DataFrame:
        """Return growth estimates by period, column ``stockTrend``; may be empty."""
        ticker = yf.Ticker(symbol, session=self.client.session)
        try:
            return self._call(f"growth of {symbol}", lambda: ticker.growth_estimates)
        except (KeyError, TypeError):  # no analyst covers it
            return pd.DataFrame()

    def quarters(self, symbol: str) -> pd.DataFrame:
        """Return quarterly income statements, one row per figure; may be empty."""
        ticker = yf.Ticker(symbol, session=self.client.session)
        try:
            return self._call(
                f"statements of {symbol}", lambda: ticker.quarterly_income_stmt
            )
        except (KeyError, TypeError, yf.exceptions.YFException):
            return pd.DataFrame()

    def _call(self, label: str, call: Callable[[], T]) -> T:
        """Call yfinance; calling again renews a refused token."""
        attempts = tenacity.Retrying(
            retry=tenacity.retry_if_exception(_is_refused),
            stop=tenacity.stop_after_attempt(CRUMB_TRIES),
            reraise=True,
        )
        try:
            with self.client.for_slice(label), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return attempts(call)
        except (ReconError, KeyError, TypeError, yf.exceptions.YFException):
            raise
        except (AttributeError, IndexError, ValueError, ArithmeticError) as error:
            raise SourceSilent(
                f"Yahoo's answer for {label} is not of its usual form ({error!r}); "
                "nothing was published: run the same command again later."
            ) from error
        except OSError as error:
            if _is_refused(error):
                raise SourceBlocked(
                    f"Yahoo refused {label} (401) {CRUMB_TRIES} times; its responses "
                    "so far are kept: run the same command again in an hour."
                ) from None
            raise SourceSilent(f"Yahoo did not answer {label}: {error}.") from error


def query_of(slice_: Slice) -> yf.EquityQuery:
    """Return the query of a slice for yfinance."""
    parts = [yf.EquityQuery("eq", ["region", "us"])]
    operator = "eq" if len(slice_.exchanges) == 1 else "is-in"
    parts.append(yf.EquityQuery(operator, ["exchange", *slice_.exchanges]))
    if slice_.low is not None:
        parts.append(yf.EquityQuery("gte", ["intradaymarketcap", slice_.low]))
    if slice_.high is not None:
        parts.append(yf.EquityQuery("lt", ["intradaymarketcap", slice_.high]))
    if slice_.sector is not None:
        parts.append(yf.EquityQuery("eq", ["sector", slice_.sector]))
    return yf.EquityQuery("and", parts)


def rows_of(url: str, status: int, content: bytes) -> int | None:
    """Count the rows of a response; None where it need not be cached.

    Raises
    ------
    Incomplete
        If a data address responds with anything but complete JSON of its form.
    """
    path = url.split("?")[0].split("/", 3)[-1]
    if path.endswith("v1/test/getcrumb"):
        if b"<" in content or not 0 < len(content) <= LONGEST_CRUMB:
            raise Incomplete("no token")
        return None
    if not f"/{path}".startswith(DATA):
        return None
    try:
        (body,) = orjson.loads(content).values()
        if body.get("result") is None and not body.get("error"):
            raise Incomplete("empty answer")
        if status == OK and body.get("error"):
            raise Incomplete("an error inside the answer")
        found = body.get("result") or []
        if SCREENER in path:
            _check_page(found)
        return sum(_rows_in(part) for part in found)
    except (ValueError, AttributeError, TypeError) as error:
        raise Incomplete("not whole JSON") from error


def _check_page(found: object) -> None:
    """Raise Incomplete unless an answer is one page of listings with its total."""
    if not isinstance(found, list) or len(found) != 1:
        raise Incomplete("no page of listings")
    (page,) = found
    total, rows = page.get("total"), page.get("quotes")
    if type(total) is not int or total < 0 or not isinstance(rows, list):
        raise Incomplete("a page without its total or its rows")
    if not all(isinstance(r, dict) and isinstance(r.get("symbol"), str) for r in rows):
        raise Incomplete("a row without a symbol")
    if not all(_is_cap(row.get("marketCap")) for row in rows):
        raise Incomplete("a market cap that is no number")


def _is_cap(value: object) -> bool:
    return value is None or (
        isinstance(value, int | float) and not isinstance(value, bool)
    )


def _rows_in(part: dict[str, object]) -> int:
    for name in ("quotes", "timestamp", "shares_out"):
        if isinstance(part.get(name), list):
            return len(part[name])  # type: ignore[arg-type]
    return 1


def _is_refused(error: BaseException) -> bool:
    response = getattr(error, "response", None)
    return getattr(response, "status_code", None) in (401, 403)


def _own_caches() -> None:
    """Give yfinance a folder for its caches that no other process writes to."""
    if _CACHES:
        return
    folder = tempfile.mkdtemp(prefix="recon-yfinance-")
    yf.set_tz_cache_location(folder)
    yf.config.debug.hide_exceptions = False
    logging.getLogger("yfinance").setLevel(logging.CRITICAL)  # the ledger has it
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    _CACHES.append(folder)


_CACHES: list[str] = []
