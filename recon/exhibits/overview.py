"""Exhibits of the first page: dates, lines, moves, and the largest companies."""

from datetime import date, timedelta

import pandas as pd
from pydantic import Field

from recon import formatting, record, schedule
from recon.charts import Figure
from recon.charts import overview as figures
from recon.errors import SnapshotMissing
from recon.exhibits import break_points, changes, headlines
from recon.exhibits.answers import Answers
from recon.exhibits.exhibit import Exhibit
from recon.exhibits.question import Question, RankedQuestion
from recon.export.provenance import ESTIMATED, PROJECTED
from recon.formatting import Column
from recon.studies import break_points as study


class CalendarQuestion(Question):
    """The day the calendar is read on: `today` where the data lag behind it."""

    today: date | None = None


class LargestQuestion(Question):
    """The day to compare with, else the rank day before the day shown."""

    against: date | None = Field(None, title="Against")


def headline(answers: Answers, question: Question) -> str:
    """Say where the Russell 1000 line stands and how many names would move."""
    projection = answers.projection(*question.ranking())
    movers = answers.movers(*question.ranking())
    adjusted = answers.adjusted_break_points(question.as_of)
    line = study.standing(adjusted, projection.rules.large_count)
    if not projection.is_decided:
        return headlines.overview_answer(line, movers)
    return headlines.decided_answer(projection, line, movers)


def news(answers: Answers, question: Question) -> str:
    """Say what changed since the session before; empty where there is none."""
    asked = changes.DaysQuestion(as_of=question.as_of)
    try:
        return answers.memory.get(
            "news", question.as_of, 8, lambda: changes.headline(answers, asked)
        )
    except SnapshotMissing:
        return ""


def small_print(answers: Answers, question: Question) -> tuple[str, str]:
    """Say what the last official line was, and how complete the data are."""
    day = question.as_of
    now = answers.projection(day)
    # the official line of the real market, in words, even beside a synthetic one
    official = study.official_known(record.official_break_points(), day)
    adjusted = answers.adjusted_break_points(day)
    history = study.against_official(adjusted, official, now.rules.large_count)
    last = study.last_official(history)
    return (
        headlines.official_line(last, answers.store.is_demo),
        headlines.coverage(answers.days(), day, now.membership.statement),
    )


def _draw_calendar(
    event: schedule.Reconstitution, question: CalendarQuestion, theme: str
) -> Figure:
    clock = question.today or question.as_of
    return figures.calendar(event, clock, question.today is not None, theme)


CALENDAR = Exhibit(
    key="overview/calendar",
    subject="Calendar",
    question=CalendarQuestion,
    answer=lambda answers, question: schedule.coming(question.today or question.as_of),
    figure=_draw_calendar,
    source=lambda event, question: event.source,
)


def _largest(answers: Answers, question: LargestQuestion) -> tuple[pd.DataFrame, str]:
    day = question.as_of
    before = schedule.last_rank_day(day - timedelta(days=1))
    base = answers.base_projection(day, question.against or before)
    now = answers.as_if_ranked(day)
    leaders = study.leaders(now.companies, base.companies)
    return leaders, formatting.day(base.snapshot_date)


LARGEST = Exhibit(
    key="overview/largest",
    subject="Ten largest",
    question=LargestQuestion,
    answer=_largest,
    figure=lambda answer, question, theme: figures.largest(answer[0], answer[1], theme),
    mark=ESTIMATED,
)
LINES = Exhibit(
    key="overview/lines",
    subject="Lines",
    answer=break_points.lines_today,
    columns={
        name: column
        for name, column in break_points.LINE_COLUMNS.items()
        if name != "band"
    },
    finding=break_points.TODAY.finding,
    mark=ESTIMATED,
)


def _moves_finding(table: pd.DataFrame, question: Question) -> str:
    large = table.set_index("index").loc["R1000"]
    counts = (
        (large["joins"], "up"),
        (large["leaves"], "down"),
        (table["addition"].sum(), "additions"),
        (table["deletion"].sum(), "deletions"),
    )
    said = ", ".join(f"{formatting.number(count)} {word}" for count, word in counts)
    return f"Projected moves: {said}"


MOVES = Exhibit(
    key="overview/moves",
    subject="Moves",
    question=RankedQuestion,
    answer=lambda answers, question: study.move_balance(
        answers.movers(*question.ranking())
    ),
    columns={
        "index": Column("Index", width=62),
        "addition": Column(
            "Additions", "number", width=74, help="New to the Russell 3000"
        ),
        "joins": Column(
            "Migrations in", "number", width=98, help="From the other index"
        ),
        "leaves": Column(
            "Migrations out", "number", width=106, help="To the other index"
        ),
        "deletion": Column(
            "Deletions", "number", width=76, help="Out of the Russell 3000"
        ),
        "net": Column("Net", "number_signed", width=52),
    },
    finding=_moves_finding,
    mark=PROJECTED,
)
