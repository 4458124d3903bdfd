"""The rules in the methodology's order, applied to what was gathered."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from recon import places, schedule
from recon.indexes import HELD
from recon.reconstitution.evidence import Evidence, Verdict, rows_of
from recon.reconstitution.filed import NONE, outcomes, overruled
from recon.reconstitution.gathered import Gathered
from recon.rules import bands, distances, eligibility, membership, ranking, sessions
from recon.rules.eligibility import COUNTRY, UNKNOWN


@dataclass(frozen=True, kw_only=True)
class Ranked:
    """Companies that pass the screens, ranked, and the lines drawn through them."""

    companies: pd.DataFrame
    break_points: pd.DataFrame


def rank(gathered: Gathered) -> Ranked:
    """Screen, rank and draw the lines of every session that was gathered."""
    rules, companies = gathered.rules, gathered.companies
    passes, has_index = pass_listings(gathered)
    passes &= eligibility.screen_closes(
        companies["close_usd"].to_numpy(),
        companies["average_close_usd"].to_numpy(),
        companies["has_traded"].to_numpy(bool),
        has_index,
        rules,
    )
    cap = companies["total_market_cap_usd"].to_numpy()
    passes &= eligibility.screen_caps(cap, rules)
    eligible = companies[passes].reset_index(drop=True)
    ranked = ranking.rank(eligible, rules, _unseen_counts(gathered, eligible))
    return Ranked(companies=ranked, break_points=bands.draw(ranked, rules))


def pass_listings(gathered: Gathered) -> tuple[np.ndarray, np.ndarray]:
    """Tell which companies pass the screens that no price decides.

    Those of the listing, of blank-check companies and of the free float; and which are
    members of an index. Arrays parallel to the companies.
    """
    rules, companies = gathered.rules, gathered.companies
    at = companies["at"].to_numpy()
    days = companies["snapshot_date"].to_numpy()
    judged = eligibility.judge_listings(gathered.securities, rules)
    is_member, has_index, passes = np.zeros((3, len(at)), dtype=bool)
    filed_at = companies["filed_at"].to_numpy()
    for spell, rows in zip(
        gathered.spells, rows_of(gathered.spells, days), strict=True
    ):
        evidence = spell.evidence
        is_listed = eligibility.pass_listings(
            judged,
            evidence.is_member,
            evidence.is_left_out,
            evidence.was_home,
            rules,
        )
        passes[rows] = is_listed[at[rows]]
        by_filings = rows.start + np.flatnonzero(filed_at[rows] != NONE)
        passes[by_filings] = _pass_by_filings(
            gathered, judged, spell.evidence, by_filings
        )
        is_member[rows] = evidence.is_member[at[rows]]
        has_index[rows] = evidence.has_index[at[rows]]
    passes &= is_member | ~companies["is_shell"].to_numpy(bool)
    passes &= eligibility.screen_floats(companies["free_float_frac"].to_numpy(), rules)
    return passes, has_index


def _pass_by_filings(
    gathered: Gathered,
    judged: Mapping[str, np.ndarray],
    evidence: Evidence,
    rows: np.ndarray,
) -> np.ndarray:
    """Tell which of some companies pass where filings speak of their listing."""
    at = gathered.companies["at"].to_numpy()[rows]
    told = outcomes(gathered.filed, gathered.companies["filed_at"].to_numpy()[rows])
    own = {name: outcome[at] for name, outcome in judged.items()}
    # a base elsewhere in filings is no move
    was_home = evidence.was_home[at] & (told[COUNTRY] == UNKNOWN)
    return eligibility.pass_listings(
        overruled(own, told),
        evidence.is_member[at],
        evidence.is_left_out[at],
        was_home,
        gathered.rules,
    )


def apply(gathered: Gathered) -> Ranked:
    """Do all that `rank` does and project every company's index.

    Adds current_index, the sides of the lines, projected_index, move and distances.
    """
    rules, ranked = gathered.rules, rank(gathered)
    held = current_index(gathered, ranked.companies)
    companies = (
        ranked.companies.assign(current_index=held)
        .pipe(bands.place, rules)
        .pipe(membership.project, rules)
        .pipe(distances.measure, ranked.break_points, rules)
    )
    return Ranked(companies=companies, break_points=ranked.break_points)


def judge(
    gathered: Gathered,
    listed: pd.DataFrame,
    event: schedule.Reconstitution,
    *,
    is_late: bool,
) -> Verdict:
    """Rank a rank day's companies and tell which were clearly large enough.

    `listed` are the prepared securities quoted on the day; `is_late` tells that the
    store begins after the rank day, so that its first session stands in.
    """
    ranked, rules = rank(gathered), gathered.rules
    lines = ranked.break_points.set_index("rank")["break_point_usd"]
    vehicles = gathered.securities.iloc[ranked.companies["at"].to_numpy()]
    companies = ranked.companies.assign(ipo_year=vehicles["ipo_year"].to_numpy())
    is_large = membership.clearly_large(
        companies,
        float(lines.get(rules.broad_count, np.nan)),  # no line, none clearly above it
        rules,
        rank_year=event.rank_day.year,
        is_late=is_late,
    )
    large = companies[is_large]
    numbers = rules.heuristics
    right = numbers.passed_over_late_right if is_late else numbers.passed_over_right
    place = "#" + large["rank"].astype("str")
    rate = f" (right for {right[0]} of {right[1]} such companies)"
    words = f"not chosen in {event.name}, though " + place + " on rank day" + rate
    if is_late:
        head = f"in no list since {event.name}, though "
        words = head + place + " on the first day stored" + rate
    symbol_id = vehicles["symbol_id"].to_numpy()[is_large]
    company_id = vehicles["company_id"].to_numpy()[is_large]
    common = listed[listed["is_common"].to_numpy(bool) & listed["key"].notna()]
    common = common[common["company_id"].isin(company_id)]
    keys: dict[int, set[str]] = {company: set() for company in company_id}
    for key, company in zip(common["key"], common["company_id"], strict=True):
        keys[company].add(key)
    is_home = places.country_codes(listed["country"]).isin(rules.home_countries)
    return Verdict(
        at_home=listed.loc[is_home, "symbol_id"].to_numpy(),
        words=pd.Series(words.to_numpy(), index=symbol_id, dtype="str"),
        keys=[frozenset(keys[company]) for company in company_id],
    )


def _unseen_counts(gathered: Gathered, companies: pd.DataFrame) -> np.ndarray:
    """Return how many members are known by name alone, session by session."""
    starts, _ = sessions.spans(companies)
    days = companies["snapshot_date"].to_numpy()[starts]
    counts = np.zeros(len(starts), dtype=int)
    for spell, rows in zip(
        gathered.spells, rows_of(gathered.spells, days), strict=True
    ):
        counts[rows] = len(spell.unseen)
    return counts


def current_index(gathered: Gathered, companies: pd.DataFrame) -> pd.Categorical:
    """Index of each company: that of its pricing vehicle, or else of another class."""
    held = _held(gathered, companies)
    quotes = gathered.quotes[gathered.quotes["is_common"].to_numpy(bool)]
    of_class = _held(gathered, quotes)
    is_in = of_class != membership.IN_NONE
    classes = pd.DataFrame(
        {
            "snapshot_date": quotes["snapshot_date"].to_numpy()[is_in],
            "company_id": quotes["company_id"].to_numpy()[is_in],
            "code": np.array(HELD)[of_class[is_in]],
        }
    )
    # of classes in two indexes the first by its code
    first = classes.groupby(["snapshot_date", "company_id"])["code"].min()
    by = pd.MultiIndex.from_frame(companies[["snapshot_date", "company_id"]])
    own = pd.Categorical.from_codes(held, dtype=membership.INDEX)
    other = pd.Categorical(first.reindex(by), dtype=membership.INDEX)
    codes = np.where(held == membership.IN_NONE, other.codes, own.codes)
    return pd.Categorical.from_codes(codes, dtype=membership.INDEX)


def _held(gathered: Gathered, rows: pd.DataFrame) -> np.ndarray:
    """Return the place in `indexes.HELD` of the security of each row, -1 for none."""
    at, days = rows["at"].to_numpy(), rows["snapshot_date"].to_numpy()
    held = np.full(len(at), membership.IN_NONE, dtype=np.int8)
    for spell, span in zip(
        gathered.spells, rows_of(gathered.spells, days), strict=True
    ):
        held[span] = spell.evidence.held[at[span]]
    return held
