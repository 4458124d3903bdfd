"""Exhibits of official lists beside ours and beside what came."""

from dataclasses import dataclass

import pandas as pd
from pydantic import Field

from recon import formatting
from recon.charts import official as figures
from recon.errors import BadRequest
from recon.exhibits.answers import Answers
from recon.exhibits.candidates import FilteredQuestion
from recon.exhibits.exhibit import Exhibit
from recon.exhibits.question import Question
from recon.export.provenance import PROJECTED
from recon.formatting import NOT_KNOWN, Column
from recon.studies import official as study
from recon.studies.candidates.filters import Facet
from recon.studies.official import Board
from recon.vocabulary import ADDITION

YES, NO, NOT_POSTED = "✓ yes", "– no", "not posted"
AGREES = {True: "✓ agrees", False: "✕ differs"}
FACETS = (
    Facet(name="verdict", title="Agreement", columns=("verdict",)),
    Facet(name="list", title="List", columns=("list",)),
    Facet(name="cause", title="Cause", columns=("cause",)),
)


class EventQuestion(Question):
    """Which event: such as ``June 2024``, else the last that a rank day decided."""

    event: str = Field("", title="Event")


class BoardQuestion(FilteredQuestion, EventQuestion):
    """Which names of the event are shown."""

    @classmethod
    def facets(cls) -> tuple[Facet, ...]:
        """Return the filters of the page."""
        return FACETS


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A board, the rows that the filters let through, and the filters in words."""

    board: Board
    rows: pd.DataFrame
    filters: str


def events(answers: Answers, question: Question) -> list[str]:
    """Return the names of the events that can be asked for, the newest last."""
    return [each.name for each in study.events(answers.store, question.as_of)]


def board(answers: Answers, question: EventQuestion) -> Board:
    """Return one event three ways, as known on the day."""
    return answers.official_board(question.as_of, question.event)


def in_words(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows of a board with yes, no and what is not known in words."""
    official = rows["official"].map({True: YES, False: NO}).astype(object)
    after = rows["after"].map({True: YES, False: NO}).astype(object)
    return rows.assign(
        name=rows["symbol"] + "  " + rows["company"],
        ours=rows["ours"].map({True: YES, False: NO}).astype("str"),
        official=official.where(rows["official"].notna(), NOT_POSTED).astype("str"),
        after=after.where(rows["after"].notna(), NOT_KNOWN).astype("str"),
        verdict=rows["agrees"]
        .map(AGREES)
        .astype(object)
        .where(rows["agrees"].notna(), NOT_KNOWN)
        .astype("str"),
        cause=rows["cause"].mask(rows["cause"].eq(""), "none"),
    )


def headline(answers: Answers, question: EventQuestion) -> str:
    """Say how far ours and the official lists agree, or when the next is due."""
    found = board(answers, question)
    event, lists = found.event, found.lists
    stated = lists[lists["official"].notna()]
    if stated.empty:
        counts = lists.set_index("list")["ours"]
        words = (
            f"No official list of {event.name} is loaded{_due(found)}. Ours has "
            f"{formatting.number(counts[f'R3000 {ADDITION}s'])} names into the Russell "
            f"3000 and {formatting.number(counts['R3000 deletions'])} out of it"
        )
        return f"{words}{_right(lists)}."
    ours, theirs = stated["only_ours"].sum(), stated["only_official"].sum()
    both = stated["both"].sum()
    either = both + ours + theirs
    return (
        f"{event.name}: of {formatting.number(either)} names that ours or the official "
        f"lists have ({found.stated}), both have {formatting.number(both)}, "
        f"{formatting.percent(both / either)}; ours alone {formatting.number(ours)}, "
        f"official alone {formatting.number(theirs)}{_right(lists)}."
    )


def _due(found: Board) -> str:
    if found.due is None:
        return ""
    label, day = found.due
    return f"; the next is due on {formatting.day(day)} ({label.lower()})"


def _right(lists: pd.DataFrame) -> str:
    known = lists[lists["after"].notna()]
    if known.empty:
        return ""
    return (
        f". Of what came, {formatting.number(known['after'].sum())} moves on six "
        f"lists, ours had {formatting.number(known['right'].sum())}"
    )


def small_print(answers: Answers, question: EventQuestion) -> str:
    """Say which lists of members show what came, or how to bring official ones."""
    found = board(answers, question)
    came = f"What came: {found.came.rstrip('.')}." if found.came else ""
    bring = "" if found.stated else f"To load one: {HOW}"
    return "  \n".join(filter(None, [came, bring]))


HOW = "`python -m recon ingest official FILE`, or the Load page."


def _shown(answers: Answers, question: BoardQuestion) -> Shown:
    found = board(answers, question)
    rows = in_words(found.rows)
    return Shown(
        board=found,
        rows=question.filtered(rows),
        filters="; ".join(filter(None, [found.event.name, question.words(rows)])),
    )


def _event(found: Board, question: EventQuestion) -> str:
    return found.event.name


def _sources(answers: Answers, question: EventQuestion) -> list[str]:
    stated = board(answers, question).stated
    return [f"FTSE Russell, {stated}"] if stated else []


AGREEMENT = Exhibit(
    key="official/agreement",
    subject="Official lists and ours",
    question=EventQuestion,
    answer=board,
    figure=lambda found, question, theme: figures.agreement(
        found.lists, found.event.name, theme
    ),
    filters=_event,
    sources=_sources,
    mark=PROJECTED,
)
LISTS = Exhibit(
    key="official/lists",
    subject="Agreement by list",
    question=EventQuestion,
    answer=board,
    table=lambda found, question: found.lists,
    columns={
        "list": Column("List", width=130),
        "ours": Column("Ours", "number", width=70),
        "official": Column("Official", "number", width=80, missing=NOT_POSTED),
        "both": Column("Both", "number", width=70, missing=NOT_POSTED),
        "only_ours": Column("Only ours", "number", width=90, missing=NOT_POSTED),
        "only_official": Column("Only off.", "number", width=90, missing=NOT_POSTED),
        "agreement_frac": Column(
            "Agree, %",
            "percent",
            width=85,
            missing=NOT_POSTED,
            help="Names that both have, of those that either has",
        ),
        "after": Column("Came", "number", width=75, help="By lists of members"),
        "right": Column("Ours right", "number", width=90, help="Ours of what came"),
    },
    finding=lambda table, question: "Ours and the official lists, list by list",
    filters=_event,
    sources=_sources,
    mark=PROJECTED,
)
NAMES = Exhibit(
    key="official/board",
    subject="Official names and ours",
    question=BoardQuestion,
    answer=_shown,
    table=lambda answer, question: answer.rows,
    columns={
        "name": Column("Ticker and company", width=230),
        "symbol": Column("Ticker", is_more=True),
        "company": Column("Company", is_more=True),
        "list": Column("List", width=112),
        "ours": Column("Ours", width=62),
        "official": Column("Official", width=88),
        "after": Column("After", width=86, help="By lists of members"),
        "verdict": Column("Agreement", width=88),
        "cause": Column("Cause", width=86, help="As on the page Accuracy"),
        "why": Column("Why", width=205, missing=""),
        "rank": Column("Rank", "number", is_more=True, missing=""),
        "total_market_cap_usd": Column("Cap, $bn", "usd_bn", is_more=True),
    },
    paper=["symbol", "company", "list", "ours", "official", "after", "cause", "why"],
    finding=lambda table, question: formatting.count(len(table), "name"),
    filters=lambda answer, question: answer.filters,
    sources=_sources,
    note="differences first, the largest first",
    mark=PROJECTED,
)


def _drifted(answers: Answers, question: EventQuestion) -> Board:
    found = board(answers, question)
    if found.drift.empty:
        raise BadRequest(
            f"No official list of {found.event.name} is loaded{_due(found)}. Load one "
            "with 'python -m recon ingest official FILE'."
        )
    return found


DRIFT = Exhibit(
    key="official/drift",
    subject="From preliminary to final",
    question=EventQuestion,
    answer=_drifted,
    table=lambda found, question: found.drift,
    columns={
        "list": Column("List", width=130),
        "kind": Column("Kind", width=100),
        "posted_on": Column("Posted", "day", width=100),
        "security_count": Column("Names", "number", width=75),
        "new_count": Column("New", "number", width=90, missing="first list"),
        "dropped_count": Column("Dropped", "number", width=90, missing="first list"),
        "new": Column("New names", width=190, missing=""),
        "dropped": Column("Dropped names", width=190, missing=""),
    },
    finding=lambda table, question: "Official lists, one after the other",
    filters=_event,
    source=lambda found, question: f"FTSE Russell, {found.stated or NOT_POSTED}",
)
COUNTS = Exhibit(
    key="official/counts",
    subject="Expected counts",
    question=EventQuestion,
    answer=board,
    table=lambda found, question: found.counts,
    columns={
        "index": Column("Index", width=130),
        "size": Column("By rank", "number", width=85, help="With replacement"),
        "now": Column("Now", "number", width=80),
        "joins": Column("+ in", "number", width=75),
        "leaves": Column("− out", "number", width=75),
        "gone": Column(
            "Gone since",
            "number",
            width=100,
            help="Left the listings since rank day: not replaced (Ground Rules 9.2.1)",
        ),
        "expected": Column("Expected", "number", width=95),
        "official_expected": Column(
            "By official lists", "number", width=125, missing=NOT_POSTED
        ),
        "after": Column("Came", "number", width=85),
    },
    finding=lambda table, question: "Companies expected in each index",
    filters=_event,
    sources=_sources,
    note="companies, not share classes; nobody takes the place of one that has gone",
    mark=PROJECTED,
)
