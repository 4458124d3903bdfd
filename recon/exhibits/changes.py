"""Exhibits of what changed between two days: lists, lines, names, listings, data."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import pandas as pd
from pydantic import Field

from recon import formatting, schedule
from recon.charts import changes as figures
from recon.errors import BadRequest, SnapshotMissing
from recon.exhibits.answers import Answers
from recon.exhibits.candidates import FilteredQuestion
from recon.exhibits.exhibit import Exhibit
from recon.exhibits.question import RankedQuestion
from recon.export.provenance import ESTIMATED, PROJECTED
from recon.formatting import Column
from recon.studies.candidates import watchlist
from recon.studies.candidates.filters import Facet
from recon.studies.changes import Changes, summary, words

SESSION, WEEK, RANK_DAY, OTHER = (
    "session before",
    "week before",
    "rank day",
    "another day",
)
WEEK_DAYS = 7
FACETS = (
    Facet(name="kind", title="Kind of change", columns=("kind",), order=words.KINDS),
    Facet(name="list", title="List or line", columns=("list",)),
    Facet(name="cause", title="Cause", columns=("cause",)),
)


class DaysQuestion(RankedQuestion):
    """The day to compare with: named, or a day of its own."""

    against: Literal["session before", "week before", "rank day", "another day"] = (
        Field("session before", title="Compared with")
    )
    since: date | None = Field(None, title="Since")

    def link(self) -> dict[str, list[str]]:
        """Return the parameters; a day of its own says so."""
        asked = super().link()
        return {**asked, "against": [OTHER]} if self.since else asked


class ChangesQuestion(DaysQuestion, FilteredQuestion):
    """Which changes between the two days are shown."""

    @classmethod
    def facets(cls) -> tuple[Facet, ...]:
        """Return the filters of the page."""
        return FACETS


@dataclass(frozen=True, kw_only=True)
class Shown:
    """The changes that the filters let through, a row a company, and the filters."""

    changes: Changes
    rows: pd.DataFrame
    filters: str


def base_day(answers: Answers, question: DaysQuestion) -> date:
    """Return the published session that a day is compared with.

    Raises
    ------
    SnapshotMissing
        If the store does not reach back so far.
    BadRequest
        If the day to compare with is not before the day shown.
    """
    day, first = question.as_of, answers.first_day()
    yesterday = day - timedelta(days=1)
    if question.since is not None:
        wanted: date | None = question.since
    elif question.against == RANK_DAY:
        wanted = schedule.last_rank_day(yesterday)
    elif question.against == WEEK:
        wanted = day - timedelta(days=WEEK_DAYS)
    else:
        wanted = yesterday
    if wanted is None or wanted < first:
        raise SnapshotMissing(
            f"Nothing to compare {formatting.day(day)} with: the store begins on "
            f"{formatting.day(first)}. Choose a later day, or load earlier listings."
        )
    if wanted >= day:
        raise BadRequest(
            f"{formatting.day(wanted)} is not before {formatting.day(day)}; choose an "
            "earlier day to compare with."
        )
    return answers.day_on_or_before(wanted)


def compared(answers: Answers, question: DaysQuestion) -> Changes:
    """Return every change between the day to compare with and the day shown."""
    then = base_day(answers, question)
    return answers.changes(then, question.as_of, question.ranked)


def has_moves(found: Changes) -> bool:
    """Tell whether any name joins or leaves a projected list."""
    return bool(found.rows["kind"].isin(summary.LIST_KINDS).any())


def _moves(answers: Answers, question: DaysQuestion) -> Changes:
    """Return the changes, of which some are of lists."""
    found = compared(answers, question)
    if not has_moves(found):
        raise BadRequest(
            f"No name joins or leaves a projected list from {_days(found)}."
        )
    return found


def headline(answers: Answers, question: DaysQuestion) -> str:
    """Say what changed, in one sentence or two."""
    return summary.sentence(compared(answers, question))


def _shown(answers: Answers, question: ChangesQuestion) -> Shown:
    found = compared(answers, question)
    return Shown(
        changes=found,
        rows=summary.by_company(question.filtered(found.rows)),
        filters="; ".join(
            filter(None, [_days(found), question.words(found.rows)]),
        ),
    )


def _days(found: Changes) -> str:
    return f"{formatting.day(found.then)} to {formatting.day(found.now)}"


def _between(found: Changes, question: DaysQuestion) -> str:
    return _days(found)


LISTS = Exhibit(
    key="changes/lists",
    subject="Lists that changed",
    question=DaysQuestion,
    answer=_moves,
    figure=lambda found, question, theme: figures.lists(
        summary.by_list(found.rows), formatting.day(found.then), theme
    ),
    filters=_between,
    mark=PROJECTED,
)
CAUSES = Exhibit(
    key="changes/causes",
    subject="What changed the lists",
    question=DaysQuestion,
    answer=_moves,
    figure=lambda found, question, theme: figures.causes(
        summary.by_cause(found.rows), theme
    ),
    filters=_between,
    note="each day projected again with one thing as it was on the other day",
    mark=PROJECTED,
)
CHANGES = Exhibit(
    key="changes/changes",
    subject="Changes",
    question=ChangesQuestion,
    answer=_shown,
    table=lambda answer, question: answer.rows,
    columns={
        "name": Column("Ticker and company", width=220),
        "symbol": Column("Ticker", is_more=True),
        "company": Column("Company", is_more=True),
        "kind": Column("Change", width=112),
        "joins_short": Column("Joins", width=120, missing=""),
        "leaves_short": Column("Leaves", width=120, missing=""),
        "joins": Column("Joins, all lists", is_more=True, missing=""),
        "leaves": Column("Leaves, all lists", is_more=True, missing=""),
        "list": Column("List or line", is_more=True),
        "before": Column("Before", width=128, help="Projected index and rank"),
        "after": Column("After", width=128, help="Projected index and rank"),
        "cause": Column(
            "Cause",
            width=134,
            help="Found by the rules with one thing as it was: the company's price, "
            "its shares, rules or lists, or its rivals, who move the lines",
        ),
        "why": Column("Figures", is_more=True, missing=""),
    },
    paper=["symbol", "company", "kind", "joins", "leaves", "before", "after", "cause"],
    finding=lambda table, question: formatting.count(len(table), "change"),
    filters=lambda answer, question: answer.filters,
    note="largest first",
    mark=PROJECTED,
)


def _odds(answers: Answers, question: ChangesQuestion) -> pd.DataFrame:
    then = base_day(answers, question)
    rows = answers.changed_odds(then, question.as_of, question.ranked)
    rows = watchlist.of_symbols(rows, question.only)
    name = rows["symbol"] + "  " + rows["company"]
    return rows.assign(name=name, days=f"{then:%F} to {question.as_of:%F}")


ODDS = Exhibit(
    key="changes/odds",
    subject="Odds that moved",
    question=ChangesQuestion,
    answer=_odds,
    columns={
        "name": Column("Ticker and company", width=300),
        "symbol": Column("Ticker", is_more=True),
        "company": Column("Company", is_more=True),
        "list": Column("Odds of", "index", width=150, missing="no index"),
        "before": Column("Before", width=110),
        "after": Column("After", width=110),
        "why": Column("Moved", width=130),
        "days": Column("Days", is_more=True),
    },
    finding=lambda table, question: (
        f"{formatting.count(len(table), 'name')} with odds that moved by 10 points"
    ),
    note="a thousand simulated rank days from each day; furthest first",
    mark=ESTIMATED,
)
LINES = Exhibit(
    key="changes/lines",
    subject="Lines that moved",
    question=DaysQuestion,
    answer=compared,
    table=lambda found, question: found.lines,
    columns={
        "line": Column("Line", width=150),
        "rank": Column("Rank", "number", width=70),
        "before_usd": Column("Before, $bn", "usd_bn", width=110),
        "after_usd": Column("After, $bn", "usd_bn", width=110),
        "change_frac": Column("Change, %", "percent_signed", width=110),
        "market_frac": Column(
            "Market, %",
            "percent_signed",
            width=110,
            help="Return of the Russell 3000E's members between the two days",
        ),
        "rest_frac": Column(
            "Rest, %",
            "percent_signed",
            width=110,
            help="Issues, listings and ranks: what the market does not explain",
        ),
    },
    finding=lambda table, question: "Lines and what moved them",
    filters=_between,
    note="as if ranked on each day",
    mark=ESTIMATED,
)
