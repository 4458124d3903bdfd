"""yfinance behind one door, talking through the polite session.

What it needs to be kept in order is here: its process-wide state is given our session,
its caches get a folder that ends with the process, and it is not let hide an error.
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
from recon.sources.http_client import Manners, NotWhole, Polite, Record
from recon.sources.response_cache import Answers
from recon.sources.yahoo.slices import PAGE_ROWS, Slice

BASE = "RECON_YAHOO_BASE"  # address of a server that stands in for Yahoo
GREETING = "https://fc.yahoo.com"
ZONE = "America/New_York"
CRUMB_TRIES = 4  # a token may be refused once more after it was renewed
LONGEST_CRUMB = 64
DATA = ("/v1/finance/", "/v7/finance/", "/v8/finance/", "/v10/finance/", "/ws/")
T = TypeVar("T")


class Yahoo:
    """One conversation with Yahoo; everything asked goes through its `polite` client.

    Parameters
    ----------
    record
        Is told of every request.
    answers
        Where answers are kept for a resume.
    manners
        How fast and how patient; the standing ones if None.
    """

    def __init__(
        self,
        record: Record | None = None,
        answers: Answers | None = None,
        manners: Manners | None = None,
    ) -> None:
        self.polite = Polite(
            "Yahoo",
            manners=manners,
            base=os.environ.get(BASE),
            record=record,
            inspect=rows_of,
            answers=answers,
            greeting=GREETING,
        )
        self._turn = answers.turn if answers else 1
        _own_caches()
        data = YfData(session=self.polite.session)
        data._cookie, data._crumb = None, None  # of an earlier session, if there was
        data._cookie_strategy = "basic"
        data.cache_get.cache_clear()

    def page(self, slice_: Slice, offset: int, turn: int) -> dict[str, object]:
        """Return one page of the screener: ``total`` and ``quotes``.

        `turn` counts the times that this page was asked for, from 1.
        """
        # what fell short in an earlier run must not be heard from disk again
        again = f", again {turn - 1} ({self._turn})" if turn > 1 else ""
        label = f"{slice_.name}, row {offset}{again}"
        return self._ask(
            label,
            lambda: yf.screen(
                query_of(slice_),
                offset=offset,
                size=PAGE_ROWS,
                sortField="ticker",
                sortAsc=True,
                session=self.polite.session,
            ),
        )

    def prices(self, symbols: Sequence[str], since: date, until: date) -> pd.DataFrame:
        """Return daily bars, columns by symbol and field, split-adjusted, with splits.

        Closes are not adjusted for dividends. A symbol that has nothing has no values;
        why, `polite` told the ledger.
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
                timeout=self.polite.manners.timeout_seconds,
                session=self.polite.session,
            )

        table = self._ask("prices", download)
        self._stop_if_blocked()
        return table

    def share_counts(self, symbol: str, since: date, until: date) -> pd.Series:
        """Return share counts as they were reported, by New York day; may be empty."""
        yfinance_cache.get_tz_cache().store(symbol, ZONE)
        ticker = yf.Ticker(symbol, session=self.polite.session)
        counts = self._ask(
            "share counts",
            lambda: ticker.get_shares_full(start=since, end=until + timedelta(days=1)),
        )
        if counts is None:
            return pd.Series(dtype=float)
        days = counts.index.tz_localize(None).normalize()
        return pd.Series(counts.to_numpy(float), index=days)

    def profile(self, symbol: str) -> dict[str, object]:
        """Return `info` of a company; empty where Yahoo knows no such symbol."""
        ticker = yf.Ticker(symbol, session=self.polite.session)
        info = self._ask(f"profile of {symbol}", lambda: ticker.info)
        return info if info and info.get("quoteType") else {}

    def growth(self, symbol: str) -> pd.DataFrame:
        """Return growth estimates by period, column ``stockTrend``; may be empty."""
        ticker = yf.Ticker(symbol, session=self.polite.session)
        try:
            return self._ask(f"growth of {symbol}", lambda: ticker.growth_estimates)
        except (KeyError, TypeError):  # no analyst follows it
            return pd.DataFrame()

    def quarters(self, symbol: str) -> pd.DataFrame:
        """Return quarterly income statements, a row a figure; may be empty."""
        ticker = yf.Ticker(symbol, session=self.polite.session)
        try:
            return self._ask(
                f"statements of {symbol}", lambda: ticker.quarterly_income_stmt
            )
        except (KeyError, TypeError, yf.exceptions.YFException):
            return pd.DataFrame()

    def _ask(self, label: str, call: Callable[[], T]) -> T:
        """Call yfinance; a refused token is renewed by asking once more."""
        attempts = tenacity.Retrying(
            retry=tenacity.retry_if_exception(_is_refused),
            stop=tenacity.stop_after_attempt(CRUMB_TRIES),
            reraise=True,
        )
        try:
            with self.polite.asking_for(label), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                for attempt in attempts:
                    with attempt:
                        return call()
        except (ReconError, KeyError, TypeError):
            raise
        except OSError as error:
            if _is_refused(error):
                raise SourceBlocked(
                    f"Yahoo refused {label} (401) {CRUMB_TRIES} times; what it "
                    "answered is kept: run the same command again in an hour."
                ) from None
            raise SourceSilent(f"Yahoo did not answer {label}: {error}.") from error
        raise AssertionError("tenacity returns or raises")

    def _stop_if_blocked(self) -> None:
        """Raise what `yfinance.download` has swallowed."""
        if self.polite.blocked:
            raise SourceBlocked(self.polite.blocked)


def query_of(slice_: Slice) -> yf.EquityQuery:
    """Return the question of a slice in yfinance's own words."""
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
    """Count the rows of an answer; None where it is none to be kept.

    Raises
    ------
    NotWhole
        If an address of data answers with anything but whole JSON of its form.
    """
    path = url.split("?")[0].split("/", 3)[-1]
    if path.endswith("v1/test/getcrumb"):
        if b"<" in content or not 0 < len(content) <= LONGEST_CRUMB:
            raise NotWhole("no token")
        return None
    if not f"/{path}".startswith(DATA):
        return None
    try:
        told = orjson.loads(content)
        (body,) = told.values()
        if body.get("result") is None and not body.get("error"):
            raise NotWhole("empty answer")
        found = body.get("result") or []
        return sum(_rows_in(part) for part in found)
    except (ValueError, AttributeError, TypeError) as error:
        raise NotWhole("not whole JSON") from error


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
