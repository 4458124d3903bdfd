"""The reconstitution preview: what a desk sends out before an event, in one call.

Break points and how they drifted, counts, the names by move with their distances,
styles and sectors, and how far such projections were right before.
"""

from dataclasses import replace
from datetime import date, timedelta

import pandas as pd

from recon import formatting, schedule
from recon.charts.accuracy import LIST_NAMES
from recon.exhibits import headlines
from recon.export.pieces import Note, Piece
from recon.export.provenance import ESTIMATED, PROJECTED
from recon.formatting import Column
from recon.note import findings, kinds, making
from recon.note.answers import Answers
from recon.rules import style_shifts
from recon.studies import break_points, candidates

PROBABILITY, FAILED = "probability_frac", "ineligible_reason"
# each list of names with the column that differs from row to row
LISTS = {
    "migration up": None,
    "migration down": None,
    "addition": "then",
    "deletion": "now",
}
NAMES = {
    "symbol": Column(label="Ticker"),
    "company": Column(label="Company"),
    "now": Column(label="From"),
    "then": Column(label="To"),
    "rank": Column(label="Rank", kind="number", missing=""),
    "total_market_cap_usd": Column(label="Cap, $bn", kind="usd_bn"),
    "distance_to_break_point_frac": Column(
        label="To line, %",
        kind="percent_signed",
        help="Market cap against the line whose crossing changes the index",
        missing="",
    ),
    PROBABILITY: Column(label="Probability, %", kind="percent"),
    "crossing_close_usd": Column(label="Crosses at, $", kind="usd", missing=""),
    FAILED: Column(label="Screen failed", missing=""),
    "sector": Column(label="Sector"),
}
LINES = {
    "line": Column(label="Line"),
    "break_point_usd": Column(label="Break point, $bn", kind="usd_bn"),
    "band": Column(label="Band, $bn"),
    "base_break_point_usd": Column(label="Last rank day, $bn", kind="usd_bn"),
    "change_frac": Column(label="Change, %", kind="percent_signed"),
    "against_market_frac": Column(label="Against the market, %", kind="percent_signed"),
}
MOVES = {
    "index": Column(label="Index", kind="index"),
    "addition": Column(label="+ in", kind="number"),
    "joins": Column(label="▲▼ in", kind="number"),
    "leaves": Column(label="▲▼ out", kind="number"),
    "deletion": Column(label="− out", kind="number"),
    "net": Column(label="Net", kind="number_signed"),
}
OFFICIAL = {
    "year": Column(label="Year"),
    "rank_day": Column(label="Rank day", kind="day"),
    "official_usd": Column(label="Official, $bn", kind="usd_bn"),
    "yearly_change_frac": Column(label="On the year, %", kind="percent_signed"),
    "our_usd": Column(label="Ours, $bn, est.", kind="usd_bn"),
    "error_frac": Column(label="Error, %", kind="percent_signed"),
}
SECTORS = {
    "sector": Column(label="Sector"),
    **{
        change: Column(label=formatting.MOVE_WORDS[change], kind="number", missing="0")
        for change in LISTS
    },
}
SCORES = {
    "year": Column(label="June"),
    "what": Column(label="List"),
    "projected": Column(label="Projected", kind="number"),
    "actual": Column(label="Came", kind="number"),
    "hits": Column(label="Hits", kind="number"),
    "precision": Column(label="Precision, %", kind="percent"),
    "recall": Column(label="Recall, %", kind="percent"),
    "f1": Column(label="F1, %", kind="percent"),
}
STYLES = {
    "symbol": Column(label="Ticker"),
    "company": Column(label="Company"),
    "base_index": Column(label="Index", kind="index"),
    "shift": Column(label="Shift"),
    "previous_value_weight_frac": Column(label="Value before, %", kind="percent"),
    "value_weight_frac": Column(label="Value now, %", kind="percent"),
    "float_market_cap_usd": Column(label="Float cap, $bn", kind="usd_bn"),
    "driver": Column(label="Driven by"),
}
TILT = {
    "sector": Column(label="Sector"),
    "frac": Column(label="Part now, %", kind="percent"),
    "previous_frac": Column(label="Before, %", kind="percent"),
    "change_frac": Column(label="Change, points", kind="percent_signed"),
}
GAP = {
    "what": Column(label="What"),
    "state": Column(label="State"),
}
OFFICIAL_YEARS, SHIFTS_SHOWN = 10, 40
METHOD = (
    "Companies are ranked by total market cap at the close of the day, one row an "
    "issuer; a member keeps its index inside a band of cumulative market cap round the "
    "line. Filings are not read: nationality, free float and voting rights come from "
    "what index lists have shown. Scores count each name of a list; takeovers, new "
    "symbols, share classes and later listings are set apart."
)


def preview(answers: Answers, as_of: date) -> Note:
    """Put the preview of the coming event together, as known on a day.

    Raises
    ------
    SnapshotMissing
        If no published session is on or before the day.
    """
    day = answers.day_on_or_before(as_of)
    event = schedule.coming(day)
    line = kinds.lines(answers, day, {})[0][0]
    projection = answers.projection(day)
    movers = candidates.movers(projection.companies, projection.securities)
    pieces = [
        *_lines(answers, day),
        *_moves(answers, day),
        *_names(answers, day),
        *_styles(answers, day),
        _piece(
            answers,
            day,
            "overview/largest",
            ESTIMATED,
            "Ten largest",
            parameters=_against(answers, day),
        ),
        *_accuracy(answers, day),
    ]
    return Note(
        title=f"Russell reconstitution preview, {event.name}",
        lead=headlines.overview_answer(line, movers),
        pieces=tuple(pieces),
    )


def _piece(
    answers: Answers,
    day: date,
    kind: str,
    mark: str,
    about: str,
    columns: dict[str, Column] | None = None,
    *,
    comment: str = "",
    parameters: dict[str, list[str]] | None = None,
) -> Piece:
    """Make one piece of a kind that pages have too, with a link to its page."""
    page = kind.partition("/")[0]
    link = making.page_link(page, day)
    provenance = replace(answers.provenance(about, day, mark=mark), link=link)
    made, asked = kinds.KINDS[kind], {"as_of": [day.isoformat()], **(parameters or {})}
    if made.draw is not None:
        figure = made.draw(answers, day, asked)
        return making.of_chart(
            kind, figure, provenance, parameters=asked, comment=comment
        )
    assert made.tabulate is not None and columns is not None
    table = made.tabulate(answers, day, asked)
    return making.of_table(
        kind, table, columns, provenance, parameters=asked, comment=comment
    )


def _against(answers: Answers, day: date) -> dict[str, list[str]]:
    """Compare with the rank day before, where the store reaches back to it."""
    before = schedule.last_rank_day(day - timedelta(days=1))
    first = answers.published_days()[0].date()
    return {"against": [before.isoformat()]} if before and before >= first else {}


def _lines(answers: Answers, day: date) -> list[Piece]:
    line = kinds.lines(answers, day, {})[0][0]
    pieces = [
        _piece(
            answers, day, "break-points/drift", ESTIMATED, "Break points",
            comment=_line_words(answers, day, line),
        ),
        _piece(
            answers, day, "break-points/today", ESTIMATED, "Every line", LINES
        ),
    ]  # fmt: skip
    if not answers.store().is_demo:
        official = _piece(
            answers, day, "break-points/official", ESTIMATED, "Official record",
            OFFICIAL,
        )  # fmt: skip
        assert official.table is not None
        note = "official values are printed to $0.1bn"
        table = official.table.head(OFFICIAL_YEARS)
        pieces.append(replace(official, table=table, note=note))
    return pieces


def _line_words(answers: Answers, day: date, line: break_points.Standing) -> str:
    """Say where the line stands, also against the last official one."""
    known = kinds.official(answers, day)
    words = headlines.line_answer(line)
    if known.empty:
        return words
    last = known.sort_values("year").iloc[-1]
    against = formatting.above_or_below(
        line.break_point_usd / last["break_point_usd"] - 1,
        f"the last official one, {formatting.usd(last['break_point_usd'])} of "
        f"{formatting.day(last['rank_day'])}",
    )
    return f"{words} It is {against}."


def _moves(answers: Answers, day: date) -> list[Piece]:
    rows = answers.watched(day)
    sectors = candidates.moves_by_sector(rows)
    most = sectors.iloc[0]["sector"] if len(sectors) else "no sector"
    about = replace(
        answers.provenance("Moves by sector", day, mark=PROJECTED),
        link=making.page_link("candidates", day),
    )
    return [
        _piece(
            answers, day, "overview/moves", PROJECTED, "Moves", MOVES
        ),
        _piece(answers, day, "overview/calendar", "", "Calendar"),
        _piece(
            answers, day, "candidates/distances", PROJECTED, "Distance to the line"
        ),
        making.of_table(
            "preview/sectors", sectors, SECTORS, about,
            title=f"Moves by sector: most in {most}",
            note="companies; sectors are the provider's",
        ),
    ]  # fmt: skip


def _names(answers: Answers, day: date) -> list[Piece]:
    """Return the four lists of names, nearest to their line first."""
    pieces = []
    for change, side in LISTS.items():
        key = candidates.key(findings.MOVE, change)
        parameters = {key: ["true"], "as_of": [day.isoformat()]}
        table = kinds.watched(answers, day, parameters)
        left_out = {"now", "then"} - {side}
        left_out |= {"crossing_close_usd" if table[FAILED].any() else FAILED}
        columns = {
            name: column
            for name, column in NAMES.items()
            if name in table and name not in left_out
        }
        words = f"Move: {candidates.label(change)}"
        provenance = replace(
            answers.provenance("Candidates", day, words, PROJECTED),
            link=making.page_link("candidates", day, **{key: "true"}),
        )
        pieces.append(
            making.of_table(
                "candidates/candidates", table, columns, provenance,
                parameters=parameters,
                note="nearest to the line first",
            )
        )  # fmt: skip
    return pieces


def _styles(answers: Answers, day: date) -> list[Piece]:
    about = answers.provenance("Styles", day, mark=f"{ESTIMATED}, {PROJECTED}")
    if answers.store().fundamentals(day).empty:
        why = f"not known: no fundamentals on {formatting.day(day)}"
        table = pd.DataFrame(
            {"what": ["Style shifts", "Sector tilt of value and growth"], "state": why}
        )
        title = "Style shifts and sector tilt are not known"
        return [making.of_table("preview/styles", table, GAP, about, title=title)]
    styles = answers.styles(day)
    rows = styles.companies
    given = answers.store().fundamentals(day)["source"].dropna().unique()
    sources = [about.source, *([] if about.is_demo else map(str, given))]
    about = replace(
        about, source="; ".join(sources), link=making.page_link("style", day)
    )
    moved = rows[rows["shift"].isin([style_shifts.TO_VALUE, style_shifts.TO_GROWTH])]
    order = moved["shifted_usd"].abs().sort_values(ascending=False).index
    why = styles.missing or styles.previous_missing
    title = f"{formatting.count(len(moved), 'company', 'companies')} would shift style"
    if why:
        title = "Style shifts are not known"
    columns = {name: STYLES[name] for name in STYLES if name in moved}
    pieces = [
        making.of_table(
            "preview/shifts", moved.reindex(order).head(SHIFTS_SHOWN), columns, about,
            title=title, comment=why,
            note=f"up to {SHIFTS_SHOWN} shown, the most available cap first",
        )
    ]  # fmt: skip
    if not styles.missing:
        for style in style_shifts.STYLES:
            tilt = style_shifts.sector_tilt(rows, "R2000", style)
            pieces.append(
                making.of_table(
                    f"preview/tilt-{style}", tilt, TILT, about,
                    title=_tilt_title(tilt, style),
                )
            )  # fmt: skip
    return pieces


def _tilt_title(tilt: pd.DataFrame, style: str) -> str:
    if tilt.empty:
        return f"The sectors of Russell 2000 {style} are not known"
    first = tilt.iloc[0]
    return (
        f"Russell 2000 {style}: {first['sector']} is the largest sector, "
        f"{formatting.percent(first['frac'])}"
    )


def _accuracy(answers: Answers, day: date) -> list[Piece]:
    if not answers.scored_years(day):
        about = answers.provenance("Accuracy", day)
        table = pd.DataFrame(
            {
                "what": ["Past events"],
                "state": [f"none scored with what is known on {formatting.day(day)}"],
            }
        )
        title = "How far such projections were right is not known"
        return [
            making.of_table(
                "preview/method", table, GAP, about, title=title, comment=METHOD
            )
        ]
    scores = _piece(answers, day, "accuracy/scores", "", "Scorecard", SCORES)
    assert scores.table is not None
    table = scores.table[~scores.table["what"].isin(WHOLE)].reset_index(drop=True)
    note = "F1: harmonic mean of precision and recall, name by name"
    pieces = [replace(scores, table=table, note=note, comment=METHOD)]
    if not answers.store().is_demo:
        pieces.insert(
            0,
            _piece(answers, day, "accuracy/line_error", ESTIMATED, "Break point error"),
        )
    return pieces


WHOLE = (LIST_NAMES["r1000"], LIST_NAMES["r2000"])
