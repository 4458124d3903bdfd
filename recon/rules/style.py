"""Value and growth: three variables, one score a company, its weight in each style.

Companies are scored within their base group (`base_index`: R1000, R2000, and the
Microcap below them) and day, so that one day or a season is the same call. A score
is low for growth and high for value; a quarter of the companies lie below 0.25 and a
quarter above 0.75 of each variable. Source: Ground Rules v7.0, section 8.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import expit, ndtri

from recon.rulebook import Rulebook, Style

RANK = "rank percentile"
NORMAL = "normal score"
MAD = "median absolute deviation"
TRANSFORMS = (RANK, NORMAL, MAD)
UPPER_QUARTILE = float(ndtri(0.75))

# variable, its score, and whether more of it means value
VARIABLES: dict[str, tuple[str, bool]] = {
    "book_to_price": ("book_to_price_score", True),
    "growth_forecast_frac": ("growth_forecast_score", False),
    "sales_growth_frac": ("sales_growth_score", False),
}
SCORES = tuple(score for score, _ in VARIABLES.values())
OWN, MISSING = 0, -1  # level of a score; 1 and up is the group in turn


def score(
    companies: pd.DataFrame, rules: Rulebook, transform: str | None = None
) -> pd.DataFrame:
    """Add scores, `cvs`, quartiles and both weights to companies of a day or a season.

    Needs base_index, float_market_cap_usd, book_to_price, growth_forecast_frac and
    sales_growth_frac; reads, where there, snapshot_date, analyst_count, the groups of
    the rules, previous_cvs and previous_base_index. `transform` replaces the one of
    the rules. Source: Ground Rules v7.0, 8.2 to 8.10.
    """
    return (
        companies.pipe(drop_negative_book)
        .pipe(standardise, transform or rules.style.transform, rules)
        .pipe(fill_missing, rules)
        .pipe(combine, rules)
        .pipe(keep_within_band, rules)
        .pipe(draw_quartiles, rules)
        .pipe(weigh, rules)
    )


def score_every_way(companies: pd.DataFrame, rules: Rulebook) -> pd.DataFrame:
    """Add to `score` the range of `cvs` and of the value weight over all transforms.

    Columns cvs_low, cvs_high, value_weight_low_frac, value_weight_high_frac: how much
    hangs on the transform, which is not published (Ground Rules v7.0, 8.2.4). The band
    is left out of the others: the score before is of the rules' own transform.
    """
    scored = score(companies, rules)
    fresh = companies.drop(columns="previous_cvs", errors="ignore")
    others = [name for name in TRANSFORMS if name != rules.style.transform]
    tables = [scored, *(score(fresh, rules, name) for name in others)]
    for name, stem in (("cvs", "cvs"), ("value_weight_frac", "value_weight")):
        values = np.stack([table[name].to_numpy(float) for table in tables])
        suffix = name.removeprefix(stem)
        scored[f"{stem}_low{suffix}"] = values.min(axis=0)
        scored[f"{stem}_high{suffix}"] = values.max(axis=0)
    return scored


def drop_negative_book(companies: pd.DataFrame) -> pd.DataFrame:
    """Take book to price as missing where book value is zero or less.

    Source: Ground Rules v7.0, 8.10.1. Negative growth is a value like any other.
    """
    ratio = companies["book_to_price"].astype(float)
    return companies.assign(book_to_price=ratio.where(ratio > 0))


def standardise(
    companies: pd.DataFrame, transform: str, rules: Rulebook
) -> pd.DataFrame:
    """Add the score of each variable, missing where the variable is.

    Ranked within base group and day, in units in which 0.25, 0.5 and 0.75 are the
    quartiles. Source: Ground Rules v7.0, 8.2.3 and 8.2.4; the transform: 0021.
    """
    group = _groups(companies)
    scores = {}
    for variable, (name, is_value) in VARIABLES.items():
        values = companies[variable].to_numpy(float)
        offered = np.where(group >= 0, values, np.nan)
        units = _units(offered, group, transform, rules.heuristics.largest_deviation)
        scores[name] = units if is_value else 1 - units
    return companies.assign(**scores)


def fill_missing(companies: pd.DataFrame, rules: Rulebook) -> pd.DataFrame:
    """Give a missing score its group's mean; blend forecasts of one or two analysts.

    The group is the first of `rules.style.groups` in which at least five companies of
    the base group have a score; each variable apart. Adds `<score>_level`: 0 the
    company's own, 1 and up the group in turn, -1 still missing.
    Source: Ground Rules v7.0, 8.10.1.
    """
    names = [name for name in rules.style.groups if name in companies]
    places = [rules.style.groups.index(name) + 1 for name in names]
    base = _groups(companies)
    codes = [_within(base, companies[name]) for name in names]
    filled: dict[str, np.ndarray] = {}
    for name in SCORES:
        own = companies[name].to_numpy(float)
        mean, level = np.full(len(own), np.nan), np.full(len(own), MISSING, np.int8)
        for place, code in zip(places, codes, strict=True):
            means = group_means(own, code, rules)
            takes = np.isnan(mean) & ~np.isnan(means)
            mean, level = np.where(takes, means, mean), np.where(takes, place, level)
        is_own = ~np.isnan(own)
        filled[f"{name}_level"] = np.where(is_own, OWN, level).astype(np.int8)
        if name == "growth_forecast_score" and "analyst_count" in companies:
            own = blend_coverage(own, mean, companies["analyst_count"], rules)
        filled[name] = np.where(is_own, own, mean)
    return companies.assign(**filled)


def group_means(scores: np.ndarray, codes: np.ndarray, rules: Rulebook) -> np.ndarray:
    """Return each company's group's mean score, missing below five members with one.

    `codes` tells groups apart, -1 is none. Source: Ground Rules v7.0, 8.10.1.
    """
    known = ~np.isnan(scores) & (codes >= 0)
    size = int(codes.max(initial=-1)) + 1
    counts = np.bincount(codes[known], minlength=size)
    sums = np.bincount(codes[known], weights=scores[known], minlength=size)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = np.where(counts >= rules.style.group_min_count, sums / counts, np.nan)
    return np.append(means, np.nan)[codes]


def blend_coverage(
    own: np.ndarray, mean: np.ndarray, analysts: pd.Series, rules: Rulebook
) -> np.ndarray:
    """Mix a forecast's score with its group's mean where few analysts stand behind it.

    One analyst: a third its own; two: two thirds; three or more, or a number not
    known: all. Source: Ground Rules v7.0, 8.10.1.
    """
    parts = np.append(rules.style.own_frac_by_analysts, 1.0)
    count = analysts.to_numpy(float)
    at = np.where(np.isnan(count), len(parts) - 1, count).clip(0, len(parts) - 1)
    part = parts[at.astype(int)]
    return np.where(np.isnan(mean), own, part * own + (1 - part) * mean)


def combine(companies: pd.DataFrame, rules: Rulebook) -> pd.DataFrame:
    """Add `new_cvs`: half book to price, a quarter each of the growth variables.

    Missing where one of the three is. Source: Ground Rules v7.0, 8.2.4.
    """
    cvs = sum(
        part * companies[name].to_numpy(float)
        for part, name in zip(variable_weights(rules.style), SCORES, strict=True)
    )
    return companies.assign(new_cvs=cvs)


def variable_weights(numbers: Style) -> tuple[float, float, float]:
    """Return the parts of the three variables in the score, in the order of `SCORES`.

    Source: Ground Rules v7.0, 8.2.4.
    """
    return (
        numbers.book_to_price_frac,
        numbers.growth_forecast_frac,
        numbers.sales_growth_frac,
    )


def keep_within_band(companies: pd.DataFrame, rules: Rulebook) -> pd.DataFrame:
    """Add `cvs`, the old one where it moved by at most 0.10 in the same core index.

    `is_cvs_kept` tells where. Without previous_cvs and previous_base_index nothing is
    kept. Source: Ground Rules v7.0, 8.8.1.
    """
    new = companies["new_cvs"].to_numpy(float)
    if "previous_cvs" not in companies:
        return companies.assign(cvs=new, is_cvs_kept=False)
    old = companies["previous_cvs"].to_numpy(float)
    stays = companies["previous_base_index"].eq(companies["base_index"])
    # a change of exactly 0.10 is none, whatever the last binary digit says
    slack = rules.heuristics.rounding_frac
    is_small = np.abs(new - old) <= rules.style.kept_cvs_change + slack
    kept = is_small & stays.fillna(False).to_numpy(bool)
    return companies.assign(cvs=np.where(kept, old, new), is_cvs_kept=kept)


def draw_quartiles(companies: pd.DataFrame, rules: Rulebook) -> pd.DataFrame:
    """Add cvs_lower_quartile, cvs_median and cvs_upper_quartile of the base group.

    Each part between them holds a quarter of the group's available market cap; between
    two companies the line is interpolated. Source: GR6.8, 8.6 and its figure.
    """
    group = _groups(companies)
    cvs = companies["cvs"].to_numpy(float)
    caps = companies["float_market_cap_usd"].to_numpy(float)
    counted = np.flatnonzero((group >= 0) & ~np.isnan(cvs) & (caps > 0))
    order = counted[np.lexsort((cvs[counted], group[counted]))]
    lines = np.full((int(group.max(initial=-1)) + 2, 3), np.nan)
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    for rows in np.split(order, starts[1:]) if len(order) else []:
        weight = caps[rows]
        middles = (np.cumsum(weight) - weight / 2) / weight.sum()
        lines[group[rows[0]]] = np.interp(rules.style.quartiles, middles, cvs[rows])
    lower, median, upper = lines[group].T
    return companies.assign(
        cvs_lower_quartile=lower, cvs_median=median, cvs_upper_quartile=upper
    )


def weigh(companies: pd.DataFrame, rules: Rulebook) -> pd.DataFrame:
    """Add value_weight_frac and growth_weight_frac, which add up to 1.

    Source: GR6.8, 8.6 (the probability), Ground Rules v7.0, 8.7.1 (the 5% rule).
    """
    lines = ("cvs_lower_quartile", "cvs_median", "cvs_upper_quartile")
    lower, median, upper = (companies[name].to_numpy(float) for name in lines)
    cvs = companies["cvs"].to_numpy(float)
    value = settle(value_probability(cvs, lower, median, upper, rules), rules)
    return companies.assign(value_weight_frac=value, growth_weight_frac=1 - value)


def value_probability(
    cvs: np.ndarray,
    lower: np.ndarray,
    median: np.ndarray,
    upper: np.ndarray,
    rules: Rulebook,
) -> np.ndarray:
    """Return how likely a company is value: a logistic curve with two sides.

    One half at the median; where a quartile meets the median the curve is a step.
    Source: GR6.8, 8.6 and its figure on page 26.
    """
    width = np.where(cvs <= median, median - lower, upper - median)
    distance = cvs - median
    with np.errstate(invalid="ignore", divide="ignore"):
        steep = np.where(distance == 0, 0.0, distance / width)
    return expit(rules.style.steepness * steep)


def settle(value: np.ndarray, rules: Rulebook) -> np.ndarray:
    """Give the whole of a company to a style that has more than 95% of it.

    Source: Ground Rules v7.0, 8.7.1.
    """
    limit = rules.style.one_style_frac
    return np.where(value > limit, 1.0, np.where(1 - value > limit, 0.0, value))


def average_listings(companies: pd.DataFrame, rules: Rulebook) -> pd.DataFrame:
    """Give companies newly listed (`is_new_listing`) their group's mean weights.

    Source: Ground Rules v7.0, 6.8.1. Where no group has five members that are not new
    listings the company keeps its own.
    """
    value = companies["value_weight_frac"].to_numpy(float)
    is_new = companies["is_new_listing"].to_numpy(bool)
    base, settled = _groups(companies), np.where(is_new, np.nan, value)
    mean = np.full(len(value), np.nan)
    for name in rules.style.groups:
        if name in companies:
            means = group_means(settled, _within(base, companies[name]), rules)
            mean = np.where(np.isnan(mean), means, mean)
    averaged = is_new & ~np.isnan(mean)
    value = np.where(averaged, mean, value)
    return companies.assign(
        value_weight_frac=value,
        growth_weight_frac=1 - value,
        is_group_average=averaged,
    )


def keep_the_unmoved(
    companies: pd.DataFrame, rank_month: int, rules: Rulebook
) -> pd.DataFrame:
    """Leave the weights of an event outside June to additions and movers.

    In June (rank day in April or May) all are reassigned. In December a company that
    stays in its base group keeps previous_value_weight_frac and previous_cvs; adds
    `is_reassigned`. Source: Ground Rules v7.0, 8.1.1 to 8.1.2 and App. F.
    """
    in_june = rank_month in rules.style.june_rank_months
    if in_june or "previous_value_weight_frac" not in companies:
        return companies.assign(is_reassigned=True)
    stays = companies["previous_base_index"].eq(companies["base_index"]).fillna(False)
    kept = stays & companies["previous_value_weight_frac"].notna()
    value = companies["value_weight_frac"].mask(
        kept, companies["previous_value_weight_frac"]
    )
    return companies.assign(
        value_weight_frac=value,
        growth_weight_frac=1 - value,
        cvs=companies["cvs"].mask(kept, companies["previous_cvs"]),
        is_reassigned=~kept,
    )


def copy_to_classes(
    securities: pd.DataFrame, companies: pd.DataFrame, columns: Sequence[str]
) -> pd.DataFrame:
    """Give every class of a company the style of its pricing vehicle.

    Joined by company_id; a listing of no scored company gets none.
    Source: Ground Rules v7.0, 6.5.4.
    """
    styles = companies[["company_id", *columns]]
    return securities.merge(styles, on="company_id", how="left", validate="many_to_one")


def sales_growth(histories: pd.DataFrame, rules: Rulebook) -> pd.Series:
    """Return the yearly five-year growth of sales per share, by symbol.

    `histories` has symbol, period_end and sales_per_share_usd of single quarters.
    The last four quarters are set against the four that ended five years earlier, so
    24 quarters in a row are needed; missing too where those began at nothing.
    Source: Ground Rules v7.0, 8.10.1 (six years of quarters); the formula: 0022.
    """
    quarters, years = rules.style.sales_quarters, rules.style.sales_growth_years
    ordered = histories.sort_values(["symbol", "period_end"])
    last = ordered.groupby("symbol", sort=True).tail(quarters)
    place = last.groupby("symbol").cumcount(ascending=False).to_numpy()
    sales = last["sales_per_share_usd"].to_numpy(float)
    now = last.assign(s=np.where(place < 4, sales, 0)).groupby("symbol")["s"].sum()
    then = last.assign(s=np.where(place >= quarters - 4, sales, 0))
    then = then.groupby("symbol")["s"].sum()
    span = last.groupby("symbol")["period_end"].agg(["count", "min", "max"])
    days = (span["max"] - span["min"]).dt.days
    in_a_row = (days - (quarters - 1) * QUARTER_DAYS).abs() < QUARTER_DAYS / 2
    usable = (span["count"] == quarters) & in_a_row & (then > 0) & (now >= 0)
    growth = (now / then.where(then > 0)).pow(1 / years) - 1
    return growth.where(usable)


QUARTER_DAYS = 365.25 / 4


def _units(
    values: np.ndarray, group: np.ndarray, transform: str, largest: float
) -> np.ndarray:
    """Return values in units in which 0.25, 0.5 and 0.75 are a group's quartiles."""
    by_group = pd.Series(values).groupby(group)
    if transform == MAD:
        away = values - by_group.transform("median").to_numpy()
        typical = pd.Series(np.abs(away)).groupby(group).transform("median").to_numpy()
        with np.errstate(invalid="ignore", divide="ignore"):
            deviations = UPPER_QUARTILE * away / typical
        # where most values are the same, that one is the middle
        deviations = np.where((away == 0) & (typical == 0), 0.0, deviations)
        deviations = deviations.clip(-largest, largest)
    else:
        count = by_group.transform("count").to_numpy()
        with np.errstate(invalid="ignore", divide="ignore"):
            percentile = (by_group.rank().to_numpy() - 0.5) / count
        if transform == RANK:
            return percentile
        deviations = ndtri(percentile)
    return 0.5 + 0.25 * deviations / UPPER_QUARTILE


def _groups(companies: pd.DataFrame) -> np.ndarray:
    """Number base groups and days; -1 where a company is in no base group."""
    base, _ = pd.factorize(companies["base_index"])
    if "snapshot_date" not in companies:
        return base
    day, _ = pd.factorize(companies["snapshot_date"])
    return np.where(base >= 0, day * (base.max(initial=0) + 1) + base, -1)


def _within(base: np.ndarray, names: pd.Series) -> np.ndarray:
    """Number the groups of this name within base groups; -1 where there is none."""
    code, _ = pd.factorize(names)
    joint = base * (code.max(initial=0) + 1) + code
    return np.where((base >= 0) & (code >= 0), joint, -1)
