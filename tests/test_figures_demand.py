"""The figures of what passive money trades."""

from datetime import date

import numpy as np
import pandas as pd

from recon.charts import LIGHT, demand

ROWS = pd.DataFrame(
    {
        "symbol": ["UP", "IN", "QUIET", "NOVOL"],
        "company": ["Up <Inc>", "In Inc", "Quiet Inc", "No Volume Inc"],
        "change": ["migration up", "addition", "drift of weights", "addition"],
        "trade": ["sells", "buys", "buys", "buys"],
        "demand_usd": [-500e6, 80e6, 2e6, 9e6],
        "demand_usd_low": [-250e6, 40e6, 1e6, 4e6],
        "demand_usd_high": [-800e6, 120e6, 3e6, 14e6],
        "demand_float_frac": [-0.06, 0.08, 0.001, 0.08],
        "days": [6.0, 25.0, 0.2, np.nan],
        "legs": ["R2000 −$700mn; MIDCAP +$200mn", "R2000 +$80.0mn", "", ""],
    }
)


def test_names_stand_at_days_of_volume_against_dollars() -> None:
    made = demand.crowded(ROWS, "light", window="mean volume of 20 sessions")
    assert made.layout.meta["title"] == "1 name needs more than 10 days' volume"
    assert "; not drawn: 1 without a known volume" in made.layout.meta["subtitle"]
    buys, sells = made.data
    assert (buys.name, list(buys.x), list(buys.y)) == (
        "▲ funds buy",
        [80e6, 2e6],
        [25.0, 0.2],
    )
    assert (sells.name, list(sells.x), list(sells.y)) == ("▼ funds sell", [5e8], [6.0])
    assert [point[0] for point in sells.customdata] == ["UP"]
    assert sells.customdata[0][1] == (
        "<b>UP</b> Up &lt;Inc&gt;<br>migration up: −$500mn (−$250mn to −$800mn)<br>"
        "6.0 days of volume, −6.0% of the float<br>R2000 −$700mn<br>MIDCAP +$200mn"
    )
    assert sells.marker.color == LIGHT.deletion
    assert {note.text for note in made.layout.annotations} == {"UP", "IN", "QUIET"}
    assert made.layout.yaxis.title.text == "days of volume"


def test_without_any_volume_there_is_nothing_to_place() -> None:
    none = demand.crowded(ROWS.assign(days=np.nan), "dark", window="volume")
    assert none.layout.meta["title"] == "0 names need more than 10 days' volume"


def test_an_index_trades_the_same_each_way_between_low_and_high_money() -> None:
    table = pd.DataFrame(
        {
            "name": ["R2000", "Top 200"],
            "bought_usd": [10e9, 0.0],
            "traded_low_usd": [5e9, 0.0],
            "traded_high_usd": [18e9, 0.0],
            "turnover_frac": [0.1, 0.0],
            "joins": [200, 0],
            "leaves": [150, 0],
        }
    )
    made = demand.by_index(table, "light")
    assert made.layout.meta["title"] == "R2000 funds trade most: $10.0bn each way"
    (bars,) = made.data
    assert (list(bars.x), list(bars.y)) == ([10e9], ["R2000"])
    assert (list(bars.error_x.array), list(bars.error_x.arrayminus)) == ([8e9], [5e9])
    assert bars.customdata[0].endswith("10.0% of the index; 200 join, 150 leave")
    still = demand.by_index(table.iloc[1:], "light")
    assert still.layout.meta["title"] == "No index trades"


def test_a_sector_is_bought_and_sold_to_both_sides_of_zero() -> None:
    table = pd.DataFrame(
        {"name": ["Energy", "Finance"], "bought_usd": [3e9, 1e9], "sold_usd": [-5e9, 0]}
    )
    made = demand.by_sector(table, "light")
    assert made.layout.meta["title"] == "Energy: $2.0bn net sold"
    buys, sells, net = made.data
    assert (list(buys.x), list(sells.x)) == ([1e9, 3e9], [0, -5e9])
    assert (list(net.x), list(net.y)) == ([1e9, -2e9], ["Finance", "Energy"])


def test_a_year_without_a_published_cross_is_a_gap() -> None:
    table = pd.DataFrame(
        {
            "year": [2019, 2021, 2022],
            "leg": ["June", "June", "December"],
            "nasdaq_usd": [40e9, 80e9, 60e9],
            "nyse_usd": [np.nan, np.nan, 50e9],
            "both_usd": [np.nan, 190e9, np.nan],
        }
    )
    made = demand.auctions(table, date(2023, 6, 23), "June 2023", "light")
    assert (
        made.layout.meta["title"] == "Closing cross of Nasdaq: $60.0bn in December 2022"
    )
    assert (
        "June 2023 is implemented at the close of 23 Jun 2023"
        in (made.layout.meta["subtitle"])
    )
    assert made.layout.xaxis.categoryarray == ("2019", "2020", "2021", "Dec 2022")
    nasdaq, nyse = made.data
    assert list(nasdaq.y) == [40e9, 80e9, 60e9]
    assert list(nyse.y)[1:] == [110e9, 50e9] and np.isnan(nyse.y[0])
    both = demand.auctions(table.head(2), date(2023, 6, 23), "June 2023", "light")
    assert both.layout.meta["title"] == "Closing crosses: $190bn in June 2021"


def test_the_volume_of_a_past_event_stands_against_the_days_modeled() -> None:
    rows = pd.DataFrame(
        {
            "symbol": ["UP", "IN", "HALTED", "NOT"],
            "company": ["Up Inc", "In Inc", "Halted Inc", "Not Inc"],
            "move": ["migration up", "addition", "deletion", "addition"],
            "came": [True, True, True, False],
            "demand_days": [-4.0, 9.0, -2.0, 20.0],
            "volume_multiple": [12.0, 10.0, 0.0, 1.0],
        }
    )
    made = demand.past_days(rows, 2024, "light")
    assert made.layout.meta["title"] == (
        "June 2024: the median name that moved traded 11.0 times its usual volume"
    )
    assert "rank correlation −1.00 of those that moved" in made.layout.meta["subtitle"]
    by_name = {trace.name: trace for trace in made.data}
    assert list(by_name["▲ up"].x) == [4.0] and list(by_name["▲ up"].y) == [12.0]
    assert len(by_name["− out"].x) == 0
    assert list(by_name["did not move"].x) == [20.0]
    line = by_name["modeled"]
    assert np.allclose(line.y, 1 + np.asarray(line.x))
    none = demand.past_days(rows.iloc[:0], 2022, "dark")
    assert none.layout.annotations[0].text.startswith("No volume")
