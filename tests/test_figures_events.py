"""Figures of the event study: what is drawn of a table, and what it says."""

import numpy as np
import pandas as pd
import pytest

from recon.charts import events

CURVE = pd.DataFrame(
    {
        "year": "2024",
        "session": [-2, 0, 5],
        "n": 3,
        "mean_car_frac": [0.0, -0.05, -0.04],
        "ci_low_frac": [0.0, -0.08, -0.09],
        "ci_high_frac": [0.0, -0.02, 0.01],
        "matched_mean_car_frac": [0.0, -0.03, -0.02],
        "beside_mean_car_frac": np.nan,
        "placebo_low_frac": [np.nan, -0.02, -0.03],
        "placebo_high_frac": [np.nan, 0.02, 0.03],
    }
)


def drawn(made) -> dict[str, list[float]]:
    return {trace.name: np.round(trace.y, 6).tolist() for trace in made.data}


def test_a_path_shows_its_interval_its_placebos_and_names_alike() -> None:
    made = events.path(
        CURVE, "light", group="additions", title="Lost", lists=[-2], note="June 2024"
    )
    assert drawn(made) == {
        "pretend rank days, from": [-2, -3],
        "pretend rank days, to": [2, 3],
        "95% interval, from": [0, -8, -9],
        "95% interval, to": [0, -2, 1],
        "against names alike": [0, -3, -2],
        "additions": [0, -5, -4],
    }
    assert made.layout.meta["title"] == "Lost"
    words = [note.text for note in made.layout.annotations]
    assert words == ["against names alike", "additions", "list", "implementation"]
    assert made.layout.yaxis.range[0] < -9 and made.layout.yaxis.range[1] > 3


def test_each_event_has_a_panel_of_its_own() -> None:
    both = pd.concat([CURVE, CURVE.assign(year="2023"), CURVE.assign(year="all")])
    made = events.years(both, "light", group="down", title="Event by event")
    assert [trace.name for trace in made.data if not trace.name.startswith("95%")] == [
        "2024",
        "2023",
    ]
    words = [note.text for note in made.layout.annotations]
    assert words == ["<b>2024</b> · 3 names", "<b>2023</b> · 3 names"]


def test_years_stand_beside_their_placebo_and_all_of_them() -> None:
    rows = pd.DataFrame(
        {
            "year": ["2023", "2024", "all"],
            "n": [10, 0, 10],
            "mean_car_frac": [0.02, np.nan, 0.02],
            "ci_low_frac": [0.01, np.nan, 0.0],
            "ci_high_frac": [0.05, np.nan, 0.04],
            "placebo_mean_car_frac": [-0.01, np.nan, -0.01],
            "matched_mean_car_frac": [0.03, np.nan, 0.03],
        }
    )
    made = events.decay(rows, "dark", group="up", title="List to close: +2.0%")
    assert drawn(made) == {
        "pretend rank days": [-1, -1],
        "against names alike": [3, 3],
        "up": [2, 2],
    }
    assert made.data[-1].error_y.array.tolist() == pytest.approx([3, 2])
    assert list(made.layout.xaxis.ticktext) == ["2023", "all"]


def test_a_group_without_names_says_so() -> None:
    empty = CURVE.iloc[:0]
    about = {"group": "style", "title": "Style shifts: not known"}
    made = events.path(empty, "light", **about, lists=[], note="")
    assert "No name of this group" in made.layout.annotations[0].text
    none = events.years(empty, "light", **about)
    assert "No event of this group" in none.layout.annotations[0].text
    rows = pd.DataFrame({"n": [0]})
    assert "No event" in events.decay(rows, "light", **about).layout.annotations[0].text
