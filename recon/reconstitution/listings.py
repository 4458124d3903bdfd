"""Every listing of a day with its place, its index, and why it is in or out."""

import numpy as np
import pandas as pd

from recon.indexes import IN_BROAD
from recon.reconstitution.companies import FROM_SECURITIES, with_shells
from recon.reconstitution.evidence import Evidence
from recon.reconstitution.filed import NONE, outcomes
from recon.reconstitution.gathered import Gathered
from recon.rulebook import Rulebook
from recon.rules import eligibility, membership, ranking

COMPANY_FIGURES = (
    "rank",
    "total_market_cap_usd",
    "cumulative_cap_frac",
    "projected_index",
    "pricing_vehicle",
    "is_held_by_band",
)


UNIT_NUMBERS = ["sold_one", "sold_two", "bought_one", "bought_two"]


def screened(gathered: Gathered) -> pd.DataFrame:
    """Return the securities of one day with the outcome of each screen, in words."""
    (spell,) = gathered.spells
    evidence: Evidence = spell.evidence
    table = with_shells(gathered.securities, gathered.quotes).drop(columns=UNIT_NUMBERS)
    own = pd.Categorical.from_codes(evidence.held, dtype=membership.INDEX)
    words = table["symbol_id"].map(evidence.words).astype("str")
    table = table.assign(
        current_index=pd.Series(own, index=table.index).astype("str"),
        passed_over=words.where(evidence.is_left_out),
        was_home=evidence.was_home,
    )
    return eligibility.screen_securities(_with_filed(table, gathered), gathered.rules)


def _with_filed(table: pd.DataFrame, gathered: Gathered) -> pd.DataFrame:
    """Add what filings say of structure and country, where they say anything."""
    quotes = gathered.quotes
    at = np.full(len(table), NONE, dtype=np.int32)
    at[quotes["at"].to_numpy()] = quotes["filed_at"].to_numpy()
    if (at == NONE).all():
        return table
    columns: dict[str, object] = {}
    for name, outcome in outcomes(gathered.filed, at).items():
        words = gathered.filed[f"{name}_words"].to_numpy(object)[at]
        columns[f"filed_{name}"] = outcome
        columns[f"filed_{name}_words"] = pd.Series(words, table.index, "str")
    return table.assign(**columns)


def list_securities(
    gathered: Gathered, securities: pd.DataFrame, companies: pd.DataFrame
) -> pd.DataFrame:
    """Return every listing of the day with rank, index, move and why it is in or out.

    `securities` is the output of `screened`, `companies` that of `applying.apply`.
    """
    rules = gathered.rules
    is_common = gathered.quotes["is_common"].to_numpy(bool)
    class_cap = np.full(len(is_common), np.nan)
    class_cap[is_common] = ranking.class_caps(gathered.quotes[is_common], rules)
    quotes = gathered.quotes.assign(class_cap_usd=class_cap)
    quotes = quotes.drop(columns=["at", "filed_at", *FROM_SECURITIES])
    has_index = gathered.spells[0].evidence.has_index
    table = securities.assign(has_index=has_index).merge(
        quotes, on="security_id", validate="one_to_one"
    )
    table = table.rename(columns={"total_market_cap_usd": "given_market_cap_usd"})
    table["passes_close"] = eligibility.screen_closes(
        table["close_usd"].to_numpy(),
        table["average_close_usd"].to_numpy(),
        table["has_traded"].to_numpy(bool),
        table["has_index"].to_numpy(bool),
        rules,
    )
    table["passes_float"] = eligibility.screen_floats(
        table["free_float_frac"].to_numpy(), rules
    )
    leads = gathered.companies.set_index("company_id")["pricing_vehicle"]
    table["vehicle_id"] = table["company_id"].map(leads).where(table["is_common"])
    of_company = companies.set_index("company_id")
    common = table["is_common"]
    for name in COMPANY_FIGURES:
        values = table["company_id"].map(of_company[name])
        table[name] = values.where(common)
    reason = membership_reason(table, rules)
    is_kept = _is_kept(table, reason)
    eligible = reason.isna() & table["rank"].notna()
    outside = table["rank"] > rules.universe_count
    projected = table["projected_index"].where(eligible & ~outside)
    table["projected_index"] = projected.where(~is_kept, table["current_index"])
    moves = membership.moves(table["current_index"], table["projected_index"])
    return table.assign(
        eligible=eligible,
        ineligible_reason=reason.mask(is_kept),
        move=moves.astype("str"),
        total_market_cap_usd=table["total_market_cap_usd"].fillna(
            table["given_market_cap_usd"]
        ),
    )


def _is_kept(table: pd.DataFrame, reason: pd.Series) -> pd.Series:
    """Tell which members are kept for want of a market cap: no move without a figure.

    Not one of the company's lines may have one. Decision 0012.
    """
    has_cap = table["given_market_cap_usd"].notna() | table["rank"].notna()
    of_company = has_cap.groupby(table["company_id"]).transform("any")
    is_member = table["current_index"].isin(IN_BROAD)
    passes = table["listing_reason"].isna() & table["passes_close"]
    passes &= table["passes_float"]
    return is_member & table["is_common"] & passes & ~of_company & reason.notna()


def membership_reason(table: pd.DataFrame, rules: Rulebook) -> pd.Series:
    """Words of the first screen that a listing failed; missing where it passed all."""
    words = table["listing_reason"].to_numpy(object, copy=True)
    ranked = table["rank"].notna().to_numpy()
    close, average = (
        table["close_usd"].to_numpy(),
        table["average_close_usd"].to_numpy(),
    )
    has_traded = table["has_traded"].to_numpy(bool)
    cap = table["given_market_cap_usd"].to_numpy()
    is_open = pd.isna(words)
    fails_close = is_open & ~table["passes_close"].to_numpy(bool)
    for row in np.flatnonzero(fails_close):
        words[row] = eligibility.close_reason(
            close[row], average[row], has_traded[row], rules
        )
    free_float = table["free_float_frac"].to_numpy(float)
    fails_float = is_open & ~fails_close & ~table["passes_float"].to_numpy(bool)
    for row in np.flatnonzero(fails_float):
        words[row] = eligibility.float_reason(free_float[row], rules)
    not_ranked = is_open & ~fails_close & ~fails_float & ~ranked
    own, vehicle = (
        table[name].to_numpy(float) for name in ("security_id", "vehicle_id")
    )
    is_extra = ~np.isnan(vehicle) & (vehicle != own)
    for row in np.flatnonzero(not_ranked & ~is_extra):
        words[row] = eligibility.cap_reason(cap[row], rules)
    row_of = dict(zip(own, range(len(own)), strict=True))
    for row in np.flatnonzero(not_ranked & is_extra):
        lead = row_of[vehicle[row]]
        symbol = table["symbol"].iloc[lead]
        words[row] = f"its pricing vehicle {symbol}: {words[lead]}"
    reason = pd.Series(words, index=table.index, dtype="str")
    for fails, why in eligibility.extra_class_screens(table, rules):
        reason = reason.mask(reason.isna() & ranked & fails, why)
    return reason
