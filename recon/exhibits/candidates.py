"""Exhibits of the names near a line: who would move, who is held, and how far off."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import pandas as pd
from pydantic import Field

from recon import formatting
from recon.charts import candidates as figures
from recon.errors import BadRequest
from recon.exhibits.answers import Answers
from recon.exhibits.exhibit import Exhibit
from recon.exhibits.question import Parameters, Question, RankedQuestion
from recon.export.provenance import PROJECTED
from recon.formatting import MOVE_WORDS, NOT_KNOWN, Column
from recon.indexes import INDEXES
from recon.reconstitution.event import GONE
from recon.studies.candidates import filters, ipos, sizes, watchlist
from recon.studies.candidates.filters import FACETS, Facet
from recon.studies.candidates.ipos import NewListings
from recon.vocabulary import ADDITION

NOT_RANKED = "n/a"  # of a company that a screen keeps out
MOVE = next(facet for facet in FACETS if facet.name == "move")
INDEX = next(facet for facet in FACETS if facet.name == "index")
SUBJECTS = {
    "migration up": "Migrations up",
    "migration down": "Migrations down",
    "addition": "Additions",
    "deletion": "Deletions",
    filters.HELD: "Held by the band",
}
# each list of moves with the column that differs from row to row
LISTS = {
    "migration up": None,
    "migration down": None,
    "addition": "then",
    "deletion": "now",
}
MOVES_WORDS = {
    "migration up": "would move up to the Russell 1000",
    "migration down": "would move down to the Russell 2000",
    "addition": "would join the Russell 3000",
    "deletion": "would leave the Russell 3000",
    filters.HELD: "are held by the band",
}


class FilteredQuestion(RankedQuestion):
    """Filters as a link has them: ``sector_energy=true`` for each choice that is on.

    `on` holds the names of those choices, `names` symbols chosen one by one besides, as
    in a chart, and `only` the tickers of the reader's own watchlist.
    """

    on: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    only: tuple[str, ...] = Field((), title="Only these tickers")

    @classmethod
    def facets(cls) -> tuple[Facet, ...]:
        """Return the filters of the page."""
        return FACETS

    @classmethod
    def _texts(cls, parameters: Parameters) -> tuple[dict[str, object], list[str]]:
        kinds = {facet.name for facet in cls.facets()}
        choices = {
            name: values
            for name, values in parameters.items()
            if name.partition("_")[0] in kinds and "_" in name
        }
        others = {name: v for name, v in parameters.items() if name not in choices}
        texts, unread = super()._texts(others)
        if "only" in texts:
            texts["only"] = tickers(texts["only"])
        on = [name for name, v in choices.items() if [*v][:1] in (["true"], ["True"])]
        return {**texts, "on": on} if on else texts, unread

    @classmethod
    def parameters(cls) -> list[str]:
        """Return the names of the parameters; ``…`` stands for a choice of a filter."""
        own = [name for name in super().parameters() if name != "on"]
        return [*own, *(f"{facet.name}_…" for facet in cls.facets())]

    def link(self) -> dict[str, list[str]]:
        """Return each choice that is on as a parameter of its own."""
        asked = super().link()
        asked.pop("on", None)
        if self.only:
            asked["only"] = [",".join(self.only)]
        return {**{name: ["true"] for name in self.on}, **asked}

    def chosen(self, rows: pd.DataFrame) -> dict[str, list[str]]:
        """Return the choices of each filter that are on among a day's rows."""
        found: dict[str, list[str]] = {}
        for facet in self.facets():
            choices = filters.choices(rows, facet)
            if on := [each for each in choices if filters.key(facet, each) in self.on]:
                found[facet.name] = on
        return found

    def filtered(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return the rows that the filters let through."""
        chosen = self.chosen(rows)
        shown = filters.filtered(rows, chosen, among=self.facets())
        for symbols in (self.only, self.names):
            shown = watchlist.of_symbols(shown, symbols)
        return shown

    def words(self, rows: pd.DataFrame) -> str:
        """Say in words which filters are on."""
        chosen = self.chosen(rows)
        words = filters.statement(chosen, len(self.names), among=self.facets())
        only = f"only {', '.join(self.only)}" if self.only else ""
        return "; ".join(filter(None, [words, only]))


def tickers(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the tickers of texts that part them by commas or spaces, each once.

    >>> tickers(["ftai, TNDM  FTAI"])
    ('FTAI', 'TNDM')
    """
    found = re.split(r"[\s,;]+", " ".join(texts).upper())
    return tuple(dict.fromkeys(filter(None, found)))


class OrderQuestion(Question):
    """In which order names stand."""

    order: Literal["nearest first", "largest first"] = Field(
        "nearest first", title="Order", description="Nearest to the line, or by cap"
    )


class CandidatesQuestion(FilteredQuestion, OrderQuestion):
    """Filters over the names that would move or are held, and their order."""


def keys_of(chosen: Mapping[str, list[str]], among: tuple[Facet, ...]) -> tuple:
    """Return the names of choices in a link, in the order of the filters."""
    return tuple(
        filters.key(facet, choice)
        for facet in among
        for choice in chosen.get(facet.name, ())
    )


@dataclass(frozen=True, kw_only=True)
class Watched:
    """The rows that the filters let through, and the filters in words."""

    rows: pd.DataFrame
    filters: str


def headline(answers: Answers, question: FilteredQuestion) -> str:
    """Say how many of the names shown would move, and who is nearest."""
    rows = question.filtered(answers.watched(*question.ranking()))
    ranked_on = answers.projection(*question.ranking()).snapshot_date
    return watchlist.finding(rows, ranked_on)


def _watched(answers: Answers, question: FilteredQuestion) -> Watched:
    rows = answers.watched(*question.ranking())
    return Watched(rows=question.filtered(rows), filters=question.words(rows))


def _trailed(answers: Answers, question: CandidatesQuestion) -> Watched:
    rows = figures.with_drawings(answers.trails(*question.ranking()))
    shown = question.filtered(rows)
    if question.order == "largest first":
        caps = shown["total_market_cap_usd"].sort_values(ascending=False, kind="stable")
        shown = shown.loc[caps.index].reset_index(drop=True)
    return Watched(rows=shown, filters=question.words(rows))


def _only_change(question: FilteredQuestion) -> str:
    """Return the move that the filters leave alone, empty where they leave more."""
    on = [
        change for change in filters.CHANGES if filters.key(MOVE, change) in question.on
    ]
    return on[0] if len(on) == 1 else ""


def _names_subject(answer: Watched, question: FilteredQuestion) -> str:
    subject = SUBJECTS.get(_only_change(question), "Candidates")
    return f"{subject} {_joined(question)}".strip()


def _joined(question: FilteredQuestion) -> str:
    """Return the index of additions, where only one is asked for."""
    names = [
        formatting.INDEX_NAMES[code]
        for code in INDEX.order
        if filters.key(INDEX, code) in question.on
    ]
    is_addition = _only_change(question) == ADDITION
    return names[0] if is_addition and len(names) == 1 else ""


DISTANCES = Exhibit(
    key="candidates/distances",
    subject="Distance to the line",
    question=FilteredQuestion,
    answer=_watched,
    figure=lambda answer, question, theme: figures.distances(answer.rows, theme),
    filters=lambda answer, question: answer.filters,
    mark=PROJECTED,
)

CODES = "R: Russell; none: not in the Russell 3000"
COLUMNS = {
    "name": Column("Ticker and company", width=212),
    "symbol": Column("Ticker", is_more=True),
    "company": Column("Company", is_more=True),
    "move": Column("Move", width=60),
    "now": Column("From", "index_code", width=66, help=CODES, is_more=True),
    "then": Column("To", "index_code", width=66, help=CODES),
    "style": Column(
        "Style",
        width=104,
        help="Growth or value by the rules in the index it goes to; where it shifts "
        "the value weight before → now; est.",
        is_more=True,
    ),
    "rank": Column("Rank", "number", width=50, missing=NOT_RANKED),
    "total_market_cap_usd": Column("Cap, $bn", "usd_bn", width=68),
    "p_move": Column(
        "Odds, %",
        "percent",
        help="Of a move, whichever, on rank day; a name held by the band has odds too",
        width=62,
        missing="",
    ),
    "bar": Column(
        "Distance",
        "bar",
        width=80,
        help="Below the line to the left, above to the right; a full half is 25%",
    ),
    "distance_to_break_point_frac": Column(
        "To line, %",
        "percent_signed",
        help="Market cap against the line that decides the move, named beside it",
        width=74,
        missing=NOT_RANKED,
    ),
    "to_line": Column(
        "Line",
        width=122,
        help="The line that decides the move: the one crossed, the edge of the Russell "
        "1000 band that holds, or why there is none",
    ),
    "trail": Column(
        "60 sessions",
        "trail",
        width=74,
        help="Distance to the line, each row on its own scale",
    ),
    "crossing_close_usd": Column(
        "At line, $",
        "usd",
        help="Close at which the company would stand on its line, others unchanged",
        width=70,
        missing=NOT_RANKED,
    ),
    "close_usd": Column("Close, $", "usd", width=66, is_more=True),
    "flip_close_usd": Column(
        "Turns at, $",
        "usd",
        help="Close of now at which the odds would be even on its line",
        is_more=True,
        missing="",
    ),
    "distance_to_break_point_usd": Column("To line, $bn", "usd_bn", is_more=True),
    "distance_ranks": Column("To line, ranks", "number_signed", is_more=True),
    "distance_cumulative_frac": Column(
        "To line, points",
        "percent_signed",
        help="Percentage points of the Russell 3000E's cumulative market cap",
        is_more=True,
    ),
    "sector": Column("Sector", is_more=True),
    "exchange": Column("Exchange", is_more=True),
    "ineligible_reason": Column("Screen failed", is_more=True, missing=""),
}


def _columns(answer: Watched, question: FilteredQuestion) -> dict[str, Column]:
    columns = {**COLUMNS, "trail": replace(COLUMNS["trail"], is_more=True)}
    if answer.rows["p_move"].isna().all():  # then there is room for the trail
        columns = {name: COLUMNS[name] for name in COLUMNS if name != "p_move"}
    if answer.rows["style"].ne(NOT_KNOWN).any():
        return columns
    return {name: column for name, column in columns.items() if name != "style"}


def _paper(answer: Watched, question: FilteredQuestion) -> list[str]:
    """Leave out what is the same in every row, so that the rest fits a page."""
    rows = answer.rows
    is_one_move = rows["change"].nunique() == 1
    sides = ["now", "then"]
    if is_one_move:
        own = LISTS.get(rows["change"].iloc[0])
        sides = [side for side in sides if side == own and rows[side].nunique() > 1]
    return [
        "symbol",
        "company",
        *([] if is_one_move else ["move"]),
        *sides,
        "rank",
        "total_market_cap_usd",
        "distance_to_break_point_frac",
        *(["to_line"] if rows["to_line"].nunique() > 1 else []),
        *(["p_move"] if rows["p_move"].notna().any() else []),
        "crossing_close_usd",
        "sector",
    ]


def _names_finding(table: pd.DataFrame, question: FilteredQuestion) -> str:
    """Count the names, and say how they move where all move alike."""
    count = formatting.count(len(table), "name")
    is_one = len(table) == 1
    if change := _only_change(question):
        words = MOVES_WORDS[change]
        if index := _joined(question):
            words = f"would join the {index}"
        return f"{count} {words.replace('are', 'is') if is_one else words}"
    return f"{count} would move or {'is' if is_one else 'are'} held"


CANDIDATES = Exhibit(
    key="candidates/candidates",
    subject=_names_subject,
    question=CandidatesQuestion,
    answer=_trailed,
    table=lambda answer, question: answer.rows,
    columns=_columns,
    paper=_paper,
    file=watchlist.for_file,
    finding=_names_finding,
    filters=lambda answer, question: answer.filters,
    note=lambda answer, question: (
        "nearest to the line first"
        if question.order == "nearest first"
        else question.order
    ),
    mark=PROJECTED,
)


def _sectors_finding(table: pd.DataFrame, question: Question) -> str:
    most = table.iloc[0]["sector"] if len(table) else "no sector"
    return f"Moves by sector: most in {most}"


SECTORS = Exhibit(
    key="candidates/sectors",
    subject="Moves by sector",
    question=RankedQuestion,
    answer=lambda answers, question: watchlist.moves_by_sector(
        answers.watched(*question.ranking())
    ),
    columns={
        "sector": Column("Sector"),
        **{
            change: Column(MOVE_WORDS[change], "number", missing="0")
            for change in LISTS
        },
    },
    finding=_sectors_finding,
    note="companies; sectors are the provider's",
    mark=PROJECTED,
)


def _later(answers: Answers, question: RankedQuestion) -> pd.DataFrame:
    later = answers.projection(*question.ranking()).later
    if later is None:
        raise BadRequest(
            f"No rank day has decided the event of {formatting.day(question.as_of)} "
            "yet, so nothing is known later than the ranking."
        )
    return later


def _later_finding(table: pd.DataFrame, question: RankedQuestion) -> str:
    gone = int((table["what"] == GONE).sum())
    changed = len(table) - gone
    return (
        f"Since rank day {formatting.count(gone, 'company', 'companies')} left the "
        f"listings and {formatting.count(changed, 'symbol')} changed"
    )


LATER = Exhibit(
    key="candidates/later",
    subject="Since rank day",
    question=RankedQuestion,
    answer=_later,
    columns={
        "since": Column("Since", "day", width=95),
        "symbol": Column("Ticker", width=72),
        "company": Column("Company", width=290),
        "what": Column("What", width=190),
        "index": Column("Index then", "index", width=110, missing=formatting.NOT_HELD),
        "projected": Column(
            "Projected then", "index", width=110, missing=formatting.NOT_HELD
        ),
    },
    finding=_later_finding,
    note="not replaced before the event (Ground Rules 9.2.1)",
    mark=PROJECTED,
)


def _ipos_note(answer: NewListings, question: Question) -> str:
    others = formatting.count(answer.other_count, "other new symbol")
    return (
        f"{ipos.window_words(answer)}; against the lines of the last rank day moved "
        f"with the market; {others} without an IPO in the window left out; free float, "
        "underwriting and lock-ups not tested"
    )


IPOS = Exhibit(
    key="candidates/ipos",
    subject="IPO additions",
    answer=lambda answers, question: answers.new_listings(question.as_of),
    table=lambda answer, question: answer.rows,
    columns={
        "symbol": Column("Ticker", width=72),
        "company": Column("Company", width=205),
        "first_session": Column("First session", "day", width=95),
        "then": Column("Would join", "index", width=120, missing="none"),
        "total_market_cap_usd": Column("Cap, $bn", "usd_bn", width=80),
        "line": Column("Edge at rank", "number", width=95),
        "line_cap_usd": Column("Edge, $bn", "usd_bn", width=80),
        "distance_frac": Column("To edge, %", "percent_signed", width=85),
        "ineligible_reason": Column("Screen failed", width=140, missing=""),
    },
    finding=lambda table, question: ipos.finding(table),
    note=_ipos_note,
    mark=PROJECTED,
)


class SizeQuestion(RankedQuestion):
    """Which of the size indexes that overlap."""

    size: Literal["TOP200", "MIDCAP", "TOP50", "TOP500", "R2500", "MICRO", "R3000E"] = (
        Field("TOP200", title="Size index")
    )


def _members(answers: Answers, question: SizeQuestion) -> tuple[pd.DataFrame, str]:
    projection = answers.projection(*question.ranking())
    table = sizes.members(projection, question.size)
    return table, sizes.basis(projection)[question.size]


SIZES = Exhibit(
    key="candidates/sizes",
    subject=lambda answer, question: INDEXES[question.size].name,
    question=SizeQuestion,
    answer=_members,
    table=lambda answer, question: answer[0],
    columns={
        "symbol": Column("Ticker", width=72),
        "company": Column("Company", width=204),
        "change": Column("Move", width=86),
        "now": Column("Now", width=104),
        "then": Column("Projected", width=104),
        "rank": Column("Rank", "number", width=60),
        "total_market_cap_usd": Column("Cap, $bn", "usd_bn", width=80),
        "line": Column("Edge at rank", "number", width=90),
        "line_cap_usd": Column("Edge, $bn", "usd_bn", is_more=True),
        "distance_frac": Column("To edge, %", "percent_signed", width=85),
        "side": Column("Of its band", width=90, help="A hard cut has no inside"),
    },
    finding=lambda table, question: sizes.finding(table, question.size),
    note=lambda answer, question: (
        f"members now: {formatting.indexes_spelled(answer[1])}"
    ),
    mark=PROJECTED,
)
