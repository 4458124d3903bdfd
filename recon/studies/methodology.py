"""Every number of the methodology by era: since when, and by which document."""

from collections.abc import Sequence

import pandas as pd

from recon.formatting import number, percent, usd
from recon.rulebook import Rulebook


def eras(rulebooks: Sequence[Rulebook]) -> pd.DataFrame:
    """Return the methodology's numbers: one row a number, from when, and its document.

    Every number of the first era and then only those that changed.
    """
    rows: list[dict[str, object]] = []
    before: dict[str, str] = {}
    for rules in rulebooks:
        now = _numbers(rules)
        rows += [
            {
                "effective": pd.Timestamp(rules.effective),
                "rule": rule,
                "value": value,
                "before": before.get(rule, ""),
                "document": rules.document,
            }
            for rule, value in now.items()
            if before.get(rule) != value
        ]
        before = now
    return pd.DataFrame(rows)


def changes(numbers: pd.DataFrame) -> pd.DataFrame:
    """Return only the numbers of `eras` that replaced another."""
    return numbers[numbers["before"] != ""]


def _numbers(rules: Rulebook) -> dict[str, str]:
    """Every number of an era in words, by what it decides."""
    bands = {
        f"Band at rank {number(line.rank)}": "hard cut"
        if line.band_frac == 0
        else f"±{number(line.band_frac * 100, 1)} points of cumulative cap"
        for line in rules.lines
    }
    return {
        "Reconstitution": " and ".join(leg.name for leg in rules.legs),
        "Russell 1000": f"ranks 1 to {number(rules.large_count)}",
        "Russell 3000": f"ranks 1 to {number(rules.broad_count)}",
        "Russell 3000E": f"ranks 1 to {number(rules.universe_count)}",
        **bands,
        "Exchanges": ", ".join(rules.eligible_exchanges),
        "Least close": usd(rules.min_close_usd),
        "Days of a member's average close": number(rules.average_close_days),
        "Least total market cap": usd(rules.min_total_market_cap_usd, 0),
        "Least free float": percent(rules.min_free_float_frac, 0),
        "Least voting rights": percent(rules.min_voting_rights_frac, 0),
        "Extra class: least market cap": usd(rules.extra_class_min_cap_usd, 0),
        "Extra class: least traded a day": usd(rules.extra_class_min_addtv_usd, 0),
        "Pricing vehicle: years of volume": number(rules.pricing_vehicle_volume_years),
        "Pricing vehicle: volumes are near within": percent(
            rules.pricing_vehicle_volume_gap_frac, 0
        ),
        "Unknowns let through": ", ".join(rules.unknowns_let_through),
        **_style_numbers(rules),
    }


def _style_numbers(rules: Rulebook) -> dict[str, str]:
    """Numbers of value and growth in words."""
    numbers, limits = rules.style, rules.style.capping
    parts = (
        ("book to price", numbers.book_to_price_frac),
        ("growth forecast", numbers.growth_forecast_frac),
        ("sales growth", numbers.sales_growth_frac),
    )
    return {
        "Style: parts of the score": ", ".join(
            f"{name} {percent(part, 0)}" for name, part in parts
        ),
        "Style: steepness of the curve": number(numbers.steepness),
        "Style: all in one style above": percent(numbers.one_style_frac, 0),
        "Style: a score is kept within": number(numbers.kept_cvs_change, 2),
        "Style: least members of a group": number(numbers.group_min_count),
        "Style: quarters of sales": number(numbers.sales_quarters),
        "Style capping: no company above": percent(limits.company_frac),
        "Style capping: heavy is above": percent(limits.large_frac),
        "Style capping: the heavy together": percent(limits.large_sum_frac, 0),
    }
