"""The declaration of a chart or table: everything else about it is derived.

Pages show an exhibit, notes hold it, the command line and the downloads write it, and
all of them make it here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

import pandas as pd

from recon.charts import Figure, markup, printing, without_title
from recon.errors import BadRequest, ReconError
from recon.exhibits.answers import Answers
from recon.exhibits.question import LINK_VERSION, VERSION, Question, RankedQuestion
from recon.export import cells
from recon.export.pieces import Piece
from recon.export.provenance import Provenance
from recon.formatting import DRAWN_KINDS, Column, in_one_unit

PAPER_THEME = "light"
MOST_ROWS = 5_000
FIRST_PAGE = "overview"

Columns = Mapping[str, Column]


@dataclass(frozen=True, kw_only=True)
class Exhibit:
    """A chart (with `figure`) or a table (with `columns`) that a reader sees.

    `key` is its page and its place there, such as ``break-points/drift``; it is also
    what a saved note knows it by. `answer` takes the answers and the question; all the
    others take what it returned and the question:

    `subject` says what it is about, in the words that name its files; `figure` draws
    it in a theme; `table` returns its rows (the answer itself, where it is left out);
    `columns` says how they read; `paper` names the columns that fit on paper (all but
    those drawn in cells or hidden, where it is left out); `file` returns what is
    downloaded where that is more than is shown; `finding` is the title of a table on
    paper, a chart has its own; `filters` says in words what was left out; `note` stands
    after the source; `mark` says what the numbers are not; `source` names a source in
    place of the day's listings, `sources` more beside them; `page_rows` is how many
    rows a page shows at most.
    """

    key: str
    subject: str | Callable[[Any, Any], str]
    answer: Callable[[Answers, Any], Any]
    question: type[Question] = Question
    figure: Callable[[Any, Any, str], Figure] | None = None
    table: Callable[[Any, Any], pd.DataFrame] = lambda answer, question: answer
    columns: Columns | Callable[[Any, Any], Columns] = field(default_factory=dict)
    paper: Sequence[str] | Callable[[Any, Any], Sequence[str]] = ()
    file: Callable[[pd.DataFrame], pd.DataFrame] = lambda table: table
    finding: str | Callable[[Any, Any], str] = ""
    filters: Callable[[Any, Any], str] = lambda answer, question: ""
    note: str | Callable[[Any, Any], str] = ""
    mark: str = ""
    source: str | Callable[[Any, Any], str] = ""
    sources: Callable[[Answers, Any], Sequence[str]] = lambda answers, question: ()
    page_rows: int = MOST_ROWS + 1

    @property
    def page(self) -> str:
        """The page that shows it, as its address names it."""
        return self.key.partition("/")[0]

    @property
    def place(self) -> str:
        """Its place on the page."""
        return self.key.partition("/")[2]

    def topic(self) -> str:
        """Return what it is about where no question is asked."""
        words = self.place.replace("-", " ").replace("_", " ").capitalize()
        return words if callable(self.subject) else self.subject

    @property
    def is_chart(self) -> bool:
        """Whether it is a chart."""
        return self.figure is not None

    def finding_of(self, table: pd.DataFrame, question: Question) -> str:
        """Return the title of a table on paper; empty where it has none of its own."""
        return _said(self.finding, table, question)

    def made(self, answers: Answers, question: Question) -> "Made":
        """Answer a question; what is drawn or shown comes from the result.

        Raises
        ------
        ReconError
            If the store cannot answer it, in a sentence that says why.
        """
        known = answers.memory.get(
            f"exhibit {self.key}", question, 8, lambda: self.answer(answers, question)
        )
        words, mark = [_said(self.filters, known, question)], [self.mark]
        if isinstance(question, RankedQuestion):
            what_if, ranking = answers.ranking_words(*question.ranking())
            words, mark = [*words, ranking], [*mark, what_if]
        provenance = answers.provenance(
            _said(self.subject, known, question),
            question.as_of,
            "; ".join(filter(None, words)) or "none",
            ", ".join(filter(None, mark)),
            self.sources(answers, question),
        )
        if source := _said(self.source, known, question):
            provenance = replace(provenance, source=source)
        return Made(
            exhibit=self,
            question=question,
            answer=known,
            provenance=provenance,
            note=_said(self.note, known, question),
            answers=answers,
        )

    def missing(self, answers: Answers, question: Question) -> str:
        """Say why it has nothing to show of its part of a question; empty if it has."""
        try:
            self.made(answers, question.narrowed(self.question))
        except ReconError as error:
            return str(error)
        return ""


@dataclass(frozen=True, kw_only=True)
class Made:
    """An exhibit with the answer to one question."""

    exhibit: Exhibit
    question: Question
    answer: Any
    provenance: Provenance
    note: str
    answers: Answers

    def figure(self, theme: str = PAPER_THEME) -> Figure:
        """Return a chart drawn in a theme, once for all who look at it."""
        draw = self.exhibit.figure
        assert draw is not None, f"{self.exhibit.key} is a table"
        return self.answers.memory.get(
            "figures",
            (self.exhibit.key, self.question, theme),
            64,
            lambda: self._signed(draw(self.answer, self.question, theme)),
        )

    def figure_on_page(self, theme: str) -> Figure:
        """Return a chart for a page, which shows its title above it as a heading."""
        return self.answers.memory.get(
            "page figures",
            (self.exhibit.key, self.question, theme),
            64,
            lambda: without_title(self.figure(theme)),
        )

    def source(self) -> str:
        """Return the source note that stands under it, and in its picture."""
        return " · ".join(filter(None, [self.provenance.sentence(), self.note]))

    def _signed(self, figure: Figure) -> Figure:
        """Keep in a figure what its picture says of where it is from."""
        signature = {
            "source": self.source(),
            "versions": self.provenance.versions(),
            "as_of": self.provenance.as_of.isoformat(),
        }
        figure.update_layout(meta={**(figure.layout.meta or {}), **signature})
        markup.clean(figure)
        return figure

    def table(self) -> pd.DataFrame:
        """Return the rows of a table as a page shows them, most important first."""
        return self.exhibit.table(self.answer, self.question)

    def shown_rows(self, row_limit: int = 0) -> pd.DataFrame:
        """Return the rows that a page or a note shows of a table."""
        return self.table().head(row_limit or self.exhibit.page_rows)

    def columns(self) -> Columns:
        """Return how the columns of a table read, in their order."""
        columns = self.exhibit.columns
        said = columns(self.answer, self.question) if callable(columns) else columns
        return in_one_unit(said, self.table()) if said else said

    def paper_columns(self) -> Columns:
        """Return the columns of a table that fit on paper."""
        paper, columns = self.exhibit.paper, self.columns()
        names = paper(self.answer, self.question) if callable(paper) else paper
        usual = [
            name
            for name, column in columns.items()
            if not column.is_more and column.kind not in DRAWN_KINDS
        ]
        return {name: columns[name] for name in names or usual}

    def piece(self, link: str = "", comment: str = "", row_limit: int = 0) -> Piece:
        """Return it as a piece of a note, in print colors; `link` opens its page.

        Raises
        ------
        BadRequest
            If it has more rows than a note is for.
        """
        provenance = replace(self.provenance, link=link)
        about: dict[str, Any] = {
            "kind": self.exhibit.key,
            "provenance": provenance,
            "parameters": self.question.link(),
            "comment": comment,
            "note": self.note,
        }
        if self.exhibit.is_chart:
            plain = printing.printed(self.figure())
            title = (plain["layout"].get("meta") or {}).get("title")
            return Piece(title=title or provenance.title, figure=plain, **about)
        table, columns = self.shown_rows(row_limit), self.paper_columns()
        if len(table) > MOST_ROWS:
            raise BadRequest(
                f"The table has {len(table):,} rows, a note takes {MOST_ROWS:,}; "
                "narrow it down with a filter, or download it as CSV."
            )
        title = self.exhibit.finding_of(table, self.question)
        held = table[list(columns)].reset_index(drop=True)
        return Piece(
            title=title or provenance.title, table=held, columns=columns, **about
        )

    def file_table(self) -> pd.DataFrame:
        """Return what a file of it holds: a table's rows, or a chart's numbers."""
        if not self.exhibit.is_chart:
            return self.exhibit.file(self.table())
        return cells.of(self.piece())[0]

    def labels(self) -> dict[str, str]:
        """Return the head of each column of `file_table` that has one."""
        columns = self.columns()
        if self.exhibit.is_chart:
            columns = cells.of(self.piece())[1]
        return {name: column.label for name, column in columns.items()}

    def path(self) -> str:
        """Return the address of its page without that of an app.

        It opens the page as this question has it.
        """
        page = "" if self.exhibit.page == FIRST_PAGE else self.exhibit.page
        asked = {**self.question.link(), VERSION: [LINK_VERSION]}
        return f"/{page}?{urlencode(asked, doseq=True)}"


def _said(words: Any, *known: Any) -> str:
    return words(*known) if callable(words) else words
