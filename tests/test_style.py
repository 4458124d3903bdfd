"""Ground Rules v7.0, section 8: scores, weights, and what keeps or moves them."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recon.rulebook import rulebook
from recon.rules import style

RULES = rulebook(date(2026, 4, 30))
RANKED = replace(RULES, style=replace(RULES.style, transform=style.RANK))
NAN = np.nan


def table(**columns: object) -> pd.DataFrame:
    """Companies of one base group with equal caps, the rest alike."""
    usual = {
        "base_index": "R1000",
        "float_market_cap_usd": 1e9,
        "book_to_price": 0.5,
        "growth_forecast_frac": 0.1,
        "sales_growth_frac": 0.1,
    }
    made = pd.DataFrame(columns)
    return made.assign(**{k: v for k, v in usual.items() if k not in made})


def dozen(count: int = 12, seed: int = 4) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return table(
        book_to_price=rng.lognormal(-1, 0.8, count),
        growth_forecast_frac=rng.normal(0.1, 0.1, count),
        sales_growth_frac=rng.normal(0.08, 0.1, count),
        float_market_cap_usd=rng.lognormal(22, 1.2, count),
        subsector=rng.choice(["Banks", "Chips", "Shops"], count),
    )


def near(value: object) -> object:
    return pytest.approx(value, abs=1e-12, nan_ok=True)


# 8.2.4, the transform
def test_rank_percentiles_put_the_middle_of_five_at_one_half() -> None:
    scored = style.standardise(table(book_to_price=[5, 1, 3, 2, 4]), style.RANK, RULES)
    assert scored["book_to_price_score"].tolist() == near([0.9, 0.1, 0.5, 0.3, 0.7])


def test_much_growth_is_a_low_score() -> None:
    scored = style.standardise(table(sales_growth_frac=[0.3, -0.1]), style.RANK, RULES)
    assert scored["sales_growth_score"].tolist() == near([0.25, 0.75])


def test_equal_values_share_their_rank() -> None:
    scored = style.standardise(table(book_to_price=[1, 2, 2, 3]), style.RANK, RULES)
    assert scored["book_to_price_score"].tolist() == near([0.125, 0.5, 0.5, 0.875])


@pytest.mark.parametrize("transform", style.TRANSFORMS)
def test_every_transform_puts_the_quartiles_at_a_quarter_and_three(
    transform: str,
) -> None:
    normal = style.ndtri((np.arange(4001) + 0.5) / 4001)
    scores = style.standardise(table(book_to_price=normal), transform, RULES)
    found = scores["book_to_price_score"].quantile([0.25, 0.5, 0.75])
    assert found.tolist() == pytest.approx([0.25, 0.5, 0.75], abs=0.001)


def test_scaling_by_the_typical_distance_is_cut_at_three_deviations() -> None:
    scores = style.standardise(table(book_to_price=[1, 2, 3, 4, 1e9]), style.MAD, RULES)
    highest = 0.5 + 0.25 * RULES.heuristics.largest_deviation / style.UPPER_QUARTILE
    assert scores["book_to_price_score"].tolist() == near([0, 0.25, 0.5, 0.75, highest])


# 8.2.3, base groups apart
def test_base_groups_and_days_are_scored_apart() -> None:
    one, two = dozen(), dozen(seed=5)
    apart = [style.score(part, RULES) for part in (one, two)]
    both = pd.concat([one, two.assign(base_index="R2000")], ignore_index=True)
    days = [pd.Timestamp("2026-04-29")] * 12 + [pd.Timestamp("2026-04-30")] * 12
    season = pd.concat([one, two], ignore_index=True).assign(snapshot_date=days)
    for joined in (both, season):
        scored = style.score(joined, RULES)
        for part, rows in zip(apart, (scored[:12], scored[12:]), strict=True):
            assert rows["value_weight_frac"].tolist() == near(
                part["value_weight_frac"].tolist()
            )


def test_a_company_of_no_base_group_gets_no_style() -> None:
    companies = dozen().assign(base_index=["R1000"] * 11 + [None])
    scored = style.score(companies, RULES)
    assert scored["value_weight_frac"].isna().tolist() == [False] * 11 + [True]


# 8.10.1, what is missing
@pytest.mark.parametrize("ratio", [pytest.param(-0.4, id="negative"), 0.0, NAN])
def test_book_value_of_zero_or_less_is_missing(ratio: float) -> None:
    kept = style.drop_negative_book(table(book_to_price=[ratio, 0.2]))
    assert kept["book_to_price"].tolist() == near([NAN, 0.2])


def test_negative_growth_is_a_value_like_any_other() -> None:
    scored = style.score(dozen().assign(growth_forecast_frac=-0.2), RULES)
    assert scored["growth_forecast_score_level"].eq(style.OWN).all()


def filled(scores: list[float], **groups: object) -> pd.DataFrame:
    made = table(**groups, book_to_price_score=scores)
    rest = {"growth_forecast_score": 0.5, "sales_growth_score": 0.5}
    return style.fill_missing(made.assign(**rest), RULES)


def test_a_missing_variable_takes_the_mean_of_five_of_its_subsector() -> None:
    scores = [0.1, 0.2, 0.3, 0.4, 0.5, NAN]
    given_ = filled(scores, subsector=["Banks"] * 6)
    assert given_["book_to_price_score"].iloc[5] == near(0.3)
    assert given_["book_to_price_score_level"].tolist() == [0, 0, 0, 0, 0, 1]


def test_four_members_are_too_few_and_the_next_group_is_asked() -> None:
    scores = [0.1, 0.2, 0.3, 0.4, 0.9, NAN]
    given_ = filled(
        scores,
        subsector=["Banks"] * 4 + ["Chips", "Banks"],
        sector=["Finance"] * 6,
        industry=["All"] * 6,
    )
    assert given_["book_to_price_score"].iloc[5] == near(0.38)
    assert given_["book_to_price_score_level"].iloc[5] == 2


def test_a_sector_that_is_not_given_is_passed_over() -> None:
    scores = [0.1, 0.2, 0.3, 0.4, 0.9, NAN]
    subsector = ["Banks"] * 4 + ["Chips", "Banks"]
    given_ = filled(scores, subsector=subsector, industry=["Money"] * 6)
    assert given_["book_to_price_score_level"].iloc[5] == 4


def test_without_any_group_of_five_it_stays_missing() -> None:
    given_ = filled([0.1, 0.2, 0.3, 0.4, NAN], subsector=["Banks"] * 5)
    assert np.isnan(given_["book_to_price_score"].iloc[4])
    assert given_["book_to_price_score_level"].iloc[4] == style.MISSING


def test_a_company_without_a_group_stays_missing() -> None:
    subsector = ["Banks"] * 5 + [None]
    given_ = filled([0.1, 0.2, 0.3, 0.4, 0.5, NAN], subsector=subsector)
    assert np.isnan(given_["book_to_price_score"].iloc[5])


def test_a_group_of_another_base_index_does_not_help() -> None:
    base = ["R2000"] * 5 + ["R1000"]
    given_ = filled(
        [0.1, 0.2, 0.3, 0.4, 0.5, NAN], subsector=["Banks"] * 6, base_index=base
    )
    assert np.isnan(given_["book_to_price_score"].iloc[5])


@pytest.mark.parametrize(
    ("analysts", "expected"),
    [
        pytest.param(1, 0.9 / 3 + 2 * 0.3 / 3, id="one: a third its own"),
        pytest.param(2, 2 * 0.9 / 3 + 0.3 / 3, id="two: two thirds its own"),
        pytest.param(3, 0.9, id="three: its own"),
        pytest.param(17, 0.9, id="seventeen: its own"),
        pytest.param(0, 0.3, id="nobody: the group's"),
        pytest.param(NAN, 0.9, id="a number not known: its own"),
    ],
)
def test_few_analysts_are_blended_with_the_group(
    analysts: float, expected: float
) -> None:
    blended = style.blend_coverage(
        np.array([0.9]), np.array([0.3]), pd.Series([analysts]), RULES
    )
    assert blended.tolist() == near([expected])


def test_without_a_group_a_lone_analyst_counts_whole() -> None:
    blended = style.blend_coverage(
        np.array([0.9]), np.array([NAN]), pd.Series([1]), RULES
    )
    assert blended.tolist() == [0.9]


def test_coverage_is_blended_for_the_forecast_alone() -> None:
    companies = dozen(30).assign(analyst_count=1.0, subsector="Banks")
    few = style.score(companies, RULES)
    many = style.score(companies.assign(analyst_count=9.0), RULES)
    assert (few["growth_forecast_score"] != many["growth_forecast_score"]).any()
    for name in ("book_to_price_score", "sales_growth_score"):
        assert few[name].tolist() == many[name].tolist()


# 8.2.4, the composite value score
def test_the_score_is_half_book_and_a_quarter_each_of_growth() -> None:
    scores = {"book_to_price_score": [0.8], "growth_forecast_score": [0.4]}
    combined = style.combine(table(**scores, sales_growth_score=[0.2]), RULES)
    assert combined["new_cvs"].tolist() == near([0.55])


def test_the_score_is_missing_where_one_variable_is() -> None:
    scores = {"book_to_price_score": [NAN], "growth_forecast_score": [0.4]}
    combined = style.combine(table(**scores, sales_growth_score=[0.2]), RULES)
    assert np.isnan(combined["new_cvs"].iloc[0])


# 8.8.1, the style band
@pytest.mark.parametrize(
    ("new", "index", "cvs"),
    [
        pytest.param(0.55, "R1000", 0.50, id="a small move keeps the old score"),
        pytest.param(0.60, "R1000", 0.50, id="a move of exactly 0.10 keeps it too"),
        pytest.param(0.40, "R1000", 0.50, id="and so it does downwards"),
        pytest.param(0.61, "R1000", 0.61, id="a larger move does not"),
        pytest.param(0.55, "R2000", 0.55, id="nor a small one from another index"),
        pytest.param(0.55, None, 0.55, id="nor from none"),
    ],
)
def test_the_style_band(new: float, index: str | None, cvs: float) -> None:
    companies = table(
        new_cvs=[new], previous_cvs=[0.5], previous_base_index=pd.Series([index])
    )
    kept = style.keep_within_band(companies, RULES)
    assert kept["cvs"].tolist() == near([cvs])
    assert kept["is_cvs_kept"].tolist() == [cvs == 0.5]


def test_without_an_old_score_the_new_one_stands() -> None:
    companies = table(new_cvs=[0.5], previous_cvs=[NAN], previous_base_index=["R1000"])
    assert style.keep_within_band(companies, RULES)["cvs"].tolist() == [0.5]


def test_a_kept_score_may_still_change_its_weight_as_the_lines_move() -> None:
    companies = dozen(40)
    before = style.score(companies, RANKED)
    later = companies.assign(
        previous_cvs=before["cvs"],
        previous_base_index="R1000",
        float_market_cap_usd=companies["float_market_cap_usd"].to_numpy()[::-1],
    )
    after = style.score(later, RANKED)
    assert after["is_cvs_kept"].all()
    assert after["cvs"].tolist() == near(before["cvs"].tolist())
    assert (after["value_weight_frac"] != before["value_weight_frac"]).any()


# 8.6, quartiles and probability
def test_the_quartiles_are_drawn_by_available_cap() -> None:
    companies = table(cvs=[0.1, 0.2, 0.3, 0.4], float_market_cap_usd=[1, 1, 1, 5])
    drawn = style.draw_quartiles(companies, RULES).iloc[0]
    # middles of the four are at 1/16, 3/16, 5/16 and 11/16 of the cap
    assert drawn["cvs_lower_quartile"] == near(0.25)
    assert drawn["cvs_median"] == near(0.35)
    assert drawn["cvs_upper_quartile"] == near(0.4)


def test_a_company_without_a_score_or_a_cap_moves_no_line() -> None:
    companies = table(cvs=[0.1, 0.2, 0.3, 0.4])
    more = table(cvs=[0.1, 0.2, 0.3, 0.4, NAN, 0.9])
    more["float_market_cap_usd"] = [1e9, 1e9, 1e9, 1e9, 9e12, NAN]
    lines = ["cvs_lower_quartile", "cvs_median", "cvs_upper_quartile"]
    expected = style.draw_quartiles(companies, RULES)[lines].iloc[0]
    assert (style.draw_quartiles(more, RULES)[lines].iloc[0] == expected).all()


def probability(cvs: float) -> float:
    """Value probability with lines at 0.3, 0.5 and 0.9."""
    lines = [np.array([line]) for line in (0.3, 0.5, 0.9)]
    return float(style.value_probability(np.array([cvs]), *lines, RULES)[0])


@pytest.mark.parametrize(
    ("cvs", "value"),
    [
        pytest.param(0.5, 0.5, id="half and half at the median"),
        pytest.param(0.3, 1 / (1 + np.exp(5)), id="0.0067 at the lower quartile"),
        pytest.param(0.9, 1 / (1 + np.exp(-5)), id="0.9933 at the upper quartile"),
        pytest.param(0.4, 1 / (1 + np.exp(2.5)), id="half way down"),
        pytest.param(0.7, 1 / (1 + np.exp(-2.5)), id="half way up, on a longer side"),
    ],
)
def test_the_probability_has_two_sides(cvs: float, value: float) -> None:
    assert probability(cvs) == near(value)


def test_where_a_quartile_meets_the_median_the_curve_is_a_step() -> None:
    lines = [np.full(3, line) for line in (0.5, 0.5, 0.9)]
    values = style.value_probability(np.array([0.4, 0.5, 0.6]), *lines, RULES)
    assert values[:2].tolist() == [0.0, 0.5]
    assert values[2] > 0.5


# 8.7.1, the 5% rule
@pytest.mark.parametrize(
    ("value", "settled"),
    [
        pytest.param(0.951, 1.0, id="more than 95% value is all value"),
        pytest.param(0.95, 0.95, id="95% is not more"),
        pytest.param(0.049, 0.0, id="more than 95% growth is all growth"),
        pytest.param(0.20, 0.20, id="20% value and 80% growth stays"),
    ],
)
def test_the_five_percent_rule(value: float, settled: float) -> None:
    assert style.settle(np.array([value]), RULES).tolist() == [settled]


def test_seventy_point_six_percent_are_of_one_style_where_caps_are_even() -> None:
    """Rules.md 6.2: 2 x (25% + 0.411 x 25%) of companies, cap even in quartiles."""
    scored = table(cvs=(np.arange(4000) + 0.5) / 4000)
    weighed = scored.pipe(style.draw_quartiles, RULES).pipe(style.weigh, RULES)
    one_style = weighed["value_weight_frac"].isin([0, 1]).mean()
    assert one_style == pytest.approx(0.706, abs=0.005)


# properties of the whole
@pytest.mark.parametrize("transform", style.TRANSFORMS)
def test_the_weights_add_up_to_one(transform: str) -> None:
    scored = style.score(dozen(200), RULES, transform)
    total = scored["value_weight_frac"] + scored["growth_weight_frac"]
    assert total.tolist() == near([1.0] * 200)


@pytest.mark.parametrize("transform", style.TRANSFORMS)
@pytest.mark.parametrize("variable", style.VARIABLES)
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), push=st.floats(0.01, 3))
def test_more_of_a_variable_never_turns_the_other_way(
    transform: str, variable: str, seed: int, push: float
) -> None:
    """One company's value rises, the lines stay where they were."""
    companies = dozen(40, seed)
    before = style.score(companies, RULES, transform)
    raised = companies.copy()
    raised.loc[7, variable] = raised.loc[7, variable] + push
    after = style.score(raised, RULES, transform)
    lines = ("cvs_lower_quartile", "cvs_median", "cvs_upper_quartile")
    after = after.assign(**{line: before[line] for line in lines})
    after = style.weigh(after, RULES)
    change = after["value_weight_frac"].iloc[7] - before["value_weight_frac"].iloc[7]
    is_value = style.VARIABLES[variable][1]
    assert change >= -1e-12 if is_value else change <= 1e-12


@pytest.mark.parametrize("transform", style.TRANSFORMS)
def test_the_units_do_not_matter(transform: str) -> None:
    companies = dozen(60)
    in_percent = companies.assign(
        growth_forecast_frac=companies["growth_forecast_frac"] * 100,
        sales_growth_frac=companies["sales_growth_frac"] * 100,
        book_to_price=companies["book_to_price"] * 1e3,
        float_market_cap_usd=companies["float_market_cap_usd"] / 1e6,
    )
    one, other = (style.score(t, RULES, transform) for t in (companies, in_percent))
    assert one["value_weight_frac"].tolist() == pytest.approx(
        other["value_weight_frac"].tolist()
    )


def test_the_order_of_the_rows_does_not_matter() -> None:
    companies = dozen(60)
    mixed = companies.sample(frac=1, random_state=3)
    weights = style.score(mixed, RULES)["value_weight_frac"].sort_index()
    assert weights.tolist() == near(
        style.score(companies, RULES)["value_weight_frac"].tolist()
    )


def test_the_range_holds_the_weight_of_every_transform() -> None:
    companies = dozen(60)
    ranged = style.score_every_way(companies, RULES)
    for transform in style.TRANSFORMS:
        scored = style.score(companies, RULES, transform)
        for name in ("cvs", "value_weight"):
            full = "cvs" if name == "cvs" else "value_weight_frac"
            suffix = full.removeprefix(name)
            assert (ranged[f"{name}_low{suffix}"] <= scored[full] + 1e-12).all()
            assert (ranged[f"{name}_high{suffix}"] >= scored[full] - 1e-12).all()


def test_rules_leave_the_given_table_alone() -> None:
    companies = dozen()
    before = companies.copy()
    style.score_every_way(companies, RULES)
    pd.testing.assert_frame_equal(companies, before)


# 6.8.1, new listings
def test_a_new_listing_takes_the_mean_weight_of_its_subsector() -> None:
    companies = table(
        value_weight_frac=[0.1, 0.2, 0.3, 0.4, 0.5, 1.0],
        is_new_listing=[False] * 5 + [True],
        subsector=["Chips"] * 6,
    )
    averaged = style.average_listings(companies, RULES)
    assert averaged["value_weight_frac"].iloc[5] == near(0.3)
    assert averaged["growth_weight_frac"].iloc[5] == near(0.7)
    assert averaged["is_group_average"].tolist() == [False] * 5 + [True]


def test_new_listings_do_not_average_one_another() -> None:
    companies = table(
        value_weight_frac=[0.1, 0.2, 0.3, 0.4, 0.5, 1.0],
        is_new_listing=[False] * 4 + [True] * 2,
        subsector=["Chips"] * 6,
    )
    averaged = style.average_listings(companies, RULES)
    assert averaged["value_weight_frac"].iloc[5] == 1.0


# 8.1, what an event reassigns
@pytest.mark.parametrize(
    ("month", "base", "before", "weight"),
    [
        pytest.param(4, "R1000", 0.9, 0.2, id="June reassigns all"),
        pytest.param(10, "R1000", 0.9, 0.9, id="December leaves the unmoved"),
        pytest.param(10, "R2000", 0.9, 0.2, id="December reassigns a mover"),
        pytest.param(10, None, NAN, 0.2, id="December assigns an addition"),
    ],
)
def test_what_an_event_reassigns(
    month: int, base: str | None, before: float, weight: float
) -> None:
    companies = table(
        value_weight_frac=[0.2],
        growth_weight_frac=[0.8],
        cvs=[0.3],
        previous_cvs=[0.7],
        previous_base_index=pd.Series([base], dtype="str"),
        previous_value_weight_frac=[before],
    )
    kept = style.keep_the_unmoved(companies, month, RULES)
    assert kept["value_weight_frac"].tolist() == [weight]
    assert kept["growth_weight_frac"].tolist() == near([1 - weight])
    assert kept["cvs"].tolist() == [0.3 if weight == 0.2 else 0.7]
    assert kept["is_reassigned"].tolist() == [weight == 0.2]


# 6.5.4, classes
def test_every_class_takes_the_style_of_its_company() -> None:
    listings = pd.DataFrame({"symbol": ["A", "B", "Z"], "company_id": [1, 1, 2]})
    companies = pd.DataFrame({"company_id": [1], "value_weight_frac": [0.25]})
    styled = style.copy_to_classes(listings, companies, ["value_weight_frac"])
    assert styled["value_weight_frac"].tolist() == near([0.25, 0.25, NAN])


# 8.10.1, six years of quarters
def quarters(sales: list[float], symbol: str = "ONE") -> pd.DataFrame:
    ends = pd.date_range(end="2026-03-31", periods=len(sales), freq="QE")
    facts = {"symbol": symbol, "period_end": ends, "sales_per_share_usd": sales}
    return pd.DataFrame(facts)


def test_five_year_growth_sets_the_last_year_against_the_first() -> None:
    growth = style.sales_growth(quarters([1.0] * 4 + [5.0] * 16 + [2.0] * 4), RULES)
    assert growth["ONE"] == near(2 ** (1 / 5) - 1)


@pytest.mark.parametrize(
    "sales",
    [
        pytest.param([1.0] * 23, id="a quarter short"),
        pytest.param([0.0] * 4 + [1.0] * 20, id="from nothing"),
        pytest.param([-1.0] * 4 + [1.0] * 20, id="from less than nothing"),
    ],
)
def test_sales_growth_that_cannot_be_told(sales: list[float]) -> None:
    assert np.isnan(style.sales_growth(quarters(sales), RULES)["ONE"])


def test_a_gap_in_the_quarters_leaves_growth_unknown() -> None:
    gappy = quarters([1.0] * 25).drop(index=10)
    assert np.isnan(style.sales_growth(gappy, RULES)["ONE"])


def test_sales_grow_symbol_by_symbol() -> None:
    both = pd.concat([quarters([1.0] * 24), quarters([2.0] * 20 + [4.0] * 4, "TWO")])
    growth = style.sales_growth(both, RULES)
    assert growth.tolist() == near([0.0, 2 ** (1 / 5) - 1])
