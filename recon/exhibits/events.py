"""Exhibits of the event study: what prices did around past events."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import pandas as pd
from pydantic import Field

from recon import formatting
from recon.charts import Figure
from recon.charts import events as figures
from recon.errors import BadRequest
from recon.exhibits.answers import Answers
from recon.exhibits.exhibit import Exhibit
from recon.exhibits.question import Question
from recon.export.provenance import ESTIMATED
from recon.formatting import Column
from recon.studies.events import Studied, curves, names, summary, windows
from recon.studies.events.names import CAME, OFFICIAL, PROJECTED
from recon.studies.events.summary import ALL

EVERY = "all events"
GROUPS = {
    "additions": names.ADDITIONS,
    "deletions": names.DELETIONS,
    "moves up": names.UP,
    "moves down": names.DOWN,
    "held by the band": names.HELD,
    "IPOs": names.IPO,
    "style shifts": names.STYLE,
}
WINDOWS = {windows.WORDS[window]: window for window in windows.WINDOWS}
LISTS = {"as they came": CAME, "as projected": PROJECTED, "as official": OFFICIAL}
GROUP_HEADS = {group: words for words, group in GROUPS.items()}


class EventsQuestion(Question):
    """Which group, in which window, of which events, by which lists."""

    group: Literal[
        "additions",
        "deletions",
        "moves up",
        "moves down",
        "held by the band",
        "IPOs",
        "style shifts",
    ] = Field(
        "additions",
        title="Group",
        description="Additions come into the Russell 2000 from outside the Russell "
        "3000, deletions go from the Russell 2000 to nowhere",
    )
    window: Literal[
        "list to close",
        "rank day to list",
        "5 sessions after",
        "20 sessions after",
        "60 sessions after",
    ] = Field("list to close", title="Window", description="From close to close")
    event: str = Field("", title="Event")
    lists: Literal["as they came", "as projected", "as official"] = Field(
        "as they came",
        title="Names",
        description="As they came rests on holdings after the event; as projected on "
        "rank day could be traded from the next session; as official rests on the last "
        "lists posted for the event",
    )

    def code(self) -> str:
        """Return the group's code."""
        return GROUPS[self.group]

    def span(self) -> str:
        """Return the window's code."""
        return WINDOWS[self.window]

    def basis(self) -> str:
        """Return what the lists rest on."""
        return LISTS[self.lists]


def studied(answers: Answers, question: EventsQuestion) -> list[Studied]:
    """Return the studies of the events asked for.

    Raises
    ------
    BadRequest
        If there is none, with what it takes.
    """
    found = answers.past_events(question.as_of)
    if not found:
        raise BadRequest(
            "No event can be studied by "
            f"{formatting.day(question.as_of)}: it takes listings from rank day to "
            "after the implementation, and membership lists of before and after. "
            "Choose a later day, or load them."
        )
    chosen = [each for each in found if question.event in ("", each.name)]
    if not chosen:
        has = ", ".join(each.name for each in found)
        raise BadRequest(f"There is no event '{question.event}' here; there is {has}.")
    # June and December are two different events: pooled are those of the last leg
    pooled = [each for each in chosen if each.leg == chosen[-1].leg]
    known = answers.studied_all(pooled)
    if question.basis() == OFFICIAL:
        known = [each for each in known if OFFICIAL in set(each.members["basis"])]
        if not known:
            raise BadRequest(
                "No official list of these events is stored; load them with 'python -m "
                "recon ingest official FILE', or choose other names."
            )
    return known


def choices(answers: Answers, as_of: date) -> list[str]:
    """Return the events that a reader can choose from, all of them first."""
    return [EVERY, *(event.name for event in answers.past_events(as_of)[::-1])]


@dataclass(frozen=True, kw_only=True)
class Summed:
    """The figures of the events asked for, and of the group and window in them."""

    rows: pd.DataFrame
    studied: Sequence[Studied]

    def year(self) -> str:
        """Return the year of one event, ``all`` for several."""
        is_one = len(self.studied) == 1
        return str(self.studied[0].event.year) if is_one else ALL

    def tests(self) -> int:
        """Return how many comparisons a p-value is corrected for."""
        own = self.rows[self.rows["year"] == self.year()]
        return int(own["p_placebo"].notna().sum())

    def row(self, question: EventsQuestion) -> pd.Series:
        """Return the row of the question's group and window."""
        rows = self.rows[self.rows["year"] == self.year()]
        rows = rows[rows["group"] == question.code()]
        return rows[rows["window"] == question.span()].iloc[0]


def _summed(answers: Answers, question: EventsQuestion) -> Summed:
    chosen = studied(answers, question)
    key = (question.as_of, question.lists, tuple(each.event.name for each in chosen))
    rows = answers.memory.get(
        "summaries of events",
        key,
        16,
        lambda: summary.summary(chosen, question.basis(), question.as_of),
        "Drawing the intervals …",
    )
    return Summed(rows=rows, studied=chosen)


def headline(answers: Answers, question: EventsQuestion) -> str:
    """Say what the group's prices did in the window, and what placebos say to it."""
    known = _summed(answers, question)
    said = curves.finding(known.row(question), known.tests())
    is_early = question.span() == windows.TO_LIST and question.basis() != PROJECTED
    return f"{said} What came was not known on rank day." if is_early else said


def _curves(
    answers: Answers, question: EventsQuestion
) -> tuple[pd.DataFrame, Sequence[Studied], Summed]:
    chosen = studied(answers, question)
    table = curves.mean_curves(
        chosen, question.code(), question.basis(), question.as_of
    )
    return table, chosen, _summed(answers, question)


def _lists(chosen: Sequence[Studied]) -> list[int]:
    found = []
    for each in chosen:
        known = windows.offsets(each.event)
        if known.to_list is not None:
            found.append(known.to_list - known.to_close)
    return found


def _change(row: pd.Series) -> str:
    """Return a short finding of a row of `summary`."""
    if not row["n"]:
        return f"{curves.GROUP_WORDS[row['group']]}: not known"
    mean = formatting.percent(row["mean_car_frac"], signed=True)
    return f"{curves.GROUP_WORDS[row['group']]} {mean}, {windows.WORDS[row['window']]}"


def _path(answer: tuple, question: EventsQuestion, theme: str) -> Figure:
    table, chosen, known = answer
    count = formatting.count(len(chosen), "event")
    year = known.year()
    return figures.path(
        table[table["year"] == year],
        theme,
        group=question.code(),
        title=f"{_change(known.row(question))}: "
        f"{curves.placebo_words(known.row(question), known.tests())}",
        lists=_lists(chosen),
        note=f"{count} pooled" if year == ALL else chosen[0].event.name,
    )


def _which(answer: object, question: EventsQuestion) -> str:
    """Return what was asked, in words."""
    event = question.event or EVERY
    return f"{question.group}, {question.window}, {event}, names {question.lists}"


NOTE = (
    "bought and held from close to close; dead names end with their last trade; "
    "dividends and splits as the provider adjusts for them"
)
PATH = Exhibit(
    key="events/path",
    subject="Prices around the event",
    question=EventsQuestion,
    answer=_curves,
    figure=_path,
    filters=_which,
    note=NOTE,
    mark=ESTIMATED,
)
YEARS = Exhibit(
    key="events/years",
    subject="Prices around each event",
    question=EventsQuestion,
    answer=_curves,
    figure=lambda answer, question, theme: figures.years(
        answer[0],
        theme,
        group=question.code(),
        title=f"{curves.GROUP_WORDS[question.code()]}: event by event",
    ),
    filters=_which,
    mark=ESTIMATED,
)


def _decay_title(known: Summed, question: EventsQuestion) -> str:
    rows = _of_window(known, question)
    each = rows[(rows["year"] != ALL) & (rows["n"] > 0)]
    if each.empty:
        return f"{curves.GROUP_WORDS[question.code()]}: not known"
    low, high = (
        formatting.percent(end, signed=True)
        for end in (each["mean_car_frac"].min(), each["mean_car_frac"].max())
    )
    words = question.window.capitalize()
    return f"{words}: {low}" if len(each) == 1 else f"{words}: {low} to {high}"


def _of_window(known: Summed, question: EventsQuestion) -> pd.DataFrame:
    rows = known.rows
    is_own = rows["group"].eq(question.code()) & rows["window"].eq(question.span())
    return rows[is_own]


DECAY = Exhibit(
    key="events/decay",
    subject="Year by year",
    question=EventsQuestion,
    answer=_summed,
    figure=lambda answer, question, theme: figures.decay(
        _of_window(answer, question),
        theme,
        group=question.code(),
        title=_decay_title(answer, question),
    ),
    filters=_which,
    mark=ESTIMATED,
)


def _effects(answer: Summed, question: EventsQuestion) -> pd.DataFrame:
    rows = answer.rows[answer.rows["year"] == answer.year()]
    rows = rows[rows["n"] > 0]
    return rows.assign(
        what=rows["group"].map(GROUP_HEADS),
        when=rows["window"].map(windows.WORDS),
        interval=_intervals(rows, "ci"),
        p=rows["p_placebo"].map(curves.p_value),
        corrected=rows["p_adjusted"].map(curves.p_value),
    ).reset_index(drop=True)


def _intervals(rows: pd.DataFrame, kind: str) -> list[str]:
    """Return ``−1.2 to +3.4`` in percent for each row."""
    said = []
    for ends in rows[[f"{kind}_low_frac", f"{kind}_high_frac"]].to_numpy(float) * 100:
        words = [formatting.number(end, 1, signed=True) for end in ends]
        said.append(formatting.NOT_KNOWN if pd.isna(ends[0]) else " to ".join(words))
    return said


def _effects_finding(table: pd.DataFrame, question: EventsQuestion) -> str:
    beyond = int((table["p_placebo"] <= curves.SIGNIFICANT).sum())
    left = int((table["p_adjusted"] <= curves.SIGNIFICANT).sum())
    known = int(table["p_placebo"].notna().sum())
    return (
        f"{beyond} of {formatting.count(known, 'comparison')} beyond placebo, "
        f"{left} once corrected for their number"
    )


INTERVAL_HELP = "By drawing whole events, of one event whole sectors"
ALIKE_HELP = "Against three names of the same sector alike in size and past return"
P_HELP = (
    "How often a pretend rank day between two events shows a mean as far out, on "
    "either side"
)
EFFECTS = Exhibit(
    key="events/effects",
    subject="By group and window",
    question=EventsQuestion,
    answer=_summed,
    table=_effects,
    columns={
        "what": Column("Group", width=116),
        "when": Column("Window", width=122),
        "n": Column("Names", "number", width=56),
        "mean_car_frac": Column("Mean, %", "percent_signed", width=66),
        "interval": Column(
            "95% interval",
            width=104,
            help=INTERVAL_HELP,
        ),
        "p": Column("p placebo", width=72, help=P_HELP),
        "corrected": Column(
            "p corrected",
            width=80,
            help="By Holm's method, for all groups and windows of the table",
        ),
        "placebo_mean_car_frac": Column("Placebo, %", "percent_signed", width=78),
        "matched_mean_car_frac": Column(
            "Alike, %",
            "percent_signed",
            width=66,
            help=ALIKE_HELP,
        ),
        "beside_mean_car_frac": Column(
            "Beside, %",
            "percent_signed",
            width=70,
            help="Names within 25% of the line that did not cross it",
        ),
        "implementation_volume_multiple": Column(
            "Volume ×",
            "multiple",
            width=68,
            help="Median name's value traded on the implementation day over its usual "
            "day's",
        ),
        "break_even_frac": Column(
            "Even at, %",
            "percent",
            width=76,
            help="Breaks even: cost of one side of the round trip that leaves nothing",
        ),
        "tradable_mean_car_frac": Column(
            "From next close, %",
            "percent_signed",
            help="From the close of the session after the window's first day, at which "
            "what that day told can be traded",
            is_more=True,
        ),
        "median_car_frac": Column("Median, %", "percent_signed", is_more=True),
        "share_positive_frac": Column("Above 0, %", "percent", is_more=True),
        "matched_ci_low_frac": Column("Alike from, %", "percent_signed", is_more=True),
        "matched_ci_high_frac": Column("Alike to, %", "percent_signed", is_more=True),
        "p_beside": Column("p beside", "score", is_more=True),
        "half_spread_frac": Column(
            "Half spread, %",
            "percent",
            help="Roll (1984), from closes alone",
            is_more=True,
        ),
        "impact_frac": Column(
            "Impact, %",
            "percent",
            help="Of 5% of a usual day's value, by the square-root law",
            is_more=True,
        ),
        "ended_count": Column("Ended", "number", is_more=True),
    },
    paper=(
        *("what", "when", "n", "mean_car_frac", "interval", "p", "corrected"),
        *("matched_mean_car_frac", "break_even_frac"),
    ),
    file=lambda table: table[summary.COLUMNS],
    finding=_effects_finding,
    filters=lambda answer, question: (
        f"{question.event or EVERY}, names {question.lists}"
    ),
    note=NOTE,
    mark=ESTIMATED,
)


def _names(answers: Answers, question: EventsQuestion) -> pd.DataFrame:
    chosen = studied(answers, question)
    table = curves.name_rows(
        chosen, question.code(), question.basis(), question.span(), question.as_of
    )
    return table.assign(year=table["year"].astype("str"))


def _names_finding(table: pd.DataFrame, question: EventsQuestion) -> str:
    up = int((table["car_frac"] > 0).sum())
    return (
        f"{up:,} of {formatting.count(len(table), 'name')} did better than the Russell "
        f"2000 companies that stayed, {question.window}"
    )


NAMES = Exhibit(
    key="events/names",
    subject="Names",
    question=EventsQuestion,
    answer=_names,
    columns={
        "symbol": Column("Ticker", width=72),
        "company": Column("Company", width=196),
        "year": Column("Event", width=56),
        "car_frac": Column("Abnormal, %", "percent_signed", width=88),
        "matched_car_frac": Column("Alike, %", "percent_signed", width=70),
        "return_frac": Column("Return, %", "percent_signed", width=76),
        "trail": Column(
            "Since rank day",
            "trail",
            width=94,
            help="Abnormal return every third session, each row on its own scale",
        ),
        "volume_multiple": Column(
            "Volume ×",
            "multiple",
            width=70,
            help="Value traded on the implementation day over the usual day's",
        ),
        "total_market_cap_usd": Column("Cap, $bn", "usd_bn", width=76),
        "ending": Column("Ended", width=166, missing=""),
        "sector": Column("Sector", is_more=True),
    },
    file=lambda table: table.drop(columns="trail"),
    finding=_names_finding,
    filters=_which,
    note="market cap on rank day; best first",
    mark=ESTIMATED,
)


def _after(answers: Answers, question: EventsQuestion) -> pd.DataFrame:
    chosen = [
        answers.months_after(each.event.year, each.event.leg)
        for each in studied(answers, question)
    ]
    rows = summary.months_after(
        chosen, question.code(), question.basis(), question.as_of
    )
    rows = rows[rows["n"] > 0]
    return rows.assign(
        event=rows["year"].replace({ALL: EVERY}),
        when=rows["window"].map(windows.WORDS),
        interval=_intervals(rows, "ci"),
        matched_interval=_intervals(rows, "matched_ci"),
    ).reset_index(drop=True)


def _after_finding(table: pd.DataFrame, question: EventsQuestion) -> str:
    who = curves.GROUP_WORDS[question.code()]
    pooled = table[table["event"] == EVERY] if len(table) else table
    rows = pooled if len(pooled) else table
    if rows.empty:
        return f"{who}: no month after is known yet"
    said = [
        f"{formatting.percent(mean, signed=True)} {when.removesuffix(' after')}"
        for when, mean in zip(rows["when"], rows["matched_mean_car_frac"], strict=True)
    ]
    return f"{who} against names alike: {', '.join(said)} after"


AFTER = Exhibit(
    key="events/after",
    subject="Months after",
    question=EventsQuestion,
    answer=_after,
    columns={
        "event": Column("Event", width=92),
        "when": Column("Window", width=124),
        "n": Column("Names", "number", width=62),
        "mean_car_frac": Column("Mean, %", "percent_signed", width=72),
        "interval": Column("95% interval", width=120, help=INTERVAL_HELP),
        "median_car_frac": Column("Median, %", "percent_signed", width=80),
        "share_positive_frac": Column("Above 0, %", "percent", width=84),
        "matched_mean_car_frac": Column(
            "Alike, %", "percent_signed", width=74, help=ALIKE_HELP
        ),
        "matched_interval": Column("95% interval", width=120, help=INTERVAL_HELP),
        "ended_count": Column(
            "Ended", "number", width=66, help="Names whose listing ended on the way"
        ),
    },
    finding=_after_finding,
    file=lambda table: table.drop(
        columns=["event", "when", "interval", "matched_interval"]
    ),
    filters=lambda answer, question: (
        f"{question.group}, {question.event or EVERY}, names {question.lists}"
    ),
    note="from the implementation close; 63, 126 and 252 sessions",
    mark=ESTIMATED,
)


def small_print(answers: Answers, question: EventsQuestion) -> list[str]:
    """Return what each event rests on, and what of the returns was set aside."""
    found = []
    for each in studied(answers, question):
        faults = "; ".join(
            f"{row.rows:,} × {row.reason}" for row in each.faults.itertuples()
        )
        lists = formatting.indexes_spelled(each.statement)
        said = f"{each.event.name}: {lists}."
        found.append(f"{said} Returns set right or aside: {faults or 'none'}.")
    return found
