"""Projections scored against what came: hits, misses, and why.

A year is projected from what was known on its rank day and compared with the lists of
after the event. What the data show to be no error (takeovers, changed symbols, share
classes, companies listed later) is set apart by name; the rest is counted, and each
miss and false call carries a cause (decision 0010).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from recon import record, schedule
from recon.errors import BadRequest, SnapshotMissing
from recon.reconstitution import Facts, Projection, project
from recon.reconstitution.changed_symbols import find_changes
from recon.reconstitution.companies import keys_on
from recon.rulebook import HEURISTICS
from recon.studies.accuracy import causes, counting
from recon.studies.accuracy.official import against, read_official
from recon.studies.accuracy.outcome import (
    Outcome,
    WithLists,
    check_changed,
    outcome_of,
    read_lists,
    sessions_near,
    stored_lists,
)

__all__ = [
    "Scored",
    "as_json",
    "as_table",
    "compared",
    "read_lists",
    "score",
    "seen_after",
    "what_came",
    "years_of",
]
SHOWN = ["key", "symbol", "name", "now", "projected", "came", "cause", "why"]


@dataclass(frozen=True, kw_only=True)
class Scored:
    """One year's answer.

    `lists` has list, projected, actual, hits, precision, recall, f1; `errors` one row
    a list and company misjudged with kind (missed or false), cause and why; `apart`
    companies not counted, with the note why; `break_points` index, projected_usd,
    official_usd, error_frac. `official` and `official_errors` are those of
    `official.against`, None without a file.
    """

    year: int
    as_of: date
    event: schedule.Reconstitution
    lists: pd.DataFrame
    errors: pd.DataFrame
    apart: pd.DataFrame
    break_points: pd.DataFrame
    statement: str
    official: pd.DataFrame | None = None
    official_errors: pd.DataFrame | None = None


def years_of(facts: Facts) -> list[int]:
    """Return the years whose June event lies between the first and last session."""
    days = facts.published_days()
    if not len(days):
        return []
    return [
        event.year
        for event in schedule.reconstitutions()
        if event.leg == "June"
        and days[0] <= pd.Timestamp(event.rank_day)
        and pd.Timestamp(event.implementation_close) <= days[-1]
    ]


def score(
    facts: Facts,
    year: int,
    as_of: date | None = None,
    before: pd.DataFrame | None = None,
    after: pd.DataFrame | None = None,
    official: pd.DataFrame | None = None,
    project_on: Callable[[date], Projection] | None = None,
) -> Scored:
    """Score one June reconstitution, projected as of its rank day or another day.

    From rank day to the implementation close the event is as rank day decided it.

    `before` and `after` are tables for `read_lists`; without them the lists of the
    facts count. Lists dated after the day, or after rank day, never enter the
    projection. `official` is a table for `official.read_official`: what the index
    provider said came. `project_on` stands in for `project` on these facts, where a
    caller may have projected before.

    Raises
    ------
    SnapshotMissing
        If the day or what came of the event is not in the data.
    BadRequest
        If the day is after the event's implementation.
    """
    event = schedule.reconstitution(year, "June")
    day = _rank_session(facts, event, as_of)
    if before is not None:
        lists = read_lists(before, "before", year)
        projected = project(WithLists(facts, lists), day)  # type: ignore[arg-type]
    else:
        projected = project_on(day) if project_on else project(facts, day)
    if projected.membership.as_of is None:
        raise SnapshotMissing(
            f"{year} cannot be scored: no list of members is known on {day}; load one "
            "with 'python -m recon ingest memberships FILE', or name a file with "
            "--before."
        )
    outcome = (
        outcome_of(read_lists(after, "after", year), event)
        if after is not None
        else what_came(facts, event)
    )
    check_changed(outcome, projected.membership.index_by_key, event)
    seen = seen_after(facts, projected, outcome)
    rows = at_stake(projected, outcome, seen)
    large, broad = projected.rules.large_count, projected.rules.broad_count
    lines = projected.break_points
    line = lines.set_index("rank")["break_point_usd"]
    errors = causes.with_causes(_errors(rows), lines, year, (large, broad))
    stated = None
    if official is not None:
        changes_stated = read_official(official)
        stated = against(rows, projected.securities, changes_stated, event, seen)
    return Scored(
        year=year,
        as_of=projected.snapshot_date,
        event=event,
        lists=counting.tally(rows),
        errors=errors[["list", "kind", *SHOWN]].reset_index(drop=True),
        apart=_shown(rows[rows["note"].notna()], [*SHOWN[:6], "note"]),
        break_points=_lines(line, year, {"R1000": large, "R2000": broad}),
        statement=f"{projected.membership.statement}; then {outcome.statement}",
        official=stated[0] if stated else None,
        official_errors=stated[1] if stated else None,
    )


def compared(
    facts: Facts, event: schedule.Reconstitution, projected: Projection
) -> tuple[pd.DataFrame, Outcome]:
    """Return `at_stake` of a projection and what came by the lists of the facts.

    Raises
    ------
    SnapshotMissing
        If what came of the event is not in the data.
    """
    outcome = what_came(facts, event)
    check_changed(outcome, projected.membership.index_by_key, event)
    return at_stake(projected, outcome, seen_after(facts, projected, outcome)), outcome


def at_stake(
    projected: Projection, outcome: Outcome, seen: counting.Seen
) -> pd.DataFrame:
    """Return one row per company of an index before, projected or after.

    See `counting.units` for the columns, and for `note`, why a row is not counted.
    """
    rows = counting.units(
        projected.securities,
        projected.membership.index_by_key,
        outcome.index_by_key,
        seen,
        projected.unseen,
    )
    line = projected.break_points.set_index("rank")["break_point_usd"]
    large = float(line[projected.rules.large_count])
    return counting.in_doubt(rows, large, outcome.is_subtracted)


def what_came(facts: Facts, event: schedule.Reconstitution) -> Outcome:
    """Return membership after an event by the lists of the facts."""
    close = event.implementation_close
    return outcome_of(stored_lists(facts, close, _until(event)), event)


def as_json(scored: Sequence[Scored]) -> dict[str, list[dict[str, object]]]:
    """Return the years as plain lists, numbers and texts."""
    return {"years": [_year(each) for each in scored]}


def as_table(scored: Sequence[Scored]) -> pd.DataFrame:
    """Return one row a year and list, with the break point's error."""
    tables = []
    for each in scored:
        line = each.break_points.set_index("index")["error_frac"].get("R1000")
        head = {"year": str(each.year), "as_of": each.as_of.isoformat()}
        lists = pd.concat([each.lists, each.official], ignore_index=True)
        lists = lists.astype(dict.fromkeys(["projected", "actual", "hits"], "str"))
        tables.append(
            pd.DataFrame(head, index=lists.index)
            .join(lists)
            .assign(line_error_frac=line)
        )
    return pd.concat(tables, ignore_index=True)


def _year(scored: Scored) -> dict[str, object]:
    lists = _with_names(scored.lists, scored.errors)
    stated = {}
    if scored.official is not None:
        stated = {"official": _with_names(scored.official, scored.official_errors)}
    return {
        "year": scored.year,
        "as_of": scored.as_of.isoformat(),
        "break_points": _plain(scored.break_points),
        "lists": lists,
        **stated,
        "apart": _plain(scored.apart[["symbol", "name", "note"]]),
        "statement": scored.statement,
    }


def _with_names(
    lists: pd.DataFrame, errors: pd.DataFrame | None
) -> list[dict[str, object]]:
    """Each list with its counts and the names missed and falsely called."""
    found = _plain(lists)
    for line in found:
        own = errors[errors["list"] == line["list"]] if errors is not None else None
        for kind in ("missed", "false"):
            names = pd.DataFrame() if own is None else own[own["kind"] == kind]
            shown = [n for n in ("symbol", "name", "cause", "why") if n in names]
            line[kind] = _plain(names[shown])
    return found


def _plain(table: pd.DataFrame) -> list[dict[str, object]]:
    return table.astype(object).where(table.notna(), None).to_dict("records")


def _rank_session(
    facts: Facts, event: schedule.Reconstitution, as_of: date | None
) -> date:
    wanted = as_of or event.rank_day
    if wanted > event.implementation_close:
        raise BadRequest(
            f"{wanted} is after the implementation of {event.name} "
            f"({event.implementation_close}); choose that day or an earlier one."
        )
    days = facts.published_days()
    (day,) = sessions_near(days, [wanted])
    if day is None:
        has = f"{days[0].date()} to {days[-1].date()}" if len(days) else "no day yet"
        raise SnapshotMissing(
            f"{event.year} cannot be scored: no session within "
            f"{HEURISTICS.sighting_days} days of {wanted}; the store holds {has}."
        )
    return day


def _until(event: schedule.Reconstitution) -> date:
    close = pd.Timestamp(event.implementation_close)
    return (close + pd.Timedelta(days=HEURISTICS.large_within_days)).date()


def seen_after(facts: Facts, projected: Projection, outcome: Outcome) -> counting.Seen:
    """Return what the listings show on the days of the outcome."""
    day, days = projected.snapshot_date, facts.published_days()
    afterwards = sessions_near(days, [outcome.small_as_of, outcome.large_as_of])
    known = [each for each in afterwards if each is not None]
    always: frozenset[str] | None = None
    ever: frozenset[str] = frozenset()
    symbol_then: dict[str, str] = {}
    if len(known) == len(afterwards):
        each = [keys_on(facts, at) for at in set(known)]
        always, ever = each[0].intersection(*each[1:]), each[0].union(*each[1:])
        keys = frozenset(projected.securities["key"].dropna())
        changed = find_changes(facts, day, max(known), keys)
        symbol_then = dict(zip(changed["key"], changed["key_new"], strict=True))
    return counting.Seen(after=always, came=ever, symbol_then=symbol_then)


def _errors(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a list and company that was missed or falsely called."""
    counted = rows[rows["note"].isna()]
    found = []
    for name in counting.LISTS:
        said, came = counting.flags(counted, name)
        for kind, wrong in (("missed", came & ~said), ("false", said & ~came)):
            found.append(counted[wrong].assign(list=name, kind=kind))
    ordered = ["list", "kind", "total_market_cap_usd", "key"]
    by = pd.concat(found, ignore_index=True)
    by = by.assign(symbol=by["symbol"].fillna(by["key"]))
    by["list"] = pd.Categorical(by["list"], counting.LISTS, ordered=True)
    by = by.sort_values(ordered, ascending=[True, False, False, True])
    return by.assign(list=by["list"].astype("str")).reset_index(drop=True)


def _shown(rows: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    table = rows.reset_index(drop=True)
    return table.assign(symbol=table["symbol"].fillna(table["key"]))[columns]


def _lines(line: pd.Series, year: int, ranks: dict[str, int]) -> pd.DataFrame:
    """Projected and official figure of each line; official ones where published."""
    official = record.break_points()
    official = official[official["year"] == year]
    measures = {"R1000": "r1000_r2000_breakpoint", "R2000": "r3000_smallest"}
    rows = []
    for index, rank in ranks.items():
        values = official.loc[official["measure"] == measures[index], "value_usd"]
        if values.empty and index != "R1000":
            continue
        said = float(values.iloc[0]) if len(values) else None
        here = float(line[rank])
        rows.append((index, here, said, here / said - 1 if said else None))
    return pd.DataFrame(
        rows, columns=["index", "projected_usd", "official_usd", "error_frac"]
    )
