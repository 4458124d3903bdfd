"""Screens: which listed securities may be members, and on what evidence.

What a security *is* (exchange, type, structure, country) is judged once per version of
its attributes; what it *stands at* (close, market cap) per session. A screen answers
pass, fail or not known; the rulebook says which unknowns are let through.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from recon import places
from recon.indexes import IN_BROAD
from recon.rulebook import Rulebook
from recon.rules import listings
from recon.vocabulary import FAIL, NOT_KNOWN, PASS

OUTCOMES = (FAIL, NOT_KNOWN, PASS)
FAILS, UNKNOWN, PASSES = range(len(OUTCOMES))  # places in OUTCOMES
VERDICT, COUNTRY, STRUCTURE = "float and votes", "country", "structure"
NOT_TESTED = "not tested"
MOVED_ABROAD = ", in the United States on the last rank day"


@dataclass(frozen=True, kw_only=True)
class Screen:
    """A screen of what a security is.

    `judge` tells which rows pass and which cannot be judged; `evidence` says what
    they are. A member of the Russell 3000 passes a screen that `spares_members` until
    something newer says otherwise: see `weigh_evidence`.
    """

    judge: Callable[[pd.DataFrame, Rulebook], tuple[pd.Series, pd.Series]]
    evidence: Callable[[pd.DataFrame], pd.Series]
    spares_members: bool = False


def judge_listings(securities: pd.DataFrame, rules: Rulebook) -> dict[str, np.ndarray]:
    """Return each screen's outcome, by name, where nothing is known of membership.

    Takes the output of `listings.describe`, and where filings are known columns
    `filed_<name>` with what they say, which goes before the listing's own words.
    Outcomes are places in `OUTCOMES`; see `weigh_evidence` for members. Source: Ground
    Rules v7.0, 5.3 to 5.13.
    """
    judged = {}
    for name, screen in SCREENS.items():
        passes, unknown = screen.judge(securities, rules)
        outcome = np.where(passes, PASSES, FAILS).astype(np.int8)
        outcome = np.where(unknown, np.int8(UNKNOWN), outcome)
        if f"filed_{name}" in securities:
            filed = securities[f"filed_{name}"].to_numpy(np.int8)
            outcome = np.where(filed != UNKNOWN, filed, outcome)
        judged[name] = outcome
    return judged


def weigh_evidence(
    judged: Mapping[str, np.ndarray],
    is_member: np.ndarray,
    is_left_out: np.ndarray,
    was_home: np.ndarray,
) -> dict[str, np.ndarray]:
    """Return the outcomes in the light of membership, with that of float and votes.

    What a listing does not tell (float, votes, filings on nationality) FTSE Russell
    did judge: a member is taken to pass, a company that was left out though clearly
    large enough is taken to fail until it is let in. A member that was based at home
    on the last rank day (`was_home`) and is not any more fails. Decision 0005; Ground
    Rules v7.0, 5.3, 5.10 and 5.15.
    """
    weighed = {}
    for name, outcome in judged.items():
        is_spared = is_member & SCREENS[name].spares_members
        if name == COUNTRY:
            is_spared &= ~(was_home & (outcome == FAILS))
        weighed[name] = np.where(is_spared, np.int8(PASSES), outcome)
    verdict = np.where(is_member, np.int8(PASSES), np.int8(UNKNOWN))
    return weighed | {VERDICT: np.where(is_left_out, np.int8(FAILS), verdict)}


def stops(name: str, outcome: np.ndarray, rules: Rulebook) -> np.ndarray:
    """Tell which outcomes of a screen keep a security out."""
    passing = UNKNOWN if name in rules.unknowns_let_through else PASSES
    return outcome < passing


def pass_listings(
    judged: Mapping[str, np.ndarray],
    is_member: np.ndarray,
    is_left_out: np.ndarray,
    was_home: np.ndarray,
    rules: Rulebook,
) -> np.ndarray:
    """Tell which securities pass every screen of what they are."""
    weighed = weigh_evidence(judged, is_member, is_left_out, was_home)
    return ~np.any([stops(name, found, rules) for name, found in weighed.items()], 0)


def screen_securities(securities: pd.DataFrame, rules: Rulebook) -> pd.DataFrame:
    """Add `is_listed_eligible`, `listing_reason` and two columns a screen.

    Takes the output of `listings.describe` with `current_index` (what is known of
    membership on the day), `was_home` (see `weigh_evidence`) and `passed_over`: why a
    company was left out that could have been chosen, missing where it was not.
    `screen_<name>` holds pass, fail or not known; `reason_<name>` says why. Source:
    Ground Rules v7.0, 5.3 to 5.15.
    """
    is_member = securities["current_index"].isin(IN_BROAD)
    passed_over = securities["passed_over"]
    judged = judge_listings(securities, rules)
    was_home = securities["was_home"].to_numpy(bool)
    if f"filed_{COUNTRY}" in securities:  # a base elsewhere in filings is no move
        was_home = was_home & securities[f"filed_{COUNTRY}"].eq(UNKNOWN).to_numpy()
    evidence = (
        is_member.to_numpy(bool),
        passed_over.notna().to_numpy(bool),
        was_home,
    )
    columns: dict[str, object] = {}
    failed = pd.Series(pd.NA, index=securities.index, dtype="str")
    for name, outcome in weigh_evidence(judged, *evidence).items():
        why = passed_over.fillna(NOT_TESTED)
        why = why.mask(is_member, NOT_TESTED + "; a Russell 3000 member passed them")
        if name in SCREENS:
            why = SCREENS[name].evidence(securities)
            fails = ~SCREENS[name].judge(securities, rules)[0]
            if f"filed_{name}" in securities:
                is_filed = securities[f"filed_{name}"] != UNKNOWN
                why = why.mask(is_filed, securities[f"filed_{name}_words"])
                fails = fails.mask(is_filed, securities[f"filed_{name}"] == FAILS)
            if SCREENS[name].spares_members:
                is_foreign = is_member & fails
                spared = is_foreign & (outcome == PASSES)
                why = why.mask(is_foreign & ~spared, why + MOVED_ABROAD)
                why = why.mask(spared, "Russell 3000 member; else " + why)
        words = np.array(OUTCOMES)[outcome]
        columns[f"screen_{name}"] = pd.Series(words, securities.index, "str")
        columns[f"reason_{name}"] = why
        failed = failed.mask(failed.isna() & stops(name, outcome, rules), why)
    is_eligible = pass_listings(judged, *evidence, rules)
    return securities.assign(
        **columns, is_listed_eligible=is_eligible, listing_reason=failed
    )


def screen_closes(
    close_usd: np.ndarray,
    average_close_usd: np.ndarray,
    has_traded: np.ndarray,
    is_member: np.ndarray,
    rules: Rulebook,
) -> np.ndarray:
    """Tell which closes pass the price screen; arrays of one length, NaN fails.

    An existing member, of the Microcap too, stays below the minimum if its average
    close over the days before passes, and where it `has_traded` on an earlier day
    alone is judged by that close. Source: Ground Rules v7.0, 5.8.1.
    """
    with np.errstate(invalid="ignore"):
        passes = close_usd >= rules.min_close_usd
        on_average = is_member & (average_close_usd >= rules.min_close_usd)
    on_average &= ~np.isnan(close_usd)
    return (passes | on_average) & (has_traded | is_member)


def screen_floats(free_float_frac: np.ndarray, rules: Rulebook) -> np.ndarray:
    """Tell which free floats, as fractions of the shares, do not fail.

    What is not known (NaN) is not tested. Source: Ground Rules v7.0, 5.10.1.
    """
    return ~(free_float_frac < rules.min_free_float_frac)


def free_floats(quotes: pd.DataFrame, is_class: np.ndarray) -> np.ndarray:
    """Return available shares as a fraction of the shares of the same class.

    Without a count of shares the market cap tells it, unless the company has other
    classes (`is_class`). NaN where either is not known.
    """
    implied = quotes["total_market_cap_usd"] / quotes["close_usd"]
    shares = quotes["shares_outstanding"].fillna(implied.mask(is_class))
    return (quotes["available_shares"] / shares).to_numpy(float)


def screen_caps(total_market_cap_usd: np.ndarray, rules: Rulebook) -> np.ndarray:
    """Tell which company market caps pass; NaN fails. Source: GR v7.0, 5.9.1."""
    with np.errstate(invalid="ignore"):
        return total_market_cap_usd >= rules.min_total_market_cap_usd


def close_reason(
    close_usd: float, average_close_usd: float, has_traded: bool, rules: Rulebook
) -> str:
    """Say why a close failed the price screen."""
    if np.isnan(close_usd) or (close_usd >= rules.min_close_usd and not has_traded):
        return "no close on the day"
    averaged = (
        ""
        if np.isnan(average_close_usd)
        else f", {rules.average_close_days}-day average ${average_close_usd:.4g}"
    )
    return f"close ${close_usd:.4g} below ${rules.min_close_usd:.2f}{averaged}"


def float_reason(free_float_frac: float, rules: Rulebook) -> str:
    """Say why a free float failed its screen."""
    return (
        f"free float {free_float_frac * 100:.6g}% of the shares, below "
        f"{rules.min_free_float_frac * 100:.4g}%"
    )


def cap_reason(total_market_cap_usd: float, rules: Rulebook) -> str:
    """Say why a company's market cap failed its screen."""
    if np.isnan(total_market_cap_usd):
        return "market cap not known"
    return (
        f"market cap ${total_market_cap_usd / 1e6:,.1f}mn below "
        f"${rules.min_total_market_cap_usd / 1e6:,.0f}mn"
    )


def _on_exchange(
    securities: pd.DataFrame, rules: Rulebook
) -> tuple[pd.Series, pd.Series]:
    """Listed on an eligible exchange. Source: Ground Rules v7.0, 5.6 and 5.7."""
    exchange = places.exchange_codes(securities["exchange"])
    return exchange.isin(rules.eligible_exchanges), exchange.isna()


def _exchange_evidence(securities: pd.DataFrame) -> pd.Series:
    given = securities["exchange"]
    why = "exchange " + given.fillna(NOT_KNOWN)
    is_unknown = given.notna() & places.exchange_codes(given).isna()
    return why.mask(is_unknown, "exchange '" + given + "', which is not recognized")


def _of_type(securities: pd.DataFrame, rules: Rulebook) -> tuple[pd.Series, pd.Series]:
    """Of an eligible share type. Source: Ground Rules v7.0, 5.13."""
    return securities["share_type"].eq(listings.COMMON), securities["name"].isna()


def _of_structure(
    securities: pd.DataFrame, rules: Rulebook
) -> tuple[pd.Series, pd.Series]:
    """Not of an excluded structure. Source: Ground Rules v7.0, 5.11."""
    return securities["structure"].isna(), securities["name"].isna()


def _of_country(
    securities: pd.DataFrame, rules: Rulebook
) -> tuple[pd.Series, pd.Series]:
    """Assigned to the United States. Source: Ground Rules v7.0, 5.3 to 5.5.

    Without filings the evidence is thin: the provider's country is where the company
    is based. A base in a benefit-driven country decides nothing, and where base and
    incorporation disagree on home, assets and revenue would decide. A spelling that
    nobody knows is a country not known.
    """
    incorporated, based = (
        places.country_codes(securities[name])
        for name in ("incorporation_country", "country")
    )
    is_based = based.isin(rules.home_countries)
    is_incorporated = incorporated.isin(rules.home_countries)
    domestic = is_based & (incorporated.isna() | is_incorporated)
    unknown = based.isna() | based.isin(rules.benefit_driven_countries)
    unknown |= incorporated.notna() & (is_based != is_incorporated)
    return domestic, unknown & ~_is_abroad_by_name(securities)


def _is_abroad_by_name(securities: pd.DataFrame) -> pd.Series:
    """Tell what its name alone calls foreign, its provider not knowing the base."""
    abroad = securities["incorporation_country"].isna() & securities["country"].isna()
    abroad.loc[abroad] = listings.is_foreign_by_name(securities[abroad])
    return abroad


def _country_evidence(securities: pd.DataFrame) -> pd.Series:
    incorporated = securities["incorporation_country"]
    given = securities["country"]
    why = "based in " + given.fillna(f"a country {NOT_KNOWN}")
    is_unknown = given.notna() & places.country_codes(given).isna()
    why = why.mask(is_unknown, "based in '" + given + "', which is not recognized")
    abroad = _is_abroad_by_name(securities)
    why = why.mask(abroad, why + ", incorporated abroad by its name")
    return why.mask(incorporated.notna(), why + ", incorporated in " + incorporated)


SCREENS: dict[str, Screen] = {
    "exchange": Screen(
        judge=_on_exchange,
        evidence=_exchange_evidence,
    ),
    "share type": Screen(
        judge=_of_type, evidence=lambda table: table["share_type"].astype("str")
    ),
    "structure": Screen(
        judge=_of_structure,
        evidence=lambda table: table["structure"].fillna(
            "operating company by its name"
        ),
        spares_members=True,
    ),
    COUNTRY: Screen(judge=_of_country, evidence=_country_evidence, spares_members=True),
}
LISTING_SCREENS = (*SCREENS, VERDICT)
CLAUSES = {
    "exchange": "GR v7.0, 5.6-5.7",
    "share type": "GR v7.0, 5.13",
    "structure": "GR v7.0, 5.11",
    "country": "GR v7.0, 5.3-5.5",
    "price": "GR v7.0, 5.8.1",
    "market cap": "GR v7.0, 5.9.1",
    "free float": "GR v7.0, 5.10.1",
    VERDICT: "GR v7.0, 5.10.1 and 5.15",
}


def extra_class_screens(
    table: pd.DataFrame, rules: Rulebook
) -> list[tuple[pd.Series, str]]:
    """Return which share classes besides the pricing vehicle may not join it, and why.

    A class joins when its own cap and its average daily dollars traded are above the
    minima (its float is screened like any other); members are tested anew. What is not
    known does not fail a member; of another it says that the class was not chosen when
    its company was (decision 0005). Source: Ground Rules v7.0, 6.5.1 and 6.5.3.
    """
    vehicle = table["pricing_vehicle"]
    is_extra = vehicle.notna() & (vehicle != table["security_id"])
    is_member = table["current_index"].notna()
    has_member = table["company_id"].isin(
        table.loc[is_member & table["is_common"], "company_id"]
    )
    closes = table.set_index("security_id")["close_usd"]
    ratio = rules.heuristics.conversion_ratio
    converts = table["close_usd"] / vehicle.map(closes) >= ratio
    figures = table[["class_cap_usd", "addtv_usd", "free_float_frac"]]
    not_chosen = has_member & ~is_member & figures.isna().any(axis=1)
    small = table["class_cap_usd"] <= rules.extra_class_min_cap_usd
    little = table["addtv_usd"] <= rules.extra_class_min_addtv_usd
    judged = [
        (converts, "share class counted in the pricing vehicle by conversion"),
        (small, "extra share class with too small a market cap"),
        (little, "extra share class with too little traded"),
        (not_chosen, "extra share class, not chosen with its company"),
    ]
    return [(is_extra & fails, words) for fails, words in judged]
