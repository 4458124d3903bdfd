"""Exhibits of past events: what was projected on rank day against what came."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pandas as pd
from pydantic import Field

from recon import formatting, record
from recon.charts import Figure
from recon.charts import accuracy as figures
from recon.charts import demand as demand_figures
from recon.charts.accuracy import LIST_NAMES, SHORT_NAMES
from recon.errors import BadRequest
from recon.exhibits import break_points
from recon.exhibits.answers import Answers
from recon.exhibits.exhibit import Exhibit
from recon.exhibits.question import Question
from recon.export.provenance import ESTIMATED, PROJECTED
from recon.formatting import Column
from recon.studies.accuracy import Scored
from recon.studies.demand import past

PastTable = Callable[[past.Past], pd.DataFrame]
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


def _past(answers: Answers, question: YearQuestion) -> past.Past:
    """Return the check of what passive money traded at the event asked for."""
    _refuse_demo(answers)
    year = scored(answers, question).year
    return answers.past_demand(year, question.as_of)


def _refuse_demo(answers: Answers) -> None:
    if answers.store.is_demo:
        raise BadRequest("The demo market is synthetic: no fund trades its events.")


def _all_past(answers: Answers, question: Question, of: PastTable) -> pd.DataFrame:
    """Return one table of every scored event's check."""
    _refuse_demo(answers)
    known = years(answers, question)
    tables = [of(answers.past_demand(year, question.as_of)) for year in known]
    table = pd.concat(tables, ignore_index=True)
    return table.assign(year=table["year"].astype("str"))


def _volume_finding(table: pd.DataFrame, question: Question) -> str:
    last = table[table["move"] == past.ALL].iloc[-1]
    return (
        f"June {last['year']}: {formatting.usd(last['excess_usd'])} traded beyond the "
        f"usual volume of names that moved, {formatting.usd(last['modelled_usd'])} "
        "modelled"
    )


DEMAND_DAYS = Exhibit(
    key="accuracy/demand_days",
    subject=lambda answer, question: (
        f"Volume on implementation day {answer.event.year}"
    ),
    question=YearQuestion,
    answer=_past,
    figure=lambda answer, question, theme: demand_figures.past_days(
        answer.volume, answer.event.year, theme
    ),
    mark=ESTIMATED,
)
DEMAND_VOLUME = Exhibit(
    key="accuracy/demand_volume",
    subject="Demand against volume",
    answer=partial(_all_past, of=past.totals),
    columns={
        "year": Column("June", width=56),
        "move": Column("Move", "change", width=104),
        "names": Column("Names", "number", width=60),
        "median_multiple": Column(
            "Volume, times",
            "tenths",
            width=96,
            help="Median volume of implementation day over the mean of 20 sessions",
        ),
        "median_days": Column(
            "Modeled, days", "tenths", width=98, help="Median, base money"
        ),
        "excess_usd": Column(
            "Beyond usual, $bn",
            "usd_bn_always",
            width=118,
            help="Traded that day beyond the usual volume, by everyone",
        ),
        "low_usd": Column("Low, $bn", "usd_bn_always", width=74),
        "modelled_usd": Column("Base, $bn", "usd_bn_always", width=76),
        "high_usd": Column("High, $bn", "usd_bn_always", width=78),
        "rank_correlation": Column(
            "Rank correlation",
            "score",
            width=110,
            help="Of modeled days and the volume multiple, name by name",
        ),
    },
    finding=_volume_finding,
    note="as projected on rank day, at the prices of the day before implementation",
    mark=ESTIMATED,
)
DEMAND_SHARES = Exhibit(
    key="accuracy/demand_shares",
    subject="Demand against holdings",
    answer=partial(_all_past, of=past.share_totals),
    columns={
        "year": Column("June", width=56),
        "index": Column("Fund of", width=72),
        "lists": Column("Holdings of", width=236),
        "names": Column("Joined", "number", width=62),
        "median_error_frac": Column(
            "Median error, %",
            "percent",
            width=106,
            help="Of shares bought of a name, in size",
        ),
        "total_error_frac": Column("Total error, %", "percent_signed", width=98),
        "within_frac": Column("Within a quarter, %", "percent", width=124),
        "stayed_error_frac": Column(
            "Who stayed, %", "percent", width=98, help="Median error in size"
        ),
        "unforeseen": Column(
            "Not projected", "number", width=96, help="Joined, IPO additions included"
        ),
        "absent": Column("Did not join", "number", width=88),
    },
    finding="Shares modeled against the shares that funds held after the event",
    note="scaled to the fund by the names that stayed",
    mark=ESTIMATED,
)
DEMAND_JOINED = Exhibit(
    key="accuracy/demand_joined",
    subject=lambda answer, question: f"Shares bought {answer.event.year}",
    question=YearQuestion,
    answer=_past,
    table=lambda answer, question: answer.shares,
    columns={
        "symbol": Column("Ticker", width=72),
        "company": Column("Company", width=240),
        "index": Column("Fund of", width=80),
        "modelled_shares": Column("Modeled shares", "number", width=110),
        "held_shares": Column("Held after", "number", width=100),
        "error_frac": Column("Error, %", "percent_signed", width=80),
        "float_basis": Column("Float by", width=160),
    },
    finding=lambda table, question: (
        f"Shares bought of {formatting.count(len(table), 'name')} that joined"
    ),
    mark=ESTIMATED,
)
DEMAND_NAMES = Exhibit(
    key="accuracy/demand_names",
    subject=lambda answer, question: f"Volume by name {answer.event.year}",
    question=YearQuestion,
    answer=_past,
    table=lambda answer, question: answer.volume,
    columns={
        "symbol": Column("Ticker", width=72),
        "company": Column("Company", width=220),
        "move": Column("Move", "change", width=80),
        "demand_usd": Column("Modeled, $mn", "usd_mn_signed", width=98),
        "demand_days": Column("Modeled, days", "tenths", width=98),
        "volume_multiple": Column("Volume, times", "tenths", width=96),
        "excess_usd": Column("Beyond usual, $mn", "usd_mn_signed", width=120),
        "error_frac": Column(
            "Error, %",
            "percent_signed",
            width=80,
            missing="",
            help="Modeled over what was traded beyond the usual volume, less one",
        ),
        "float_basis": Column("Float by", width=140, is_more=True),
    },
    finding=lambda table, question: (
        f"Volume of implementation day for {formatting.count(len(table), 'name')}"
    ),
    note="largest modeled trade first",
    mark=ESTIMATED,
)
