"""Exhibits of rotation: who leads, small against large by sector, what tilts."""

from datetime import date

import pandas as pd

from recon import formatting, schedule
from recon.charts import rotation as figures
from recon.exhibits import segments
from recon.exhibits.answers import Answers
from recon.exhibits.exhibit import Exhibit
from recon.exhibits.question import Question
from recon.exhibits.segments import SinceQuestion
from recon.export.provenance import ESTIMATED, PROJECTED
from recon.formatting import Column
from recon.studies import rotation as study


def _relative(answers: Answers, question: Question) -> pd.DataFrame:
    return study.relative(segments.days_until(answers, question))


def headline(answers: Answers, question: SinceQuestion) -> str:
    """Say which sectors lead and where small caps beat large ones."""
    table = RELATIVE.made(answers, question.narrowed(RELATIVE.question)).answer
    now = table[table["snapshot_date"].eq(table["snapshot_date"].max())]
    leading = now.loc[now["quadrant"].eq(study.LEADING), "sector"].tolist()
    inside = INSIDE.made(answers, question).answer
    ahead = inside.loc[inside["lead_frac"] > 0, "sector"].tolist()
    since = formatting.day(segments.base_of(answers, question))
    lead = f"Leading the market: {formatting.listed(leading)}" if leading else (
        "No sector leads the market, gaining and stronger than usual"
    )  # fmt: skip
    small = f"in {formatting.listed(ahead)}" if ahead else "in no sector"
    return f"{lead}; since {since} small caps beat large ones {small}."


RELATIVE = Exhibit(
    key="rotation/relative",
    subject="Relative rotation",
    answer=_relative,
    figure=lambda answer, question, theme: figures.relative(answer, theme),
    note="after JdK's idea, by a formula of our own: docs/market.md",
    mark=ESTIMATED,
)


def _inside(answers: Answers, question: SinceQuestion) -> pd.DataFrame:
    base = pd.Timestamp(segments.base_of(answers, question))
    return study.inside_sectors(segments.days_until(answers, question), base)


def _inside_finding(table: pd.DataFrame, question: SinceQuestion) -> str:
    ahead = int((table["lead_frac"] > 0).sum())
    return f"Small caps beat large ones in {ahead} of {len(table)} sectors"


INSIDE = Exhibit(
    key="rotation/inside",
    subject="Small against large by sector",
    question=SinceQuestion,
    answer=_inside,
    columns={
        "sector": Column("Sector", width=160),
        "lead_frac": Column(
            "Small v large, %", "percent_signed", help="Small caps against large ones"
        ),
        "small_frac": Column("R2000, %", "percent_signed"),
        "large_frac": Column("R1000, %", "percent_signed"),
        "small_weight_frac": Column("Weight R2000, %", "percent", is_more=True),
        "large_weight_frac": Column("Weight R1000, %", "percent", is_more=True),
    },
    finding=_inside_finding,
    filters=lambda answer, question: (
        f"since {formatting.day(question.since)}"
        if question.since
        else "since the first session"
    ),
    note=segments.PRICES,
    mark=ESTIMATED,
)
TILT = Exhibit(
    key="rotation/tilt",
    subject="Sector tilt of the event",
    answer=lambda answers, question: study.tilt(answers.projection(question.as_of)),
    figure=lambda answer, question, theme: figures.tilt(answer, theme),
    mark=PROJECTED,
)


def _days(answers: Answers, as_of: date) -> list[date]:
    first = answers.first_day()
    days = [event.rank_day for event in schedule.reconstitutions()]
    return [*(day for day in days if first <= day < as_of), as_of]


def _statements(answers: Answers, question: Question) -> pd.DataFrame:
    days = _days(answers, question.as_of)
    return study.statements([answers.as_if_ranked(day) for day in days])


def _statements_finding(table: pd.DataFrame, question: Question) -> str:
    held = int(table["holds"].eq("yes").sum())
    return f"What desks say an event tilts held in {held} of {len(table)} cases"


STATEMENTS = Exhibit(
    key="rotation/statements",
    subject="What an event tilts, tested",
    answer=_statements,
    columns={
        "statement": Column("Statement", width=290),
        "ranked_on": Column("Ranked on", "day", width=96),
        "before_frac": Column("Before, %", "percent"),
        "after_frac": Column("After, %", "percent"),
        "change_frac": Column("Change, points", "percent_signed"),
        "holds": Column("Holds", width=64),
    },
    finding=_statements_finding,
    note="by total market cap; growth against value is on the Style page",
    mark=PROJECTED,
)
