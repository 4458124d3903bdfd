"""Exhibits of the data themselves: what came, from where, and what was refused."""

import pandas as pd
from pydantic import Field

from recon import formatting
from recon.charts import data_health as figures
from recon.exhibits.answers import Answers
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
    rows = answers.refusals(question.as_of)
    return study.finding(days(answers, question), lists(answers, question), rows)


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
        "snapshot_date": Column(label="Day", kind="day", width=95),
        "reason": Column(label="Held back because", width=285),
        "security_count": Column(label="Rows", kind="number", width=70),
    },
)
COUNTS = Exhibit(
    key="data/counts",
    subject="Reasons of refusal",
    answer=lambda answers, question: answers.refusal_counts(question.as_of),
    columns={
        "reason": Column(label="Refused because", width=430),
        "row_count": Column(label="Rows", kind="number", width=80),
        "symbol_count": Column(label="Symbols", kind="number", width=80),
        "first_date": Column(label="First", kind="day", width=105),
        "last_date": Column(label="Last", kind="day", width=105),
    },
)


def _refused(answers: Answers, question: RefusedQuestion) -> pd.DataFrame:
    rows = answers.refusals(question.as_of)
    return study.matching(rows, question.reason or None, question.refused_symbol)


REFUSED = Exhibit(
    key="data/refused",
    subject="Refused rows",
    question=RefusedQuestion,
    answer=_refused,
    columns={
        "snapshot_date": Column(label="Day", kind="day", width=90),
        "symbol": Column(label="Symbol", width=70),
        "close_usd": Column(label="Close as given, $", kind="usd", width=118),
        "total_market_cap_usd": Column(
            label="Cap as given, $bn", kind="usd_bn", width=128
        ),
        "reason": Column(label="Refused because", width=300),
        "repeats": Column(label="Times", kind="number", width=58),
        "origin": Column(label="File or request", width=146),
        "row_number": Column(label="Row", kind="number", width=60),
    },
    filters=lambda answer, question: ", ".join(
        filter(None, [question.reason, question.refused_symbol])
    ),
    note=lambda answer, question: (
        f"{formatting.count(len(answer), 'row')}, largest market cap first, up to "
        f"{study.SHOWN_ROWS:,} shown"
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
        "kind": Column(label="What", width=170),
        "source": Column(label="Source", width=330),
        "first_date": Column(label="First", kind="day", width=105),
        "last_date": Column(label="Last", kind="day", width=105),
        "used_count": Column(label="Used", kind="number", width=70),
        "unused_count": Column(label="Not used", kind="number", width=80),
    },
)
LISTS = Exhibit(
    key="data/lists",
    subject="Membership lists",
    answer=lists,
    columns={
        "as_of": Column(label="Day", kind="day", width=105),
        "index": Column(label="Index", width=70),
        "security_count": Column(label="Names", kind="number", width=70),
        "use": Column(label="Used", width=80),
        "reason": Column(label="Not used because", width=330),
        "source": Column(label="Source", width=300),
    },
)
LEDGER = Exhibit(
    key="data/ledger",
    subject="Ledger",
    answer=lambda answers, question: answers.ledger(),
    columns={
        "finished_at": Column(label="When", kind="day", width=94),
        "source": Column(label="Kind", width=92),
        "origin": Column(label="File or request", width=196),
        "offered_count": Column(label="Offered", kind="number", width=78),
        "accepted_count": Column(label="Accepted", kind="number", width=82),
        "quarantined_count": Column(label="Refused", kind="number", width=78),
        "note": Column(label="Note", width=245),
        "decided_by": Column(label="Overruled by", width=104),
    },
)
