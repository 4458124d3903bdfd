"""Why a miss or a false call: read from the data of rank day, never from the answer."""

import re

import numpy as np
import pandas as pd

from recon import places
from recon.rulebook import ERAS, HEURISTICS
from recon.vocabulary import FAIL

SHARES, PRICE, NATIONALITY, STRUCTURE, LIST, TIMING = TAXONOMY = (
    "shares",
    "price",
    "nationality",
    "structure",
    "list",
    "timing",
)
FOREIGN_WORDS = (
    r"\b(plc|n\.?v\.?|s\.?a\.?|a\.?g\.?|s\.?e\.?|ltd|limited)\b|ordinary shares?\b|"
    r"subordinate voting"
)
SCREEN_CAUSES = {
    "country": NATIONALITY,
    "exchange": STRUCTURE,
    "share type": STRUCTURE,
    "structure": STRUCTURE,
    "float and votes": STRUCTURE,
}


def with_causes(
    errors: pd.DataFrame, lines: pd.DataFrame, rank_year: int, counts: tuple[int, int]
) -> pd.DataFrame:
    """Add `cause` (one of `TAXONOMY`) and `why` in words to companies misjudged.

    `errors` are rows of `counting.units`, `lines` the break points of the day,
    `counts` how many companies the Russell 1000 and 3000 hold.
    """
    causes = [_cause(row, lines, rank_year, counts) for _, row in errors.iterrows()]
    table = pd.DataFrame(causes, columns=["cause", "why"], index=errors.index)
    return errors.join(table.astype("str"))


def _cause(
    row: pd.Series, lines: pd.DataFrame, rank_year: int, counts: tuple[int, int]
) -> tuple[str, str]:
    if not row["is_listed"]:
        return LIST, "not in the listings on rank day"
    reason = row["ineligible_reason"]
    if pd.notna(reason):
        return _of_reason(row, str(reason))
    if pd.isna(row["total_market_cap_usd"]) or pd.isna(row["rank"]):
        return SHARES, "market cap not known on rank day"
    name = str(row["name"])
    ipo_year = row.get("ipo_year")
    is_new = pd.notna(ipo_year) and ipo_year > rank_year - HEURISTICS.new_listing_years
    off = _off_line(row, lines, counts)
    if off <= HEURISTICS.other_count_frac:
        return SHARES, f"a share count {off:.1%} different would turn it"
    if row["now"] == "" and row["came"] == "":
        return _let_in(row, name, is_new)
    if is_new:
        return TIMING, f"public since {int(ipo_year)}"
    if row["came"] == "" and row["close_usd"] < 1 + HEURISTICS.near_price_frac:
        return PRICE, f"close ${row['close_usd']:.2f}"
    if row["came"] == "" and _is_foreign(row, name):
        return NATIONALITY, _abroad(row)
    if row["now"] == "" and row["projected"] != "":
        return LIST, "not in the lists known on rank day"
    if row["came"] == "":
        return LIST, "left the lists though its figures pass"
    return SHARES, f"cap {off:.0%} from the line: unlisted shares, or a list's slip"


def _of_reason(row: pd.Series, reason: str) -> tuple[str, str]:
    """Cause of a company that a screen kept out."""
    for screen, cause in SCREEN_CAUSES.items():
        outcome = row.get(f"screen_{screen}")
        if outcome == FAIL:
            return cause, reason
    if reason.startswith("close"):
        return PRICE, reason
    return SHARES, reason


def _let_in(row: pd.Series, name: str, is_new: bool) -> tuple[str, str]:
    """Cause of a newcomer that was let through and did not come."""
    if _is_foreign(row, name):
        return NATIONALITY, _abroad(row)
    if is_new:
        return TIMING, f"public since {int(row['ipo_year'])}: lock-ups, float"
    if "class a" in name.lower():
        return STRUCTURE, "several classes: float and votes not known"
    return STRUCTURE, "float and votes not known"


def _is_foreign(row: pd.Series, name: str) -> bool:
    country = row.get("country")
    code = None if pd.isna(country) else places.country_code(country)
    is_home = code is None or code in ERAS[-1].home_countries
    return bool(re.search(FOREIGN_WORDS, name, re.IGNORECASE)) or not is_home


def _abroad(row: pd.Series) -> str:
    country = row.get("country")
    return "incorporated abroad by its name" + (
        f", based in {country}" if pd.notna(country) else ""
    )


def _off_line(row: pd.Series, lines: pd.DataFrame, counts: tuple[int, int]) -> float:
    """How far a cap is from the line that decided, as a fraction of the cap."""
    by_rank = lines.set_index("rank")
    large, broad = by_rank.loc[counts[0]], by_rank.loc[counts[1]]
    cap = float(row["total_market_cap_usd"])
    states = {row["projected"], row["came"]}
    edges = [broad["break_point_usd"]]
    if states == {"R1000", "R2000"}:
        edges = [large["break_point_usd"]]
        if row["now"] == "R2000":
            edges.append(large["band_high_usd"])
        if row["now"] == "R1000":
            edges.append(large["band_low_usd"])
    known = [edge for edge in edges if pd.notna(edge)]
    return min((abs(edge / cap - 1) for edge in known), default=np.inf)
