"""Exhibits of the rules: every number with its date and document."""

import pandas as pd
from pydantic import Field

from recon.exhibits.answers import Answers
from recon.exhibits.exhibit import Exhibit
from recon.exhibits.question import Question
from recon.formatting import Column
from recon.rulebook import ERAS
from recon.studies import methodology as study


class ErasQuestion(Question):
    """All numbers, or only those that replaced another."""

    changes: bool = Field(False, title="Changes only")


def _eras(answers: Answers, question: ErasQuestion) -> pd.DataFrame:
    numbers = study.eras(ERAS)
    return study.changes(numbers) if question.changes else numbers


NUMBERS = Exhibit(
    key="methodology/eras",
    subject="Rulebook by era",
    question=ErasQuestion,
    answer=_eras,
    columns={
        "effective": Column("Since", "day", width=92),
        "rule": Column("Rule", width=200),
        "value": Column("Number", width=200),
        "before": Column("Before", width=88),
        "document": Column("Document and section", width=390),
    },
    source="recon/rulebook.py, from the documents named in each row",
)
