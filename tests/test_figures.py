"""Every figure: its traces, its axes, its title as a finding, and its alt text."""

import ast
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from recon import charts, schedule
from recon.charts import (
    accuracy,
    break_points,
    candidates,
    company,
    data_health,
    official,
    overview,
)
from recon.studies.break_points import Standing

DAYS = pd.to_datetime(["2024-04-29", "2024-04-30", "2024-05-01"]).as_unit("us")
JUNE = schedule.reconstitution(2024, "June")
LIGHT = charts.LIGHT


def said(made: charts.Figure) -> dict[str, str]:
    """Return what a figure says in words: title, subtitle, alt text."""
    return dict(made.layout.meta)


def traces(made: charts.Figure) -> dict[str, list]:
    """Return the values of each trace by its name."""
    return {trace.name: np.asarray(trace.y).tolist() for trace in made.data}


def notes(made: charts.Figure) -> list[str]:
    return [note.text for note in made.layout.annotations]


def test_every_figure_has_a_test() -> None:
    here = Path(__file__)
    files = sorted(here.parent.glob("test_*.py"))
    tested = "".join(path.read_text("utf-8") for path in files)
    figures = [
        node.name
        for path in Path(charts.__file__).parent.glob("[!_]*.py")
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef)
        and node.name[0] != "_"
        and node.returns is not None
        and ast.unparse(node.returns) == "go.Figure"
    ]
    assert len(figures) > 15
    assert [name for name in figures if f".{name}(" not in tested] == []


def test_the_alt_text_is_the_title_and_the_subtitle_unless_one_is_given() -> None:
    plain = charts.figure("light", "It rises", "dollars<br>est.")
    assert said(plain) == {
        "title": "It rises",
        "subtitle": "dollars · est.",
        "alt": "It rises. dollars · est.",
    }
    assert said(charts.figure("light", "A", "b", alt="Bars."))["alt"] == "Bars."


# ---- accuracy ----------------------------------------------------------------


def test_the_error_of_the_line_stands_beside_public_forecasts() -> None:
    lines = pd.DataFrame(
        {"year": [2021, 2022, 2023], "error_frac": [0.01, -0.02, None]}
    )
    forecasts = pd.DataFrame(
        {
            "year": [2022, 2022, 2023],
            "desk": ["Desk", "Desk", "Other"],
            "measure": ["r1000_r2000_breakpoint", "turnover", "r3000_smallest"],
            "value_usd": [5.5e9, 1.0, 2e8],
            "official_usd": [5.0e9, 1.0, np.nan],
        }
    )
    made = accuracy.line_error(lines, forecasts, "light")
    assert said(made)["title"] == "Breakpoint off by at most 2.0%"
    assert traces(made) == {
        "recon": [1.0, -2.0],
        "public forecasts": [pytest.approx(10)],
    }
    assert list(made.data[0].text) == ["+1.0%", "−2.0%"]
    assert list(made.data[1].customdata) == ["Desk, Russell 1000 line: +10.0%"]
    assert made.layout.xaxis.categoryarray == ("2021", "2022")
    assert made.layout.yaxis.title.text == "error, %"


def test_without_an_official_line_there_is_no_error_to_draw() -> None:
    nothing = pd.DataFrame({"year": [2026], "error_frac": [np.nan]})
    forecasts = pd.DataFrame(columns=["year", "desk", "measure", "value_usd"])
    made = accuracy.line_error(nothing, forecasts.assign(official_usd=[]), "dark")
    assert said(made)["title"] == "No official breakpoint to compare with"
    assert traces(made) == {"recon": [], "public forecasts": []}


def test_misses_and_false_calls_of_moves_are_counted_by_cause() -> None:
    errors = pd.DataFrame(
        [
            ("up", "missed", "shares", "AAA"),
            ("up", "missed", "shares", "BBB"),
            ("down", "false", "price", "CCC"),
            ("r1000", "missed", "list", "DDD"),
        ],
        columns=["list", "kind", "cause", "symbol"],
    )
    made = accuracy.taxonomy(errors, 2024, "light")
    assert said(made)["title"] == "June 2024: 3 moves projected wrong"
    assert traces(made) == {
        "misses": [2, 0, 0, 0, 0, 0],
        "false positives": [0, 1, 0, 0, 0, 0],
    }
    assert list(made.data[0].x) == list(accuracy.CAUSES)
    assert made.data[0].customdata[0] == "AAA, BBB"
    assert made.layout.yaxis.title.text == "companies"


def test_lists_firm_up_towards_rank_day_which_stands_at_zero() -> None:
    scores = pd.DataFrame(
        {
            "days_before": [0, 60, 0, 60],
            "list": ["up", "up", "r1000", "r1000"],
            "f1": [0.9, 0.5, 0.99, np.nan],
        }
    )
    made = accuracy.growth(scores, 2024, "light")
    assert said(made)["title"] == "June 2024: how the lists firm up toward rank day"
    assert traces(made) == {
        "Migrations up": [50.0, 90.0],
        "Russell 1000, all members": [99.0],
    }
    assert list(made.data[0].x) == [-60, 0]
    assert made.layout.xaxis.title.text == "days before rank day"
    assert made.layout.yaxis.range == (46.0, 101.0)
    assert notes(made) == ["Russell 1000, all members 99%", "Migrations up 90%"]


# ---- break points ------------------------------------------------------------


def standing(**changes: object) -> Standing:
    known = {
        "rank": 1000,
        "snapshot_date": date(2024, 5, 1),
        "break_point_usd": 4.4e9,
        "band_low_usd": 3.4e9,
        "band_high_usd": 5.7e9,
        "base_date": date(2024, 4, 30),
        "base_break_point_usd": 4.0e9,
        "change_frac": 0.1,
        "adjusted_break_point_usd": 4.2e9,
        "against_market_frac": 4.4 / 4.2 - 1,
    }
    return Standing(**{**known, **changes})


def sessions_of_line(rank: int = 1000) -> pd.DataFrame:
    line = np.array([4.1e9, 4.0e9, 4.4e9])
    return pd.DataFrame(
        {
            "snapshot_date": DAYS,
            "rank": rank,
            "break_point_usd": line,
            "band_low_usd": line - 1e9,
            "band_high_usd": line + 1e9,
            "base_date": [pd.NaT, DAYS[1], DAYS[1]],
            "adjusted_break_point_usd": [np.nan, 4.0e9, 4.2e9],
        }
    )


OFFICIAL = pd.DataFrame(
    {"year": [2023, 2024], "rank_day": [DAYS[0], DAYS[1]], "break_point_usd": 4.6e9}
).assign(rank_day=pd.to_datetime(["2023-04-28", "2024-04-30"]))


def test_a_line_drifts_between_its_band_edges_and_against_the_market() -> None:
    lines = [(standing(), sessions_of_line())]
    made = break_points.drift(lines, OFFICIAL, [JUNE], "light")
    words = said(made)
    assert words["title"].startswith(
        "The Russell 1000/2000 line stands 10.0% above the "
    )
    assert words["title"].endswith("rank day of 30 Apr 2024")
    assert words["alt"] == f"{words['title']}. {words['subtitle']}."
    values = traces(made)
    assert list(values) == [
        "Upper edge",
        "Lower edge",
        "R1000 / R2000, market alone",
        "R1000 / R2000",
        "Official",
    ]
    assert values["R1000 / R2000"] == [4.1e9, 4.0e9, 4.4e9]
    assert values["Upper edge"][:3] == [5.1e9, 5.0e9, 5.4e9]
    assert values["Lower edge"][3:6] == [4.4e9, 4.0e9, 4.1e9]
    # the dashed line starts again after the rank day
    np.testing.assert_equal(values["R1000 / R2000, market alone"][1:], [np.nan, 4.2e9])
    assert values["Official"] == [4.6e9]
    assert list(made.data[-1].text) == ["2024<br> "]
    assert made.layout.yaxis.type == "log"
    assert made.layout.xaxis.range[0] == date(2024, 4, 29)
    assert notes(made) == [
        "June 2024",
        "Upper edge $5.70bn",
        "<b>Breakpoint $4.40bn</b>",
        "Market alone $4.20bn",
        "Lower edge $3.40bn",
    ]


def test_several_lines_are_drawn_without_the_market_and_on_a_linear_axis() -> None:
    lines = [
        (standing(), sessions_of_line()),
        (standing(rank=2000), sessions_of_line(2000)),
    ]
    made = break_points.drift(
        lines, OFFICIAL[:0], [], "dark", is_log=False, is_against_market=False
    )
    assert said(made)["title"] == "How the size lines have drifted"
    edges = ["Upper edge", "Lower edge"]
    assert [trace.name for trace in made.data] == [
        *edges,
        "R1000 / R2000",
        *edges,
        "Microcap upper",
    ]
    assert made.layout.yaxis.type == "linear"
    assert made.layout.yaxis.range[0] == 0


def test_a_line_that_is_not_known_says_so() -> None:
    unknown = sessions_of_line().assign(
        break_point_usd=np.nan,
        band_low_usd=np.nan,
        band_high_usd=np.nan,
        adjusted_break_point_usd=np.nan,
    )
    line = standing(
        break_point_usd=np.nan, band_low_usd=np.nan, adjusted_break_point_usd=np.nan
    )
    made = break_points.drift([(line, unknown)], OFFICIAL[:0], [], "light")
    assert said(made)["title"] == "The Russell 1000/2000 line is not known now"
    assert notes(made) == [break_points.NO_LINE]
    assert not made.layout.yaxis.visible


def around_the_line() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "symbol": ["UP", "STAY", "NEW"],
            "company": ["Up & Co", "Stay Inc.", "New Inc."],
            "rank": [998, 999, 1002],
            "total_market_cap_usd": [6.0e9, 5.0e9, 4.0e9],
            "distance_to_break_point_frac": [0.36, 0.14, -0.09],
            "line_cap_usd": 4.4e9,
            "current_index": ["R2000", "R1000", None],
            "move": ["migration up", "stays", "addition"],
            "is_held_by_band": [False, True, False],
        }
    )


def test_names_around_a_line_stand_by_rank_index_and_move() -> None:
    made = break_points.rank_size(around_the_line(), standing(), "light")
    assert said(made)["title"] == "2 names near the line would move"
    assert traces(made) == {
        "R2000 ▲ up": [6.0e9],
        "R1000 stays": [5.0e9],
        "Not in R3000 + in": [4.0e9],
    }
    hover = {trace.name: trace.customdata[0] for trace in made.data}
    assert hover["R1000 stays"].endswith("stays, held by the band")
    assert "Up &amp; Co" in hover["R2000 ▲ up"]
    assert made.layout.xaxis.range == (994, 1006)
    assert made.layout.yaxis.type == "log"
    band, line = (
        [s for s in made.layout.shapes if s.type == t] for t in ("rect", "line")
    )
    assert [(each.y0, each.y1) for each in band] == [(4.4e9, 5.7e9), (3.4e9, 4.4e9)]
    assert [each.y0 for each in line] == [4.4e9]


def test_no_name_around_a_line_leaves_an_empty_figure() -> None:
    made = break_points.rank_size(around_the_line()[:0], standing(), "light")
    assert said(made)["title"] == "No company is near this line"
    assert len(made.data) == 0
    assert notes(made) == [break_points.NO_LINE]


# ---- candidates --------------------------------------------------------------


def watched() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "symbol": ["ADD", "OUT", "FAR", "NONE"],
            "company": "A Inc.",
            "rank": [2900, 3100, 500, np.nan],
            "change": ["addition", "deletion", "addition", "deletion"],
            "distance_to_break_point_frac": [0.04, -0.2, 20.0, np.nan],
            "line": "Russell 3000 line",
            "line_cap_usd": 1.5e8,
            "total_market_cap_usd": [1.6e8, 1.2e8, 3e9, np.nan],
            "close_usd": 10.0,
            "crossing_close_usd": 9.5,
        }
    )


def test_candidates_stand_in_lanes_at_their_distance() -> None:
    made = candidates.distances(watched(), "light")
    words = said(made)
    assert (
        words["title"]
        == "1 of 3 names stands within 5% of the line that decides their move"
    )
    assert words["subtitle"].endswith("; 1 ineligible, in the table only")
    assert "+ additions: 2; − deletions: 1." in words["alt"]
    assert {trace.name: list(trace.x) for trace in made.data} == {
        "− deletions": [0.8],
        "+ additions": [1.04, candidates.MOST],
    }
    assert {row[0] for trace in made.data for row in trace.customdata} == {
        "ADD",
        "FAR",
        "OUT",
    }
    assert made.layout.yaxis.ticktext == (
        "− deletions  <b>1</b>",
        "+ additions  <b>2</b>",
    )
    assert made.layout.xaxis.type == "log"
    assert "the line" in made.layout.xaxis.ticktext


def test_dots_of_one_distance_stand_one_above_the_other_within_their_lane() -> None:
    rows = pd.concat([watched()[:1]] * 9)
    heights = np.sort(candidates.distances(rows, "light").data[0].y)
    assert len(np.unique(heights)) == len(rows)
    assert np.abs(heights).max() <= candidates.REACH


@pytest.mark.parametrize(
    ("frac", "start", "reach"),
    [
        pytest.param(0.125, 40, 20, id="above the line it runs to the right"),
        pytest.param(-0.125, 20, 20, id="below the line it runs to the left"),
        pytest.param(3.0, 40, 40, id="far from the line it fills its half"),
    ],
)
def test_a_bar_says_side_and_distance(frac: float, start: int, reach: int) -> None:
    assert f"x='{start}' y='3' width='{reach}'" in candidates.bar(frac)


def test_a_row_without_a_distance_has_no_bar() -> None:
    drawn = candidates.with_drawings(watched())["bar"]
    assert drawn.iloc[3] == ""
    assert drawn[:3].str.startswith("data:image/svg+xml").all()


# ---- company -----------------------------------------------------------------


def lines_of_market() -> pd.DataFrame:
    upper, lower = sessions_of_line(), sessions_of_line(3000)
    return pd.concat([upper, lower.assign(break_point_usd=1.5e8)])


def test_a_company_stands_against_both_lines() -> None:
    history = pd.DataFrame(
        {"snapshot_date": DAYS, "total_market_cap_usd": [4.0e9, np.nan, 4.84e9]}
    )
    made = company.caps(
        history, lines_of_market(), "light", symbol="ABC", events=[JUNE]
    )
    assert (
        said(made)["title"] == "ABC stands at $4.8bn, 10.0% above the Russell 1000 line"
    )
    values = traces(made)
    assert values["Russell 1000 line"] == [4.1e9, 4.0e9, 4.4e9]
    assert values["Russell 3000 line"] == [1.5e8] * 3
    np.testing.assert_equal(values["ABC"], [4.0e9, np.nan, 4.84e9])
    assert list(values)[:2] == ["Lower edge", "Upper edge"]
    assert made.layout.yaxis.type == "log"
    assert made.layout.hovermode == "x unified"
    assert notes(made) == [
        "<b>ABC</b> $4.84bn",
        "Russell 1000 line $4.40bn",
        "Russell 3000 line $150mn",
        "rank day Apr 2024",
    ]


@pytest.mark.parametrize(
    ("caps", "title"),
    [
        pytest.param([np.nan] * 3, "The market cap of ABC is not known", id="no cap"),
        pytest.param(
            [3e9, 3e9, 3e10],
            "ABC stands at $30.0bn, 6.8 times the Russell 1000 line",
            id="far",
        ),
    ],
)
def test_the_title_says_how_far_a_company_is_from_its_line(
    caps: list[float], title: str
) -> None:
    history = pd.DataFrame({"snapshot_date": DAYS, "total_market_cap_usd": caps})
    made = company.caps(history, lines_of_market(), "dark", symbol="ABC", events=[])
    assert said(made)["title"] == title


def test_lists_are_filled_where_they_hold_the_company() -> None:
    history = pd.DataFrame(
        {
            "as_of": pd.to_datetime(["2024-01-02", "2024-01-02", "2024-03-01"]),
            "index": ["R1000", "R3000", "R1000"],
            "is_held": [False, True, True],
            "source": "holdings",
        }
    )
    span = date(2024, 1, 1), date(2024, 6, 1)
    made = company.memberships(history, "light", symbol="ABC", span=span)
    assert said(made)["title"] == "2 of 3 membership lists hold ABC"
    assert {trace.name: list(trace.marker.symbol) for trace in made.data} == {
        "Russell 3000": ["square"],
        "Russell 1000": ["square-open", "square"],
    }
    assert made.layout.yaxis.ticktext == ("Russell 3000", "Russell 1000")
    assert made.layout.xaxis.type == "date"


def test_a_time_without_lists_says_so() -> None:
    history = pd.DataFrame(
        {"as_of": pd.to_datetime(["2020-01-02"]), "index": ["R1000"], "is_held": [True]}
    )
    span = date(2024, 1, 1), date(2024, 6, 1)
    made = company.memberships(history, "light", symbol="ABC", span=span)
    assert said(made)["title"] == "No membership list falls in the period shown"
    assert len(made.data) == 0


# ---- data health -------------------------------------------------------------


def offered_days() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "snapshot_date": DAYS,
            "status": ["published", "held back", "published"],
            "reason": ["", "too few rows", ""],
            "security_count": [6000, 900, 6100],
            "with_cap_count": [5900, 880, 5950],
            "carried_count": [10, 0, 30],
            "quarantined_count": [2, 0, 4],
        }
    )


def test_coverage_sets_apart_the_days_held_back() -> None:
    made = data_health.coverage(offered_days(), "light")
    assert said(made)["title"] == "2 of 3 days are published, 1 held back"
    assert traces(made) == {
        "Listings": [6000, 6100],
        "with market cap": [5900, 5950],
        "held back": [900],
    }
    assert list(made.data[2].customdata) == ["too few rows"]
    assert made.layout.yaxis.range == (0, pytest.approx(6588))
    assert notes(made) == ["Listings 6,100", "with market cap 5,950"]


def test_stand_ins_are_counted_on_published_days() -> None:
    made = data_health.stand_ins(offered_days(), "light")
    assert said(made)["title"] == "20 market caps are carried on a usual day"
    assert traces(made) == {"carried": [10, 30], "refused as given": [2, 4]}
    assert made.layout.yaxis.range[0] == 0
    none = data_health.stand_ins(offered_days()[1:2], "dark")
    assert said(none)["title"] == "No market cap is carried on a usual day"
    assert traces(none) == {"carried": [], "refused as given": []}


# ---- overview ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "title"),
    [
        pytest.param(
            date(2024, 4, 29),
            "June 2024 reconstitution trades in 60 days; next: rank day in 1 day",
            id="before rank day",
        ),
        pytest.param(
            date(2024, 6, 28), "June 2024 reconstitution trades today", id="on the day"
        ),
        pytest.param(
            date(2024, 7, 5), "June 2024 reconstitution has traded", id="after it"
        ),
    ],
)
def test_the_calendar_counts_the_days(today: date, title: str) -> None:
    assert said(overview.calendar(JUNE, today, True, "light"))["title"] == title


def test_the_calendar_fills_what_is_past_and_marks_the_day() -> None:
    day = date(2024, 5, 28)
    made = overview.calendar(JUNE, day, False, "light")
    updates, dates = made.data
    assert list(updates.x) == [d for label, d in JUNE.milestones() if "Update" in label]
    assert list(dates.marker.color) == [
        LIGHT.r1000 if each <= day else LIGHT.ground for each in dates.x
    ]
    assert notes(made)[0] == "<b>Rank day</b><br>Tue 30 Apr"
    assert "Tue 28 May" in notes(made)
    assert not made.layout.yaxis.visible


def test_the_largest_companies_say_places_and_change() -> None:
    leaders = pd.DataFrame(
        {
            "rank": [1, 2, 3],
            "symbol": ["AAA", "BBB", "CCC"],
            "company": ["A Inc.", "A Name Much Too Long For Its Axis Inc.", "C & D"],
            "total_market_cap_usd": [3e12, 2e12, 1e12],
            "total_frac": [0.06, 0.04, 0.02],
            "rank_change": [0, 1, np.nan],
            "cap_change_frac": [0.1, -0.05, np.nan],
        }
    )
    made = overview.largest(leaders, "30 Apr 2024", "light")
    assert said(made)["title"] == "Ten largest: $6.0tn, 12.0% of all"
    assert said(made)["subtitle"].endswith("change since 30 Apr 2024")
    (bars,) = made.data
    assert list(bars.x) == [1e12, 2e12, 3e12]
    assert list(bars.y) == [
        "3  C &amp; D <b>CCC</b>",
        "2  A Name Much Too Long… <b>BBB</b>",
        "1  A Inc. <b>AAA</b>",
    ]
    assert list(bars.text) == [
        "$1.00tn  new  not known",
        "$2.00tn  ▲1  −5.0%",
        "$3.00tn  =  +10.0%",
    ]
    assert made.layout.xaxis.rangemode == "tozero"


def test_lists_are_shared_or_one_side_s_and_ours_alone_until_posted() -> None:
    table = pd.DataFrame(
        {
            "list": ["R1000 additions", "R2000 additions"],
            "ours": [10, 20],
            "official": [12.0, np.nan],
            "both": [8.0, np.nan],
            "only_ours": [2.0, np.nan],
            "only_official": [4.0, np.nan],
        }
    )
    made = official.agreement(table, "June 2024", LIGHT)
    bars = {trace.name: np.asarray(trace.x).tolist() for trace in made.data}
    assert bars["both"] == [0, 8]
    assert bars["only ours"] == [0, 2]
    assert bars["only official"] == [0, 4]
    assert {trace.name for trace in made.data if not trace.showlegend} == set()
    unposted = table.assign(**dict.fromkeys(table.columns[2:], np.nan))
    ours = official.agreement(unposted, "June 2024", LIGHT)
    named = [trace.name for trace in ours.data if trace.showlegend]
    assert named == ["ours, none posted"]
    assert said(made)["title"] == "57.1% of the names on posted lists are on both"
    assert "R2000 additions 20 ours, none posted" in said(made)["alt"]
