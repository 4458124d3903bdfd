"""Exhibits of the data themselves: what came, from where, and what was refused."""

import pandas as pd
from pydantic import Field

from recon import formatting
from recon.charts import data_health as figures
from recon.exhibits.answers import REFUSED_LIMIT, Answers
from recon.exhibits.exhibit import Exhibit
from recon.exhibits.question import Question
from recon.formatting import Column
from recon.studies import data_health as study


class RefusedQuestion(Question):
    """Which refused rows: of one reason, of one symbol, or all."""

    reason: str = Field("", title="Refused because")
    refused_symbol: str = Field("", title="Symbol")


def days(answers: Answers, question: Question) -> pd.DataFrame:
    """Return the days offered up to the day."""
    return study.until(answers.days(), "snapshot_date", question.as_of)


def lists(answers: Answers, question: Question) -> pd.DataFrame:
    """Return the membership lists up to the day, marked as used or not."""
    known = study.until(answers.membership_lists(), "as_of", question.as_of)
    return study.marked(known)


def headline(answers: Answers, question: Question) -> str:
    """Say what was published and what was refused."""
    alone = answers.refused_alone(question.as_of)
    return study.finding(days(answers, question), lists(answers, question), alone)


COVERAGE = Exhibit(
    key="data/coverage",
    subject="Coverage by day",
    answer=days,
    figure=lambda answer, question, theme: figures.coverage(answer, theme),
)
STAND_INS = Exhibit(
    key="data/stand_ins",
    subject="Carried and refused",
    answer=days,
    figure=lambda answer, question, theme: figures.stand_ins(answer, theme),
)
HELD = Exhibit(
    key="data/held",
    subject="Days held back",
    answer=lambda answers, question: study.held_back(days(answers, question)),
    columns={
        "snapshot_date": Column("Day", "day", width=95),
        "reason": Column("Held back because", width=285),
        "security_count": Column("Rows", "number", width=70),
    },
)
COUNTS = Exhibit(
    key="data/counts",
    subject="Reasons of refusal",
    answer=lambda answers, question: answers.refusal_counts(question.as_of),
    columns={
        "reason": Column("Refused because", width=430),
        "row_count": Column("Rows", "number", width=80),
        "symbol_count": Column("Symbols", "number", width=80),
        "first_date": Column("First", "day", width=105),
        "last_date": Column("Last", "day", width=105),
    },
)


def _refused(answers: Answers, question: RefusedQuestion) -> pd.DataFrame:
    symbol = question.refused_symbol.strip()
    return answers.refusals(question.as_of, question.reason, symbol)


REFUSED = Exhibit(
    key="data/refused",
    subject="Refused rows",
    question=RefusedQuestion,
    answer=_refused,
    columns={
        "snapshot_date": Column("Day", "day", width=90),
        "symbol": Column("Symbol", width=70),
        "close_usd": Column("Close as given, $", "usd", width=118),
        "total_market_cap_usd": Column("Cap as given, $bn", "usd_bn", width=128),
        "reason": Column("Refused because", width=340),
        "repeats": Column("Times", "number", width=58),
        "origin": Column("File or request", width=166),
        "row_number": Column("Row", "number", is_more=True),
    },
    filters=lambda answer, question: ", ".join(
        filter(None, [question.reason, question.refused_symbol])
    ),
    note=lambda answer, question: (
        f"{formatting.count(len(answer), 'row')}"
        f"{' or more' if len(answer) >= REFUSED_LIMIT else ''}, largest market cap "
        f"first, up to {study.SHOWN_ROWS:,} shown"
    ),
    page_rows=study.SHOWN_ROWS,
)
SOURCES = Exhibit(
    key="data/sources",
    subject="Sources",
    answer=lambda answers, question: study.sources(
        days(answers, question), lists(answers, question)
    ),
    columns={
        "kind": Column("What", width=190),
        "source": Column("Source", width=310),
        "first_date": Column("First", "day", width=105),
        "last_date": Column("Last", "day", width=105),
        "used_count": Column("Used", "number", width=70),
        "unused_count": Column("Not used", "number", width=80),
    },
)
FUNDAMENTALS = Exhibit(
    key="data/fundamentals",
    subject="Fundamentals by year",
    answer=lambda answers, question: study.fundamentals(
        answers.fundamental_years(question.as_of)
    ),
    columns={
        "year": Column("Known in", width=80),
        "source": Column("Source", width=230),
        "first_date": Column("First", "day", width=105),
        "last_date": Column("Last", "day", width=105),
        "with_book": Column("Book value", "number", width=90),
        "with_sales_growth": Column("Sales growth", "number", width=100),
        "with_forecast": Column("Forecast", "number", width=80),
        "with_statements": Column("Statements", "number", width=90),
        "with_float": Column("Free float", "number", width=90),
    },
    source=lambda answer, question: (
        ", ".join(answer["source"].drop_duplicates()) or "nothing loaded"
    ),
    note="symbols by what became known of them; of several measures the one most have",
)
LISTS = Exhibit(
    key="data/lists",
    subject="Membership lists",
    answer=lists,
    columns={
        "as_of": Column("Day", "day", width=105),
        "index": Column("Index", width=70),
        "security_count": Column("Names", "number", width=70),
        "use": Column("Used", width=80),
        "reason": Column("Not used because", width=420, missing=""),
        "source": Column("Source", width=210),
    },
)


def _ledger_columns(table: pd.DataFrame, question: Question) -> dict[str, Column]:
    """Return the ledger's columns; who overruled the gate where anybody did."""
    nobody = bool(table["decided_by"].isna().all())
    return {
        "finished_at": Column("When", "day", width=94),
        "source": Column("Kind", width=98),
        "origin": Column("File or request", width=190),
        "offered_count": Column("Offered", "number", width=78),
        "accepted_count": Column("Accepted", "number", width=82),
        "quarantined_count": Column("Refused", "number", width=68),
        "note": Column("Note", width=360 if nobody else 180),
        "decided_by": Column(
            "Overruled by, and why", width=180, missing="", is_more=nobody
        ),
    }


LEDGER = Exhibit(
    key="data/ledger",
    subject="Ledger",
    answer=lambda answers, question: answers.ledger(),
    columns=_ledger_columns,
)
