"""Figures of the odds: traces, titles and labels."""

import pandas as pd

from recon.charts import forecast
from recon.studies.forecast.tally import QUANTILES

DAYS = pd.to_datetime(["2024-03-28", "2024-04-30"])


def quantiles() -> pd.DataFrame:
    """A line of $5bn now, and from $4.0bn to $6.0bn on rank day."""
    spread = [4.0, 4.25, 4.5, 5.0, 5.5, 5.75, 6.0]
    rows = [(DAYS[0], each, 5e9) for each in QUANTILES]
    rows += [
        (DAYS[1], each, usd * 1e9) for each, usd in zip(QUANTILES, spread, strict=True)
    ]
    return pd.DataFrame(rows, columns=["day", "quantile", "usd"])


def test_a_fan_opens_from_the_line_to_rank_day() -> None:
    past = pd.DataFrame(
        {
            "snapshot_date": pd.to_datetime(["2024-03-27", "2024-03-28"]),
            "break_point_usd": [4.9e9, 5e9],
        }
    )
    made = forecast.fan(past, quantiles(), 1000, "light")
    assert made.layout.meta["title"] == (
        "By 30 Apr 2024 the Russell 1000/2000 line stands between $4.25bn and $5.75bn "
        "in 4 of 5 draws"
    )
    by_name = {trace.name: list(trace.y) for trace in made.data}
    assert by_name["median"] == [5e9, 5e9] and by_name["to now"] == [4.9e9, 5e9]
    assert by_name["97.5% of draws below"] == [5e9, 6e9]
    labels = [note.text for note in made.layout.annotations]
    assert "<b>median $5.00bn</b>" in labels and "90% below $5.75bn" in labels


def test_a_line_that_is_not_known_has_no_fan() -> None:
    none = quantiles().head(0)
    made = forecast.fan(pd.DataFrame(), none, 4000, "dark")
    assert "is not known now" in made.layout.meta["title"] and not made.data


def test_odds_that_hold_lie_on_the_diagonal() -> None:
    table = pd.DataFrame(
        {"p": [0.0, 0.25, 1.0], "came_frac": [0.0, 0.28, 1.0], "count": [900, 40, 60]}
    )
    made = forecast.reliability(table, "light")
    assert made.layout.meta["title"] == "Odds were off by at most 3 points"
    assert list(made.data[1].x) == [0, 25, 100]
    assert list(made.data[1].y) == [0, 28.000000000000004, 100]
    empty = forecast.reliability(table[table["p"] == 1], "light")
    assert empty.layout.meta["title"] == "No odds between certain ones to judge"
