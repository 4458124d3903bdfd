"""Fundamentals made of filings: what style and valuation ask for, through time."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from recon import tables
from recon.fundamental_measures import MEASURES
from recon.rulebook import rulebook
from recon.rules import statements
from recon.store import Store
from recon.store.writer import FILED

# facts of a fiscal year that are measures under another name, or under their own
ANNUAL = {
    "revenue_usd": "revenue_usd",
    "gross_profit_usd": "gross_profit_usd",
    "operating_income_usd": "operating_income_usd",
    "net_income_usd": "net_income_usd",
    "operating_cash_flow_usd": "operating_cash_flow_usd",
    "capital_expenditure_usd": "capital_expenditure_usd",
}
DEBT = (
    "short_debt_usd",
    "current_long_debt_usd",
    "short_borrowings_usd",
    "long_debt_usd",
)
ASKED = (*ANNUAL, *DEBT, *statements.SHARES, "equity_usd")


def derive(store: Store, ciks: Sequence[int]) -> pd.DataFrame:
    """Return table `Fundamentals` of some filers, a row for each of their symbols.

    Book value is of the newest quarter, statements and five-year sales growth of the
    newest fiscal year, each known from the day its report was filed.
    """
    own = store.filer_symbols(date.max)
    own = own[own["cik"].isin(ciks)][["cik", "symbol"]]
    asked = own["cik"].unique()
    parts = [
        _measures(store.filed_annual(ASKED, asked[first : first + AT_ONCE]))
        for first in range(0, len(asked), AT_ONCE)
    ]
    rows = pd.concat([pd.DataFrame(columns=FACTS), *parts], ignore_index=True)
    rows = rows.merge(own.astype({"cik": object}), on="cik").assign(source=FILED)
    keys = ["symbol", "measure", "period_end", "known_on"]
    rows = rows.sort_values([*keys, "cik"]).drop_duplicates(keys, keep="last")
    return tables.Fundamentals.validate(rows[COLUMNS].reset_index(drop=True))


def _measures(facts: pd.DataFrame) -> pd.DataFrame:
    """Return the measures that some filers' facts make, columns `FACTS`."""
    is_annual = facts["fact"].isin(list(ANNUAL))
    years = facts[is_annual][["cik", "period_end"]].drop_duplicates()
    book = facts[facts["fact"] == "equity_usd"]
    at_year_end = facts[~is_annual].merge(years, on=["cik", "period_end"])
    equity = at_year_end[at_year_end["fact"] == "equity_usd"]
    debt = statements.total_debt(at_year_end[at_year_end["fact"].isin(DEBT)])
    growth = statements.sales_growth(facts, rulebook(date.max))
    annual = facts[is_annual]
    parts = [
        annual.assign(fact=annual["fact"].map(ANNUAL)),
        book.assign(fact="book_value_usd"),
        equity.assign(fact="total_equity_usd"),
        debt,
        growth,
    ]
    columns = ["cik", "period_end", "known_on", "value", "fact"]
    found = pd.concat([part[columns] for part in parts], ignore_index=True)
    found = statements.newest_periods(found).rename(columns={"fact": "measure"})
    low, high = (
        found["measure"]
        .map({name: getattr(m, end) for name, m in MEASURES.items()})
        .astype(float)
        for end in ("low", "high")
    )
    return found[found["value"].between(low, high)][FACTS]


AT_ONCE = 1_000  # filers whose facts are in memory at once
FACTS = ["cik", "measure", "period_end", "known_on", "value"]
COLUMNS = ["symbol", "measure", "value", "period_end", "known_on", "source"]
