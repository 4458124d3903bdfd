"""Exhibits of valuation: how dear segments are, and small caps against large ones."""

from typing import Literal

import numpy as np
import pandas as pd
from pydantic import Field

from recon import formatting
from recon.charts import valuation as figures
from recon.exhibits.answers import Answers
from recon.exhibits.exhibit import Exhibit
from recon.exhibits.question import Question
from recon.export.provenance import ESTIMATED
from recon.formatting import Column
from recon.indexes import LARGE, SMALL
from recon.rules.segments import WHOLE
from recon.studies import valuation as study

NOTE = (
    "last fiscal year known on the day; of members whose statements are known, by the "
    "weight of the day; forecasts of earnings are not known"
)
RATIO_OF = {
    "profits": "price_to_profits",
    "earnings": "price_to_earnings",
    "book value": "price_to_book",
    "sales": "price_to_sales",
}


class ValuationQuestion(Question):
    """What prices are set against in the gap."""

    ratio: Literal["profits", "earnings", "book value", "sales"] = Field(
        "profits",
        title="Price to",
        description="Profits: of those that made one; earnings: losses counted",
    )


def _segments(answers: Answers, question: Question) -> pd.DataFrame:
    table = answers.valuations(answers.day_on_or_before(question.as_of))
    return table[table["sector"].eq(WHOLE)].reset_index(drop=True)


def headline(answers: Answers, question: Question) -> str:
    """Say what small and large caps cost, and how many of the small make losses."""
    table = _segments(answers, question).set_index("segment")
    small, large = table.loc[SMALL], table.loc[LARGE]
    costs = [_times(row["price_to_profits"]) for row in (small, large)]
    losses = [formatting.percent(row["loss_makers_frac"], 0) for row in (small, large)]
    return (
        f"The Russell 2000's profit makers cost {costs[0]} the earnings of their last "
        f"fiscal year, the Russell 1000's {costs[1]}; {losses[0]} of small caps made a "
        f"loss, {losses[1]} of large ones."
    )


def _times(value: float) -> str:
    return "an unknown multiple of" if np.isnan(value) else f"{value:.1f} times"


def _gap(answers: Answers, question: ValuationQuestion) -> pd.DataFrame:
    table = study.gaps(answers.valuation_history(question.as_of))
    return table[table["ratio"].eq(RATIO_OF[question.ratio])]


GAP = Exhibit(
    key="valuation/gap",
    subject="Small caps' valuation",
    question=ValuationQuestion,
    answer=_gap,
    figure=lambda answer, question, theme: figures.gap(
        answer, theme, words=question.ratio
    ),
    note="ends of quarters; " + NOTE,
    mark=ESTIMATED,
)
MULTIPLES = {
    "price_to_profits": Column(
        "P/E, profits", "multiple", help="Of members that made a profit", width=92
    ),
    "price_to_earnings": Column(
        "P/E, all",
        "multiple",
        help="Losses counted",
        width=76,
        missing="n/a",
    ),
    "median_price_to_profits": Column(
        "P/E, median", "multiple", help="Of members that made a profit", width=92
    ),
    "price_to_book": Column("P/B", "multiple", width=56),
    "price_to_sales": Column("P/S", "multiple", width=56),
    "free_cash_flow_yield_frac": Column(
        "FCF, %",
        "percent",
        help="Cash flow from operations less capital expenditure, to price",
        width=68,
    ),
    "dividend_yield_frac": Column("Dividends, %", "percent", width=92),
    "loss_makers_frac": Column(
        "Losses, %", "percent", help="Of members whose income is known", width=80
    ),
    "premium_frac": Column(
        "Premium, %",
        "percent_signed",
        help="Earnings to price, losses counted, less the 10-year Treasury's yield",
        width=88,
    ),
    "covered_frac": Column(
        "Known, %", "percent", help="Of the weight, with statements", width=76
    ),
    "members": Column("Members", "number", is_more=True),
    "debt_to_equity": Column("Debt to equity", "multiple", is_more=True),
    "interest_cover": Column(
        "Interest cover",
        "multiple",
        help="Operating income over interest, of those that have both",
        is_more=True,
    ),
    "short_debt_frac": Column(
        "Short debt, %", "percent", help="Of debt, due within a year", is_more=True
    ),
}
SEGMENTS = Exhibit(
    key="valuation/segments",
    subject="Valuation of the segments",
    answer=_segments,
    columns={"name": Column("Segment", width=170), **MULTIPLES},
    finding=lambda table, question: "What segments cost",
    note=NOTE,
    mark=ESTIMATED,
)


def _sectors(answers: Answers, question: Question) -> pd.DataFrame:
    """Return each sector's ratios among small and large caps, side by side."""
    table = answers.valuations(answers.day_on_or_before(question.as_of))
    parts = table[table["sector"].ne(WHOLE)]
    wide = parts.pivot(index="sector", columns="segment", values=list(SIDES))
    found = pd.DataFrame({"sector": wide.index})
    for measure in SIDES:
        for code, side in ((SMALL, "small"), (LARGE, "large")):
            found[f"{side}_{measure}"] = wide[measure, code].to_numpy()
    small, large = (found[f"{side}_price_to_profits"] for side in ("small", "large"))
    found = found.assign(relative_frac=small / large)
    return found.sort_values("relative_frac", ignore_index=True)


SIDES = ("price_to_profits", "price_to_book", "loss_makers_frac", "covered_frac")


def _sectors_finding(table: pd.DataFrame, question: Question) -> str:
    known = table.dropna(subset="relative_frac")
    if known.empty:
        return "What sectors cost"
    least = known.iloc[0]
    return (
        f"Small caps are cheapest against large ones in {least['sector']}, at "
        f"{formatting.percent(least['relative_frac'], 0)} of their price to profits"
    )


SECTORS = Exhibit(
    key="valuation/sectors",
    subject="Valuation by sector",
    answer=_sectors,
    columns={
        "sector": Column("Sector", width=190),
        "small_price_to_profits": Column("R2000 P/E", "multiple", width=92),
        "large_price_to_profits": Column("R1000 P/E", "multiple", width=92),
        "relative_frac": Column(
            "Small to large, %", "percent", help="100% is level", width=122
        ),
        "small_price_to_book": Column("R2000 P/B", "multiple", width=92),
        "large_price_to_book": Column("R1000 P/B", "multiple", width=92),
        "small_loss_makers_frac": Column("R2000 losses, %", "percent", width=116),
        "large_loss_makers_frac": Column("R1000 losses, %", "percent", width=116),
        "small_covered_frac": Column("R2000 known, %", "percent", is_more=True),
        "large_covered_frac": Column("R1000 known, %", "percent", is_more=True),
    },
    finding=_sectors_finding,
    note="P/E of those with a profit; " + NOTE,
    mark=ESTIMATED,
)
