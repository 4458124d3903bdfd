"""Listings and quotes to companies: what no list of members changes."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd

from recon.reconstitution.facts import Facts
from recon.reconstitution.filed import NONE, places
from recon.rulebook import Rulebook
from recon.rules import eligibility, listings, ranking
from recon.vocabulary import membership_key

# of a company's row: what its lines are drawn from, and what a projection shows too
FOR_LINES = (
    "snapshot_date",
    "at",
    "symbol_order",
    "close_usd",
    "total_market_cap_usd",
    "average_close_usd",
    "has_traded",
    "free_float_frac",
    "is_shell",
    "close_change_frac",
    "filed_at",
)
FOR_COMPANIES = (
    *FOR_LINES,
    "security_id",
    "company_id",
    "symbol_id",
    "volume_shares",
    "carried_sessions",
)
FROM_SECURITIES = ("symbol_id", "company_id", "symbol_order", "is_common")


def prepare(securities: pd.DataFrame) -> pd.DataFrame:
    """Add to attribute versions what no day changes: type, company, keys."""
    table = ranking.assign_companies(listings.describe(securities))
    table = listings.units_of(table)
    order, _ = pd.factorize(table["symbol"].to_numpy(object), sort=True)
    return table.assign(
        key=membership_key(table["symbol"]).astype(object),
        is_common=table["share_type"].eq(listings.COMMON),
        symbol_order=order + 1,
    )


def listed_on(facts: Facts, day: date) -> pd.DataFrame:
    """Return the securities quoted on a day, prepared; none that was merely known."""
    return prepare(quoted_on(facts, facts.securities(day, day), day))


def quoted_on(facts: Facts, securities: pd.DataFrame, day: date) -> pd.DataFrame:
    """Return those of the securities that are quoted on a day."""
    quoted = facts.caps(day, day)["security_id"].to_numpy()
    is_quoted = np.isin(securities["security_id"].to_numpy(), quoted)
    return securities[is_quoted].reset_index(drop=True)


def keys_on(facts: Facts, day: date) -> frozenset[str]:
    """Return the keys of the securities quoted on a day."""
    symbols = quoted_on(facts, facts.securities(day, day), day)["symbol"]
    return frozenset(membership_key(symbols).dropna())


def quotes_of(
    facts: Facts,
    securities: pd.DataFrame,
    since: date,
    until: date,
    rules: Rulebook,
    *,
    companies_only: bool = False,
    filed: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the quotes of the span with what rules ask of each row.

    Adds `at`, its row in `securities`; `is_shell`: its units are quoted, or its close
    stands at that of a trust; `has_traded`: its close is of the session and not of the
    last trade before; `free_float_frac` where a figure is known; the columns of
    `FROM_SECURITIES`; and trailing figures where a rule may ask for them: several
    classes, a close below the minimum.

    Of `filed` (`filed.judged_by_symbol`) `filed_at` is the row in force.

    `companies_only` leaves out what no company is rolled up from: other paper than
    common shares, and lines without a close.
    """
    read = facts.caps if companies_only else facts.quotes
    quotes = read(since, until)
    ids = securities["security_id"].to_numpy()
    position = np.zeros(int(ids.max(initial=0)) + 1, dtype=np.int32)
    position[ids] = np.arange(len(ids), dtype=np.int32)
    at = position[quotes["security_id"].to_numpy()]
    symbol_id = securities["symbol_id"].to_numpy()[at]
    quotes = _with_last_trades(facts, quotes, symbol_id, since, until, rules)
    is_shell = _has_units(quotes, at, securities)
    is_shell |= _at_trust(facts, quotes, at, securities, since, rules)
    is_class = _is_class(quotes, at, securities)
    quotes["free_float_frac"] = _free_floats(
        facts, quotes, is_class, securities["key"].to_numpy(object)[at], until, rules
    )
    if companies_only:
        common = securities["is_common"].to_numpy(bool)[at]
        rows = np.flatnonzero(common & ~np.isnan(quotes["close_usd"].to_numpy()))
        quotes, at = quotes.take(rows), at[rows]
        is_shell, is_class = is_shell[rows], is_class[rows]
    columns = {name: securities[name].to_numpy()[at] for name in FROM_SECURITIES}
    filed_at = np.full(len(quotes), NONE, dtype=np.int32)
    if filed is not None and len(filed):
        keys = securities["key"].to_numpy(object)[at]
        filed_at = places(filed, quotes["snapshot_date"].to_numpy(), keys, rules)
    quotes = quotes.assign(at=at, is_shell=is_shell, filed_at=filed_at, **columns)
    return quotes.assign(**_trailing_figures(facts, quotes, is_class, until, rules))


def arrange(quotes: pd.DataFrame, rules: Rulebook, keep: Sequence[str]) -> pd.DataFrame:
    """Roll common shares up into companies, largest first within each session."""
    common = quotes["is_common"].to_numpy(bool) & quotes["close_usd"].notna().to_numpy()
    quotes = quotes if common.all() else quotes[common]
    return ranking.arrange(ranking.roll_up(quotes, rules, keep))


def with_shells(securities: pd.DataFrame, quotes: pd.DataFrame) -> pd.DataFrame:
    """Call blank-check companies those whose quotes of the day are of one."""
    is_shell = np.zeros(len(securities), dtype=bool)
    is_shell[quotes["at"].to_numpy()[quotes["is_shell"].to_numpy()]] = True
    may_be = is_shell & securities["structure"].isna().to_numpy()
    return securities.assign(
        structure=securities["structure"].mask(may_be, listings.SHELL)
    )


def _trailing_figures(
    facts: Facts,
    quotes: pd.DataFrame,
    is_class: np.ndarray,
    until: date,
    rules: Rulebook,
) -> dict[str, np.ndarray]:
    """Figures of the days before each quote, where a rule may ask for them."""
    figures = {name: np.full(len(quotes), np.nan) for name in ranking.TRAILING}
    asks = is_class | (quotes["close_usd"].to_numpy() < rules.min_close_usd)
    asks &= quotes["is_common"].to_numpy(bool)
    if not asks.any():
        return figures
    wanted = quotes.loc[asks, ["snapshot_date", "symbol_id"]]
    days = round(365.25 * rules.pricing_vehicle_volume_years) + 1
    start = wanted["snapshot_date"].min() - timedelta(days=days)
    trailing = facts.trailing(start.date(), until, np.unique(wanted["symbol_id"]))
    found = ranking.trailing_figures(trailing, wanted, rules)
    for name, values in figures.items():
        values[asks] = found[name].to_numpy()
    return figures


def _is_class(
    quotes: pd.DataFrame, at: np.ndarray, securities: pd.DataFrame
) -> np.ndarray:
    """Tell which quotes are of a company with several common shares on the day."""
    common = securities["is_common"].to_numpy(bool)
    company = securities["company_id"].to_numpy()
    symbols = securities.loc[common].groupby("company_id")["symbol_id"].nunique()
    several = common & np.isin(company, symbols.index[symbols > 1])
    rows = np.flatnonzero(several[at])
    is_class = np.zeros(len(quotes), dtype=bool)
    is_class[rows] = ranking.has_classes(
        pd.DataFrame(
            {
                "snapshot_date": quotes["snapshot_date"].to_numpy()[rows],
                "company_id": company[at[rows]],
            }
        )
    )
    return is_class


def _with_last_trades(
    facts: Facts,
    quotes: pd.DataFrame,
    symbol_id: np.ndarray,
    since: date,
    until: date,
    rules: Rulebook,
) -> pd.DataFrame:
    """Give quotes without a close that of the last trade before, if it is not old.

    Adds `has_traded`. Source: Ground Rules v7.0, 5.8.1 and 6.5.2.
    """
    has_traded = quotes["close_usd"].notna().to_numpy()
    quotes = quotes.assign(has_traded=has_traded)
    rows = np.flatnonzero(~has_traded)
    if not len(rows):
        return quotes
    days = timedelta(days=rules.heuristics.last_trade_days)
    trades = facts.trailing(since - days, until, np.unique(symbol_id[rows]))
    trades = trades[trades["close_usd"].notna()]
    traded = ranking.keyed(trades["symbol_id"], trades["snapshot_date"])
    order = np.argsort(traded)
    wanted = ranking.keyed(symbol_id[rows], quotes["snapshot_date"].to_numpy()[rows])
    place = np.searchsorted(traded[order], wanted) - 1
    is_known = place >= 0
    last = order[place[is_known]]
    is_known[is_known] = wanted[is_known] - traded[last] <= days.days
    close = quotes["close_usd"].to_numpy(float, copy=True)
    found = order[place[is_known]]
    close[rows[is_known]] = trades["close_usd"].to_numpy(float)[found]
    return quotes.assign(close_usd=close)


def _free_floats(
    facts: Facts,
    quotes: pd.DataFrame,
    is_class: np.ndarray,
    key: np.ndarray,
    until: date,
    rules: Rulebook,
) -> np.ndarray:
    """Free float of each quote: by its own counts, else as known last of its symbol.

    What is told of a company with several classes may set the float of one against the
    shares of all (U-Haul), and is left out.
    """
    own = eligibility.free_floats(quotes, is_class)
    told = facts.free_floats(until)
    if told.empty:
        return own
    days = quotes["snapshot_date"].to_numpy("datetime64[us]")
    asked = pd.DataFrame({"known_on": days, "symbol": key, "row": np.arange(len(key))})
    asked = asked[asked["symbol"].isin(told["symbol"]) & ~is_class]
    found = pd.merge_asof(
        asked.astype({"symbol": "str"}).sort_values("known_on"),
        told.astype({"known_on": "datetime64[us]", "symbol": "str"}),
        on="known_on",
        by="symbol",
        tolerance=pd.Timedelta(days=rules.style.fundamentals_max_days),
    )
    known = np.full(len(own), np.nan)
    known[found["row"].to_numpy(int)] = found["free_float_frac"].to_numpy(float)
    return np.where(np.isnan(own), known, own)


def _has_units(
    quotes: pd.DataFrame, at: np.ndarray, securities: pd.DataFrame
) -> np.ndarray:
    """Tell of each quote whether units of its company are quoted on the same day."""
    is_shell = np.zeros(len(quotes), dtype=bool)
    for number in ("one", "two"):
        sold = securities[f"sold_{number}"].to_numpy()
        bought = securities[f"bought_{number}"].to_numpy()
        rows = np.flatnonzero(((sold >= 0) | (bought >= 0))[at])
        day = quotes["snapshot_date"].to_numpy("datetime64[D]")[rows]
        units, shares = sold[at[rows]], bought[at[rows]]
        quoted = ranking.keyed(units[units >= 0], day[units >= 0])
        has_units = np.isin(ranking.keyed(shares, day), quoted) & (shares >= 0)
        is_shell[rows[has_units]] = True
    return is_shell


def _at_trust(
    facts: Facts,
    quotes: pd.DataFrame,
    at: np.ndarray,
    securities: pd.DataFrame,
    since: date,
    rules: Rulebook,
) -> np.ndarray:
    """Tell of each quote whether the close has stood at that of a trust for a month."""
    numbers = rules.heuristics
    is_shell = np.zeros(len(quotes), dtype=bool)
    close = quotes["close_usd"].to_numpy()
    symbol_id = securities["symbol_id"].to_numpy()[at]
    with np.errstate(invalid="ignore"):
        near = (close >= numbers.trust_low_usd) & (close <= numbers.trust_high_usd)
    near &= securities["is_common"].to_numpy(bool)[at]
    if not near.any():
        return is_shell
    symbols = np.unique(symbol_id[near])
    is_asked = np.zeros(int(symbol_id.max()) + 1, dtype=bool)
    is_asked[symbols] = True
    rows = np.flatnonzero(is_asked[symbol_id])
    # far enough back to hold as many sessions as are asked for
    start = since - timedelta(days=2 * numbers.trust_sessions)
    before = facts.trailing(start, since - timedelta(days=1), symbols)
    versions, place = np.unique(at[rows], return_inverse=True)
    within = quotes[["snapshot_date", "close_usd"]].take(rows)
    within = within.assign(
        symbol_id=symbol_id[rows],
        is_class=listings.is_class(securities.iloc[versions])[place],
    )
    before = before.assign(is_class=False)  # none of these is asked for
    trailing = pd.concat([before[list(within)], within])
    key = ranking.keyed(trailing["symbol_id"], trailing["snapshot_date"])
    order = np.argsort(key, kind="stable")
    stood = np.zeros(len(order), dtype=bool)
    stood[order] = listings.at_trust(trailing.take(order), rules)
    is_shell[rows] = stood[len(before) :]
    return is_shell & near
