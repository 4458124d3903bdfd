"""Tables that others made of EDGAR's data: facts by filing day, and lists of filers.

Facts have ticker, cik, concept, value, filed, end_date, start_date, form and unit;
filers cik, name, sic, tickers, exchanges, state_of_incorporation, entity_type; tickers
cik, ticker, exchange and first_seen.
"""

from collections.abc import Set
from datetime import date

import numpy as np
import pandas as pd

from recon import places
from recon.sources.filings import FACTS, FILERS, SYMBOLS, Told
from recon.sources.filings.tags import tags

FACT_COLUMNS = {"ticker", "cik", "concept", "value", "filed", "end_date", "form"}
FILER_COLUMNS = {"cik", "name", "sic", "tickers", "state_of_incorporation"}
TICKER_COLUMNS = {"cik", "ticker", "first_seen"}
# their concept, ours, and which goes first where both are of a filing and period
CONCEPTS = {
    "shares_outstanding": ("balance_shares", 0),
    "shares_diluted": ("diluted_shares", 0),
    "revenue": ("revenue_usd", 0),
    "revenue_contracts": ("revenue_usd", 1),
    "operating_income": ("operating_income_usd", 0),
    "net_income": ("net_income_usd", 0),
    "cfo": ("operating_cash_flow_usd", 0),
    "capex": ("capital_expenditure_usd", 0),
    "cash": ("cash_usd", 0),
    "current_debt": ("short_debt_usd", 0),
    "lt_debt_noncurrent": ("long_debt_usd", 0),
    "equity": ("equity_usd", 0),
    "total_assets": ("total_assets_usd", 0),
}


def recognizes(columns: Set[str]) -> bool:
    """Tell whether a table has the columns of one of the three."""
    return any(
        columns >= each for each in (FACT_COLUMNS, FILER_COLUMNS, TICKER_COLUMNS)
    )


def parse(table: pd.DataFrame, known_on: date) -> Told:
    """Parse one of the three; `known_on` is the day of a list of filers."""
    columns = set(table.columns)
    if columns >= FACT_COLUMNS:
        return _facts(table)
    if columns >= FILER_COLUMNS:
        return _filers(table, known_on)
    return Told(whole={"symbols": _symbols(table, table["first_seen"])})


def _facts(table: pd.DataFrame) -> Told:
    concept = table["concept"].astype("str")
    fact = concept.map({name: ours for name, (ours, _) in CONCEPTS.items()})
    order = concept.map({name: place for name, (_, place) in CONCEPTS.items()})
    is_of_span = table["start_date"].notna()
    spans = [each.fact for each in tags().values() if each.is_of_span]
    is_read = fact.notna() & (fact.isin(spans) == is_of_span)
    found = pd.DataFrame(
        {
            "cik": pd.to_numeric(table["cik"]),
            "fact": fact,
            "member": "",
            "value": table["value"],
            "period_start": table["start_date"],
            "period_end": table["end_date"],
            "known_on": table["filed"],
            "form": table["form"].astype("str"),
            "accession": "",
            "order": order,
        }
    )[is_read]
    keys = ["cik", "fact", "period_start", "period_end", "known_on", "form"]
    found = found.sort_values([*keys, "order"], kind="stable").drop_duplicates(keys)
    own = table.drop_duplicates(["cik", "ticker"])
    # a company is of its symbol from the first day it filed here
    first = table.groupby("cik")["filed"].min()
    symbols = _symbols(own.assign(exchange=None), own["cik"].map(first))
    facts = found[list(FACTS)].reset_index(drop=True)
    return Told(
        whole={"facts": facts, "symbols": symbols}, passed_over=int((~is_read).sum())
    )


def _symbols(table: pd.DataFrame, known_on: pd.Series) -> pd.DataFrame:
    found = table.assign(symbol=table["ticker"], known_on=pd.to_datetime(known_on))
    found = found[found["symbol"].notna() & found["cik"].notna()]
    return found.assign(cik=pd.to_numeric(found["cik"]))[list(SYMBOLS)]


def _filers(table: pd.DataFrame, known_on: date) -> Told:
    sic = pd.to_numeric(table["sic"], errors="coerce").replace(0, np.nan)
    filers = pd.DataFrame(
        {
            "cik": pd.to_numeric(table["cik"]),
            "known_on": pd.Timestamp(known_on),
            "name": table["name"],
            "entity_type": table["entity_type"],
            "sic": sic,
            "incorporated_in": table["state_of_incorporation"]
            .fillna("")
            .map(places.sec_place),
            "based_in": None,
            "accession": "",
        }
    )
    listed = filers[["cik", "known_on"]].assign(
        symbol=table["tickers"].str.split("|"), exchange=None
    )
    symbols = listed.explode("symbol").dropna(subset="symbol")
    return Told(
        whole={"filers": filers[list(FILERS)], "symbols": symbols[list(SYMBOLS)]}
    )
