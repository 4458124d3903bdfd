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
    facts = store.filed_annual(ASKED, own["cik"].unique())
    if facts.empty:
        return tables.Fundamentals.validate(pd.DataFrame(columns=COLUMNS))
    is_annual = facts["fact"].isin(list(ANNUAL))
    years = facts[is_annual][["cik", "period_end"]].drop_duplicates()
    book = facts[facts["fact"] == "equity_usd"]
    at_year_end = facts[~is_annual].merge(years, on=["cik", "period_end"])
    equity = at_year_end[at_year_end["fact"] == "equity_usd"]
    debt = statements.total_debt(at_year_end[at_year_end["fact"].isin(DEBT)])
    growth = statements.sales_growth(facts, rulebook(date.max))
    parts = [
        facts[is_annual].assign(measure=lambda table: table["fact"].map(ANNUAL)),
        book.assign(measure="book_value_usd"),
        equity.assign(measure="total_equity_usd"),
        debt.assign(measure=debt["fact"]),
        growth.assign(measure=growth["fact"]),
    ]
    found = pd.concat(
        [part[["cik", "period_end", "known_on", "value", "measure"]] for part in parts],
        ignore_index=True,
    )
    found = statements.newest_periods(found.rename(columns={"measure": "fact"}))
    low, high = (
        found["fact"].map({name: getattr(m, end) for name, m in MEASURES.items()})
        for end in ("low", "high")
    )
    found = found[found["value"].between(low, high)]
    rows = found.merge(own, on="cik").assign(measure=lambda t: t["fact"], source=FILED)
    keys = ["symbol", "measure", "period_end", "known_on"]
    rows = rows.sort_values([*keys, "cik"]).drop_duplicates(keys, keep="last")
    return tables.Fundamentals.validate(rows[COLUMNS].reset_index(drop=True))


COLUMNS = ["symbol", "measure", "value", "period_end", "known_on", "source"]
