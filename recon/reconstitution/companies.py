"""Listings and quotes to companies: what no list of members changes."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd

from recon.reconstitution.facts import Facts
from recon.rulebook import Rulebook
from recon.rules import listings, ranking
from recon.vocabulary import membership_key

FOR_LINES = [
    "snapshot_date",
    "security_id",
    "at",
    "company_id",
    "symbol_order",
    "close_usd",
    "total_market_cap_usd",
    "average_close_usd",
    "is_shell",
]


FROM_SECURITIES = ("symbol_id", "company_id", "symbol_order", "is_common")


FOR_COMPANIES = [*FOR_LINES, "symbol_id", "volume_shares", "carried_sessions"]


def prepare(securities: pd.DataFrame) -> pd.DataFrame:
    """Add to attribute versions what no day changes: type, company, keys."""
    table = ranking.assign_companies(listings.describe(securities))
    return table.assign(
        key=membership_key(table["symbol"]).astype(object),
        is_common=table["share_type"].eq(listings.COMMON),
        unit_id=listings.units_of(table),
        symbol_order=table["symbol"].rank(method="dense").astype(int),
    )


def listed_on(facts: Facts, day: date) -> pd.DataFrame:
    """Return the securities quoted on a day, prepared; none that was merely known."""
    securities = facts.securities(day, day)
    is_quoted = _is_quoted(facts, securities, day)
    return prepare(securities[is_quoted].reset_index(drop=True))


def keys_on(facts: Facts, day: date) -> frozenset[str]:
    """Return the keys of the securities quoted on a day."""
    securities = facts.securities(day, day)
    symbols = securities.loc[_is_quoted(facts, securities, day), "symbol"]
    return frozenset(membership_key(symbols).dropna())


def quoted_on(facts: Facts, securities: pd.DataFrame, day: date) -> pd.DataFrame:
    """Return the prepared securities of a season that are quoted on a day of it."""
    return securities[_is_quoted(facts, securities, day)].reset_index(drop=True)


def quotes_of(
    facts: Facts,
    securities: pd.DataFrame,
    since: date,
    until: date,
    rules: Rulebook,
    *,
    companies_only: bool = False,
) -> pd.DataFrame:
    """Quotes of the span with what rules ask of each row.

    `companies_only` leaves out what no company is rolled up from: other paper than
    common shares, and lines without a close.

    Adds `at`, its row in `securities`, `is_shell` (its units are quoted, or its close
    stands at that of a trust), the columns
    of `FROM_SECURITIES`, and trailing figures where a rule may ask for them: several
    classes, a close below the minimum.
    """
    read = facts.caps if companies_only else facts.quotes
    quotes = read(since, until)
    ids = securities["security_id"].to_numpy()
    position = np.zeros(int(ids.max(initial=0)) + 1, dtype=np.int32)
    position[ids] = np.arange(len(ids))
    at = position[quotes["security_id"].to_numpy()]
    is_shell = _is_shell(quotes, at, securities)
    is_shell |= _at_trust(facts, quotes, at, securities, since, until, rules)
    if companies_only:
        common = securities["is_common"].to_numpy(bool)[at]
        rows = np.flatnonzero(common & ~np.isnan(quotes["close_usd"].to_numpy()))
        quotes, at, is_shell = quotes.take(rows), at[rows], is_shell[rows]
    columns = {name: securities[name].to_numpy()[at] for name in FROM_SECURITIES}
    is_class = np.isin(columns["symbol_id"], ranking.classes_to_weigh(securities))
    below = quotes["close_usd"].to_numpy() < rules.min_close_usd
    asks = (is_class | below) & columns["is_common"]
    figures = {name: np.full(len(quotes), np.nan) for name in ranking.TRAILING}
    if asks.any():
        wanted = pd.DataFrame(
            {
                "snapshot_date": quotes["snapshot_date"].to_numpy()[asks],
                "symbol_id": columns["symbol_id"][asks],
            }
        )
        start = wanted["snapshot_date"].min() - timedelta(
            days=round(365.25 * rules.pricing_vehicle_volume_years) + 1
        )
        symbols = np.unique(wanted["symbol_id"])
        trailing = facts.trailing(start.date(), until, symbols)
        found = ranking.trailing_figures(trailing, wanted, rules)
        for name, values in figures.items():
            values[asks] = found[name].to_numpy()
    return quotes.assign(at=at, is_shell=is_shell, **columns, **figures)


def _at_trust(
    facts: Facts,
    quotes: pd.DataFrame,
    at: np.ndarray,
    securities: pd.DataFrame,
    since: date,
    until: date,
    rules: Rulebook,
) -> np.ndarray:
    """Tell of each quote whether the close has stood at that of a trust for a month."""
    numbers = rules.heuristics
    is_shell = np.zeros(len(quotes), dtype=bool)
    close = quotes["close_usd"].to_numpy()
    with np.errstate(invalid="ignore"):
        near = (close >= numbers.trust_low_usd) & (close <= numbers.trust_high_usd)
    near &= securities["is_common"].to_numpy(bool)[at]
    rows = np.flatnonzero(near)
    if not len(rows):
        return is_shell
    symbol_id = securities["symbol_id"].to_numpy()[at[rows]].astype(np.int64)
    start = since - timedelta(days=numbers.trust_days + 5)
    trailing = facts.trailing(start, until, np.unique(symbol_id))
    found = trailing[listings.at_trust(trailing, rules)]
    days = quotes["snapshot_date"].to_numpy("datetime64[D]")[rows]
    is_shell[rows] = np.isin(
        ranking.keyed(symbol_id, days),
        ranking.keyed(found["symbol_id"].to_numpy(), found["snapshot_date"]),
    )
    return is_shell


def _is_quoted(facts: Facts, securities: pd.DataFrame, day: date) -> np.ndarray:
    quoted = facts.caps(day, day)["security_id"].to_numpy()
    return np.isin(securities["security_id"].to_numpy(), quoted)


def with_shells(securities: pd.DataFrame, quotes: pd.DataFrame) -> pd.DataFrame:
    """Call blank-cheque companies those whose units are quoted on the day."""
    is_shell = np.zeros(len(securities), dtype=bool)
    is_shell[quotes["at"].to_numpy()[quotes["is_shell"].to_numpy()]] = True
    may_be = is_shell & securities["structure"].isna().to_numpy()
    return securities.assign(
        structure=securities["structure"].mask(may_be, listings.SHELL)
    )


def _is_shell(
    quotes: pd.DataFrame, at: np.ndarray, securities: pd.DataFrame
) -> np.ndarray:
    """Tell of each quote whether units of its company are quoted on the same day."""
    is_shell = np.zeros(len(quotes), dtype=bool)
    unit_id = securities["unit_id"].to_numpy()
    symbol_id = securities["symbol_id"].to_numpy().astype(np.int64)
    has_units = np.flatnonzero((unit_id >= 0)[at])
    if not len(has_units):
        return is_shell
    is_unit = np.flatnonzero(np.isin(symbol_id, unit_id)[at])
    day = quotes["snapshot_date"].to_numpy("datetime64[D]")
    quoted = ranking.keyed(symbol_id[at[is_unit]], day[is_unit])
    asked = ranking.keyed(unit_id[at[has_units]], day[has_units])
    is_shell[has_units] = np.isin(asked, quoted)
    return is_shell


def arrange(quotes: pd.DataFrame, rules: Rulebook, keep: Sequence[str]) -> pd.DataFrame:
    """Roll common shares up into companies, largest first within each session."""
    common = quotes["is_common"].to_numpy(bool) & quotes["close_usd"].notna()
    quotes = quotes if common.all() else quotes[common]
    companies = ranking.roll_up(quotes, rules, keep)
    known = companies["total_market_cap_usd"].notna()
    return ranking.arrange(companies[known])
