"""The figures of value and growth: their words, their rows and their axes."""

import numpy as np
import pandas as pd
import pytest

from recon import vocabulary
from recon.charts import style as figures
from recon.rules import style_shifts
from recon.studies import style

COUNT = 30


@pytest.fixture
def rows() -> pd.DataFrame:
    rng = np.random.default_rng(2)
    cvs = rng.uniform(0, 1, COUNT)
    value = rng.choice([0.0, 0.3, 0.7, 1.0], COUNT)
    table = pd.DataFrame(
        {
            "symbol": [f"C{n:02d}" for n in range(COUNT)],
            "company": "Company Inc.",
            "sector": rng.choice(["Energy", "Technology"], COUNT),
            "industry": "Any",
            "base_index": "R1000",
            "current_index": "R1000",
            "total_market_cap_usd": rng.lognormal(24, 1, COUNT),
            "float_market_cap_usd": rng.lognormal(24, 1, COUNT),
            "cvs": cvs,
            "new_cvs": cvs,
            "previous_cvs": rng.uniform(0, 1, COUNT),
            "value_weight_frac": value,
            "growth_weight_frac": 1 - value,
            "previous_value_weight_frac": 0.5,
            "previous_growth_weight_frac": 0.5,
            "cvs_lower_quartile": 0.25,
            "cvs_median": 0.5,
            "cvs_upper_quartile": 0.75,
            "is_cvs_kept": False,
            "driver": "",
            **dict.fromkeys(style_shifts.VARIABLE_WORDS, 0.6),
        }
    )
    change = table["value_weight_frac"] - 0.5
    table["shift"] = np.where(change > 0, vocabulary.TO_VALUE, vocabulary.TO_GROWTH)
    table["shifted_usd"] = change * table["float_market_cap_usd"]
    return style.styled(table)


def symbols(trace: object) -> set[str]:
    return {row[0] for row in trace.customdata}


def test_the_map_marks_what_shifts_and_mutes_what_is_filtered_out(rows) -> None:
    shown = rows[rows["sector"] == "Energy"]
    made = figures.score_map(rows, shown, "light")
    by_name = {trace.name: trace for trace in made.data}
    assert symbols(by_name[figures.OUTSIDE]) == set(
        rows.loc[rows["sector"] != "Energy", "symbol"]
    )
    moved = shown[shown["shift"] == vocabulary.TO_VALUE]
    assert symbols(by_name["▸ to value"]) == set(moved["symbol"])
    assert made.layout.meta["title"].startswith(f"{len(shown)} of {len(shown)}")
    assert made.layout.meta["alt"].startswith("One dot for each company")
    assert made.layout.xaxis.title.text == "Score at the last reconstitution"
    assert made.layout.yaxis.title.text == "Score now"


def test_the_area_of_a_dot_is_in_proportion_to_its_cap(rows) -> None:
    made = figures.score_map(rows, rows, "dark")
    size = {
        symbol[0]: px
        for trace in made.data
        for symbol, px in zip(trace.customdata, trace.marker.size, strict=True)
    }
    big, small = rows.iloc[0], rows.iloc[3]
    ratio = small["float_market_cap_usd"] / big["float_market_cap_usd"]
    assert size[small["symbol"]] ** 2 / size[big["symbol"]] ** 2 == pytest.approx(ratio)


def test_without_earlier_scores_the_two_halves_are_drawn(rows) -> None:
    now = rows.assign(
        previous_cvs=np.nan,
        previous_value_weight_frac=np.nan,
        shift=vocabulary.NOT_KNOWN,
    )
    made = figures.score_map(now, now, "light")
    assert made.layout.xaxis.title.text == "Book to price, score"
    assert {trace.name for trace in made.data} == {"value", "growth", "stays"}


def test_totals_leave_out_an_index_of_no_style(rows) -> None:
    table = style_shifts.totals(rows, ("R1000", "R2000"))
    made = figures.totals(table, "light")
    assert list(made.data[0].y) == ["Russell 1000, now", "Russell 1000, before"]
    assert sum(made.data[n].x[0] for n in (0, 1)) == pytest.approx(1)
    assert made.layout.meta["title"] == f"Value is {made.data[0].text[0][6:]} of R1000"
    assert made.layout.xaxis.range == (0, 1)


def test_sectors_show_both_styles_before_and_now(rows) -> None:
    tilts = {
        name: style_shifts.sector_tilt(rows, "R1000", name)
        for name in style_shifts.STYLES
    }
    made = figures.tilt(tilts, "light", index="Russell 1000")
    assert [trace.marker.symbol for trace in made.data] == ["circle-open", "circle"] * 2
    assert {trace.name for trace in made.data[1::2]} == set(style_shifts.STYLES)
    first = tilts["growth"].iloc[0]
    share = f"{first['sector']} is {first['frac'] * 100:.0f}% of growth"
    assert made.layout.meta["title"] == share
    assert made.layout.xaxis.tickformat == ".0%"


def test_concentration_says_what_capping_would_cut() -> None:
    table = pd.DataFrame(
        {
            "symbol": ["A", "B"],
            "company": ["A Inc.", "B Inc."],
            "weight_frac": [0.3, 0.7],
            "capped_weight_frac": [0.3, 0.45],
            "cut_frac": [0.0, 0.25],
            "is_large": [True, True],
        }
    )
    made = figures.concentration(
        table, "light", index="Russell 1000", limits=(0.045, 0.45)
    )
    title = made.layout.meta["title"]
    assert title == "Capping would cut 25.0 points from 2 companies"
    bars, marks, texts = made.data
    assert (list(bars.y), list(bars.x)) == (["B", "A"], [0.7, 0.3])
    assert list(marks.x) == [0.45, 0.3]
    assert list(texts.text) == [" 70.0%", " 30.0%"]
    assert made.layout.xaxis.tickformat == ".0%"


@pytest.mark.parametrize(
    ("kept", "steps"),
    [
        pytest.param(False, 4, id="three variables and the score"),
        pytest.param(True, 5, id="and what the band keeps"),
    ],
)
def test_the_waterfall_ends_at_the_score(rows, kept: bool, steps: int) -> None:
    company = rows.iloc[0].copy()
    company["is_cvs_kept"], company["new_cvs"] = kept, 0.6
    company["cvs"] = 0.55 if kept else 0.6
    made = figures.waterfall(company, (0.5, 0.25, 0.25), "light")
    assert len(made.data[0].x) == steps
    assert 0.5 + sum(made.data[0].y[:-1]) == pytest.approx(company["cvs"])
    words = "C15 is 70% value and 30% growth in the Russell 1000"
    assert made.layout.meta["title"] == words
    assert made.layout.meta["alt"] == "Waterfall of the style score of C15."
    low, high = made.layout.yaxis.range
    assert low < min(0.25, company["cvs"]) < max(0.75, company["cvs"]) < high
