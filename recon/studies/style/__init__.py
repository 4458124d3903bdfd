"""Value and growth, now and at the last event, with filters as `candidates` has."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from recon import formatting, reconstitution, schedule, tables
from recon.fundamental_measures import VARIABLES
from recon.reconstitution import Projection
from recon.reconstitution.changed_symbols import find_changes
from recon.rulebook import HEURISTICS, Rulebook
from recon.rules import style, style_shifts
from recon.schedule import Reconstitution
from recon.studies.candidates.filters import (
    CAP_EDGES_USD,
    CAP_RANGES,
    NOT_KNOWN,
    groups,
    ranges,
)
from recon.studies.style.inputs import USES, StyleFacts, known_of
from recon.studies.style.lists import Held, held

ProjectOn = Callable[[date], Projection]
JUNE = "June"
# FTSE's groups, and the provider's that stand for two of them
GROUP_COLUMNS = {"subsector": "industry", "industry": "sector"}
LEVEL_WORDS = {1: "mean of its industry", 4: "mean of its sector", -1: "not known"}
PREVIOUS = ("base_index", "cvs", "value_weight_frac", *style.SCORES)


@dataclass(frozen=True, kw_only=True)
class Styles:
    """The styles of one day.

    `companies` is table `Styled`, largest first; `previous_event` is the last
    reconstitution, `previous_missing` says why its styles are not known (empty where
    they are), `previous_lists` which of them lists of members gave, `missing` why none
    of the day are.
    """

    snapshot_date: date
    rules: Rulebook
    event: Reconstitution
    previous_event: Reconstitution | None
    companies: pd.DataFrame
    missing: str
    previous_missing: str
    previous_lists: str


def project(
    facts: StyleFacts, as_of: date, project_on: ProjectOn | None = None
) -> Styles:
    """Project value and growth as if ranked on the last session not after `as_of`.

    `project_on` projects the indexes of a day, for a caller that keeps its answers.

    Raises
    ------
    SnapshotMissing
        If no published session is on or before `as_of`.
    """
    project_on = project_on or (lambda day: reconstitution.project(facts, day))
    projection = project_on(as_of)
    day = projection.snapshot_date
    event = schedule.last_implemented(day)
    previous, why = _previous(facts, event, project_on)
    listed = held(facts, event.effective_open, day) if event else NO_LISTS
    previous, why = _with_lists(previous, listed), "" if listed.statement else why
    if event is not None and previous is not None:
        previous = _followed(facts, previous, event.rank_day, day)
    known = known_of(facts, projection)
    table = _against(known, previous, projection)
    scored = _scored(table, projection, projection.event.rank_day.month)
    styled = style_shifts.add_shifts(scored, projection.rules.style)
    missing = "" if _is_known(styled) else _why_missing(facts, known, projection.rules)
    return Styles(
        snapshot_date=day,
        rules=projection.rules,
        event=projection.event,
        previous_event=event,
        companies=tables.Styled.validate(styled),
        missing=missing,
        previous_missing=why,
        previous_lists=listed.statement,
    )


def assign(
    facts: StyleFacts, event: Reconstitution, project_on: ProjectOn
) -> pd.DataFrame:
    """Return the styles that an event assigned, by the rules and what was known then.

    A June event assigns all anew. A December event leaves the unmoved what June gave
    them, so June is assigned first; before a June nothing is looked at.
    """
    projection = project_on(event.rank_day)
    table = known_of(facts, projection)
    before = None
    if event.leg != JUNE:
        earlier = [e for e in schedule.reconstitutions() if e.rank_day < event.rank_day]
        if earlier and earlier[-1].rank_day >= facts.published_days()[0].date():
            before = assign(facts, earlier[-1], project_on)
            since = earlier[-1].rank_day
            before = _followed(facts, before, since, projection.snapshot_date)
    table = _against(table, before, projection)
    return _scored(table, projection, event.rank_day.month)


def _previous(
    facts: StyleFacts, event: Reconstitution | None, project_on: ProjectOn
) -> tuple[pd.DataFrame | None, str]:
    """Return the styles of the last reconstitution, and why they are not known."""
    if event is None:
        return None, "no reconstitution went before"
    first = facts.published_days()[0].date()
    if event.rank_day < first:
        return None, (
            f"the rank day of {event.name}, {formatting.day(event.rank_day)}, is "
            f"before the first stored day, {formatting.day(first)}"
        )
    assigned = assign(facts, event, project_on)
    if not _is_known(assigned):
        return None, (
            f"the fundamentals do not reach back to the rank day of {event.name}, "
            f"{formatting.day(event.rank_day)}"
        )
    return assigned, ""


def _with_lists(previous: pd.DataFrame | None, listed: Held) -> pd.DataFrame | None:
    """Let lists of members go before the styles that the rules give, name by name.

    Where a list says otherwise than the rules, their score explains nothing: it is
    left out.
    """
    if listed.table.empty:
        return previous
    if previous is None:
        return listed.table.reindex(columns=["key", *PREVIOUS])
    by_key = listed.table.drop_duplicates("key").set_index("key")
    said = previous["key"].map(by_key["value_weight_frac"])
    gap = (said - previous["value_weight_frac"]).abs()
    differs = said.notna() & (gap > HEURISTICS.style_agrees_frac)
    scores = ["cvs", *style.SCORES]
    index = previous["key"].map(by_key["base_index"])
    known = previous.assign(
        value_weight_frac=said.fillna(previous["value_weight_frac"]),
        base_index=index.fillna(previous["base_index"]),
        **{name: previous[name].mask(differs) for name in scores},
    )
    others = listed.table[~listed.table["key"].isin(previous["key"])]
    return pd.concat([known[["key", *PREVIOUS]], others], ignore_index=True)


def _followed(
    facts: StyleFacts, previous: pd.DataFrame, since: date, until: date
) -> pd.DataFrame:
    """Give earlier styles the symbols that their companies have become since."""
    changes = find_changes(facts, since, until, frozenset(previous["key"].dropna()))
    return with_new_keys(previous, changes)


def with_new_keys(previous: pd.DataFrame, changes: pd.DataFrame) -> pd.DataFrame:
    """Replace the key of each row by what it has become, one change after another.

    `changes` has key and key_new in order of the day. A key that another row has
    already is not taken, for that is another company.
    """
    now = {key: key for key in previous["key"].dropna()}
    taken = set(now)
    for old, new in zip(changes["key"], changes["key_new"], strict=True):
        own = next((key for key, last in now.items() if last == old), None)
        if own is not None and new not in taken:
            now[own] = new
            taken.add(new)
    return previous.assign(key=previous["key"].map(now))


NO_LISTS = Held(table=pd.DataFrame(columns=["key"]), statement="")


def _is_known(scored: pd.DataFrame) -> bool:
    return bool(scored["value_weight_frac"].notna().any())


def _against(
    table: pd.DataFrame, previous: pd.DataFrame | None, projection: Projection
) -> pd.DataFrame:
    """Add the columns that the rules read beside a company's own figures."""
    ipo_year = projection.securities.set_index("security_id")["ipo_year"]
    listed_in = table["pricing_vehicle"].map(ipo_year)
    is_new = table["current_index"].isna() & (
        listed_in.astype(float) == projection.snapshot_date.year
    )
    groups = {name: table[column] for name, column in GROUP_COLUMNS.items()}
    names = [f"previous_{name}" for name in PREVIOUS]
    if previous is None:
        joined = table.assign(**dict.fromkeys(names, np.nan))
        joined["previous_base_index"] = pd.Series(pd.NA, table.index, dtype="str")
    else:
        last = previous.drop_duplicates("key").set_index("key")[list(PREVIOUS)]
        joined = table.join(last.add_prefix("previous_"), on="key")
    value = joined["previous_value_weight_frac"].astype(float)
    joined = joined.assign(previous_growth_weight_frac=1 - value)
    # `industry` is the provider's fine group here and FTSE's coarse one to the rules
    return joined.rename(columns={"industry": "provider_industry"}).assign(
        **groups, is_new_listing=is_new
    )


def _scored(
    table: pd.DataFrame, projection: Projection, rank_month: int
) -> pd.DataFrame:
    scored = style.score_every_way(table, projection.rules)
    scored = scored.pipe(style.average_listings, projection.rules)
    scored = scored.pipe(style.keep_the_unmoved, rank_month, projection.rules)
    ranges = {"cvs": ("cvs_low", "cvs_high"), "value_weight_frac": WEIGHT_RANGE}
    scored = scored.assign(missing=_missing_words(scored))
    for name, (low, high) in ranges.items():  # what is kept or averaged is in it too
        known = scored[name].notna()  # one that is kept may have no score of its own
        scored[low] = scored[[low, name]].min(axis=1).where(known)
        scored[high] = scored[[high, name]].max(axis=1).where(known)
    return scored.drop(columns=["industry", "subsector"]).rename(
        columns={"provider_industry": "industry"}
    )


WEIGHT_RANGE = ("value_weight_low_frac", "value_weight_high_frac")


def _missing_words(scored: pd.DataFrame) -> pd.Series:
    """Say which variables are not a company's own, and what stands in."""
    words = pd.Series("", index=scored.index, dtype="object")
    for name, variable in style_shifts.VARIABLE_WORDS.items():
        said = {at: f"; {variable}: {text}" for at, text in LEVEL_WORDS.items()}
        level = scored[f"{name}_level"].map(said)
        words = words + level.fillna("").astype("object")
    averaged = "; newly listed: mean weight of its industry"
    words = words + np.where(scored["is_group_average"], averaged, "")
    return words.str.removeprefix("; ").astype("str")


def _why_missing(facts: StyleFacts, known: pd.DataFrame, rules: Rulebook) -> str:
    """Say what is lacking for the style of a day on which none is known."""
    day = known["snapshot_date"].max()
    offered = facts.fundamentals(day.date())
    if offered.empty:
        return f"No fundamentals are known on {formatting.day(day)}."
    columns = {use: name for use, name in USES.items() if use in VARIABLES}
    lacks = [use for use, name in columns.items() if known[name].isna().all()]
    last = offered["known_on"].max()
    if (day - last).days > rules.style.fundamentals_max_days:
        return (
            f"The last fundamentals are of {formatting.day(last)}, more than "
            f"{rules.style.fundamentals_max_days} days before {formatting.day(day)}."
        )
    words = " and no ".join(lacks) if lacks else "whole set of variables"
    return f"No {words} of any company is known on {formatting.day(day)}."


def of_listings(projection: Projection, styles: Styles) -> pd.DataFrame:
    """Return one row per listing of the indexes, classes with their company's style."""
    listings = projection.securities
    listings = listings[listings["projected_index"].notna() & listings["eligible"]]
    classes, columns = listings[["symbol", "company_id"]], list(STYLE_COLUMNS[1:])
    table = style.copy_to_classes(classes, styles.companies, columns)
    return table[list(STYLE_COLUMNS)].reset_index(drop=True)


STYLE_COLUMNS = (
    "symbol",
    "base_index",
    "cvs",
    "cvs_low",
    "cvs_high",
    "value_weight_frac",
    "growth_weight_frac",
    "previous_value_weight_frac",
    "shift",
    "missing",
    "proxy",
)


def styled(companies: pd.DataFrame) -> pd.DataFrame:
    """Add to table `Styled` what the style filters and tables read.

    `side` is the style now in words, `name` ticker and company, `cap_range` as in
    `watch`; largest available cap first.
    """
    value = companies["value_weight_frac"]
    side = np.select(
        [value.isna(), value == 0, value == 1, value < 0.5],
        [NOT_KNOWN, "growth", "value", "mostly growth"],
        "mostly value",
    )
    caps = companies["total_market_cap_usd"]
    rows = companies.assign(
        side=side,
        name=companies["symbol"] + "  " + companies["company"].astype("str").fillna(""),
        cap_range=ranges(caps, CAP_EDGES_USD, CAP_RANGES),
        group=groups(companies["industry"]),
    )
    return rows.sort_values("float_market_cap_usd", ascending=False, ignore_index=True)
