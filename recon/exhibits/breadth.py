"""Exhibits of breadth: members above their averages, highs, who beats the index."""

import pandas as pd
from pydantic import Field

from recon import formatting
from recon.charts import breadth as figures
from recon.exhibits import segments
from recon.exhibits.answers import Answers
from recon.exhibits.exhibit import Exhibit
from recon.exhibits.question import Question
from recon.export.provenance import ESTIMATED
from recon.formatting import Column
from recon.studies import breadth as study
from recon.studies import segments as indexes

DEFAULT = "R2000"


class SegmentQuestion(Question):
    """Which segment."""

    segment: str = Field(
        "", title="Segment", description="A size, an exchange, a theme or a sector"
    )


def every(answers: Answers, question: Question) -> list[str]:
    """Return the segments there are on the day asked for."""
    return answers.memory.get(
        "segments",
        question.as_of,
        4,
        lambda: indexes.choices(segments.days_until(answers, question)),
    )


def choices(answers: Answers, question: Question, first: str = DEFAULT) -> list[str]:
    """Return the segments there are, the one that is shown first in front."""
    found = every(answers, question)
    return [first, *(code for code in found if code != first)]


def asked(answers: Answers, question: SegmentQuestion, default: str) -> str:
    """Return the segment asked for, else the default."""
    return indexes.asked(every(answers, question), question.segment or default)


def _history(answers: Answers, question: SegmentQuestion) -> tuple[pd.DataFrame, str]:
    code = asked(answers, question, DEFAULT)
    days = segments.days_until(answers, question)
    return study.history(days, code), indexes.segment_name(code)


def headline(answers: Answers, question: SegmentQuestion) -> str:
    """Say how broad a segment stands, and how unusual that is."""
    whole = STANDING.made(answers, question.narrowed(STANDING.question)).answer
    table = whole.set_index("segment")
    row = table.loc[asked(answers, question, DEFAULT)]
    if pd.isna(row["above_200_frac"]):
        return (
            f"How many of the {row['name']} stand above their averages is not known: "
            "the store does not reach back far enough."
        )
    return (
        f"{formatting.percent(row['above_200_frac'])} of the {row['name']} stand above "
        f"their average of 200 sessions, higher than on "
        f"{formatting.percent(row['above_200_frac_percentile'], 0)} of all sessions; "
        f"52-week highs less lows are "
        f"{formatting.percent(row['net_highs_frac'], signed=True)} of members."
    )


ABOVE = Exhibit(
    key="breadth/above",
    subject=lambda answer, question: f"Breadth of the {answer[1]}",
    question=SegmentQuestion,
    answer=_history,
    figure=lambda answer, question, theme: figures.above(
        answer[0], theme, name=answer[1]
    ),
    note="members of each day",
    mark=ESTIMATED,
)


def _standing(answers: Answers, question: Question) -> pd.DataFrame:
    return study.standing(segments.days_until(answers, question))


def _finding(table: pd.DataFrame, question: Question) -> str:
    known = table.dropna(subset="above_200_frac")
    if known.empty:
        return "Breadth is not known yet"
    best = known.loc[known["above_200_frac"].idxmax()]
    return (
        f"Broadest is {best['name']}: {formatting.percent(best['above_200_frac'])} "
        "above the average of 200 sessions"
    )


def _columns() -> dict[str, Column]:
    heads = {
        "above_50_frac": ("Above 50, %", "percent"),
        "above_200_frac": ("Above 200, %", "percent"),
        "net_highs_frac": ("Net highs, %", "percent_signed"),
        "advances_frac": ("Rose, %", "percent"),
        "beating_frac": ("Beat it, %", "percent"),
        "equal_lead_frac": ("Equal v cap, %", "percent_signed"),
    }
    found = {
        "name": Column("Segment", width=160),
        "members": Column("Members", "number", width=72),
    }
    for measure, (head, kind) in heads.items():
        found[measure] = Column(head, kind, width=96, help=study.MEASURES[measure])
        found[f"{measure}_percentile"] = Column(
            "Percentile",
            "percent",
            width=80,
            help=f"{study.MEASURES[measure]}: part of the segment's own sessions that "
            "were no higher",
            is_more=measure not in ("above_200_frac", "equal_lead_frac"),
        )
    return found


STANDING = Exhibit(
    key="breadth/standing",
    subject="Breadth of every segment",
    answer=_standing,
    columns=_columns(),
    paper=("name", "members", *study.MEASURES),
    finding=_finding,
    note="percentiles in the store's own history",
    mark=ESTIMATED,
)
