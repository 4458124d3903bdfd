"""Every listing of a day with its place, its index, and why it is in or out."""

import pandas as pd

from recon.reconstitution.companies import FROM_SECURITIES
from recon.reconstitution.evidence import Evidence
from recon.rulebook import Rulebook
from recon.rules import eligibility, membership

COMPANY_FIGURES = (
    "rank",
    "total_market_cap_usd",
    "cumulative_cap_frac",
    "projected_index",
    "pricing_vehicle",
    "is_held_by_band",
)


def explain(
    securities: pd.DataFrame,
    quotes: pd.DataFrame,
    companies: pd.DataFrame,
    evidence: Evidence,
    rules: Rulebook,
) -> pd.DataFrame:
    """Every listing of the day with rank, index, move and why it is in or out."""
    table = securities.assign(evidence_is_member=evidence.is_member).merge(
        quotes.drop(columns=["at", *FROM_SECURITIES]),
        on="security_id",
        validate="one_to_one",
    )
    table = table.rename(columns={"total_market_cap_usd": "given_market_cap_usd"})
    table["passes_close"] = eligibility.screen_closes(
        table["close_usd"].to_numpy(),
        table["average_close_usd"].to_numpy(),
        table["evidence_is_member"].to_numpy(),
        rules,
    )
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
    return table.assign(
        eligible=eligible,
        ineligible_reason=reason.mask(is_kept),
        move=membership.moves(table["current_index"], table["projected_index"]),
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
    is_member = table["current_index"].isin([membership.LARGE, membership.SMALL])
    passes = table["listing_reason"].isna() & table["passes_close"]
    return is_member & table["is_common"] & passes & ~of_company & reason.notna()


def membership_reason(table: pd.DataFrame, rules: Rulebook) -> pd.Series:
    """Words of the first screen that a listing failed; missing where it passed all."""
    reason = table["listing_reason"].copy()
    ranked = table["rank"].notna()
    for row in table.index[reason.isna() & ~table["passes_close"]]:
        reason.at[row] = eligibility.close_reason(
            table.at[row, "close_usd"], table.at[row, "average_close_usd"], rules
        )
    for row in table.index[reason.isna() & ~ranked]:
        reason.at[row] = eligibility.cap_reason(
            table.at[row, "given_market_cap_usd"], rules
        )
    for fails, words in eligibility.extra_class_screens(table, rules):
        reason = reason.mask(reason.isna() & ranked & fails, words)
    return reason


def company_membership(companies: pd.DataFrame, securities: pd.DataFrame) -> pd.Series:
    """Index of a company: that of its pricing vehicle, or else of another class."""
    by_id = securities.set_index("security_id")["current_index"]
    own = companies["pricing_vehicle"].map(by_id).astype("str")
    classes = securities[securities["is_common"] & securities["current_index"].notna()]
    any_class = classes.groupby("company_id")["current_index"].min()
    return own.fillna(companies["company_id"].map(any_class).astype("str"))
