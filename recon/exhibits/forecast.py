"""Exhibits of the odds: fans of the lines, expected counts, undecided names."""

from datetime import timedelta

import pandas as pd

from recon import formatting, schedule
from recon.charts import Figure
from recon.charts import forecast as figures
from recon.errors import ReconError
from recon.exhibits.answers import Answers
from recon.exhibits.break_points import DriftQuestion
from recon.exhibits.exhibit import Exhibit
from recon.exhibits.question import Question, RankedQuestion
from recon.export.provenance import PROJECTED
from recon.formatting import MOVE_WORDS, Column
from recon.studies import forecast as study

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
