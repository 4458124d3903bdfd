"""Exhibits of the lines: through time, against the market, against the record."""

from datetime import date
from typing import Annotated, Literal

import pandas as pd
from pydantic import Field

from recon import formatting, record, schedule
from recon.charts import Figure
from recon.charts import break_points as figures
from recon.exhibits import headlines
from recon.exhibits.answers import Answers
from recon.exhibits.exhibit import Exhibit
from recon.exhibits.question import Question, RankedQuestion, one_of
from recon.export.provenance import ESTIMATED, PROJECTED
from recon.formatting import Column
from recon.indexes import INDEXES, LINE_NAMES, LINE_WORDS
from recon.studies import break_points as study
from recon.studies.break_points import Standing

RANKS = {name: rank for rank, name in LINE_NAMES.items()}
RANK = INDEXES["R1000"].line_rank
LARGE = LINE_NAMES[RANK]
Lines = list[tuple[Standing, pd.DataFrame]]


class LineQuestion(Question):
    """Which lines; the first of them is the one that answers."""

    line: tuple[Annotated[str, one_of(RANKS)], ...] = Field(
        (LARGE,), title="Lines", description="The last company of each size index"
    )

    def ranks(self) -> list[int]:
        """Return the rank of each line."""
        return [RANKS[name] for name in self.line or (LARGE,)]


class DriftQuestion(LineQuestion):
    """Which lines, since when, on which scale."""

    since: date | None = Field(None, title="Since")
    scale: Literal["log", "linear"] = Field("log", title="Scale")
    market: bool = Field(
        True,
        title="Market-adjusted line",
        description="The last rank day's line moved with the return of the Russell "
        "3000E's members, close to close (Ground Rules, Appendices E and F).",
    )


def official_known(answers: Answers, as_of: date) -> pd.DataFrame:
    """Return the official break points known by a day; none for a synthetic market."""
    known = study.official_known(record.official_break_points(), as_of)
    return known.head(0) if answers.store.is_demo else known


def line_of(answers: Answers, question: LineQuestion) -> Standing:
    """Return where the first line asked for stands."""
    adjusted = answers.adjusted_break_points(question.as_of)
    return study.standing(adjusted, question.ranks()[0])


def headline(answers: Answers, question: LineQuestion) -> str:
    """Say where the first line asked for stands."""
    return headlines.line_answer(line_of(answers, question))


def _drift(answers: Answers, question: DriftQuestion) -> tuple[Lines, pd.DataFrame]:
    day, first = question.as_of, answers.first_day()
    since = min(max(question.since or first, first), day)
    adjusted = answers.adjusted_break_points(day)
    ranks = question.ranks()
    lines = study.lines_since(adjusted, ranks, since, schedule.sessions())
    official = official_known(answers, day)
    return lines, official if RANK in ranks else official.head(0)


def _draw_drift(
    answer: tuple[Lines, pd.DataFrame], question: DriftQuestion, theme: str
) -> Figure:
    lines, official = answer
    return figures.drift(
        lines,
        official,
        schedule.reconstitutions(),
        theme,
        is_log=question.scale == "log",
        is_against_market=question.market,
    )


def _since_words(answer: tuple[Lines, pd.DataFrame], question: DriftQuestion) -> str:
    days = answer[0][0][1]["snapshot_date"]
    first = question.since or (days.iloc[0] if len(days) else None)
    return f"since {formatting.day(first)}"


def _moved_by(answer: tuple[Lines, pd.DataFrame], question: DriftQuestion) -> str:
    sessions = answer[0][0][1]
    moved_by = sessions["moved_by"].iloc[-1] if len(sessions) else ""
    if not question.market or not moved_by:
        return ""
    if moved_by == study.RETURN:
        return "market-adjusted by the members' return, dividends left out"
    return (
        "market-adjusted by total market cap, issues included: the lines were drawn "
        "before returns were kept"
    )


DRIFT = Exhibit(
    key="break-points/drift",
    subject="Breakpoints",
    question=DriftQuestion,
    answer=_drift,
    figure=_draw_drift,
    filters=_since_words,
    note=_moved_by,
    mark=ESTIMATED,
)


class NearQuestion(RankedQuestion, LineQuestion):
    """Which line, and which ranking of the companies near it."""


def _near(answers: Answers, question: NearQuestion) -> tuple[Standing, pd.DataFrame]:
    projection = answers.projection(*question.ranking())
    day = projection.snapshot_date
    line = line_of(answers, question.model_copy(update={"as_of": day}))
    return line, study.near_line(projection.companies, line)


RANK_SIZE = Exhibit(
    key="break-points/rank_size",
    subject="Rank and size",
    question=NearQuestion,
    answer=_near,
    figure=lambda answer, question, theme: figures.rank_size(
        answer[1], answer[0], theme
    ),
    mark=PROJECTED,
)


def lines_today(answers: Answers, question: Question) -> pd.DataFrame:
    """Return every line of the day, see `study.lines_today`, with its band in words."""
    adjusted = answers.adjusted_break_points(question.as_of)
    return headlines.with_band(study.lines_today(adjusted))


def _lines_finding(table: pd.DataFrame, question: Question) -> str:
    value = table.set_index("line")["break_point_usd"]
    ranks = [INDEXES[code].line_rank for code in ("R1000", "R3000")]
    said = [
        f"{LINE_WORDS[rank]} at {formatting.usd(value.get(LINE_NAMES[rank]), 2)}"
        for rank in ranks
    ]
    return f"The lines: {', '.join(said)}"


LINE_COLUMNS = {
    "line": Column("Line", width=104),
    "break_point_usd": Column(
        "Now, $bn", "usd_bn", width=76, help="Breakpoint, estimated"
    ),
    "band": Column("Band, $mn", width=124, help="Members inside it keep their index"),
    "base_break_point_usd": Column(
        "Then, $bn", "usd_bn", width=80, help="On the last rank day"
    ),
    "change_frac": Column(
        "Change, %", "percent_signed", width=80, help="Since the last rank day"
    ),
    "against_market_frac": Column(
        "vs market, %",
        "percent_signed",
        width=92,
        help="Against the rank-day line moved with the Russell 3000E's return",
    ),
}
TODAY = Exhibit(
    key="break-points/today",
    subject="Every line",
    answer=lines_today,
    columns={
        name: column
        for name, column in LINE_COLUMNS.items()
        if name in ("line", "break_point_usd", "band", "change_frac")
    },
    finding=_lines_finding,
    mark=ESTIMATED,
)


def against_official(answers: Answers, question: Question) -> pd.DataFrame:
    """Return the official lines known by the day, with ours and the errors."""
    adjusted = answers.adjusted_break_points(question.as_of)
    official = official_known(answers, question.as_of)
    table = study.against_official(adjusted, official, RANK)
    return table.assign(confidence=table["confidence"].map(record.CONFIDENCE))


def _official_finding(table: pd.DataFrame, question: Question) -> str:
    known = table["error_frac"].dropna().abs()
    if known.empty:
        return "The line on record; ours of those days is not known"
    worst = formatting.percent(known.max())
    return f"Our line was off the official one by at most {worst}"


OFFICIAL = Exhibit(
    key="break-points/official",
    subject="Official record",
    answer=against_official,
    columns={
        "year": Column("Year"),
        "rank_day": Column("Rank day", "day"),
        "official_usd": Column("Official, $bn", "usd_bn_always"),
        "yearly_change_frac": Column("On the year, %", "percent_signed"),
        "our_usd": Column("Ours, $bn, est.", "usd_bn_always", width=110),
        "error_frac": Column("Error, %", "percent_signed", width=84),
        "confidence": Column("Figure is", help="How sure the official figure is"),
        "source": Column("Published by", width="large"),
    },
    paper=(
        "year",
        "rank_day",
        "official_usd",
        "yearly_change_frac",
        "our_usd",
        "error_frac",
    ),
    finding=_official_finding,
    note="official values are printed to $0.1bn",
    mark=ESTIMATED,
)
