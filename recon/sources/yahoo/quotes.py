"""Rows of Yahoo's screener as listings of one session; pure.

A row is taken as it stands or refused with a reason; nothing is filled in. Whose
market cap a row shows, and how repeated rows are merged: decision 0017.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa

from recon import schedule
from recon.errors import SessionUnfinished
from recon.sources.yahoo import symbols
from recon.sources.yahoo.slices import EXCHANGES

NEW_YORK = ZoneInfo("America/New_York")
SETTLE = timedelta(minutes=20)  # after the close, until closing prices are final
LATER_FRAC, EARLIER_FRAC = (
    0.01,
    0.25,
)  # of the rows: too many of another
STALE_DAYS = 30  # a listing not traded for longer is no longer listed
OWN_CLASS_FRAC = 0.02  # a cap this close to one class's shares x price is the class's
REFUSAL = "refusal"
Quote = Mapping[str, object]

TEXTS = ("symbol", "exchange", "name", "country", "sector", "industry", "security_type")
NUMBERS = (
    "close_usd",
    "volume_shares",
    "total_market_cap_usd",
    "shares_outstanding",
    "close_change_frac",
)
DETAILS = {
    "implied_shares": "impliedSharesOutstanding",
    "class_shares": "sharesOutstanding",
    "book_value_per_share": "bookValue",
    "price_to_book_ratio": "priceToBook",
    "forward_price_to_earnings_ratio": "forwardPE",
    "forward_eps": "epsForward",
    "average_volume_shares": "averageDailyVolume3Month",
}
DETAIL_TEXTS = {
    "quote_exchange": "exchange",
    "quote_type": "quoteType",
    "reporting_currency": "financialCurrency",
}


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What other sources say of a company, for the columns that a row lacks."""

    country: str | None = None
    industry: str | None = None
    sector: str | None = None
    name: str | None = None


def last_finished(now: datetime) -> date:
    """Return the last session whose closing prices are final at `now` (with a zone).

    Raises
    ------
    SessionUnfinished
        If a session is under way or only just over: quotes are not closes then.
    """
    today = new_york_day(now)
    session = schedule.session_on_or_before(today)
    if session == today:
        closes = schedule.closes_at(session)
        if now >= closes + SETTLE:
            return session
        if now >= schedule.opens_at(session) - SETTLE:
            ready = (closes + SETTLE).astimezone(NEW_YORK)
            raise SessionUnfinished(
                f"The session of {session} is under way; its closing prices are "
                f"final from {ready:%H:%M} New York time. Nothing was changed."
            )
        return schedule.session_on_or_before(today - timedelta(days=1))
    return session


def new_york_day(moment: datetime) -> date:
    """Return the New York day of a moment (with a zone)."""
    return moment.astimezone(NEW_YORK).date()


def last_over(now: datetime) -> date:
    """Return the last session over at `now`, whether another is under way or not."""
    try:
        return last_finished(now)
    except SessionUnfinished:
        return schedule.session_before(new_york_day(now))


def session_of(quotes: Iterable[Quote]) -> date:
    """Return the session that most of the quotes are of.

    Raises
    ------
    SessionUnfinished
        If more than a few are of a later one: it began while they were fetched. If
        more than a quarter are of earlier ones: the session is not complete yet.
    """
    days = Counter(
        day for day in map(traded_on, quotes) if day and schedule.is_session(day)
    )
    if not days:
        raise SessionUnfinished(
            "Yahoo's quotes carry no trading time, so their session is unknown. "
            "Nothing was changed; run it again later."
        )
    session, count = days.most_common(1)[0]
    later = sum(n for day, n in days.items() if day > session)
    if later > LATER_FRAC * count:
        raise SessionUnfinished(
            f"Yahoo's quotes are of two sessions: {count:,} of {session}, {later:,} of "
            "a later one. Nothing was changed; run it again after the close."
        )
    earlier = sum(n for day, n in days.items() if day < session)
    if earlier > EARLIER_FRAC * count:
        raise SessionUnfinished(
            f"Yahoo's quotes are not all of {session} yet: {earlier:,} are of earlier "
            f"sessions, {count:,} of it. Nothing was changed; run it again later."
        )
    return session


def traded_on(quote: Quote) -> date | None:
    """Return the New York day of a quote's last trade."""
    return _day_of(_number(quote, "regularMarketTime"), least=1.0)


def _day_of(seconds: float | None, least: float = -math.inf) -> date | None:
    """Return the New York day of seconds since 1970, None where no day is meant."""
    if seconds is None or seconds < least:
        return None
    epoch = datetime(1970, 1, 1, tzinfo=UTC)  # earlier moments fail on some systems
    try:
        return (epoch + timedelta(seconds=seconds)).astimezone(NEW_YORK).date()
    except OverflowError:
        return None


def merge(first: Quote | None, second: Quote) -> Quote:
    """Return the newer of two rows of a symbol, the first if neither is."""
    if first is None:
        return second
    before, after = (_number(q, "regularMarketTime") or 0.0 for q in (first, second))
    return second if after > before else first


def company_cap(quote: Quote) -> float | None:
    """Return the market cap of the whole company, USD.

    Yahoo's figure is the company's; where it covers one class only while the company
    has more shares, all its shares at that price are used instead.
    """
    cap, price = _number(quote, "marketCap"), _number(quote, "regularMarketPrice")
    implied = _number(quote, "impliedSharesOutstanding")
    own = _number(quote, "sharesOutstanding")
    if price is None or implied is None:
        return cap
    whole = implied * price
    if cap is None:
        return whole
    if own is None or whole <= cap:
        return cap
    is_own = abs(cap - own * price) <= OWN_CLASS_FRAC * cap
    return whole if is_own and implied > own * (1 + OWN_CLASS_FRAC) else cap


def refusal(quote: Quote, session: date) -> str | None:
    """Return why a row is not a listing of the session, or None."""
    if quote.get("quoteType") != "EQUITY":
        return f"the quote is of type {quote.get('quoteType')}, not equity"
    if quote.get("currency") != "USD":
        return f"the price is in {quote.get('currency')}, not in USD"
    if _number(quote, "regularMarketPrice") is None:
        return "the quote has no price"
    day = traded_on(quote)
    if day is None:
        return "the quote has no trading time"
    if day < session - timedelta(days=STALE_DAYS):
        return f"the listing was last traded on {day}"
    if day > session:
        return f"the quote is of {day}, after the session"
    return None


def to_tables(
    quotes: Sequence[Quote],
    session: date,
    sectors: Mapping[str, str],
    profiles: Mapping[str, Profile],
) -> tuple[pa.Table, pa.Table]:
    """Return listings as the store takes them, and their details, row for row.

    `sectors` is by Yahoo's symbol, `profiles` by the store's.
    """
    listings = [_listing(q, session, sectors, profiles) for q in quotes]
    schema = pa.schema(
        [
            ("snapshot_date", pa.date32()),
            *((name, pa.string()) for name in (*TEXTS, REFUSAL)),
            *((name, pa.float64()) for name in NUMBERS),
            ("ipo_year", pa.int16()),
        ]
    )
    details = [_detail(quote, session) for quote in quotes]
    detail_schema = pa.schema(
        [
            ("snapshot_date", pa.date32()),
            ("symbol", pa.string()),
            *((name, pa.float64()) for name in DETAILS),
            *((name, pa.string()) for name in DETAIL_TEXTS),
            ("first_trade_date", pa.date32()),
        ]
    )
    return (
        pa.Table.from_pylist(listings, schema=schema),
        pa.Table.from_pylist(details, schema=detail_schema),
    )


def _listing(
    quote: Quote,
    session: date,
    sectors: Mapping[str, str],
    profiles: Mapping[str, Profile],
) -> dict[str, object]:
    theirs = str(quote.get("symbol"))
    ours = symbols.from_yahoo(theirs)
    known = profiles.get(ours, Profile())
    first = first_trade_date(quote)
    is_traded = traded_on(quote) == session
    exchange = str(quote.get("exchange"))
    return {
        "snapshot_date": session,
        "symbol": ours,
        "exchange": EXCHANGES.get(exchange, exchange),
        "name": _listed_name(quote, known),
        "country": known.country,
        "sector": sectors.get(theirs) or known.sector,
        "industry": known.industry,
        "security_type": symbols.security_type(theirs, _text(quote, "shortName")),
        "ipo_year": first.year if first else None,
        "close_usd": _number(quote, "regularMarketPrice"),
        # no trade in the session: the volume shown is of an earlier one
        "volume_shares": _number(quote, "regularMarketVolume") if is_traded else 0.0,
        "total_market_cap_usd": company_cap(quote),
        # in percent, as every provider offers it
        "close_change_frac": _number(quote, "regularMarketChangePercent")
        if is_traded
        else None,
        "shares_outstanding": _number(quote, "sharesOutstanding"),
        REFUSAL: refusal(quote, session),
    }


def _listed_name(quote: Quote, known: Profile) -> str | None:
    """Return the name as listed where it is known and the issuer is the same."""
    issuer = _text(quote, "longName") or _text(quote, "shortName")
    if issuer is None or known.name is None:
        return issuer
    words = [
        re.findall(r"[a-z0-9]+", name.lower())[:2] for name in (issuer, known.name)
    ]
    return known.name if words[0] == words[1] else issuer


def _detail(quote: Quote, session: date) -> dict[str, object]:
    row: dict[str, object] = {
        "snapshot_date": session,
        "symbol": symbols.from_yahoo(str(quote.get("symbol"))),
        "first_trade_date": first_trade_date(quote),
    }
    row |= {ours: _number(quote, theirs) for ours, theirs in DETAILS.items()}
    row |= {ours: _text(quote, theirs) for ours, theirs in DETAIL_TEXTS.items()}
    if quote.get("financialCurrency") != "USD":
        # a book in one currency over a price in another is no ratio
        row |= {"book_value_per_share": None, "price_to_book_ratio": None}
        row |= {"forward_eps": None, "forward_price_to_earnings_ratio": None}
    return row


def first_trade_date(quote: Quote) -> date | None:
    """Return the day a listing first traded, as far as Yahoo knows."""
    moment = _number(quote, "firstTradeDateMilliseconds")
    return None if moment is None else _day_of(moment / 1000)


def _number(quote: Quote, name: str) -> float | None:
    value = quote.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if value == value and abs(value) < 1e18 else None


def _text(quote: Quote, name: str) -> str | None:
    value = quote.get(name)
    return value if isinstance(value, str) and value else None
