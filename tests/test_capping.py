"""Ground Rules v7.0, 8.2.5: 22.5% a company, 45% for those above 4.5%."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recon.rulebook import rulebook
from recon.rules import capping

LIMITS = rulebook(date(2026, 4, 30)).style.capping
REST = [1 / 100] * 100


def test_weights_within_the_limits_stay() -> None:
    weights = np.array([*REST])
    assert capping.cap_weights(weights, LIMITS).tolist() == pytest.approx(REST)


def test_the_largest_is_cut_and_the_others_take_it_in_proportion() -> None:
    weights = np.array([0.30, *[0.70 / 100] * 100])
    capped = capping.cap_weights(weights, LIMITS)
    assert capped.tolist() == pytest.approx([0.225, *[0.775 / 100] * 100])


def test_the_heavy_ones_shrink_alike_to_45_percent_together() -> None:
    weights = np.array([0.20, 0.20, 0.20, *[0.40 / 100] * 100])
    capped = capping.cap_weights(weights, LIMITS)
    assert capped.tolist() == pytest.approx([0.15] * 3 + [0.55 / 100] * 100)


def test_one_that_would_fall_below_4_5_percent_stays_there() -> None:
    weights = np.array([0.22, 0.22, 0.046, *[0.514 / 100] * 100])
    capped = capping.cap_weights(weights, LIMITS)
    assert capped[:3].tolist() == pytest.approx([0.22, 0.22, 0.045])


def test_none_of_the_others_is_pushed_over_4_5_percent() -> None:
    weights = np.array([0.22, 0.22, 0.044, *[0.516 / 100] * 100])
    capped = capping.cap_weights(weights * [1.1, 1.1, *[1] * 101], LIMITS)
    assert capped[2] <= 0.045 + 1e-9


@settings(max_examples=60, deadline=None)
@given(
    # 23 companies of 4.5% are more than a whole index
    st.lists(st.floats(1e-4, 1.0), min_size=23, max_size=120)
    | st.lists(st.sampled_from([1e-4, 1e-2, 0.1, 1.0]), min_size=23, max_size=60)
)
def test_capped_weights_keep_every_limit(weights: list[float]) -> None:
    capped = capping.cap_weights(np.array(weights), LIMITS)
    assert capped.sum() == pytest.approx(1)
    assert not capping.breaches(capped, LIMITS)
    order = np.argsort(weights)
    assert (np.diff(capped[order]) >= -1e-9).all()


@pytest.mark.parametrize(
    ("weights", "breaks", "triggers"),
    [
        pytest.param([0.23, *[0.77 / 50] * 50], True, False, id="23% alone"),
        pytest.param([0.241, *[0.759 / 50] * 50], True, True, id="24.1% alone"),
        pytest.param([0.047] * 10 + [0.53 / 50] * 50, True, False, id="47% together"),
        pytest.param([0.049] * 10 + [0.51 / 50] * 50, True, True, id="49% together"),
        pytest.param([0.02] * 50, False, False, id="none above 4.5%"),
    ],
)
def test_limits_and_the_looser_check_between_reviews(
    weights: list[float], breaks: bool, triggers: bool
) -> None:
    shares = np.array(weights)
    assert capping.breaches(shares, LIMITS) is breaks
    assert capping.triggers_check(shares, LIMITS) is triggers


def test_concentration_lists_an_index_and_style_heaviest_first() -> None:
    companies = pd.DataFrame(
        {
            "symbol": ["HALF", "BIG", "VALUE", "SMALL", "NONE"],
            "base_index": ["R1000", "R1000", "R1000", "R2000", "R1000"],
            "growth_weight_frac": [0.5, 1.0, 0.0, 1.0, np.nan],
            "float_market_cap_usd": [4.0, 6.0, 9.0, 1.0, 2.0],
        }
    )
    table = capping.concentrate(companies, "R1000", "growth", LIMITS)
    assert table["symbol"].tolist() == ["BIG", "HALF"]
    assert table["weight_frac"].tolist() == pytest.approx([0.75, 0.25])
    assert table["is_large"].all()


def test_an_index_without_styles_has_no_weights() -> None:
    companies = pd.DataFrame(
        {
            "base_index": ["R1000"],
            "growth_weight_frac": [np.nan],
            "float_market_cap_usd": [1.0],
        }
    )
    assert capping.concentrate(companies, "R1000", "growth", LIMITS).empty
