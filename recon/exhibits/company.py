"""Exhibits of one company: its size against the lines, its memberships, and why."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd
from pydantic import Field

from recon import formatting, schedule
from recon.charts import company as figures
from recon.charts import style as style_figures
from recon.errors import BadRequest
from recon.exhibits.answers import Answers
from recon.exhibits.exhibit import Exhibit
from recon.exhibits.question import RankedQuestion
from recon.exhibits.style import sources as style_sources
from recon.export.provenance import ESTIMATED, PROJECTED
from recon.formatting import Column
from recon.rules import style
from recon.studies import company as study
from recon.studies.candidates import sizes


class CompanyQuestion(RankedQuestion):
    """Which company: a ticker, or a part of a name that only one has."""

    symbol: str = Field(
        "", title="Ticker or name", description="AAPL, or part of a name"
    )


@dataclass(frozen=True, kw_only=True)
class Named:
    """A listing of the day and what was worked out about its company."""

    symbol: str
    listing: pd.Series
    value: Any


def found(answers: Answers, question: CompanyQuestion) -> pd.DataFrame:
    """Return the listings that the question may mean, best first."""
    return answers.listings_found(question.symbol, *question.ranking())


def security_of(answers: Answers, question: CompanyQuestion) -> int:
    """Return the security_id of the listing that the question means.

    Raises
    ------
    BadRequest
        If it means none, or several.
    """
    listings = found(answers, question)
    if len(listings) == 1:
        return int(listings["security_id"].iloc[0])
    day, asked = formatting.day(question.as_of), question.symbol
    if listings.empty:
        raise BadRequest(
            f"No listing of {day} answers to “{asked}”; give a ticker such as AAPL."
            if asked
            else "No company is named; give a ticker such as AAPL."
        )
    may_be = ", ".join(listings["symbol"])
    raise BadRequest(f"“{asked}” may mean {may_be}; give one ticker.")


def about(answers: Answers, question: CompanyQuestion, value: Any = None) -> Named:
    """Return the listing that the question means, with what was worked out."""
    projection = answers.projection(*question.ranking())
    listing = study.listing_of(projection, security_of(answers, question))
    return Named(symbol=listing["symbol"], listing=listing, value=value)


def headline(answers: Answers, question: CompanyQuestion) -> str:
    """Say whether the company is in or out, and by which rule."""
    projection = answers.projection(*question.ranking())
    listing = about(answers, question).listing
    said = study.verdict(projection, int(listing["security_id"]))
    return f"{listing['company']} ({listing['symbol']}) {said}."


def distances(
    answers: Answers, question: CompanyQuestion
) -> list[tuple[str, str, str]]:
    """Return label, value and help of where the company stands; none if not ranked."""
    projection = answers.projection(*question.ranking())
    company = study.company_of(projection, security_of(answers, question))
    return [] if company is None else study.distances(company)


def _subject(words: str, named: Named, question: CompanyQuestion) -> str:
    return f"{named.symbol} {words}"


def _caps(answers: Answers, question: CompanyQuestion) -> Named:
    day, first = question.as_of, answers.first_day()
    projection, listing = (
        answers.projection(*question.ranking()),
        security_of(answers, question),
    )
    symbols = tuple(study.class_symbols(projection, listing))
    histories = answers.histories(symbols, first, day)
    caps = study.cap_history(projection, listing, histories)
    return about(answers, question, (caps, answers.break_points(first, day)))


_exhibit = partial(Exhibit, question=CompanyQuestion)
CAPS = _exhibit(
    key="company/caps",
    subject=partial(_subject, "company"),
    answer=_caps,
    figure=lambda named, question, theme: figures.caps(
        named.value[0],
        named.value[1],
        theme,
        symbol=named.symbol,
        events=schedule.reconstitutions(),
    ),
    note="own universe",
    mark=ESTIMATED,
)


def style_row(answers: Answers, question: CompanyQuestion) -> pd.Series | None:
    """Return the company's row of table `Styled`; None where its style is not known."""
    listing = about(answers, question).listing
    companies = answers.styles(*question.ranking()).companies
    rows = companies[companies["company_id"] == listing["company_id"]]
    known = rows[rows["cvs"].notna()]
    return known.iloc[0] if len(known) else None


def _waterfall(answers: Answers, question: CompanyQuestion) -> Named:
    row = style_row(answers, question)
    if row is None:
        raise BadRequest(
            f"The style of “{question.symbol}” on {formatting.day(question.as_of)} is "
            "not known; load fundamentals, or choose a company of the indexes."
        )
    rules = answers.styles(*question.ranking()).rules
    return about(answers, question, (row, style.variable_weights(rules.style)))


WATERFALL = _exhibit(
    key="company/waterfall",
    subject=partial(_subject, "style"),
    answer=_waterfall,
    figure=lambda named, question, theme: style_figures.waterfall(
        named.value[0], named.value[1], theme
    ),
    note=lambda named, question: "; ".join(
        filter(None, [named.value[0]["missing"], named.value[0]["proxy"]])
    ),
    sources=style_sources,
    mark=f"{PROJECTED}, {ESTIMATED}",
)


def _memberships(answers: Answers, question: CompanyQuestion) -> Named:
    day = question.as_of
    projection, listing = (
        answers.projection(*question.ranking()),
        security_of(answers, question),
    )
    lists = answers.memberships(tuple(study.class_keys(projection, listing)), day)
    statement = projection.membership.statement
    return about(answers, question, (lists, answers.first_day(), statement))


MEMBERSHIPS = _exhibit(
    key="company/memberships",
    subject=partial(_subject, "memberships"),
    answer=_memberships,
    figure=lambda named, question, theme: figures.memberships(
        named.value[0],
        theme,
        symbol=named.symbol,
        span=(named.value[1], question.as_of),
    ),
    note=lambda named, question: formatting.indexes_spelled(named.value[2]),
)


def _why(answers: Answers, question: CompanyQuestion) -> Named:
    projection, source = (
        answers.projection(*question.ranking()),
        answers.source(question.as_of),
    )
    security_id = security_of(answers, question)
    counts = answers.filed_counts(
        question.as_of, tuple(study.class_keys(projection, security_id))
    )
    table = study.explain(projection, security_id, source, counts)
    return about(answers, question, table)


WHY = _exhibit(
    key="company/why",
    subject=partial(_subject, "reasons"),
    answer=_why,
    table=lambda named, question: named.value,
    columns={
        "rule": Column("Rule", width=124),
        "outcome": Column("Outcome", width=80),
        "value": Column("Value", width=165),
        "threshold": Column("Threshold", width=168),
        "margin": Column("Margin", width=88, help="Value against the threshold"),
        "clause": Column("Clause", width=152, help="Ground Rules and section"),
        "evidence": Column("Because", width=198),
        "source": Column("Source of the fact", width=300, is_more=True),
    },
    mark=PROJECTED,
)


def _classes(answers: Answers, question: CompanyQuestion) -> Named:
    projection = answers.projection(*question.ranking())
    table = study.classes(projection, security_of(answers, question))
    return about(answers, question, table)


CLASSES = _exhibit(
    key="company/classes",
    subject=partial(_subject, "listings"),
    answer=_classes,
    table=lambda named, question: named.value,
    columns={
        "symbol": Column("Ticker", width=70),
        "name": Column("Listing", width=200),
        "share_type": Column("Share type", width=105),
        "close_usd": Column("Close, $", "usd", width=80),
        "given_market_cap_usd": Column(
            "Cap as given, $bn",
            "usd_bn",
            width=120,
            help="The provider's own figure: of the class, or of the whole company",
        ),
        "trailing_volume_mn": Column(
            "Volume, mn",
            "number",
            width=85,
            help="Shares traded in two years; asked where a company has several "
            "classes",
        ),
        "role": Column("Role", width=305),
    },
)


def _sizes(answers: Answers, question: CompanyQuestion) -> Named:
    projection = answers.projection(*question.ranking())
    named = about(answers, question)
    company = study.company_of(projection, int(named.listing["security_id"]))
    table = sizes.of_listing(projection, named.listing, company)
    return about(answers, question, table)


SIZES = Exhibit(
    key="company/sizes",
    subject=partial(_subject, "size indexes"),
    question=CompanyQuestion,
    answer=_sizes,
    table=lambda named, question: named.value,
    columns={
        "index": Column("Index", width=170),
        "now": Column("Now", width=104),
        "then": Column("Projected", width=104),
        "change": Column("Move", width=90),
        "edges": Column("Edges", width=190, help="Rank and market cap of its lines"),
        "side": Column("Of their bands", width=155),
        "basis": Column("Members now, from", width=162),
    },
    mark=PROJECTED,
)
