"""The names watched, the filters over them, and the counts beside their choices."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from recon.exhibits import candidates
from recon.studies.candidates import filters, watchlist

ROWS = [
    # symbol, move, held, now, then, sector, industry, cap, distance
    ("CLIMBER", "migration up", False, "R2000", "R1000", "Energy", "Oil", 8e9, 0.03),
    ("SINKER", "migration down", False, "R1000", "R2000", "Energy", "Gas", 2e9, -0.3),
    ("NEWCOMER", "addition", False, None, "R2000", None, None, 2e8, 0.01),
    ("KEEPER", "stays", True, "R1000", "R1000", "Finance", "Banks", 3e9, 0.12),
    ("QUIET", "stays", False, "R1000", "R1000", "Finance", "Banks", 9e10, 20.0),
]


@pytest.fixture
def companies():
    names = (
        "symbol move is_held_by_band current_index projected_index sector industry "
        "total_market_cap_usd distance_to_break_point_frac"
    ).split()
    table = pd.DataFrame(ROWS, columns=names)
    text = ["current_index", "projected_index", "sector", "industry"]
    return table.astype(dict.fromkeys(text, "str")).assign(
        company_id=range(len(ROWS)),
        nearest_line=[1000, 1000, 3000, 1000, 1000],
        exchange="NYSE",
    )


@pytest.fixture
def securities(companies):
    dropped = pd.DataFrame(
        {
            "symbol": ["PENNY", "PENNYB"],
            "company_id": [99, 99],
            "move": "deletion",
            "current_index": "R2000",
            "projected_index": pd.Series([None, None], dtype="str"),
            "sector": "Finance",
            "exchange": "NYSE",
            "ineligible_reason": "close $0.40 below $1.00",
            "total_market_cap_usd": 5e7,
        }
    )
    return pd.concat([companies, dropped], ignore_index=True)


@pytest.fixture
def rows(companies, securities):
    return watchlist.watch(companies, securities)


def facet(name):
    return next(facet for facet in filters.FACETS if facet.name == name)


def test_who_moves_or_is_held_is_watched_nearest_to_the_line_first(rows):
    assert rows["symbol"].tolist() == [
        "NEWCOMER",
        "CLIMBER",
        "KEEPER",
        "SINKER",
        "PENNY",
    ]


def test_a_company_held_by_the_band_is_named_so(rows):
    assert rows.set_index("symbol").at["KEEPER", "change"] == filters.HELD


def test_a_member_that_fails_a_screen_is_watched_once_with_its_reason(rows):
    penny = rows.set_index("symbol").loc["PENNY"]
    assert penny["ineligible_reason"] == "close $0.40 below $1.00"
    assert np.isnan(penny["distance_to_break_point_frac"])
    assert penny["distance_range"] == "n/a: ineligible"
    assert penny["to_line"] == "n/a: price below $1"


def test_the_line_that_matters_is_named_by_where_the_company_comes_from(rows):
    lines = rows.set_index("symbol")["line"]
    assert lines["CLIMBER"] == "Russell 1000 band, upper edge"
    assert lines["SINKER"] == "Russell 1000 band, lower edge"
    assert lines["NEWCOMER"] == "Russell 3000 line"


def test_a_value_on_an_edge_is_in_the_upper_range():
    cap = pd.Series([299e6, 300e6, 10e9, np.nan])
    names = filters.ranges(cap, filters.CAP_EDGES_USD, filters.CAP_RANGES)
    assert names.tolist() == [
        "under $300mn",
        "$300mn to $1bn",
        "$10bn and over",
        watchlist.NOT_KNOWN,
    ]


@pytest.mark.parametrize(
    ("chosen", "symbols"),
    [
        pytest.param({}, 5, id="nothing chosen lets everything through"),
        pytest.param({"sector": ["Energy"]}, 2, id="one choice"),
        pytest.param({"sector": ["Energy", "Finance"]}, 4, id="two choices widen"),
        pytest.param(
            {"sector": ["Energy"], "move": ["migration up"]}, 1, id="two facets narrow"
        ),
        pytest.param({"index": ["R1000"]}, 3, id="an index left or joined"),
        pytest.param({"sector": [watchlist.NOT_KNOWN]}, 1, id="what is not known"),
        pytest.param({"sector": ["Utilities"]}, 0, id="what no row has"),
    ],
)
def test_filtered(rows, chosen, symbols):
    assert len(filters.filtered(rows, chosen)) == symbols


def test_a_count_is_what_a_choice_would_show_under_the_other_facets(rows):
    chosen = {"sector": ["Energy"], "move": ["migration up"]}
    assert filters.counts(rows, facet("sector"), chosen) == {"Energy": 1}
    moves = filters.counts(rows, facet("move"), chosen)
    assert moves == {"migration up": 1, "migration down": 1}


def test_a_count_agrees_with_the_rows_that_the_choice_shows(rows):
    for each in filters.FACETS:
        chosen = {"sector": ["Energy", "Finance"]}
        for choice, count in filters.counts(rows, each, chosen).items():
            shown = filters.filtered(rows, {**chosen, each.name: [choice]})
            assert len(shown) == count, (each.name, choice)


def test_a_row_counts_once_for_an_index_that_it_keeps(rows):
    held = {"move": [filters.HELD]}
    assert filters.counts(rows, facet("index"), held) == {"R1000": 1}


def test_industries_are_those_of_the_chosen_sectors(rows):
    industry = facet("industry")
    assert filters.searched(rows, industry, {}, "") == []
    assert filters.searched(rows, industry, {"sector": ["Energy"]}, "") == [
        "Gas",
        "Oil",
    ]
    assert filters.searched(rows, industry, {"industry": ["Gas"]}, "oi") == [
        "Gas",
        "Oil",
    ]


def test_choices_come_most_frequent_first_and_not_known_last(rows):
    assert filters.choices(rows, facet("sector")) == [
        "Energy",
        "Finance",
        watchlist.NOT_KNOWN,
    ]


def test_the_key_of_a_choice_is_fit_for_a_link():
    assert filters.key(facet("sector"), "Health Care") == "sector_health-care"
    keys = [filters.key(facet("cap"), choice) for choice in facet("cap").order]
    assert len(set(keys)) == len(keys)


def test_the_statement_says_what_is_on():
    chosen = {"sector": ["Energy", "Utilities"], "move": ["addition"]}
    assert filters.statement(chosen) == "Move: + in; Sector: Energy or Utilities"
    assert filters.statement({}) == ""
    assert filters.statement({}, 2) == "2 names chosen in the chart"


def test_a_day_without_moves_has_no_rows_and_no_choices(companies, securities):
    quiet = companies[companies["symbol"] == "QUIET"]
    rows = watchlist.watch(quiet, quiet)
    assert rows.empty
    assert filters.counts(rows, facet("sector"), {}) == {}
    assert filters.choices(rows, facet("index")) == []


def test_a_trail_ends_at_the_distance_of_the_day(rows):
    days = pd.to_datetime(["2024-04-29", "2024-04-30", "2024-05-01", "2024-05-02"])
    lines = pd.DataFrame(
        {
            "snapshot_date": np.repeat(days, 2),
            "rank": [1000, 3000] * 4,
            "break_point_usd": [4e9, 1.5e8] * 4,
            "band_low_usd": [2e9, np.nan] * 4,
            "band_high_usd": [7e9, np.nan] * 4,
        }
    )
    histories = pd.DataFrame(
        {
            "snapshot_date": days,
            "symbol": "CLIMBER",
            "total_market_cap_usd": [3.5e9, 5e9, 6e9, 7e9],
        }
    )
    trails = watchlist.with_trails(rows, histories, lines).set_index("symbol")["trail"]
    assert trails["CLIMBER"] == [pytest.approx(-0.485), pytest.approx(0.03)]
    assert trails["PENNY"] == []


def test_members_no_longer_ranked_are_among_the_movers(companies, securities):
    movers = watchlist.movers(companies.assign(rank=range(1, 6)), securities)
    assert movers["company_id"].tolist() == [0, 1, 2, 99]
    assert movers["rank"].tolist() == pytest.approx([1, 2, 3, np.nan], nan_ok=True)


def test_the_finding_is_a_sentence(rows):
    assert watchlist.finding(rows, date(2024, 5, 2)) == (
        "Ranked on 2 May 2024, 1 would move up to the Russell 1000, 1 would move down "
        "to the Russell 2000, 1 would be added, 1 would be deleted (1 ineligible) and "
        "1 is held by the band; nearest is "
        "NEWCOMER, 1.0% above the Russell 3000 line."
    )
    assert "No name" in watchlist.finding(rows.head(0), date(2024, 5, 2))


def test_a_watchlist_in_a_link_narrows_down_what_is_shown(rows):
    day = date(2024, 4, 30)
    asked = candidates.FilteredQuestion.asked({"only": ["sinker, keeper PENNY"]}, day)
    assert asked.only == ("SINKER", "KEEPER", "PENNY")
    assert set(asked.filtered(rows)["symbol"]) == {"SINKER", "KEEPER", "PENNY"}
    assert asked.words(rows) == "only SINKER, KEEPER, PENNY"
    assert asked.link()["only"] == ["SINKER,KEEPER,PENNY"]
    assert candidates.FilteredQuestion.read(asked.link(), day) == (asked, [])
