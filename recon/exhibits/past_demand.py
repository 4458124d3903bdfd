"""Exhibits of past demand on the Accuracy page: modeled against holdings and volume."""

from collections.abc import Callable
from functools import partial

import pandas as pd

from recon import formatting
from recon.charts import demand as figures
from recon.errors import BadRequest
from recon.exhibits.accuracy import YearQuestion, scored, years
from recon.exhibits.answers import Answers
from recon.exhibits.exhibit import Exhibit
from recon.exhibits.question import Question
from recon.export.provenance import ESTIMATED
from recon.formatting import Column
from recon.studies.demand import past

PastTable = Callable[[past.Past], pd.DataFrame]


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
        f"usual volume of names that moved, {formatting.usd(last['modeled_usd'])} "
        "modeled"
    )


DAYS = Exhibit(
    key="accuracy/demand_days",
    subject=lambda answer, question: (
        f"Volume on implementation day {answer.event.year}"
    ),
    question=YearQuestion,
    answer=_past,
    figure=lambda answer, question, theme: figures.past_days(
        answer.volume, answer.event.year, theme
    ),
    mark=ESTIMATED,
)
VOLUME = Exhibit(
    key="accuracy/demand_volume",
    subject="Demand against volume",
    answer=partial(_all_past, of=past.totals),
    columns={
        "year": Column("June", width=56),
        "move": Column("Move", "change", width=104),
        "names": Column(
            "Names", "number", width=60, help="That moved as projected on rank day"
        ),
        "absent": Column(
            "Others", "number", width=60, help="Projected to move, and did not"
        ),
        "median_multiple": Column(
            "Volume, ×",
            "tenths",
            width=74,
            help="Median volume of implementation day over the mean of 20 sessions",
        ),
        "median_days": Column(
            "Days", "tenths", width=56, help="Of volume modeled: median, base money"
        ),
        "excess_usd": Column(
            "Excess, $bn",
            "usd_bn_always",
            width=86,
            help="Traded that day beyond the usual volume, by everyone",
        ),
        "low_usd": Column("Low, $bn", "usd_bn_always", width=74),
        "modeled_usd": Column("Base, $bn", "usd_bn_always", width=76),
        "high_usd": Column("High, $bn", "usd_bn_always", width=78),
        "total_error_frac": Column(
            "Error, %",
            "percent_signed",
            width=70,
            help="Base money over what was traded beyond the usual, less one, in total",
        ),
        "median_error_frac": Column(
            "By name, %",
            "percent_signed",
            width=86,
            help="The same of each name, median",
        ),
        "rank_correlation": Column(
            "Order",
            "score",
            width=60,
            help="Of modeled days and the volume multiple, name by name",
        ),
    },
    finding=_volume_finding,
    note="as projected on rank day, at the prices of the day before implementation",
    mark=ESTIMATED,
)
SHARES = Exhibit(
    key="accuracy/demand_shares",
    subject="Demand against holdings",
    answer=partial(_all_past, of=past.share_totals),
    columns={
        "year": Column("June", width=56),
        "index": Column("Fund of", width=72),
        "lists": Column("Holdings of", width=196),
        "names": Column("Joined", "number", width=62),
        "median_error_frac": Column(
            "Median error, %",
            "percent",
            width=104,
            help="Of shares bought of a name, in size",
        ),
        "total_error_frac": Column("Total error, %", "percent_signed", width=92),
        "within_frac": Column("Within 25%, %", "percent", width=92),
        "stayed_error_frac": Column(
            "Stayed, %", "percent", width=74, help="Median error in size"
        ),
        "unforeseen": Column(
            "Not projected", "number", width=96, help="Joined, IPO additions included"
        ),
        "absent": Column("Did not join", "number", width=84),
    },
    finding="Shares modeled against the shares that funds held after the event",
    note="scaled to the fund by the names that stayed",
    mark=ESTIMATED,
)
JOINED = Exhibit(
    key="accuracy/demand_joined",
    subject=lambda answer, question: f"Shares bought {answer.event.year}",
    question=YearQuestion,
    answer=_past,
    table=lambda answer, question: answer.shares,
    columns={
        "symbol": Column("Ticker", width=72),
        "company": Column("Company", width=240),
        "index": Column("Fund of", width=80),
        "modeled_shares": Column("Modeled shares", "whole", width=110),
        "held_shares": Column("Held after", "whole", width=100),
        "error_frac": Column("Error, %", "percent_signed", width=80),
        "float_basis": Column("Float by", width=160),
    },
    finding=lambda table, question: (
        f"Shares bought of {formatting.count(len(table), 'name')} that joined"
    ),
    mark=ESTIMATED,
)
NAMES = Exhibit(
    key="accuracy/demand_names",
    subject=lambda answer, question: f"Volume by name {answer.event.year}",
    question=YearQuestion,
    answer=_past,
    table=lambda answer, question: answer.volume,
    columns={
        "symbol": Column("Ticker", width=72),
        "company": Column("Company", width=190),
        "move": Column("Move", "change", width=80),
        "came": Column("Came", "yes", width=56, help="Moved as projected"),
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


def _float_errors(answers: Answers, question: Question) -> pd.DataFrame:
    _refuse_demo(answers)
    table = answers.float_errors(question.as_of)
    if table.empty:
        raise BadRequest(
            "No list of holdings with weights or shares is known, so free floats "
            "cannot be measured; load one with 'python -m recon ingest memberships "
            "FILE'."
        )
    return table


FLOATS = Exhibit(
    key="accuracy/demand_floats",
    subject="Error of free float",
    answer=_float_errors,
    columns={
        "way": Column("Free float by", width=400),
        "names": Column("Names", "number", width=70),
        "median_error_frac": Column(
            "Median error, %", "percent", width=110, help="Of available shares, in size"
        ),
        "mean_points_frac": Column(
            "Mean, points", "percent", width=100, help="Points of free float, in size"
        ),
        "within_frac": Column(
            "Within 10 points, %", "percent", width=130, help="Of the names"
        ),
    },
    finding="How far each way to know available shares errs",
    note="against the newest list of each index that a fund holds whole",
    mark=ESTIMATED,
)
