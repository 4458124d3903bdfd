"""Exhibits of the odds: fans of the lines, expected counts, undecided names."""

from datetime import timedelta

import pandas as pd
from pydantic import Field

from recon import formatting, schedule
from recon.charts import Figure
from recon.charts import forecast as figures
from recon.errors import ReconError
from recon.exhibits.answers import Answers
from recon.exhibits.break_points import RANK, DriftQuestion
from recon.exhibits.exhibit import Exhibit
from recon.exhibits.question import Question, RankedQuestion
from recon.export.provenance import PROJECTED, WHAT_IF
from recon.formatting import MOVE_WORDS, Column
from recon.indexes import LINE_NAMES
from recon.studies import forecast as study
from recon.studies.forecast.what_if import Compared, WhatIf

PAST_DAYS = 182  # of the line before a fan


def missing(declared: Exhibit, answers: Answers, question: Question) -> str:
    """Say why an exhibit of odds has nothing to show; empty where it has."""
    try:
        declared.made(answers, question.narrowed(declared.question))
    except ReconError as error:
        return str(error)
    return ""


Fan = tuple[pd.DataFrame, pd.DataFrame]


def _fan(
    answers: Answers, question: DriftQuestion
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the past of the first line asked for, and its fan to the next rank day."""
    day = answers.day_on_or_before(question.as_of)
    rank_day = schedule.coming_rank_day(day)
    rank = question.ranks()[0]
    lines = answers.break_points(day - timedelta(days=PAST_DAYS), day)
    past = lines[lines["rank"] == rank]
    fan = answers.fan(day, rank_day)
    own = fan[(fan["rank"] == rank) & (fan["figure"] == "break_point_usd")]
    return past, own


def _draw_fan(answer: Fan, question: DriftQuestion, theme: str) -> Figure:
    past, quantiles = answer
    is_log, rank = question.scale == "log", question.ranks()[0]
    return figures.fan(past, quantiles, rank, theme, is_log=is_log)


FAN = Exhibit(
    key="break-points/fan",
    subject="Line to rank day",
    question=DriftQuestion,
    answer=_fan,
    figure=_draw_fan,
    note=f"{study.PAGE_DRAWS:,} simulated rank days",
    mark=PROJECTED,
)


def _counts(answers: Answers, question: RankedQuestion) -> pd.DataFrame:
    return answers.odds(*question.ranking()).counts


def _counts_finding(table: pd.DataFrame, question: RankedQuestion) -> str:
    row = table.set_index("move").loc["addition"]
    return (
        f"Between {formatting.number(row['low'])} and {formatting.number(row['high'])} "
        "names join the Russell 3000 in 4 of 5 draws"
    )


COUNTS = Exhibit(
    key="overview/odds",
    subject="Expected moves",
    question=RankedQuestion,
    answer=_counts,
    table=lambda answer, question: answer.assign(
        what=answer["move"].map(MOVE_WORDS).astype("str"),
        expected=answer["expected"].round(),
    ),
    columns={
        "what": Column("Move", width=104),
        "expected": Column("Expected", "number", help="Mean of the draws"),
        "low": Column("10%", "number", help="A tenth of the draws has fewer"),
        "median": Column("Median", "number"),
        "high": Column("90%", "number", help="A tenth of the draws has more"),
    },
    finding=_counts_finding,
    note=f"companies, {study.PAGE_DRAWS:,} simulated rank days",
    mark=PROJECTED,
)


def _undecided(answers: Answers, question: RankedQuestion) -> pd.DataFrame:
    rows = study.undecided(answers.odds(*question.ranking()).companies)
    return rows.assign(
        move=rows["change"].map(MOVE_WORDS).astype("str"),
        now=rows["current_index"].map(formatting.index_name),
    )


UNDECIDED = Exhibit(
    key="candidates/undecided",
    subject="Undecided names",
    question=RankedQuestion,
    answer=_undecided,
    columns={
        "symbol": Column("Ticker", width=72),
        "company": Column("Company", width=230),
        "now": Column("Now", width=100),
        "move": Column("May move", width=86),
        "p_move": Column("Odds, %", "percent", help="Of a move", width=74),
        "p_r1000": Column("R1000, %", "percent", width=80),
        "p_r2000": Column("R2000, %", "percent", width=80),
        "p_micro": Column("Microcap, %", "percent", is_more=True),
        "p_gone": Column(
            "Gone, %", "percent", help="Taken over or delisted", is_more=True
        ),
        "close_usd": Column("Close, $", "usd", width=78),
        "flip_close_usd": Column(
            "Turns at, $",
            "usd",
            help="Close of now at which the odds would be even on its line",
            width=84,
            missing="",
        ),
        "crossed_line": Column("Line", width=170),
        "total_market_cap_usd": Column("Cap, $bn", "usd_bn", is_more=True),
        "sector": Column("Sector", is_more=True),
    },
    paper=(
        "symbol",
        "company",
        "now",
        "move",
        "p_move",
        "close_usd",
        "flip_close_usd",
        "crossed_line",
    ),
    finding=lambda table, question: (
        f"{formatting.count(len(table), 'name')} with odds of a move between 5 and 95%"
    ),
    note="the most open first; odds hold the errors of our data",
    mark=PROJECTED,
)


class WhatIfQuestion(Question):
    """What is supposed; percent as a reader types them."""

    market: float = Field(0.0, title="Market, %", description="All prices by so much")
    small: float = Field(
        0.0,
        title="Smaller companies, %",
        description="Those below the R1000 / R2000 line that are not in the R1000",
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
    min_close: float | None = Field(
        None, title="Lowest close, $", description="1 by the rules"
    )

    def supposed(self) -> WhatIf:
        """Return it in the study's units."""
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
    fields = type(question).model_fields
    changed = question.model_dump(exclude_defaults=True, exclude={"as_of"})
    return ", ".join(f"{fields[name].title} {value}" for name, value in changed.items())


def _compared(answers: Answers, question: WhatIfQuestion) -> Compared:
    day = answers.day_on_or_before(question.as_of)
    return answers.what_if(day, question.supposed())


def what_if_headline(answers: Answers, question: WhatIfQuestion) -> str:
    """Say what would be different."""
    compared = _compared(answers, question)
    words = supposed_words(question)
    if not words:
        return "Nothing is supposed yet: both sides are the day as it stands."
    line = compared.lines.set_index("rank").loc[RANK]
    names = formatting.count(len(compared.changes), "company", "companies")
    return (
        f"With {words}: the R1000 / R2000 line at "
        f"{formatting.usd(line['what_if_break_point_usd'], 2)} in place of "
        f"{formatting.usd(line['base_break_point_usd'], 2)}, and {names} in another "
        "index."
    )


def _line_rows(answer: Compared, question: WhatIfQuestion) -> pd.DataFrame:
    lines = answer.lines
    return lines.assign(line=lines["rank"].map(LINE_NAMES))


WHAT_IF_LINES = Exhibit(
    key="forecast/lines",
    subject="Lines, what if",
    question=WhatIfQuestion,
    answer=_compared,
    table=_line_rows,
    columns={
        "line": Column("Line", width=120),
        "base_break_point_usd": Column("As it is, $bn", "usd_bn"),
        "what_if_break_point_usd": Column("What if, $bn", "usd_bn"),
        "change_frac": Column("Change, %", "percent_signed"),
        "base_band_low_usd": Column("Low edge, $bn", "usd_bn", missing=""),
        "what_if_band_low_usd": Column("What if, $bn", "usd_bn", missing=""),
        "base_band_high_usd": Column("High edge, $bn", "usd_bn", missing=""),
        "what_if_band_high_usd": Column("What if, $bn", "usd_bn", missing=""),
    },
    finding="The lines as they are and as supposed",
    filters=lambda answer, question: supposed_words(question),
    mark=WHAT_IF,
)
WHAT_IF_COUNTS = Exhibit(
    key="forecast/counts",
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
WHAT_IF_CHANGES = Exhibit(
    key="forecast/changes",
    subject="Names, what if",
    question=WhatIfQuestion,
    answer=_compared,
    table=lambda answer, question: answer.changes.astype({"current_index": "str"}),
    columns={
        "symbol": Column("Ticker", width=72),
        "company": Column("Company", width=240),
        "current_index": Column("Now", "index", missing="outside"),
        "base_index": Column("By the rules", "index", missing="outside"),
        "what_if_index": Column("What if", "index", missing="outside"),
        "base_rank": Column("Rank", "number", missing=""),
        "what_if_rank": Column("What if", "number", missing=""),
        "base_cap_usd": Column("Cap, $bn", "usd_bn", missing=""),
        "what_if_cap_usd": Column("What if, $bn", "usd_bn", missing=""),
    },
    finding=lambda table, question: (
        f"{formatting.count(len(table), 'company', 'companies')} in another index"
    ),
    filters=lambda answer, question: supposed_words(question),
    note="the largest first",
    mark=WHAT_IF,
)
