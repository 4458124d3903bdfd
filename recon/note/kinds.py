"""How each kind of piece is made anew: from its page's place and its controls.

A kind is named after where the piece stands, such as ``break-points/drift``; its
parameters are those of the page's link. A kind that is not here can only be frozen.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import pandas as pd

from recon import formatting, record, schedule
from recon.charts import Figure
from recon.charts import accuracy as accuracy_figures
from recon.charts import break_points as line_figures
from recon.charts import candidates as candidate_figures
from recon.charts import overview as overview_figures
from recon.errors import BadRequest
from recon.exhibits import headlines
from recon.indexes import INDEXES, LINE_NAMES
from recon.note import findings
from recon.note.answers import Answers
from recon.note.findings import Parameters
from recon.studies import break_points, candidates

RANK = INDEXES["R1000"].line_rank
RANKS = {name: rank for rank, name in LINE_NAMES.items()}
THEME = "light"


@dataclass(frozen=True, kw_only=True)
class Kind:
    """How one kind is made: `draw` for a chart, `tabulate` for a table.

    `tell` says what a table shows, as a title; a chart says it itself.
    """

    draw: Callable[[Answers, date, Parameters], Figure] | None = None
    tabulate: Callable[[Answers, date, Parameters], pd.DataFrame] | None = None
    tell: Callable[[pd.DataFrame, Parameters], str] | None = None


def chosen(rows: pd.DataFrame, parameters: Parameters) -> dict[str, list[str]]:
    """Return the choices of each facet that a link turns on."""
    found: dict[str, list[str]] = {}
    for facet in candidates.FACETS:
        on = [
            choice
            for choice in candidates.choices(rows, facet, found)
            if _first(parameters, candidates.key(facet, choice)).lower() == "true"
        ]
        if on:
            found[facet.name] = on
    return found


def _since(answers: Answers, day: date, parameters: Parameters) -> date:
    first = answers.published_days()[0].date()
    return min(max(_day(parameters, "since") or first, first), day)


def _day(parameters: Parameters, name: str) -> date | None:
    """Return the day that a link asks for; None where it asks for no day."""
    try:
        return date.fromisoformat(_first(parameters, name))
    except ValueError:
        return None


def _first(parameters: Parameters, name: str) -> str:
    return next(iter(parameters.get(name, [])), "")


def lines(
    answers: Answers, day: date, parameters: Parameters
) -> list[tuple[break_points.Standing, pd.DataFrame]]:
    """Return the lines that a link of the Break points page chooses."""
    asked = [name for each in parameters.get("line", []) for name in each.split(",")]
    ranks = [RANKS[name] for name in asked if name in RANKS] or [RANK]
    adjusted = answers.adjusted_break_points(day)
    since = _since(answers, day, parameters)
    return break_points.lines_since(adjusted, ranks, since, schedule.sessions())


def official(answers: Answers, day: date) -> pd.DataFrame:
    """Return the official break points known by a day; none of a synthetic market."""
    known = break_points.official_known(record.official_break_points(), day)
    return known.head(0) if answers.store().is_demo else known


def _drift(answers: Answers, day: date, parameters: Parameters) -> Figure:
    shown, known = lines(answers, day, parameters), official(answers, day)
    is_upper = any(line.rank == RANK for line, _ in shown)
    return line_figures.drift(
        shown,
        known if is_upper else known.head(0),
        schedule.reconstitutions(),
        THEME,
        is_log=parameters.get("scale", ["log"]) != ["linear"],
        is_against_market=_first(parameters, "market").lower() != "false",
    )


def _rank_size(answers: Answers, day: date, parameters: Parameters) -> Figure:
    line = lines(answers, day, parameters)[0][0]
    companies = answers.projection(day).companies
    return line_figures.rank_size(break_points.near_line(companies, line), line, THEME)


def _today(answers: Answers, day: date, parameters: Parameters) -> pd.DataFrame:
    every = break_points.lines_today(answers.adjusted_break_points(day))
    return headlines.with_band(every)


def _official(answers: Answers, day: date, parameters: Parameters) -> pd.DataFrame:
    adjusted = answers.adjusted_break_points(day)
    return break_points.against_official(adjusted, official(answers, day), RANK)


def watched(answers: Answers, day: date, parameters: Parameters) -> pd.DataFrame:
    """Return the watched rows that a link's filters let through."""
    rows = answers.watched(day)
    return candidates.filtered(rows, chosen(rows, parameters))


def _distances(answers: Answers, day: date, parameters: Parameters) -> Figure:
    return candidate_figures.distances(watched(answers, day, parameters), THEME)


def base_day(answers: Answers, day: date) -> date:
    """Return the last rank day, or the day itself where no session is as old."""
    rank_day = schedule.last_rank_day(day)
    first = answers.published_days()[0].date()
    return rank_day if rank_day is not None and rank_day >= first else day


def _largest(answers: Answers, day: date, parameters: Parameters) -> Figure:
    now = answers.projection(day)
    asked = _day(parameters, "against")
    base = answers.projection(asked if asked else base_day(answers, day))
    since = formatting.day(base.snapshot_date)
    leaders = break_points.leaders(now.companies, base.companies)
    return overview_figures.largest(leaders, since, THEME)


def _calendar(answers: Answers, day: date, parameters: Parameters) -> Figure:
    return overview_figures.calendar(schedule.coming(day), day, False, THEME)


def _lines_today(answers: Answers, day: date, parameters: Parameters) -> pd.DataFrame:
    return break_points.lines_today(answers.adjusted_break_points(day))


def _moves(answers: Answers, day: date, parameters: Parameters) -> pd.DataFrame:
    projection = answers.projection(day)
    movers = candidates.movers(projection.companies, projection.securities)
    return break_points.move_balance(movers)


def year_of(answers: Answers, day: date, parameters: Parameters) -> int:
    """Return the event that a link of the Accuracy page chooses, else the last."""
    years = answers.scored_years(day)
    if not years:
        raise BadRequest(
            f"No June event with lists of what came lies before {formatting.day(day)}; "
            "freeze the piece, or choose a later day."
        )
    asked = _first(parameters, "year")
    return next((year for year in years if str(year) == asked), years[-1])


def _scores(answers: Answers, day: date, parameters: Parameters) -> pd.DataFrame:
    years = answers.scored_years(day)
    tables = [answers.scored(year, None).lists.assign(year=str(year)) for year in years]
    if not tables:
        year_of(answers, day, parameters)
    table = pd.concat(tables, ignore_index=True)
    return table.assign(what=table["list"].map(accuracy_figures.LIST_NAMES))


def _line_error(answers: Answers, day: date, parameters: Parameters) -> Figure:
    year_of(answers, day, parameters)
    tables = [
        answers.scored(year, None).break_points.assign(year=year)
        for year in answers.scored_years(day)
    ]
    table = pd.concat(tables, ignore_index=True)
    known = table.loc[table["index"] == "R1000", ["year", "error_frac"]]
    return accuracy_figures.line_error(known, record.forecasts(), THEME)


def _taxonomy(answers: Answers, day: date, parameters: Parameters) -> Figure:
    year = year_of(answers, day, parameters)
    return accuracy_figures.taxonomy(answers.scored(year, None).errors, year, THEME)


def _misjudged(answers: Answers, day: date, parameters: Parameters) -> pd.DataFrame:
    errors = answers.scored(year_of(answers, day, parameters), None).errors
    return errors.assign(list=errors["list"].map(accuracy_figures.LIST_NAMES))


KINDS: dict[str, Kind] = {
    "overview/calendar": Kind(draw=_calendar),
    "overview/largest": Kind(draw=_largest),
    "overview/lines": Kind(tabulate=_lines_today, tell=findings.lines),
    "overview/moves": Kind(tabulate=_moves, tell=findings.moves),
    "break-points/drift": Kind(draw=_drift),
    "break-points/rank_size": Kind(draw=_rank_size),
    "break-points/today": Kind(tabulate=_today, tell=findings.lines),
    "break-points/official": Kind(tabulate=_official, tell=findings.official),
    "candidates/distances": Kind(draw=_distances),
    "candidates/candidates": Kind(tabulate=watched, tell=findings.names),
    "accuracy/line_error": Kind(draw=_line_error),
    "accuracy/taxonomy": Kind(draw=_taxonomy),
    "accuracy/scores": Kind(tabulate=_scores, tell=findings.scores),
    "accuracy/misjudged": Kind(tabulate=_misjudged, tell=findings.misjudged),
}
