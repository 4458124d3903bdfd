"""Exhibits of past events: what was projected on rank day against what came."""

from datetime import timedelta

import pandas as pd
from pydantic import Field

from recon import formatting, record
from recon.charts import Figure
from recon.charts import accuracy as figures
from recon.charts.accuracy import LIST_NAMES, SHORT_NAMES
from recon.errors import BadRequest
from recon.exhibits import break_points
from recon.exhibits.answers import Answers
from recon.exhibits.exhibit import Exhibit
from recon.exhibits.question import Question
from recon.export.provenance import ESTIMATED, PROJECTED
from recon.formatting import Column
from recon.studies.accuracy import Scored

BEFORE_DAYS = (60, 45, 30, 20, 10, 5, 0)
PAPER_NAMES = {
    "up": "up",
    "down": "down",
    "additions_r2000": "additions",
    "deletions_r2000": "deletions",
}
CAUSES = (
    "shares: a share count we do not have; price: the close; nationality: the home "
    "country; structure: what kind of security it is; list: the lists of what "
    "happened; timing: what happened after rank day"
)


class YearQuestion(Question):
    """Which June event, else the last that can be scored."""

    year: int | None = Field(None, title="June event")


def years(answers: Answers, question: Question) -> list[int]:
    """Return the June events that can be scored with what is known by the day.

    Raises
    ------
    BadRequest
        If there is none.
    """
    found = answers.scored_years(question.as_of)
    if not found:
        raise BadRequest(
            "No June event with membership lists of before and after lies before "
            f"{formatting.day(question.as_of)}; choose a later day, or load the lists."
        )
    return found


def scored(answers: Answers, question: YearQuestion) -> Scored:
    """Return the score of the event asked for."""
    known = years(answers, question)
    year = question.year if question.year in known else known[-1]
    assert year is not None
    return answers.scored(year, None)


def _f1_words(f1: pd.Series) -> str:
    said = [
        f"{formatting.percent(f1[name])} {words}"
        for name, words in SHORT_NAMES.items()
        if f1.get(name, 0) > 0
    ]
    return f"F1 (harmonic mean of precision and recall) is {', '.join(said)}"


def headline(answers: Answers, question: YearQuestion) -> str:
    """Say how well one event was projected."""
    event = scored(answers, question)
    synthetic = " (synthetic market)" if answers.store.is_demo else ""
    f1 = event.lists.set_index("list")["f1"]
    return f"June {event.year}{synthetic}: {_f1_words(f1)}."


def _of_years(answers: Answers, known: list[int], name: str) -> pd.DataFrame:
    """Return one table of several years' scores, with `year`."""
    scores = [(year, getattr(answers.scored(year, None), name)) for year in known]
    tables = [table.assign(year=year) for year, table in scores]
    return pd.concat(tables, ignore_index=True)


def _line_errors(answers: Answers, question: Question) -> pd.DataFrame:
    if answers.store.is_demo:
        raise BadRequest("The demo market is synthetic: it has no official record.")
    table = break_points.against_official(answers, question)
    return table.sort_values("year")[["year", "error_frac"]]


def _draw_line_errors(answer: pd.DataFrame, question: Question, theme: str) -> Figure:
    forecasts = record.forecasts()
    told = forecasts[forecasts["year"].isin(answer["year"])]
    return figures.line_error(answer, told, theme)


LINE_ERROR = Exhibit(
    key="accuracy/line_error",
    subject="Breakpoint error",
    answer=_line_errors,
    figure=_draw_line_errors,
    mark=ESTIMATED,
)
TAXONOMY = Exhibit(
    key="accuracy/taxonomy",
    subject=lambda answer, question: f"Causes {answer.year}",
    question=YearQuestion,
    answer=scored,
    figure=lambda answer, question, theme: figures.taxonomy(
        answer.errors, answer.year, theme
    ),
)


def _scores(answers: Answers, question: Question) -> pd.DataFrame:
    table = _of_years(answers, years(answers, question), "lists")
    what = table["list"].map(LIST_NAMES)
    return table.assign(year=table["year"].astype("str"), what=what)


def _scores_finding(table: pd.DataFrame, question: Question) -> str:
    year = table["year"].max()
    f1 = table[table["year"] == year].set_index("list")["f1"]
    said = [
        f"{formatting.percent(f1[name], 0)} {words}"
        for name, words in PAPER_NAMES.items()
        if f1.get(name, 0) > 0
    ]
    return f"F1 in June {year}: {', '.join(said)}"


SCORES = Exhibit(
    key="accuracy/scores",
    subject="Scorecard",
    answer=_scores,
    columns={
        "year": Column("June", width=64),
        "what": Column("List", width=240),
        "projected": Column("Projected", "number"),
        "actual": Column("Actual", "number"),
        "hits": Column("Hits", "number"),
        "precision": Column("Precision, %", "percent", help="Hits among the projected"),
        "recall": Column("Recall, %", "percent", help="Hits among the actual"),
        "f1": Column(
            "F1, %",
            "percent",
            help="Harmonic mean of precision and recall, name by name",
        ),
    },
    finding=_scores_finding,
    note="companies; excluded from scoring: takeovers, new symbols, share classes, "
    "later listings; F1: harmonic mean of precision and recall, name by name",
)
MISJUDGED = Exhibit(
    key="accuracy/misjudged",
    subject=lambda answer, question: f"Projection errors {answer.year}",
    question=YearQuestion,
    answer=scored,
    table=lambda answer, question: answer.errors.assign(
        list=answer.errors["list"].map(LIST_NAMES),
        kind=answer.errors["kind"].replace("false", "false positive"),
    ),
    columns={
        "list": Column("List", width=190),
        "kind": Column("Kind", width=92),
        "symbol": Column("Ticker", width=72),
        "name": Column("Company", width=240),
        "cause": Column("Cause", width=88, help=CAUSES),
        "why": Column("Because", width=286),
    },
    finding=lambda table, question: (
        f"{formatting.count(len(table), 'row')} missed or false positive, by cause"
    ),
)
APART = Exhibit(
    key="accuracy/apart",
    subject=lambda answer, question: f"Excluded from scoring {answer.year}",
    question=YearQuestion,
    answer=scored,
    table=lambda answer, question: answer.apart,
    columns={
        "symbol": Column("Ticker", width=72),
        "name": Column("Company", width=300),
        "note": Column("Excluded because", width=420),
    },
    finding=lambda table, question: (
        f"{formatting.count(len(table), 'company', 'companies')} excluded from scoring"
    ),
)


def _before(answers: Answers, question: YearQuestion) -> tuple[pd.DataFrame, int]:
    event = scored(answers, question)
    found = []
    for before in BEFORE_DAYS:
        day = event.event.rank_day - timedelta(days=before)
        if day >= answers.first_day():
            lists = answers.scored(event.year, day).lists
            found.append(lists.assign(days_before=before))
    return pd.concat(found), event.year


GROWTH = Exhibit(
    key="accuracy/growth_figure",
    subject=lambda answer, question: f"Growth {answer[1]}",
    question=YearQuestion,
    answer=_before,
    figure=lambda answer, question, theme: figures.growth(answer[0], answer[1], theme),
    mark=PROJECTED,
)
