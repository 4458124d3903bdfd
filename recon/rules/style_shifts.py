"""What the new styles change: shifts and what drove them, totals, sectors.

Read off scored companies (`style.score`) that carry their style of the last
reconstitution: previous_value_weight_frac, previous_cvs and previous scores.
"""

import numpy as np
import pandas as pd

from recon import formatting
from recon.rulebook import Style
from recon.vocabulary import NEW, NOT_KNOWN, STAYS, TO_GROWTH, TO_VALUE

STYLES = ("value", "growth")
LINES_MOVED = "the lines moved"
VARIABLE_WORDS = {
    "book_to_price_score": "book to price",
    "growth_forecast_score": "growth forecast",
    "sales_growth_score": "sales growth",
}


def add_shifts(companies: pd.DataFrame, numbers: Style) -> pd.DataFrame:
    """Add `shift`, value_weight_change_frac, shifted_usd and what drove it.

    A shift is a change of the value weight by more than the 5% that the rules
    themselves leave out (8.7.1); a company is new where its index's members are known
    and it is none of any. `shifted_usd` is the available cap that changes side,
    positive towards value. `<score>_change` is the part of the change of the score
    that each variable makes, `driver` the one that pushed most, in words: where the
    scores together did not push that way the lines moved, and where an earlier score is
    not known neither is what drove it.
    """
    before = companies["previous_value_weight_frac"]
    change = companies["value_weight_frac"] - before
    least = 1 - numbers.one_style_frac
    lists = companies["current_index"].dropna().unique()
    is_new = companies["current_index"].isna() & companies["base_index"].isin(lists)
    shift = np.select(
        [companies["value_weight_frac"].isna(), is_new, change.isna()],
        [NOT_KNOWN, NEW, NOT_KNOWN],
        np.select([change > least, change < -least], [TO_VALUE, TO_GROWTH], STAYS),
    )
    parts = _contributions(companies, numbers)
    table = companies.assign(
        shift=shift,
        value_weight_change_frac=change,
        shifted_usd=change * companies["float_market_cap_usd"],
        **parts,
    )
    return table.assign(driver=_drivers(table))


def _contributions(companies: pd.DataFrame, numbers: Style) -> dict[str, pd.Series]:
    weights = (
        numbers.book_to_price_frac,
        numbers.growth_forecast_frac,
        numbers.sales_growth_frac,
    )
    return {
        f"{name}_change": weight * (companies[name] - companies[f"previous_{name}"])
        for weight, name in zip(weights, VARIABLE_WORDS, strict=True)
    }


def _drivers(table: pd.DataFrame) -> pd.Series:
    """Say of each company that shifts what pushed it most in that direction."""
    changes = table[[f"{name}_change" for name in VARIABLE_WORDS]].to_numpy(float)
    direction = np.sign(table["value_weight_change_frac"].to_numpy(float))
    pushes = changes * direction[:, None]
    is_known = ~np.isnan(pushes).any(axis=1)
    most = np.where(is_known[:, None], pushes, 0.0).argmax(axis=1)
    names = np.array(list(VARIABLE_WORDS.values()), dtype=object)
    own = np.array(
        [
            f"{name}, CVS {formatting.number(change, 2, signed=True)}"
            for name, change in zip(
                names[most], changes[np.arange(len(most)), most], strict=True
            )
        ],
        dtype=object,
    )
    moved = table["previous_base_index"].ne(table["base_index"]).to_numpy(bool)
    other = np.array(
        [
            f"{formatting.index_name(a)} to {formatting.index_name(b)}"
            for a, b in zip(
                table["previous_base_index"], table["base_index"], strict=True
            )
        ],
        dtype=object,
    )
    kept = table["is_cvs_kept"].to_numpy(bool) | (pushes.sum(axis=1) <= 0)
    driver = np.select([moved, ~is_known, kept], [other, NOT_KNOWN, LINES_MOVED], own)
    shifts = table["shift"].isin([TO_VALUE, TO_GROWTH]).to_numpy()
    return pd.Series(np.where(shifts, driver, ""), index=table.index).astype("str")


def totals(companies: pd.DataFrame, indexes: tuple[str, ...]) -> pd.DataFrame:
    """Return value and growth by index, before and after: one row index and style.

    Columns base_index, style, usd, frac, company_count, one_style_count and the same
    with `previous_`: members of now with the styles of the last reconstitution, both
    at the caps of the day. Companies without a known style count in neither.
    """
    rows = []
    for index in indexes:
        now = companies[companies["base_index"] == index]
        then = companies[companies["current_index"] == index]
        for style in STYLES:
            after = _held(now, f"{style}_weight_frac")
            before = _held(then, f"previous_{style}_weight_frac")
            rows.append(
                {"base_index": index, "style": style}
                | after
                | {f"previous_{name}": value for name, value in before.items()}
            )
    return pd.DataFrame(rows)


def _held(companies: pd.DataFrame, weight: str) -> dict[str, float]:
    part = companies[weight]
    caps = companies["float_market_cap_usd"]
    known = caps[part.notna()].sum()
    usd = float((part * caps).sum())
    return {
        "usd": usd if known else float("nan"),
        "frac": usd / known if known else float("nan"),
        "company_count": int((part > 0).sum()),
        "one_style_count": int((part == 1).sum()),
    }


def sector_tilt(companies: pd.DataFrame, base_index: str, style: str) -> pd.DataFrame:
    """Return each sector's part of a style index, now and before, largest first.

    Columns sector, frac, previous_frac (missing where no previous style is known) and
    change_frac. Sectors are the provider's; a company without one is "not known".
    """
    sector = companies["sector"].fillna(NOT_KNOWN)
    parts = {}
    for name, index, weight in (
        ("frac", "base_index", f"{style}_weight_frac"),
        ("previous_frac", "current_index", f"previous_{style}_weight_frac"),
    ):
        held = companies[index].eq(base_index)
        usd = (companies[weight] * companies["float_market_cap_usd"])[held]
        by_sector = usd.groupby(sector[held]).sum(min_count=1)
        parts[name] = by_sector / by_sector.sum() if by_sector.sum() else by_sector
    table = pd.DataFrame(parts).astype(float)
    if table["previous_frac"].notna().any():
        table = table.fillna(0.0)
    table = table.assign(change_frac=table["frac"] - table["previous_frac"])
    table = table.rename_axis("sector").reset_index()
    return table.sort_values("frac", ascending=False, ignore_index=True)


def words(companies: pd.DataFrame) -> pd.Series:
    """Return each company's style in words by symbol, both where it shifts."""
    now, before = (
        companies["value_weight_frac"],
        companies["previous_value_weight_frac"],
    )
    moved = companies["shift"].isin([TO_VALUE, TO_GROWTH])
    said = [
        f"{formatting.number(old * 100)} → {formatting.percent(new, 0)} value"
        if moves
        else formatting.style(new)
        for old, new, moves in zip(before, now, moved, strict=True)
    ]
    return pd.Series(said, index=companies["symbol"], dtype="str")


def by_effect(companies: pd.DataFrame) -> pd.DataFrame:
    """Return companies with those that shift first, the largest effect on top."""
    moved = companies["shift"].isin([TO_VALUE, TO_GROWTH])
    effect = companies["shifted_usd"].abs().where(moved, -1.0).fillna(-1.0)
    caps = companies["float_market_cap_usd"].to_numpy()
    order = np.lexsort([-caps, -effect.to_numpy()])
    return companies.iloc[order].reset_index(drop=True)


FILED = (
    "symbol",
    "company",
    "base_index",
    "current_index",
    "shift",
    "previous_value_weight_frac",
    "value_weight_frac",
    "value_weight_low_frac",
    "value_weight_high_frac",
    "driver",
    "shifted_usd",
    "float_market_cap_usd",
    "total_market_cap_usd",
    "previous_cvs",
    "cvs",
    "cvs_low",
    "cvs_high",
    "book_to_price",
    "growth_forecast_frac",
    "sales_growth_frac",
    "free_float_frac",
    "sector",
    "industry",
    "missing",
    "proxy",
)


def for_file(companies: pd.DataFrame) -> pd.DataFrame:
    """Return companies as they are written to a file: facts, no drawings."""
    return companies[list(FILED)]
