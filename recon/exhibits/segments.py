"""Exhibits of small against large caps: path, gap, who leads, what must come."""

from contextlib import suppress
from datetime import date, timedelta

import pandas as pd
from pydantic import Field

from recon import formatting, schedule
from recon.charts import Figure
from recon.charts import segments as figures
from recon.errors import SnapshotMissing
from recon.exhibits.answers import Answers
from recon.exhibits.exhibit import Exhibit
from recon.exhibits.question import Question
from recon.exhibits.valuation import NOTE as VALUED
from recon.export.provenance import ESTIMATED
from recon.formatting import Column
from recon.studies import segments as study
from recon.studies import valuation
from recon.studies.segments import catch_up
from recon.studies.segments.catch_up import Decomposed

PRICES = "price returns, dividends left out; members of each day"


class SinceQuestion(Question):
    """Since when; the first session of the store where it is left out."""

    since: date | None = Field(
        None, title="Since", description="The session on which both indexes are 100"
    )


def days_until(answers: Answers, question: Question) -> pd.DataFrame:
    """Return table `SegmentDays` up to the day asked for."""
    days = study.drawn(answers.segment_days())
    return study.drawn(days[days["snapshot_date"] <= pd.Timestamp(question.as_of)])


def base_of(answers: Answers, question: SinceQuestion) -> date:
    """Return the session that a span begins with: two sessions make one."""
    sessions = answers.published_days()
    last = sessions.searchsorted(pd.Timestamp(question.as_of), side="right") - 1
    first = sessions.searchsorted(pd.Timestamp(question.since or sessions[0]))
    return sessions[max(min(first, last - 1), 0)].date()


def _path(answers: Answers, question: SinceQuestion) -> pd.DataFrame:
    days = days_until(answers, question)
    return catch_up.relative(days, base_of(answers, question))


def headline(answers: Answers, question: SinceQuestion) -> str:
    """Say how far small caps are behind or ahead, and who leads now."""
    path = RELATIVE.made(answers, question).answer
    last = path.iloc[-1]
    moved, median = last["ratio"] / 100 - 1, last["median_ratio"] / 100 - 1
    where = "ahead of" if moved > 0 else "behind"
    leads = REGIMES.made(answers, question.narrowed(REGIMES.question)).answer
    words = [
        f"Since {formatting.day(path['snapshot_date'].iloc[0])} the Russell 2000 made "
        f"{formatting.percent(last['small'] / 100 - 1, signed=True)} and the Russell "
        f"1000 {formatting.percent(last['large'] / 100 - 1, signed=True)}: small caps "
        f"are {formatting.percent(abs(moved))} {where} large ones, the median small "
        f"stock {formatting.percent(abs(median))} "
        f"{'ahead' if median > 0 else 'behind'}."
    ]
    if len(leads):
        said = [
            f"{leader} caps over "
            + formatting.listed([str(window) for window in of_leader["window"]])
            for leader, of_leader in leads.groupby("leader", sort=False)
        ]
        words.append(f"Now lead {' and '.join(said)} sessions.")
    return " ".join(words)


def _since_words(answer: object, question: SinceQuestion) -> str:
    since = question.since
    return f"since {formatting.day(since)}" if since else "since the first session"


RELATIVE = Exhibit(
    key="segments/relative",
    subject="Small against large",
    question=SinceQuestion,
    answer=_path,
    figure=lambda answer, question, theme: figures.relative(
        answer, schedule.reconstitutions(), theme
    ),
    filters=_since_words,
    note=PRICES,
    mark=ESTIMATED,
)


def _gap(answers: Answers, question: SinceQuestion) -> tuple[Decomposed, date]:
    base = base_of(answers, question)
    return catch_up.decompose(days_until(answers, question), base), base


def _draw_gap(
    answer: tuple[Decomposed, date], question: SinceQuestion, theme: str
) -> Figure:
    return figures.gap(answer[0], theme, since=answer[1])


def _gap_note(answer: tuple[Decomposed, date], question: SinceQuestion) -> str:
    parts, base = answer
    since = parts.recon_since
    if since is None:
        known = "who came and left is not known: no reconstitution lies in the store"
    elif since > base + timedelta(days=7):
        known = f"who came and left is known since {formatting.day(since)}"
    else:
        known = ""
    return "; ".join(filter(None, ["the parts add up to the gap", known]))


GAP = Exhibit(
    key="segments/gap",
    subject="What the gap is made of",
    question=SinceQuestion,
    answer=_gap,
    figure=_draw_gap,
    filters=_since_words,
    note=_gap_note,
    mark=ESTIMATED,
)


def _drivers(answers: Answers, question: SinceQuestion) -> pd.DataFrame:
    last = answers.day_on_or_before(question.as_of)
    now = answers.valuations(last)
    for since in _bases(answers, question):
        path = RELATIVE.made(answers, question.model_copy(update={"since": since}))
        made = [path.answer[side].iloc[-1] / 100 - 1 for side in ("small", "large")]
        with suppress(SnapshotMissing):
            table = valuation.drivers(answers.valuations(since), now, *made)
            if table["relative_figure_frac"].notna().any():
                named = table.assign(words=table["ratio"].map(FIGURES))
                return named.assign(since=pd.Timestamp(since))
    raise SnapshotMissing(
        "What the gap is made of is known from a day on which statements of half of "
        "the Russell 2000's weight are known; choose a later start, or load older "
        "statements with 'python -m recon ingest fundamentals FILE'."
    )


FIGURES = {
    "price_to_profits": "profits",
    "price_to_earnings": "earnings, with losses",
    "price_to_book": "book value",
    "price_to_sales": "sales",
}


def _bases(answers: Answers, question: SinceQuestion) -> list[date]:
    """Return the day to begin with; where none is asked for, quarters' ends to try."""
    base = base_of(answers, question)
    if question.since:
        return [base]
    ends = valuation.days_of(answers.published_days(), question.as_of)[:-1]
    return [base, *(day for day in ends if day > base)]


def _drivers_finding(table: pd.DataFrame, question: SinceQuestion) -> str:
    row = table[table["relative_figure_frac"].notna()].iloc[0]
    price, multiple, figure = (
        formatting.percent(row[f"relative_{part}_frac"], 0, signed=True)
        for part in ("price", "multiple", "figure")
    )
    return (
        f"Small caps against large ones since {formatting.day(row['since'])}: {price}, "
        f"the multiple {multiple} and {row['words']} {figure}"
    )


def _side(side: str, words: str) -> dict[str, Column]:
    return {
        f"{side}_{part}_frac": Column(
            f"{words} {name}, %", "percent_signed", width=128, missing="n/a"
        )
        for part, name in (("multiple", "multiple"), ("figure", "figure"))
    }


DRIVERS = Exhibit(
    key="segments/drivers",
    subject="Multiple or earnings",
    question=SinceQuestion,
    answer=_drivers,
    columns={
        "words": Column("Figure", width=150),
        **_side("relative", "Relative"),
        **_side("small", "R2000"),
        **_side("large", "R1000"),
    },
    finding=_drivers_finding,
    filters=lambda table, question: f"since {formatting.day(table['since'].iloc[0])}",
    note="relative: small over large caps; multiple and figure make the price; an "
    "index's figure changes with its members too; n/a: losses prevail; " + VALUED,
    mark=ESTIMATED,
)


def _regimes(answers: Answers, question: Question) -> pd.DataFrame:
    return catch_up.regimes(_path(answers, SinceQuestion(as_of=question.as_of)))


def _regimes_finding(table: pd.DataFrame, question: Question) -> str:
    if table.empty:
        return "Who leads is not known before 21 sessions"
    small = int(table["leader"].eq("small").sum())
    return f"Small caps lead over {small} of {len(table)} windows"


REGIMES = Exhibit(
    key="segments/regimes",
    subject="Who leads",
    answer=_regimes,
    columns={
        "window": Column("Sessions", "number", width=70),
        "leader": Column("Leads", width=56),
        "lead_frac": Column(
            "Lead, %", "percent_signed", width=66, help="Of small caps, over the window"
        ),
        "since": Column("Since", "day", width=92),
        "small_leads_frac": Column(
            "Small led, %",
            "percent",
            width=90,
            help="Part of all sessions with such a window on which small caps led",
        ),
        "percentile_frac": Column(
            "Percentile",
            "percent",
            width=82,
            help="Of the present lead in the store's history",
        ),
    },
    finding=_regimes_finding,
    note="whole history of the store",
    mark=ESTIMATED,
)


def _shares(answers: Answers, question: Question) -> pd.DataFrame:
    return catch_up.shares(days_until(answers, question), question.as_of)


def _shares_finding(table: pd.DataFrame, question: Question) -> str:
    if table.empty:
        return "No earlier share is known"
    then = table.iloc[table["share_frac"].argmax()]
    return (
        f"Small caps are {formatting.percent(then['share_now_frac'])} of both indexes; "
        f"to be {formatting.percent(then['share_frac'])} as in {then['measured_on']} "
        f"they must make {formatting.percent(then['needed_frac'])} more than large ones"
    )


SHARES = Exhibit(
    key="segments/shares",
    subject="What must happen",
    answer=_shares,
    table=lambda answer, question: answer.iloc[::-1].reset_index(drop=True),
    columns={
        "measured_on": Column("Share as in", width=110),
        "share_frac": Column("Small share, %", "percent", help="R2000 of both indexes"),
        "share_now_frac": Column("Now, %", "percent"),
        "needed_frac": Column(
            "Needed, %",
            "percent_signed",
            help="What the Russell 2000 must make beyond the Russell 1000",
        ),
        "source": Column("Source", width=260),
    },
    finding=_shares_finding,
    note="published caps are of available shares",
    mark=ESTIMATED,
)
