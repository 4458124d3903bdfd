"""Ground Rules v7.0, 6.2 and 6.5: from share classes to ranked companies."""

import gzip
import json
from dataclasses import replace
from datetime import date, timedelta
from functools import cache

import numpy as np
import pandas as pd
import pytest

from recon.rules import listings, ranking
from tests.universe import (
    RANK_DAY,
    RULES,
    SHARED,
    companies,
    ranked,
    securities,
)

MN, BN = 1e6, 1e9
THREE_DAYS = SHARED / "nasdaq_screener" / RANK_DAY.isoformat()


def together(*pairs: tuple[str | None, ...]) -> list[list[str]]:
    """Symbols by company, from symbol, name (and CIK)."""
    rows = [
        {"symbol": symbol, "name": name, "cik": cik[0] if cik else None}
        for symbol, name, *cik in pairs
    ]
    table = ranking.assign_companies(securities(*rows))
    groups = table.groupby("company_id", sort=False)["symbol"]
    return [sorted(symbols) for _, symbols in groups]


@pytest.mark.parametrize(
    ("listings", "expected"),
    [
        pytest.param(
            (
                ("TWA", "Two Classes Inc. Class A Common Stock"),
                ("TWC", "Two Classes Inc. Class C Capital Stock"),
            ),
            [["TWA", "TWC"]],
            id="classes of one issuer are one company",
        ),
        pytest.param(
            (
                ("PLN", "Plainly Named Corporation Common Stock"),
                ("PLN/B", "Plainly Named Corporation"),
            ),
            [["PLN", "PLN/B"]],
            id="a class named by its issuer alone is of that issuer",
        ),
        pytest.param(
            (
                ("VOT", "Voting Co Common Stock"),
                ("VOTB", "Voting Co Non-Voting Common Stock"),
                ("VOTR", "Voting Co Restricted Voting Shares"),
            ),
            [["VOT", "VOTB", "VOTR"]],
            id="voting and non-voting shares are of one company",
        ),
        pytest.param(
            (
                ("TRKA", "Tracker Media Corporation Series A Racing Common Stock"),
                ("TRKB", "Tracker Media Corporation Series B Racing Common Stock"),
                ("TRKL", "Tracker Media Corporation Series A Concerts Common Stock"),
            ),
            [["TRKA", "TRKB"], ["TRKL"]],
            id="tracking stocks are companies apart, their series are not",
        ),
        pytest.param(
            (
                ("SERA", "Series Co Series A Common Stock"),
                ("SERB", "Series Co Series B Non-Voting Common Stock"),
                ("SERC", "Series Co Series C Non Voting Common Stock"),
                ("SERD", "Series Co Series D Limited Voting Common Stock"),
                ("SERE", "Series Co Series E Convertible Common Stock"),
            ),
            [["SERA", "SERB", "SERC", "SERD", "SERE"]],
            id="a series without votes tracks no business",
        ),
        pytest.param(
            (
                ("ALFA", "Alpha Holdings Inc. Common Stock", "0000000001"),
                ("ALFB", "Beta Renamed Corp. Class B Common Stock", "0000000001"),
                ("ALFC", "Alpha Holdings Inc. Class C Common Stock", "0000000002"),
            ),
            [["ALFA", "ALFB"], ["ALFC"]],
            id="a CIK decides against the names",
        ),
        pytest.param(
            (
                ("LBNK", "Lookalike Bank Corp. Common Stock"),
                ("LBNC", "Lookalike Bank Corporation Common Stock"),
                ("LBNX", "Lookalike Bank Inc. Common Stock"),
            ),
            [["LBNK"], ["LBNC"], ["LBNX"]],
            id="issuers that differ in corporate words alone are different",
        ),
        pytest.param(
            (
                ("NAME", "Namesake Inc. Common Stock"),
                ("OTHR", "Namesake Inc. Common Stock"),
            ),
            [["NAME"], ["OTHR"]],
            id="one name under symbols of different letters is two issuers",
        ),
        pytest.param(
            (
                ("PUNC", "Punctuation & Sons, Inc. (The) Class A"),
                ("PUNB", "PUNCTUATION & SONS INC. Class B"),
            ),
            [["PUNB", "PUNC"]],
            id="capitals and punctuation do not part a company",
        ),
        pytest.param(
            (("ONLY", None), ("ODD", None)),
            [["ONLY"], ["ODD"]],
            id="listings without a name are companies by themselves",
        ),
    ],
)
def test_which_securities_are_one_company(
    listings: tuple[tuple[str, ...], ...], expected: list[list[str]]
) -> None:
    assert sorted(together(*listings)) == sorted(expected)


def test_the_company_is_shown_by_its_issuers_name() -> None:
    table = ranking.assign_companies(
        securities(
            {"name": "Two Classes Inc. Class A Common Stock"},
            {"name": "Tracker Media Corporation Series A Racing Common Stock"},
            {"symbol": "NONE", "name": None},
        )
    )
    assert table["company"].tolist() == [
        "Two Classes Inc.",
        "Tracker Media Corporation (Racing)",
        "NONE",
    ]


def test_a_company_has_classes_on_the_days_on_which_two_are_quoted() -> None:
    table = pd.DataFrame(
        [
            ("2024-04-29", 1),
            ("2024-04-29", 1),
            ("2024-04-29", 2),
            ("2024-04-30", 1),
            ("2024-04-30", 2),
        ],
        columns=["snapshot_date", "company_id"],
    ).astype({"snapshot_date": "datetime64[us]"})
    assert ranking.has_classes(table).tolist() == [True, True, False, False, False]


def quotes(*lines: dict[str, object]) -> pd.DataFrame:
    """Lines of one company on one day: symbol, close, cap in mn, volume, shares."""
    usual = {"company_id": 0, "day": RANK_DAY}
    usual |= dict.fromkeys(("volume", "available", "traded", "count"), np.nan)
    table = pd.DataFrame([usual | line for line in lines])
    return pd.DataFrame(
        {
            "snapshot_date": pd.to_datetime(table["day"]),
            "security_id": np.arange(1, len(table) + 1),
            "company_id": table["company_id"],
            "symbol_order": table["symbol"].rank(method="dense").astype(int),
            "close_usd": table["close"].astype(float),
            "total_market_cap_usd": table["cap"].astype(float) * MN,
            "trailing_volume_shares": table["volume"].astype(float),
            "trading_days": table["traded"].astype(float),
            "available_shares": table["available"].astype(float),
            "shares_outstanding": table["count"].astype(float),
        }
    )


@pytest.mark.parametrize(
    ("lines", "vehicle", "cap"),
    [
        pytest.param(
            [{"symbol": "A", "close": 10, "cap": 50}],
            1,
            50,
            id="a single class is its own pricing vehicle",
        ),
        pytest.param(
            [
                {"symbol": "A", "close": 160, "cap": 2_000, "volume": 9},
                {"symbol": "C", "close": 162, "cap": 2_025, "volume": 5},
            ],
            1,
            2_000,
            id="company-wide caps (implied shares agree) are not summed",
        ),
        pytest.param(
            [
                {"symbol": "A", "close": 160, "cap": 2_000, "volume": 5},
                {"symbol": "C", "close": 162, "cap": 2_025, "volume": 9},
            ],
            2,
            2_025,
            id="a company-wide cap is that at the close of the pricing vehicle",
        ),
        pytest.param(
            [
                {"symbol": "A", "close": 30, "cap": 600, "volume": 9},
                {"symbol": "B", "close": 20, "cap": 100, "volume": 5},
            ],
            1,
            750,
            id="per-class caps are summed in shares, at the vehicle's close",
        ),
        pytest.param(
            [
                {"symbol": "A", "close": 30, "cap": 600, "volume": 9},
                {"symbol": "B", "close": 20, "cap": np.nan, "volume": 5},
            ],
            1,
            600,
            id="beside a class without its own cap, the other's is the company's",
        ),
        pytest.param(
            [
                {"symbol": "A", "close": 30, "cap": 600, "volume": 5},
                {"symbol": "B", "close": 33, "cap": np.nan, "volume": 9},
            ],
            2,
            660,
            id="a vehicle without its own cap prices the other class's shares",
        ),
        pytest.param(
            [
                {"symbol": "A", "close": 30, "cap": np.nan, "volume": 9},
                {"symbol": "B", "close": 33, "cap": np.nan, "volume": 5},
            ],
            1,
            np.nan,
            id="a company with no cap at all has a cap not known, which is not zero",
        ),
        pytest.param(
            [
                {"symbol": "A", "close": 600_000, "cap": 870_000, "volume": 1},
                {"symbol": "B", "close": 400, "cap": 868_000, "volume": 999},
            ],
            2,
            868_000,
            id="a class that converts 1,500 to 1 carries the company's cap once",
        ),
        pytest.param(
            [
                {"symbol": "A", "close": 600_000, "cap": 870_000, "volume": 1},
                {"symbol": "B", "close": 400, "cap": np.nan, "volume": 999},
            ],
            2,
            870_000,
            id="a company-wide cap on the class that converts alone",
        ),
        pytest.param(
            [
                {"symbol": "A", "close": 600_000, "cap": np.nan, "volume": 1},
                {"symbol": "B", "close": 400, "cap": 868_000, "volume": 999},
            ],
            2,
            868_000,
            id="a company-wide cap on the class it converts into alone",
        ),
        pytest.param(
            [
                {"symbol": "A", "close": 600_000, "cap": 330_000, "volume": 1},
                {"symbol": "B", "close": 400, "cap": 532_000, "volume": 999},
            ],
            2,
            862_000,
            id="of classes that convert each may have its own cap: caps add up",
        ),
        pytest.param(
            [
                {"symbol": "A", "close": 40, "cap": 400, "volume": 9},
                {"symbol": "B", "close": 40, "cap": 80, "volume": 5},
                {"symbol": "C", "close": 40, "cap": 120, "volume": 5},
            ],
            1,
            600,
            id="three classes add up",
        ),
    ],
)
def test_the_cap_of_a_company(
    lines: list[dict[str, object]], vehicle: int, cap: float
) -> None:
    found = ranking.roll_up(quotes(*lines), RULES)
    expected = pytest.approx([cap * MN], nan_ok=True)
    assert found["pricing_vehicle"].tolist() == [vehicle]
    assert found["total_market_cap_usd"].tolist() == expected


@pytest.mark.parametrize(
    ("volumes", "available", "vehicle"),
    [
        pytest.param((100, 70), (1, 9), "A", id="the class traded most by far leads"),
        pytest.param(
            (100, 81), (1, 9), "B", id="of volumes near each other, the most shares"
        ),
        pytest.param(
            (100, 80), (1, 9), "A", id="volumes 20 percent apart are not near"
        ),
        pytest.param((np.nan, 5), (9, 1), "B", id="a volume not known does not lead"),
        pytest.param((0, 5), (9, 1), "B", id="a class gone stale does not lead"),
        pytest.param(
            (np.nan, np.nan), (1, 9), "B", id="without volumes, the most shares lead"
        ),
        pytest.param((7, 7), (4, 4), "A", id="all equal, the first symbol leads"),
    ],
)
def test_the_pricing_vehicle(
    volumes: tuple[float, float], available: tuple[float, float], vehicle: str
) -> None:
    lines = [
        {
            "symbol": symbol,
            "close": 10,
            "cap": cap,
            "volume": volume,
            "available": shares,
        }
        for symbol, cap, volume, shares in zip(
            "AB", (50, 90), volumes, available, strict=True
        )
    ]
    found = ranking.roll_up(quotes(*lines), RULES)
    assert found["pricing_vehicle"].tolist() == ["AB".index(vehicle) + 1]
    assert found["total_market_cap_usd"].tolist() == [140 * MN]


@pytest.mark.parametrize(
    ("traded", "vehicle"),
    [
        pytest.param((100, 99), "A", id="99 days of trading are too few to lead"),
        pytest.param((100, 100), "B", id="100 are enough"),
        pytest.param((99, 50), "B", id="where no class has them, none needs them"),
        pytest.param((np.nan, 99), "B", id="nor where they are not known"),
    ],
)
def test_a_pricing_vehicle_has_traded_for_100_days(
    traded: tuple[float, float], vehicle: str
) -> None:
    lines = [
        {"symbol": symbol, "close": 10, "cap": cap, "volume": volume, "traded": days}
        for symbol, cap, volume, days in zip(
            "AB", (50, 90), (10, 100), traded, strict=True
        )
    ]
    found = ranking.roll_up(quotes(*lines), RULES)
    assert found["pricing_vehicle"].tolist() == ["AB".index(vehicle) + 1]


def test_available_shares_lead_where_caps_are_of_the_company() -> None:
    lines = [
        {"symbol": "A", "close": 10, "cap": 90, "volume": 100, "available": 1},
        {"symbol": "B", "close": 10, "cap": 90, "volume": 90, "available": 2},
    ]
    found = ranking.roll_up(quotes(*lines), RULES)
    assert found["pricing_vehicle"].tolist() == [2]


@pytest.mark.parametrize(
    ("lines", "caps"),
    [
        pytest.param(
            [{"symbol": "A", "close": 10, "cap": 50}], [50], id="the only class"
        ),
        pytest.param(
            [
                {"symbol": "A", "close": 30, "cap": 600},
                {"symbol": "B", "close": 20, "cap": 100},
            ],
            [600, 100],
            id="each class has its own",
        ),
        pytest.param(
            [
                {"symbol": "A", "close": 160, "cap": 2_000},
                {"symbol": "B", "close": 162, "cap": 2_025},
            ],
            [np.nan, np.nan],
            id="a company-wide cap is never a class's own",
        ),
        pytest.param(
            [
                {"symbol": "A", "close": 30, "cap": 600, "count": 5e6},
                {"symbol": "B", "close": 20, "cap": np.nan},
            ],
            [150, np.nan],
            id="a lone cap is the company's; a count of shares is the class's",
        ),
    ],
)
def test_the_cap_of_a_class(lines: list[dict[str, object]], caps: list[float]) -> None:
    found = ranking.class_caps(quotes(*lines), RULES)
    assert found.tolist() == pytest.approx([cap * MN for cap in caps], nan_ok=True)


def test_a_changed_symbol_leaves_one_company_with_its_cap_once() -> None:
    """Both symbols were seen in the season, but never on one day."""
    table = ranking.assign_companies(
        securities(
            {"symbol": "OLDS", "name": "Changes Symbol Inc. Class A Common Stock"},
            {"symbol": "ONEW", "name": "Changes Symbol Inc. Class A Common Stock"},
        )
    )
    assert table["company_id"].nunique() == 1
    before = quotes({"symbol": "OLDS", "close": 10, "cap": 50})
    after = quotes({"symbol": "ONEW", "close": 11, "cap": 55})
    later = after.assign(
        security_id=2, snapshot_date=before["snapshot_date"] + timedelta(days=1)
    )
    season = pd.concat([before, later], ignore_index=True)
    found = ranking.arrange(ranking.roll_up(season, RULES))
    answer = found[["pricing_vehicle", "total_market_cap_usd"]].to_numpy().tolist()
    assert answer == [[1, 50 * MN], [2, 55 * MN]]


def test_each_session_is_rolled_up_by_itself() -> None:
    first = quotes(
        {"symbol": "A", "close": 10, "cap": 50, "volume": 9},
        {"symbol": "B", "close": 10, "cap": 90, "volume": 5},
        {"symbol": "C", "close": 5, "cap": 7, "company_id": 1},
    )
    later = first.assign(snapshot_date=first["snapshot_date"] + timedelta(days=1))
    alone = later[later["security_id"] != 1]
    both = pd.concat([first, alone], ignore_index=True)
    found = ranking.arrange(ranking.roll_up(both, RULES))
    answer = found[["pricing_vehicle", "total_market_cap_usd"]].to_numpy().tolist()
    assert answer == [[1, 140 * MN], [3, 7 * MN], [2, 90 * MN], [3, 7 * MN]]


def test_no_quotes_are_no_companies() -> None:
    none = quotes({"symbol": "A", "close": 1, "cap": 1}).iloc[:0]
    assert ranked(ranking.roll_up(none, RULES)).empty


def test_ranks_and_cumulative_caps() -> None:
    table = ranked(companies([1, 6, 3], symbols=["LOW", "TOP", "MID"]))
    columns = ["symbol", "rank", "cumulative_cap_usd", "cumulative_cap_frac"]
    assert table[columns].to_numpy().tolist() == [
        ["TOP", 1, 6, 0.6],
        ["MID", 2, 9, 0.9],
        ["LOW", 3, 10, 1.0],
    ]


def test_equal_caps_rank_by_symbol() -> None:
    table = ranked(companies([5, 5, 9, 5], symbols=["C", "A", "Z", "B"]))
    assert table["symbol"].tolist() == ["Z", "A", "B", "C"]


def test_the_fraction_is_of_the_universe_and_missing_beyond_it() -> None:
    table = ranked(companies([4, 3, 2, 1]), replace(RULES, universe_count=3))
    assert table["cumulative_cap_frac"].tolist()[:3] == pytest.approx([4 / 9, 7 / 9, 1])
    assert np.isnan(table["cumulative_cap_frac"].iloc[3])
    assert table["rank"].tolist() == [1, 2, 3, 4]


def traded(*days: tuple[date, float, float], symbol_id: int = 1) -> pd.DataFrame:
    table = pd.DataFrame(days, columns=["snapshot_date", "close_usd", "volume_shares"])
    return table.assign(
        snapshot_date=pd.to_datetime(table["snapshot_date"]), symbol_id=symbol_id
    ).astype({"close_usd": float, "volume_shares": float})


def trailing(history: pd.DataFrame, day: date, symbol_id: int = 1) -> list[float]:
    wanted = pd.DataFrame(
        {"snapshot_date": [pd.Timestamp(day)], "symbol_id": [symbol_id]}
    )
    found = ranking.trailing_figures(history, wanted, RULES)
    return found[list(ranking.TRAILING)].iloc[0].tolist()


def days_before(count: int) -> date:
    return RANK_DAY - timedelta(days=count)


def test_the_average_close_is_of_the_30_days_before_and_not_of_the_day() -> None:
    history = traded(
        (days_before(31), 99, 0),
        (days_before(30), 2, 0),
        (days_before(1), 4, 0),
        (days_before(0), 99, 0),
    )
    assert trailing(history, RANK_DAY)[0] == 3


def test_volume_and_dollars_are_of_two_years_to_the_day() -> None:
    history = traded(
        (days_before(731), 1, 1_000_000),
        (days_before(730), 2, 10),
        (days_before(0), 4, 30),
        (days_before(-1), 1, 1_000_000),
    )
    assert trailing(history, RANK_DAY)[1:] == [40, (20 + 120) / 2, 2]


def test_what_is_missing_counts_for_nothing_and_alone_is_not_known() -> None:
    history = traded((days_before(2), np.nan, np.nan), (days_before(1), 3, np.nan))
    assert trailing(history, RANK_DAY) == [3, 0, 0, 0]
    nothing = trailing(traded((days_before(99), 1, 7)), RANK_DAY)
    assert np.isnan(nothing[0])
    assert nothing[1:] == [7, 7, 1]


def test_securities_and_days_do_not_mix() -> None:
    history = pd.concat(
        [
            traded((days_before(1), 1, 10), (days_before(0), 1, 10)),
            traded((days_before(1), 5, 70), symbol_id=2),
        ]
    ).sample(frac=1, random_state=2)
    wanted = pd.DataFrame(
        {
            "snapshot_date": pd.to_datetime([RANK_DAY, RANK_DAY, days_before(1)]),
            "symbol_id": [2, 1, 1],
        }
    )
    found = ranking.trailing_figures(history, wanted, RULES)
    assert found[list(ranking.TRAILING)].to_numpy().tolist() == [
        [5, 70, 350, 1],
        [1, 20, 10, 2],
        pytest.approx([np.nan, 10, 10, 1], nan_ok=True),
    ]


@cache
def real_day() -> pd.DataFrame:
    """Companies of the real rank day, from the screener's own files."""
    rows = [
        row | {"exchange": path.name.split("_")[0].upper()}
        for path in sorted(THREE_DAYS.glob("*.json.gz"))
        for row in json.loads(gzip.decompress(path.read_bytes()))
    ]
    raw = pd.DataFrame(rows).drop_duplicates("symbol").replace("", np.nan)
    listed = securities(
        *raw[["symbol", "name", "exchange", "country", "industry"]].to_dict("records")
    )
    prepared = ranking.assign_companies(listings.describe(listed))
    close = raw["lastsale"].str.replace(r"[$,]", "", regex=True).astype(float)
    cap = raw["marketCap"].astype(float)
    table = prepared.assign(
        snapshot_date=pd.Timestamp(RANK_DAY),
        symbol_order=prepared["symbol"].rank(method="dense").astype(int),
        close_usd=close.to_numpy(),
        total_market_cap_usd=cap.where(cap > 0).to_numpy(),
        trailing_volume_shares=raw["volume"].astype(float).to_numpy(),
        trading_days=np.nan,
        available_shares=np.nan,
    )
    common = table[table["share_type"].eq(listings.COMMON) & (table["close_usd"] > 0)]
    return ranking.roll_up(common, RULES)


@pytest.mark.shared(THREE_DAYS)
@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        pytest.param("^Alphabet", [("GOOGL", 2.05e12)], id="Alphabet once"),
        pytest.param("^Berkshire Hath", [("BRK/B", 0.87e12)], id="Berkshire once"),
        pytest.param("^U-Haul Holding", [("UHAL", 12.4e9)], id="U-Haul once"),
        pytest.param("^Lennar", [("LEN", 42.7e9)], id="Lennar once"),
        pytest.param("^Heico|^HEICO", [("HEI", 28.7e9)], id="Heico once"),
        pytest.param("^Fox Corp", [("FOXA", 14.9e9)], id="Fox once"),
        pytest.param("^News Corp", [("NWSA", 14.2e9)], id="News Corp once"),
        pytest.param(
            "^Brown.Forman", [("BF/B", np.nan)], id="Brown-Forman not known, not zero"
        ),
        pytest.param(
            "^Liberty Media Corp",
            [("FWONK", None), ("LLYVK", None), ("LSXMK", None)],
            id="Liberty's three tracking groups apart",
        ),
    ],
)
def test_real_companies_of_30_april_2024(
    pattern: str, expected: list[tuple[str, float | None]]
) -> None:
    table = real_day()
    found = table[table["name"].str.contains(pattern)].sort_values("symbol")
    assert len(found) == len(expected), found[["symbol", "name"]].to_string()
    for row, (symbol, cap) in zip(found.to_dict("records"), expected, strict=True):
        assert row["symbol"][:2] == symbol[:2]
        if cap is not None:
            close_to = pytest.approx(cap, rel=0.03, nan_ok=True)
            assert row["total_market_cap_usd"] == close_to, row["symbol"]
