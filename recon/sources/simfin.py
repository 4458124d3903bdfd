"""SimFin's annual statements, a row a company and fiscal year, as fundamentals.

Costs and payments are negative there and positive here. Values are as restated later,
known from the day the first version was published; banks and insurers are not in it.
"""

import pandas as pd

NAME = "annual statements of SimFin"
OURS = {
    "Revenue": "revenue_usd",
    "Gross Profit": "gross_profit_usd",
    "Operating Income (Loss)": "operating_income_usd",
    "Net Income (Common)": "net_income_usd",
    "Net Cash from Operating Activities": "operating_cash_flow_usd",
    "Total Equity": "total_equity_usd",
}
PAID = {
    "Interest Expense, Net": "interest_expense_usd",
    "Change in Fixed Assets & Intangibles": "capital_expenditure_usd",
    "Dividends Paid": "dividends_paid_usd",
}
SHORT, LONG = "Short Term Debt", "Long Term Debt"
FACTS = {"Ticker": "symbol", "Report Date": "period_end", "Publish Date": "known_on"}
MARKS = {"SimFinId", "Fiscal Year", "Fiscal Period", "Currency", *FACTS}
# the table's columns for each of ours
COLUMNS = {ours: theirs for theirs, ours in (FACTS | OURS | PAID).items()} | {
    "total_debt_usd": f"{SHORT} + {LONG}",
    "short_debt_usd": SHORT,
}
DELISTED = r"_(?:delisted|old)$"  # how SimFin marks symbols that ended


def recognizes(table: pd.DataFrame) -> bool:
    """Tell whether a table has the columns of SimFin's annual statements."""
    return set(table.columns) >= MARKS | OURS.keys() | PAID.keys() | {SHORT, LONG}


def to_wide(table: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Return symbol, days, source and our measures, with a note on them."""
    is_year = table["Fiscal Period"].eq("FY") & table["Currency"].eq("USD")
    other = int((~is_year).sum())
    table = table[is_year & table["Ticker"].notna()]
    names = [*OURS, *PAID, SHORT, LONG]
    numbers = table[names].apply(pd.to_numeric, errors="coerce")
    wide = numbers[list(OURS)].rename(columns=OURS)
    wide = wide.join(-numbers[list(PAID)].rename(columns=PAID))
    debt = numbers[[SHORT, LONG]]
    wide = wide.assign(
        # a company that reports equity and neither debt has none
        total_debt_usd=debt.sum(axis=1).where(wide["total_equity_usd"].notna()),
        short_debt_usd=numbers[SHORT].fillna(0.0).where(debt.notna().any(axis=1)),
        source="SimFin",
        **{ours: table[theirs] for theirs, ours in FACTS.items()},
    )
    wide["symbol"] = wide["symbol"].str.replace(DELISTED, "", regex=True)
    left = f"; {other:,} rows are no fiscal years in dollars" if other else ""
    return wide, f"annual statements, values as restated later{left}"
