"""Exhibits of value and growth: scores, shifts, sectors, and what capping would cut."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import pandas as pd
from pydantic import Field

from recon import formatting
from recon.charts import Figure
from recon.charts import style as figures
from recon.errors import BadRequest
from recon.exhibits import headlines
from recon.exhibits.answers import Answers
from recon.exhibits.candidates import FilteredQuestion
from recon.exhibits.exhibit import Exhibit
from recon.exhibits.question import Question, RankedQuestion
from recon.export.provenance import ESTIMATED, PROJECTED
from recon.formatting import INDEX_NAMES, Column
from recon.rules import capping, style_shifts
from recon.studies import style as study
from recon.studies.candidates.filters import STYLE_FACETS, Facet
from recon.studies.style import Styles
from recon.vocabulary import TO_GROWTH, TO_VALUE

BASES = tuple(INDEX_NAMES)
BY_NAME = {name: code for code, name in INDEX_NAMES.items()}
MARK = f"{PROJECTED}, {ESTIMATED}"
HOW = "python -m recon ingest fundamentals FILE"


class BaseQuestion(RankedQuestion):
    """The index whose styles are asked for: each is scored apart."""

    base: Literal["Russell 1000", "Russell 2000", "Microcap"] = Field(
        "Russell 1000",
        title="Index",
        description="Styles are scored within each of the three, apart",
    )

    def index(self) -> str:
        """Return the code of the index."""
        return BY_NAME[self.base]


class StyleQuestion(FilteredQuestion, BaseQuestion):
    """The index, and filters over its companies."""

    @classmethod
    def facets(cls) -> tuple[Facet, ...]:
        """Return the filters of the page."""
        return STYLE_FACETS


class TiltQuestion(BaseQuestion):
    """The index, and which half of it."""

    half: Literal["value", "growth"] = Field("growth", title="Half")


@dataclass(frozen=True, kw_only=True)
class Styled:
    """The companies of an index, those that filters let through, and the filters."""

    styles: Styles
    rows: pd.DataFrame
    shown: pd.DataFrame
    filters: str


def known(answers: Answers, question: Question) -> Styles:
    """Return the styles of the day.

    Raises
    ------
    BadRequest
        If none is known, with what is lacking.
    """
    styles = answers.styles(*question.ranking())
    if styles.missing:
        raise BadRequest(
            f"Value and growth are not known. {styles.missing} Load fundamentals with "
            f"'{HOW}'."
        )
    return styles


def sources(answers: Answers, question: Question) -> list[str]:
    """Name the sources of the day's fundamentals with the days they are of."""
    day, is_demo = pd.Timestamp(question.as_of), answers.store.is_demo
    oldest = answers.styles(*question.ranking()).rules.style.fundamentals_max_days
    counts = answers.fundamental_counts()
    used = counts["known_on"].between(day - pd.Timedelta(days=oldest), day)
    last = counts[used].groupby("source", sort=False)["known_on"].max()
    return [
        f"{'fundamentals' if is_demo else source.partition(' (')[0]} of "
        f"{formatting.day(known_on)}"
        for source, known_on in last.items()
    ]


def previous_name(styles: Styles) -> str:
    """Name the reconstitution that styles are set against; empty where not known."""
    event = styles.previous_event
    return "" if styles.previous_missing or event is None else event.name


def companies(answers: Answers, question: BaseQuestion) -> pd.DataFrame:
    """Return the companies of the index, as `study.styled`."""
    table = known(answers, question).companies
    return study.styled(table[table["base_index"] == question.index()])


def headline(answers: Answers, question: StyleQuestion) -> str:
    """Say how the index splits into styles, and what shifts."""
    previous = previous_name(known(answers, question))
    rows = companies(answers, question)
    return headlines.style_answer(rows, question.index(), previous)


def small_print(answers: Answers, question: StyleQuestion) -> list[str]:
    """Say what the styles rest on, what stands in, and what is not known."""
    styles, rows = known(answers, question), companies(answers, question)
    coverage = headlines.style_coverage(rows, question.index())
    said = [coverage, headlines.style_proxies(rows)]
    if styles.previous_missing:
        said.append(f"Earlier styles are not known: {styles.previous_missing}.")
    if styles.previous_lists:
        said.append(
            f"Earlier styles (est.): {styles.previous_lists}; a company in both halves "
            "by its weights in them; others by the rules."
        )
    if styles.event.leg != study.JUNE:
        said.append(
            f"{styles.event.name} reassigns only additions and companies that change "
            "their index; the others keep the style they have (8.1.2)."
        )
    return [sentence for sentence in said if sentence]


def _styled(answers: Answers, question: StyleQuestion) -> Styled:
    rows = companies(answers, question)
    shown = style_shifts.by_effect(question.filtered(rows))
    if shown.empty:
        raise BadRequest("No company passes these filters; turn one off.")
    return Styled(
        styles=known(answers, question),
        rows=rows,
        shown=shown,
        filters=question.words(rows),
    )


def _subject(words: str, answer: object, question: BaseQuestion) -> str:
    return f"{question.base} {words}"


_exhibit = partial(Exhibit, sources=sources, mark=MARK)
MAP = _exhibit(
    key="style/style-map",
    subject=partial(_subject, "style map"),
    question=StyleQuestion,
    answer=_styled,
    figure=lambda answer, question, theme: figures.score_map(
        answer.rows, answer.shown, theme
    ),
    filters=lambda answer, question: answer.filters,
)

COLUMNS = {
    "name": Column("Ticker and company", width=174),
    "symbol": Column("Ticker", is_more=True),
    "company": Column("Company", is_more=True),
    "shift": Column("Shift", "shift", width=84),
    "previous_value_weight_frac": Column(
        "Before, %",
        "percent",
        width=80,
        help="Part of the company in the value index since the last reconstitution",
    ),
    "value_weight_frac": Column(
        "Now, %", "percent", width=76, help="Value weight by the rules now"
    ),
    "value_weight_low_frac": Column(
        "Least, %",
        "percent",
        width=76,
        help="Over every way to standardise ranks, which is not published",
    ),
    "value_weight_high_frac": Column("Most, %", "percent", width=76),
    "driver": Column("Driven by", width=176, help="What pushed most; CVS: value score"),
    "shifted_usd": Column(
        "Effect, $bn",
        "usd_bn",
        width=86,
        help="Available cap that changes side; above zero towards value",
    ),
    "float_market_cap_usd": Column("Available, $bn", "usd_bn", width=98),
    "cvs": Column(
        "Score",
        "score",
        width=76,
        help="Composite value score: low is growth, high is value",
        is_more=True,
    ),
    "previous_cvs": Column("Score before", "score", width=92, is_more=True),
    "book_to_price": Column("Book to price", "score", width=92, is_more=True),
    "growth_forecast_frac": Column(
        "Forecast, %", "percent_signed", width=84, help="Forecast growth", is_more=True
    ),
    "sales_growth_frac": Column(
        "Sales, %", "percent_signed", width=78, help="Past sales growth", is_more=True
    ),
    "sector": Column("Sector", width=140, is_more=True),
    "missing": Column("Not its own", width=220, missing="", is_more=True),
    "proxy": Column("Stand-ins", width=300, missing="", is_more=True),
}
AGAINST = (
    "shift",
    "previous_value_weight_frac",
    "driver",
    "shifted_usd",
    "previous_cvs",
)
SCORED = ("cvs", "book_to_price", "growth_forecast_frac", "sales_growth_frac")


def _columns(answer: Styled, question: StyleQuestion) -> dict[str, Column]:
    if previous_name(answer.styles):
        return COLUMNS
    return {
        name: replace(head, is_more=head.is_more and name not in SCORED)
        for name, head in COLUMNS.items()
        if name not in AGAINST
    }


def _shifts_finding(table: pd.DataFrame, question: StyleQuestion) -> str:
    moved = table["shift"].isin([TO_VALUE, TO_GROWTH])
    if "shifted_usd" not in table or table["previous_value_weight_frac"].isna().all():
        return f"Styles of the {question.base}; what shifts is not known"
    count = formatting.count(int(moved.sum()), "company", "companies")
    return f"{count} of the {question.base} would shift style"


SHIFTS = _exhibit(
    key="style/shifts",
    subject=partial(_subject, "styles"),
    question=StyleQuestion,
    answer=_styled,
    table=lambda answer, question: answer.shown,
    columns=_columns,
    file=style_shifts.for_file,
    finding=_shifts_finding,
    filters=lambda answer, question: answer.filters,
    note=lambda answer, question: (
        f"{'shifts' if previous_name(answer.styles) else 'largest'} first"
    ),
)


def _all_shifts(answers: Answers, question: Question) -> pd.DataFrame:
    rows = known(answers, question).companies
    moved = rows[rows["shift"].isin([TO_VALUE, TO_GROWTH])]
    order = moved["shifted_usd"].abs().sort_values(ascending=False).index
    return moved.reindex(order)


def _all_shifts_finding(table: pd.DataFrame, question: Question) -> str:
    if table.empty:
        return "No style shifts are known"
    return f"{formatting.count(len(table), 'company', 'companies')} would shift style"


ALL_SHIFTS = _exhibit(
    key="style/all_shifts",
    subject="Styles",
    question=RankedQuestion,
    answer=_all_shifts,
    columns={
        "symbol": Column("Ticker"),
        "company": Column("Company"),
        "base_index": Column("Index", "index"),
        "shift": Column("Shift"),
        "previous_value_weight_frac": Column("Value before, %", "percent"),
        "value_weight_frac": Column("Value now, %", "percent"),
        "float_market_cap_usd": Column("Float cap, $bn", "usd_bn"),
        "driver": Column("Driven by"),
    },
    finding=_all_shifts_finding,
    note="the most available cap first",
)
TOTALS = _exhibit(
    key="style/style-totals",
    subject=partial(_subject, "totals"),
    question=BaseQuestion,
    answer=lambda answers, question: style_shifts.totals(
        known(answers, question).companies, BASES
    ),
    figure=lambda answer, question, theme: figures.totals(answer, theme),
)


def _tilts(answers: Answers, question: BaseQuestion) -> dict[str, pd.DataFrame]:
    table = known(answers, question).companies
    return {
        half: style_shifts.sector_tilt(table, question.index(), half)
        for half in style_shifts.STYLES
    }


TILT = _exhibit(
    key="style/style-tilt",
    subject=partial(_subject, "tilt"),
    question=BaseQuestion,
    answer=_tilts,
    figure=lambda answer, question, theme: figures.tilt(
        answer, theme, index=question.base
    ),
)


def _tilt_finding(table: pd.DataFrame, question: TiltQuestion) -> str:
    if table.empty:
        return f"The sectors of {question.base} {question.half} are not known"
    first = table.iloc[0]
    return (
        f"{question.base} {question.half}: {first['sector']} is the largest sector, "
        f"{formatting.percent(first['frac'])}"
    )


SECTORS = _exhibit(
    key="style/sectors",
    subject=lambda answer, question: f"{question.base} {question.half} sectors",
    question=TiltQuestion,
    answer=lambda answers, question: _tilts(answers, question)[question.half],
    columns={
        "sector": Column("Sector"),
        "frac": Column("Part now, %", "percent"),
        "previous_frac": Column("Before, %", "percent"),
        "change_frac": Column("Change, points", "percent_signed"),
    },
    finding=_tilt_finding,
)


def _concentration(
    answers: Answers, question: BaseQuestion
) -> tuple[pd.DataFrame, Styles]:
    styles = known(answers, question)
    limits = styles.rules.style.capping
    table = capping.concentrate(styles.companies, question.index(), "growth", limits)
    return table, styles


def _draw_concentration(
    answer: tuple[pd.DataFrame, Styles], question: BaseQuestion, theme: str
) -> Figure:
    table, styles = answer
    limits = styles.rules.style.capping
    edges = (limits.large_frac, limits.large_sum_frac)
    return figures.concentration(table, theme, index=question.base, limits=edges)


def _capping_note(answer: tuple[pd.DataFrame, Styles], question: BaseQuestion) -> str:
    since = answer[1].rules.style.capping.since
    words = f"such capping is in force since {formatting.day(since)} only"
    return words if answer[1].snapshot_date < since else ""


CONCENTRATION = _exhibit(
    key="style/style-concentration",
    subject=partial(_subject, "concentration"),
    question=BaseQuestion,
    answer=_concentration,
    figure=_draw_concentration,
    note=_capping_note,
)
