"""The reconstitution preview: what a desk sends out before an event, in one call.

Break points and how they drifted, counts, the names by move with their distances,
styles and sectors, and how far such projections were right before.
"""

from dataclasses import replace
from datetime import date
from typing import Any

from recon import formatting, schedule
from recon.charts.accuracy import LIST_NAMES
from recon.exhibits import (
    Answers,
    Exhibit,
    accuracy,
    breadth,
    break_points,
    candidates,
    concentration,
    demand,
    forecast,
    overview,
    rotation,
    segments,
    style,
    valuation,
)
from recon.export.pieces import Note, Piece
from recon.studies.candidates import filters
from recon.vocabulary import ADDITION

OFFICIAL_YEARS, SHIFTS_SHOWN, TRADES_SHOWN = 10, 40, 40
UNDECIDED_SHOWN = 40
METHOD = (
    "Companies are ranked by total market cap at the close of the day, one row an "
    "issuer; a member keeps its index inside a band of cumulative market cap round the "
    "line. Nationality, free float and voting rights come from what index lists have "
    "shown, nationality and structure from filings where these are loaded. Scores "
    "count each name of a list; takeovers, new symbols, share classes and later "
    "listings are excluded. F1 is the harmonic mean of precision and recall."
)
WHOLE = tuple(LIST_NAMES[name] for name in ("r1000", "r2000"))


def preview(answers: Answers, as_of: date) -> Note:
    """Put the preview of the coming event together, as known on a day.

    Raises
    ------
    SnapshotMissing
        If no published session is on or before the day.
    """
    day = answers.day_on_or_before(as_of)
    event = schedule.coming(day)
    question = break_points.LineQuestion(as_of=day)
    pieces = [
        *_lines(answers, day),
        _piece(answers, overview.CALENDAR, day),
        _piece(answers, candidates.DISTANCES, day),
        _piece(answers, candidates.SECTORS, day),
        *_names(answers, day),
        *_odds(answers, day),
        *_styles(answers, day),
        *_demand(answers, day),
        _piece(answers, overview.LARGEST, day),
        *_market(answers, day),
        *_accuracy(answers, day),
    ]
    pieces[-1] = replace(pieces[-1], comment=_method(answers, day))
    return Note(
        title=f"Russell reconstitution preview, {event.name}",
        lead=overview.headline(answers, question),
        pieces=tuple(pieces),
    )


def _piece(
    answers: Answers,
    exhibit: Exhibit,
    day: date,
    *,
    comment: str = "",
    row_limit: int = 0,
    **asked: Any,
) -> Piece:
    """Make one exhibit of the day, with a link to its page."""
    made = exhibit.made(answers, exhibit.question(as_of=day, **asked))
    return made.piece(made.path(), comment, row_limit)


def _lines(answers: Answers, day: date) -> list[Piece]:
    words = _line_words(answers, day)
    pieces = [
        _piece(answers, break_points.DRIFT, day, comment=words),
        _piece(answers, overview.LINES, day),
        _piece(answers, overview.MOVES, day),
    ]
    if not answers.store.is_demo:
        years = OFFICIAL_YEARS
        pieces.append(_piece(answers, break_points.OFFICIAL, day, row_limit=years))
    return pieces


def _line_words(answers: Answers, day: date) -> str:
    """Say where the line stands, also against the last official one."""
    question = break_points.LineQuestion(as_of=day)
    words = break_points.headline(answers, question)
    known = break_points.official_known(answers, day)
    if known.empty:
        return words
    line = break_points.line_of(answers, question)
    last = known.sort_values("year").iloc[-1]
    against = formatting.above_or_below(
        line.break_point_usd / last["break_point_usd"] - 1,
        f"the last official one, {formatting.usd(last['break_point_usd'])} of "
        f"{formatting.day(last['rank_day'])}",
    )
    return f"{words} It is {against}."


def _names(answers: Answers, day: date) -> list[Piece]:
    """Return a list for each move, the joiners of each index apart, by size."""
    asked: list[tuple[str, ...]] = []
    for change in candidates.LISTS:
        key = filters.key(candidates.MOVE, change)
        parts = ("R1000", "R2000") if change == ADDITION else ()
        joined = [(filters.key(candidates.INDEX, code), key) for code in parts]
        asked += joined or [(key,)]
    lists = [
        _piece(answers, candidates.CANDIDATES, day, on=on, order="largest first")
        for on in asked
    ]
    return [each for each in lists if each.table is not None and len(each.table)]


def _odds(answers: Answers, day: date) -> list[Piece]:
    """Return where the line may stand, how many may move, and who is undecided."""
    declared = (forecast.FAN, forecast.COUNTS, forecast.UNDECIDED)
    question = break_points.DriftQuestion(as_of=day)
    if forecast.FAN.missing(answers, question):
        return []
    limits = (0, 0, UNDECIDED_SHOWN)
    return [
        _piece(answers, each, day, row_limit=limit)
        for each, limit in zip(declared, limits, strict=True)
    ]


def _styles(answers: Answers, day: date) -> list[Piece]:
    styles = answers.styles(day)
    if styles.missing:
        return []
    words = styles.previous_missing
    return [
        _piece(answers, style.ALL_SHIFTS, day, comment=words, row_limit=SHIFTS_SHOWN),
        _piece(answers, style.SECTORS, day, base="Russell 2000", half="value"),
        _piece(answers, style.SECTORS, day, base="Russell 2000", half="growth"),
    ]


def _demand(answers: Answers, day: date) -> list[Piece]:
    """Return what passive money would trade: by cause, and the largest trades."""
    question = demand.DemandQuestion(as_of=day)
    if demand.all_rows(answers, question).empty:
        return []
    words = demand.headline(answers, question)
    return [
        _piece(answers, demand.CAUSES, day, comment=words),
        _piece(answers, demand.NAMES, day, row_limit=TRADES_SHOWN),
    ]


def _accuracy(answers: Answers, day: date) -> list[Piece]:
    if not answers.scored_years(day):
        return []
    scores = _piece(answers, accuracy.SCORES, day)
    assert scores.table is not None
    table = scores.table[~scores.table["what"].isin(WHOLE)].reset_index(drop=True)
    pieces = [replace(scores, table=table)]
    if not answers.store.is_demo:
        pieces.insert(0, _piece(answers, accuracy.LINE_ERROR, day))
    return pieces


def _market(answers: Answers, day: date) -> list[Piece]:
    """Return small against large caps, breadth and concentration, where known."""
    question = segments.SinceQuestion(as_of=day)
    if segments.RELATIVE.missing(answers, question):
        return []
    words = segments.headline(answers, question)
    priced = valuation.ValuationQuestion(as_of=day)
    no_valuation = valuation.GAP.missing(answers, priced)
    return [
        _piece(answers, segments.RELATIVE, day, comment=words),
        _piece(answers, segments.GAP, day),
        *([] if no_valuation else [_piece(answers, valuation.GAP, day)]),
        _piece(answers, breadth.ABOVE, day),
        _piece(answers, concentration.WEIGHT, day),
        _piece(answers, rotation.INSIDE, day),
    ]


def _method(answers: Answers, day: date) -> str:
    """Say how names are projected, and what is left out since it is not known."""
    said = [METHOD]
    if missing := answers.styles(day).missing:
        said.append(f"Styles are left out: {_reason(missing)}")
    question = break_points.DriftQuestion(as_of=day)
    if missing := forecast.FAN.missing(answers, question):
        said.append(f"Odds are left out: {_reason(missing)}")
    since = segments.SinceQuestion(as_of=day)
    if missing := segments.RELATIVE.missing(answers, since):
        said.append(f"The market is left out: {_reason(missing)}")
    if not answers.scored_years(day):
        said.append(
            "How far such projections were right is not known: no past event can be "
            f"scored with what is known on {formatting.day(day)}."
        )
    return " ".join(said)


def _reason(missing: str) -> str:
    """Return why something is not known, without what the desk can do about it."""
    first = missing.partition(". ")[0].partition(": ")[0].partition("; ")[0]
    return first.rstrip(".") + "."
