"""From securities to companies: share classes rolled up, pricing vehicle, rank.

A company's total market cap is all its shares at the close of its pricing vehicle
(Ground Rules v7.0, 6.5.2). Providers give a market cap per line, some company-wide,
some for the class alone; which of the two is read from the figures themselves.
"""

import re
from collections.abc import Sequence
from functools import cache

import numpy as np
import pandas as pd

from recon.rulebook import Rulebook
from recon.rules import sessions

# words where an issuer's name ends and the description of the share begins
SHARE_WORDS = (
    r"(?i)[\s,(-]+(class [a-z0-9]\b|series [a-z0-9]\b|common|ordinary|capital stock|"
    r"shares? of|subordinate|restricted voting|limited voting|non-?voting|voting|"
    r"exchangeable|american deposi|new york registry|registered|deposit[ao]ry|\(the\)|"
    r"\([a-z ]{2,20}\)$).*$"
)
# a series of what: a business is tracked, a vote is not
TRACKING = (
    r"(?i)series [a-z] (?!(?:[a-z]+[ -])?(?:voting|convertible|preferred)\b)"
    r"(.{3,40}?) common stock"
)
DAYS_PER_SYMBOL = 1_000_000  # more than any span of days, for keys of symbol and day


def assign_companies(securities: pd.DataFrame) -> pd.DataFrame:
    """Add `company` (the issuer's name) and `company_id` (equal for its classes).

    Securities are one company where the provider's CIK agrees, or else the issuer's
    name before the words that describe the share, and the symbol's first letter.
    Tracking stocks are companies of their own (Ground Rules v7.0, 6.2). Takes table
    `Securities` of one day or more.
    """
    symbol = securities["symbol"].to_numpy(object)
    name = securities["name"].fillna(securities["symbol"]).to_numpy(object)
    issuers = [_issuer(each) for each in name]
    cik = securities["cik"].to_numpy(object)
    keys = [
        (
            f"cik {own}" if isinstance(own, str) else f"{plain or sign}|{sign[0]}",
            tracked,
        )
        for (_, plain, tracked), sign, own in zip(issuers, symbol, cik, strict=True)
    ]
    codes, _ = pd.factorize(pd.Series(keys, dtype=object))
    shown = pd.Series([company for company, _, _ in issuers], securities.index, "str")
    return securities.assign(company=shown, company_id=codes)


@cache
def _issuer(name: str) -> tuple[str, str, str]:
    """Issuer as it is shown, in plain letters, and the business that its stock tracks.

    Read once: a history holds the same few thousand names again and again.
    """
    company = re.sub(SHARE_WORDS, "", name).strip() or name
    found = re.search(TRACKING, name)
    tracked = found[1] if found else ""
    # the name as written: "Independent Bank Corp." and "Independent Bank Corporation"
    # are two companies, told apart by the symbol's first letter as well
    plain = re.sub(r"[^a-z0-9]+", " ", company.lower()).strip()
    return f"{company} ({tracked})" if found else company, plain, tracked.lower()


def has_classes(quotes: pd.DataFrame) -> np.ndarray:
    """Tell which quotes are of a company with several lines in their session.

    `quotes` are those of common shares, with company_id.
    """
    company = quotes["company_id"].to_numpy(np.int64)
    seat = sessions.number(quotes) * (int(company.max(initial=0)) + 1) + company
    return np.bincount(seat)[seat] > 1 if len(seat) else np.zeros(0, dtype=bool)


def roll_up(
    quotes: pd.DataFrame, rules: Rulebook, keep: Sequence[str] = ()
) -> pd.DataFrame:
    """Turn quotes of common shares into companies: one row per session and company.

    `quotes` is table `Quotes` with company_id, symbol_order (place of the symbol in
    the alphabet) and trailing_volume_shares (NaN where not known). The result keeps
    every column of the pricing vehicle's row (or those of `keep`), its security_id as
    pricing_vehicle, and total_market_cap_usd of the whole company.
    Source: Ground Rules v7.0, 6.5.2 and 6.5.3.
    """
    is_shared = has_classes(quotes)
    rows, cap = np.flatnonzero(~is_shared), quotes["total_market_cap_usd"].to_numpy()
    if is_shared.any():
        place, company_cap = _price_classes(quotes[is_shared], rules)
        vehicles = np.flatnonzero(is_shared)[place]
        cap = cap.copy()
        cap[vehicles] = company_cap
        rows = np.sort(np.append(rows, vehicles))
    table = quotes[list(keep) or list(quotes.columns)].take(rows)
    table = table.assign(total_market_cap_usd=cap[rows]).reset_index(drop=True)
    return table.rename(columns={"security_id": "pricing_vehicle"})


def arrange(companies: pd.DataFrame) -> pd.DataFrame:
    """Sort companies by session, then market cap descending; equal caps by symbol.

    A company whose market cap is not known has no place and is left out.
    Source: Ground Rules v7.0, 6.10; equal caps: decision 0003.
    """
    session = sessions.number(companies).astype(np.int32)
    cap = companies["total_market_cap_usd"].to_numpy()
    symbol_order = companies["symbol_order"].to_numpy()
    order = np.flatnonzero(~np.isnan(cap))
    if (session[1:] < session[:-1]).any():
        order = order[np.argsort(session[order], kind="stable")]
    marks = np.flatnonzero(np.diff(session[order], prepend=-1))
    for start, end in zip(marks, np.append(marks[1:], len(order)), strict=False):
        rows = order[start:end]
        rows = rows[np.argsort(-cap[rows], kind="stable")]
        ranked = cap[rows]
        is_equal = np.append(ranked[1:] == ranked[:-1], False)
        if is_equal.any():
            at = np.flatnonzero(is_equal | np.append(False, is_equal[:-1]))
            rows[at] = rows[at[np.lexsort([symbol_order[rows[at]], -ranked[at]])]]
        order[start:end] = rows
    return companies.take(order).reset_index(drop=True)


def rank(
    companies: pd.DataFrame, rules: Rulebook, unseen_count: int | np.ndarray = 0
) -> pd.DataFrame:
    """Rank arranged companies, largest first, with cumulative market cap.

    `companies` is the output of `arrange`, or a part of its rows in the same order.
    Adds rank, cumulative_cap_usd and cumulative_cap_frac (own cap included, of the
    whole Russell 3000E) per session; beyond the universe's last rank the fraction is
    missing. Source: Ground Rules v7.0, 6.10 and 6.11.

    `unseen_count` members of the large index, one number or one a session, are known
    by name alone: each takes a place and the cap of the company in the index's middle
    (decision 0012).
    """
    starts, ends = sessions.spans(companies)
    lengths = ends - starts
    cap = companies["total_market_cap_usd"].to_numpy()
    unseen = np.broadcast_to(unseen_count, starts.shape)
    places = np.arange(len(companies)) - np.repeat(starts, lengths)
    middle = rules.large_count // 2
    ranks = places + 1 + np.where(places >= middle, np.repeat(unseen, lengths), 0)
    cumulative = np.empty(len(companies))
    fraction = np.full(len(companies), np.nan)
    for start, length, count in zip(starts, lengths, unseen, strict=True):
        running = np.cumsum(cap[start : start + length])
        if count and length > middle:
            running[middle:] += count * cap[start + middle]
        cumulative[start : start + length] = running
        of_session = ranks[start : start + length]
        inside = np.searchsorted(of_session, rules.universe_count, side="right")
        fraction[start : start + inside] = running[:inside] / running[inside - 1]
    return companies.assign(
        rank=ranks, cumulative_cap_usd=cumulative, cumulative_cap_frac=fraction
    )


def trailing_figures(
    trailing: pd.DataFrame, wanted: pd.DataFrame, rules: Rulebook
) -> pd.DataFrame:
    """Add to `wanted` what a security stood at and traded before each session.

    `wanted` has snapshot_date and symbol_id; `trailing` closes and volumes of those
    securities. Adds average_close_usd (the days before the session, 5.8.1),
    trailing_volume_shares and trading_days (two years to the session, 6.5.3) and
    addtv_usd (average daily dollars traded over the same two years, 6.5.1).
    """
    at = keyed(trailing["symbol_id"], trailing["snapshot_date"])
    asked = keyed(wanted["symbol_id"], wanted["snapshot_date"])
    by_symbol = np.argsort(asked, kind="stable")  # sorted needles are found faster
    day, back = asked[by_symbol], np.empty(len(asked), dtype=int)
    back[by_symbol] = np.arange(len(asked))
    order = np.argsort(at, kind="stable")
    at = at[order]
    close = trailing["close_usd"].to_numpy(float)[order]
    volume = np.nan_to_num(trailing["volume_shares"].to_numpy(float)[order])
    years = round(365.25 * rules.pricing_vehicle_volume_years)
    months = rules.average_close_days
    traded = np.nan_to_num(close) * volume
    sessions = _window_sum(at, np.ones(len(at)), day - years, day + 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        known = _window_sum(at, (~np.isnan(close)).astype(float), day - months, day)
        total = _window_sum(at, np.nan_to_num(close), day - months, day)
        average = np.where(known > 0, np.round(total / known, 6), np.nan)
        addtv = _window_sum(at, traded, day - years, day + 1) / sessions
    volumes = _window_sum(at, volume, day - years, day + 1)
    return wanted.assign(
        average_close_usd=average[back],
        trailing_volume_shares=volumes[back],
        trading_days=_window_sum(at, (volume > 0) * 1.0, day - years, day + 1)[back],
        addtv_usd=addtv[back],
    )


def keyed(
    symbol_id: np.ndarray | pd.Series, snapshot_date: np.ndarray | pd.Series
) -> np.ndarray:
    """One integer a row that orders by symbol, then by day; a day is one step."""
    days = np.asarray(snapshot_date).astype("datetime64[D]").astype(np.int64)
    return np.asarray(symbol_id).astype(np.int64) * DAYS_PER_SYMBOL + days


TRAILING = (
    "average_close_usd",
    "trailing_volume_shares",
    "addtv_usd",
    "trading_days",
)


def _price_classes(
    quotes: pd.DataFrame, rules: Rulebook
) -> tuple[np.ndarray, np.ndarray]:
    """Place of each company's pricing vehicle in `quotes`, and the company's cap.

    `quotes` are those of companies with several lines; see `roll_up`.
    """
    table, is_whole, converts = _read_caps(quotes, rules)
    by = table.groupby(["snapshot_date", "company_id"], sort=False)
    given = by["total_market_cap_usd"]
    company_shares = (
        by["shares"]
        .transform("sum")
        .where(~is_whole, table["shares"].fillna(by["shares"].transform("max")))
    )
    cap = company_shares * table["close_usd"]
    # one class is worth many of the other: their caps add up, their shares do not
    cap = cap.mask(converts & ~is_whole, given.transform("sum"))
    cap = cap.mask(
        converts & is_whole,
        table["total_market_cap_usd"].fillna(given.transform("max")),
    )
    cap = cap.where(given.transform("count") > 0)
    # 6.5.3: the most traded class; where volumes are near, the one with most shares
    settled = table["trading_days"] >= rules.pricing_vehicle_min_days
    may_lead = settled | ~settled.groupby([by.ngroup()]).transform("any")
    volume = table["trailing_volume_shares"].fillna(0).where(may_lead, 0)
    most = volume.groupby(by.ngroup()).transform("max")
    leads = volume > most * (1 - rules.pricing_vehicle_volume_gap_frac)
    held = table["available_shares"].fillna(table["shares"].where(~is_whole)).fillna(0)
    order = np.lexsort(
        [
            table["symbol_order"],
            -volume.to_numpy(),
            -held.to_numpy(),
            ~leads.to_numpy(),
            ~may_lead.to_numpy(),
        ]
    )
    is_first = ~table[["snapshot_date", "company_id"]].iloc[order].duplicated()
    place = order[is_first.to_numpy()]
    return place, cap.to_numpy()[place]


def class_caps(quotes: pd.DataFrame, rules: Rulebook) -> np.ndarray:
    """Return the market cap of each quote's own class, NaN where none is known.

    A company-wide cap is never a class's own; a count of the class's shares times its
    close is, and so is its given cap where each class has another. `quotes` is as for
    `roll_up`. Source: Ground Rules v7.0, 6.5.1; decision 0004.
    """
    _, is_whole, _ = _read_caps(quotes, rules)
    counted = quotes["shares_outstanding"] * quotes["close_usd"]
    given = quotes["total_market_cap_usd"].mask(is_whole & has_classes(quotes))
    return given.fillna(counted).to_numpy(float)


def _read_caps(
    quotes: pd.DataFrame, rules: Rulebook
) -> tuple[pd.DataFrame, pd.Series, pd.Series]:
    """Read which caps are of the whole company, and which classes convert (0004).

    Returns the quotes with `shares` (cap over close), and two columns of truths.
    """
    table = quotes.assign(shares=quotes["total_market_cap_usd"] / quotes["close_usd"])
    by = table.groupby(["snapshot_date", "company_id"], sort=False)
    spread = by[["shares", "total_market_cap_usd", "close_usd"]]
    ratio = spread.transform("max") / spread.transform("min") - 1
    known = by["total_market_cap_usd"].transform("count")
    numbers = rules.heuristics
    converts = ratio["close_usd"] + 1 >= numbers.conversion_ratio
    same_caps = ratio["total_market_cap_usd"] <= numbers.same_cap_frac
    same_shares = ratio["shares"] <= numbers.same_shares_frac
    is_whole = (known <= 1) | same_shares | (converts & same_caps)
    return table, is_whole, converts


def _window_sum(
    at: np.ndarray, value: np.ndarray, since: np.ndarray, before: np.ndarray
) -> np.ndarray:
    """Sum of the values whose sorted key is from `since` to before `before`."""
    running = np.append(0.0, np.cumsum(value))
    low = np.searchsorted(at, since, side="left")
    high = np.searchsorted(at, before, side="left")
    return running[high] - running[low]
