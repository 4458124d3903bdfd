"""Exhibits of what is supposed: lines, moves and names beside the day as it stands."""

from datetime import date

import pandas as pd
from pydantic import Field

from recon import formatting, schedule
from recon.errors import BadRequest
from recon.exhibits.answers import Answers
from recon.exhibits.break_points import RANK
from recon.exhibits.exhibit import Exhibit
from recon.exhibits.question import Question
from recon.export.provenance import WHAT_IF
from recon.formatting import MOVE_WORDS, Column
from recon.indexes import LINE_NAMES
from recon.studies import forecast
from recon.studies.what_if import Compared, WhatIf


class WhatIfQuestion(Question):
    """What is supposed; percent as a reader types them."""

    market: float = Field(0.0, title="Market, %", description="All prices by so much")
    small: float = Field(
        0.0,
        title="Smaller companies, %",
        description="Below the Russell 1000/2000 line and not in the Russell 1000",
    )
    sector: str = Field("", title="Sector", description="Such as Energy")
    sector_move: float = Field(0.0, title="That sector, %")
    name: str = Field("", title="One company", description="Ticker, such as AAPL")
    name_move: float = Field(0.0, title="Its price, %")
    issue: float = Field(
        0.0, title="Its share count, %", description="New shares at the same price"
    )
    takeover: str = Field("", title="Taken over", description="Ticker")
    merged: str = Field("", title="Merges", description="Ticker that ends")
    into: str = Field("", title="… into", description="Ticker that goes on")
    without: str = Field("", title="Kept out", description="Ticker")
    band: float | None = Field(
        None,
        title="Half-width of the R1000 band, points",
        description="2.5 by the rules",
    )
    rank_day: str = Field(
        "", title="Rank day of the odds", description="2025-04-30; else the coming one"
    )
    min_close: float | None = Field(
        None, title="Lowest close, $", description="1 by the rules"
    )

    def supposed(self) -> WhatIf:
        """Return it in the study's units, but for the rank day."""
        return WhatIf(
            market_frac=self.market / 100,
            small_frac=self.small / 100,
            sector=self.sector,
            sector_frac=self.sector_move / 100,
            symbol=self.name,
            symbol_frac=self.name_move / 100,
            issued_frac=self.issue / 100,
            taken_over=self.takeover,
            merged=self.merged,
            merged_into=self.into,
            kept_out=self.without,
            band_frac=None if self.band is None else self.band / 100,
            min_close_usd=self.min_close,
        )


def supposed_words(question: WhatIfQuestion) -> str:
    """Say what is supposed; empty where nothing is."""
    asked = question
    parts = [
        (asked.market, f"all prices {_percent(asked.market)}"),
        (asked.small, f"smaller companies {_percent(asked.small)}"),
        (asked.sector_move, f"{asked.sector} {_percent(asked.sector_move)}"),
        (asked.name_move, f"{asked.name.upper()} {_percent(asked.name_move)}"),
        (asked.issue, f"{asked.name.upper()}'s shares {_percent(asked.issue)}"),
        (asked.takeover, f"{asked.takeover.upper()} taken over"),
        (asked.merged, f"{asked.merged.upper()} merged into {asked.into.upper()}"),
        (asked.without, f"{asked.without.upper()} kept out"),
        (asked.band is not None, f"a band of {asked.band} points to each side"),
        (asked.min_close is not None, f"a lowest close of ${asked.min_close}"),
    ]
    return ", ".join(words for is_so, words in parts if is_so)


def _percent(points: float) -> str:
    return formatting.percent(points / 100, signed=True)


def _compared(answers: Answers, question: WhatIfQuestion) -> Compared:
    day = answers.day_on_or_before(question.as_of)
    return answers.as_supposed(day, question.supposed())


def headline(answers: Answers, question: WhatIfQuestion) -> str:
    """Say what would be different."""
    compared = _compared(answers, question)
    words = supposed_words(question)
    if not words:
        return "Nothing is supposed yet: both sides are the day as it stands."
    line = compared.lines.set_index("rank").loc[RANK]
    names = formatting.count(len(compared.changes), "company", "companies")
    return (
        f"With {words}: the Russell 1000/2000 line at "
        f"{formatting.usd(line['what_if_break_point_usd'], 2)} in place of "
        f"{formatting.usd(line['base_break_point_usd'], 2)}, and {names} in another "
        "index."
    )


def _line_rows(answer: Compared, question: WhatIfQuestion) -> pd.DataFrame:
    lines = answer.lines
    return lines.assign(line=lines["rank"].map(LINE_NAMES))


LINES = Exhibit(
    key="what-if/lines",
    subject="Lines, what if",
    question=WhatIfQuestion,
    answer=_compared,
    table=_line_rows,
    columns={
        "line": Column("Line", width=120),
        "base_break_point_usd": Column("As it is, $bn", "usd_bn"),
        "what_if_break_point_usd": Column("What if, $bn", "usd_bn"),
        "change_frac": Column("Change, %", "percent_signed"),
        "base_band_low_usd": Column("Lower edge, $bn", "usd_bn", is_more=True),
        "what_if_band_low_usd": Column("Lower edge, what if", "usd_bn", is_more=True),
        "base_band_high_usd": Column("Upper edge, $bn", "usd_bn", is_more=True),
        "what_if_band_high_usd": Column("Upper edge, what if", "usd_bn", is_more=True),
    },
    finding="The lines as they are and as supposed",
    filters=lambda answer, question: supposed_words(question),
    mark=WHAT_IF,
)
COUNTS = Exhibit(
    key="what-if/counts",
    subject="Moves, what if",
    question=WhatIfQuestion,
    answer=_compared,
    table=lambda answer, question: answer.counts.assign(
        what=answer.counts["move"].map(MOVE_WORDS).astype("str")
    ),
    columns={
        "what": Column("Move"),
        "base": Column("As it is", "number"),
        "what_if": Column("What if", "number"),
    },
    finding="Moves as they are and as supposed",
    filters=lambda answer, question: supposed_words(question),
    note="ranked companies, as if ranked on the day",
    mark=WHAT_IF,
)
CHANGES = Exhibit(
    key="what-if/changes",
    subject="Names, what if",
    question=WhatIfQuestion,
    answer=_compared,
    table=lambda answer, question: answer.changes.replace(
        {"base_index": "", "what_if_index": ""}, pd.NA
    ).astype({"current_index": "str"}),
    columns={
        "symbol": Column("Ticker", width=72),
        "company": Column("Company", width=240),
        "current_index": Column("Now", "index", missing="outside"),
        "base_index": Column("By the rules", "index", missing="outside"),
        "what_if_index": Column("What if", "index", missing="outside"),
        "base_rank": Column("Rank", "number", missing=""),
        "base_cap_usd": Column("Cap, $bn", "usd_bn", missing=""),
        "what_if_rank": Column("Rank, what if", "number", is_more=True),
        "what_if_cap_usd": Column("Cap, what if", "usd_bn", is_more=True),
    },
    finding=lambda table, question: (
        f"{formatting.count(len(table), 'company', 'companies')} in another index"
    ),
    filters=lambda answer, question: supposed_words(question),
    note="the largest first",
    mark=WHAT_IF,
)


def _odds(answers: Answers, question: WhatIfQuestion) -> pd.DataFrame:
    day = answers.day_on_or_before(question.as_of)
    target = _rank_day(question) or schedule.coming_rank_day(day)
    days = forecast.starts(answers.store, day, target)
    return answers.odds_as_supposed(*days, question.supposed())


def _rank_day(question: WhatIfQuestion) -> date | None:
    if not question.rank_day:
        return None
    try:
        return date.fromisoformat(question.rank_day.strip())
    except ValueError:
        raise BadRequest(
            f"The rank day “{question.rank_day}” is no day; write it as 2025-04-30."
        ) from None


ODDS = Exhibit(
    key="what-if/odds",
    subject="Odds, what if",
    question=WhatIfQuestion,
    answer=_odds,
    table=lambda answer, question: answer.astype({"current_index": "str"}),
    columns={
        "symbol": Column("Ticker", width=72),
        "company": Column("Company", width=240),
        "current_index": Column("Now", "index", missing="outside"),
        "base_p_move": Column("Odds of a move, %", "percent"),
        "what_if_p_move": Column("What if, %", "percent"),
        "base_p_r1000": Column("R1000, %", "percent"),
        "what_if_p_r1000": Column("What if, %", "percent"),
        "base_p_r2000": Column("R2000, %", "percent"),
        "what_if_p_r2000": Column("What if, %", "percent"),
    },
    finding=lambda table, question: (
        f"{formatting.count(len(table), 'company', 'companies')} with other odds"
    ),
    filters=lambda answer, question: supposed_words(question),
    note="odds that differ by 5 points or more, the most first",
    mark=WHAT_IF,
)
