"""What passive money trades: money, free float, legs, volume, and their identities."""

import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from recon import __main__ as command_line
from recon import ingest, record, schedule
from recon.errors import BadRequest, SourceUnreadable
from recon.ingest.assets import read
from recon.rulebook import rulebook
from recon.store import Store
from recon.studies import demand
from recon.studies.demand import (
    float_errors,
    floats,
    legs,
    money,
    past,
    rows,
    volumes,
)
from recon.studies.demand.legs import TRACKED
from tests.conftest import TODAY

ROOT = Path(__file__).parents[1]
DAY = date(2024, 4, 30)
RULES = rulebook(DAY)
BN = 1e9
# symbol, now, then, rank, available cap in $bn, part of value before and after
NAMES = [
    ("GIANT", "R1000", "R1000", 1, 800.0, 0.5, 0.5),
    ("LARGE", "R1000", "R1000", 400, 190.0, 0.0, 0.0),
    ("SINKER", "R1000", "R2000", 1300, 10.0, 1.0, 1.0),
    ("CLIMBER", "R2000", "R1000", 900, 30.0, 0.0, 0.0),
    ("SMALL", "R2000", "R2000", 1500, 50.0, 0.5, 0.5),
    ("FLIPPER", "R2000", "R2000", 1600, 10.0, 0.0, 1.0),
    ("LEAVER", "R2000", None, 3500, 10.0, 0.5, 0.5),
    ("JOINER", None, "R2000", 1400, 20.0, 0.5, 0.5),
]


def table(*names: tuple, **more: object) -> pd.DataFrame:
    """Rows of a projection with float caps and styles; lists of no other index."""
    columns = "symbol current_index projected_index rank cap_bn before after".split()
    given = pd.DataFrame(list(names) or NAMES, columns=columns)
    text = {"current_index": "str", "projected_index": "str"}
    unknown = {
        f"{when}_{code}": pd.array([pd.NA] * len(given), dtype="boolean")
        for when in ("current", "projected")
        for code in ("top200", "midcap", "micro")
    }
    return given.astype(text | {"rank": float}).assign(
        float_market_cap_usd=given["cap_bn"] * BN,
        previous_value_frac=given["before"],
        value_frac=given["after"],
        **({"is_new_listing": False} | unknown | more),
    )


def tracking(**base_bn: float) -> pd.DataFrame:
    """Money of indexes: low half of the base, high twice of it."""
    usd = pd.Series({code: base_bn.get(code, 0.0) * BN for code in TRACKED})
    return pd.DataFrame(
        {
            "index": usd.index,
            "low_usd": usd.to_numpy() / 2,
            "base_usd": usd.to_numpy(),
            "high_usd": usd.to_numpy() * 2,
        }
    )


def net(rows_: pd.DataFrame, **base_bn: float) -> dict[str, float]:
    """Return what is traded of each name with base money, in $mn, rounded."""
    traded = legs.trade(rows_, tracking(**base_bn)).net("base") / 1e6
    return dict(zip(rows_["symbol"], traded.round(4), strict=True))


# ---- each kind of move -------------------------------------------------------


def test_an_index_sells_who_leaves_and_buys_who_joins_at_their_weights() -> None:
    # R2000 before: 30 + 50 + 10 + 10 = 100; after: 10 + 50 + 10 + 20 = 90
    assert net(table(), R2000=90.0) == {
        "GIANT": 0.0,
        "LARGE": 0.0,
        "SINKER": 10_000.0,  # 10/90 of 90
        "CLIMBER": -27_000.0,  # 30/100 of 90
        "SMALL": 5_000.0,  # 50/90 - 50/100: the drift of its weight
        "FLIPPER": 1_000.0,
        "LEAVER": -9_000.0,
        "JOINER": 20_000.0,
    }


def test_moving_up_is_net_selling_and_down_net_buying_with_like_money() -> None:
    both = net(table(), R1000=100.0, R2000=90.0)
    # R1000 before: 800 + 190 + 10 = 1,000; after: 800 + 190 + 30 = 1,020
    assert both["CLIMBER"] == pytest.approx(100e3 * 30 / 1020 - 27e3, abs=1e-3)
    assert both["SINKER"] == pytest.approx(10e3 - 100e3 * 10 / 1000, abs=1e-3)
    assert both["CLIMBER"] < 0


def test_a_fund_on_the_russell_3000_keeps_who_moves_within_it() -> None:
    held = net(table(), R3000=110.0)
    # before 1,100, after 1,110: the Russell 3000 holds both legs, once
    assert held["CLIMBER"] == pytest.approx(110e3 * (30 / 1110 - 30 / 1100), abs=1e-3)
    assert held["LEAVER"] == pytest.approx(-110e3 * 10 / 1100, abs=1e-3)
    assert held["JOINER"] == pytest.approx(110e3 * 20 / 1110, abs=1e-3)


def test_a_style_flip_alone_is_sold_by_one_half_and_bought_by_the_other() -> None:
    # growth before: 30 + 25 + 10 + 5 = 70, after: 25 + 10 = 35
    # value before: 25 + 5 = 30, after: 10 + 25 + 10 + 10 = 55
    flipped = net(table(), R2000V=55.0, R2000G=70.0)
    assert flipped["FLIPPER"] == pytest.approx(10e3 - 10e3, abs=1e-3)
    assert net(table(), R2000V=55.0)["FLIPPER"] == 10_000.0
    assert net(table(), R2000G=70.0)["FLIPPER"] == -10_000.0


def test_who_climbs_joins_the_midcap_and_who_sinks_leaves_it() -> None:
    # no list of the Midcap: LARGE, SINKER are in it by rank; CLIMBER joins
    moved = net(table(), MIDCAP=220.0)
    assert moved["CLIMBER"] == pytest.approx(220e3 * 30 / 220, abs=1e-3)
    assert moved["SINKER"] == pytest.approx(-220e3 * 10 / 200, abs=1e-3)
    assert moved["GIANT"] == 0.0


def test_lists_of_the_midcap_and_the_top_200_go_before_rank() -> None:
    was = pd.array([True, False] + [False] * 6, dtype="boolean")
    now = pd.array([True, True] + [False] * 6, dtype="boolean")
    crossed = table(current_top200=was, projected_top200=now)
    # LARGE joins the Top 200: 800 before, 990 after
    assert net(crossed, TOP200=99.0)["LARGE"] == pytest.approx(19e3)


def test_a_new_listing_was_in_no_microcap() -> None:
    new = ("IPO", None, "R2000", 2500, 5.0, 0.5, 0.5)
    micro = ("TINY", "R2000", "R2000", 2600, 5.0, 0.5, 0.5)
    fresh = table(new, micro, is_new_listing=[True, False])
    assert net(fresh, MICRO=10.0) == {"IPO": 5_000.0, "TINY": -5_000.0}
    assert net(fresh.assign(is_new_listing=False), MICRO=10.0) == {
        "IPO": 0.0,
        "TINY": 0.0,
    }


def test_legs_and_causes_are_told_in_words() -> None:
    trades = legs.trade(table(), tracking(R1000=100.0, R2000=90.0))
    at = [name for name, *_ in NAMES].index("CLIMBER")
    assert trades.words()[at] == "R2000 −$27.0bn; R1000 +$2.9bn"
    assert trades.causes()[at] == "+R1000 +MIDCAP +R1000G +MIDCAPG −R2000 −R2000G"
    assert trades.causes()[0] == ""


# ---- identities --------------------------------------------------------------


@pytest.mark.parametrize("code", TRACKED)
def test_money_is_conserved_in_every_index(code: str) -> None:
    trades = legs.trade(table(), tracking(**dict.fromkeys(TRACKED, 50.0)))
    traded = trades.of_index(code, "base")
    assert traded.sum() == pytest.approx(0, abs=1e-3)
    whole = trades.totals().set_index("index").loc[code]
    assert whole["bought_usd"] == pytest.approx(-whole["sold_usd"])


def test_who_stays_trades_the_drift_of_its_weight_and_nothing_without_moves() -> None:
    still = table().assign(projected_index=lambda t: t["current_index"])
    still = still.assign(value_frac=still["previous_value_frac"])
    assert set(net(still, **dict.fromkeys(TRACKED, 50.0)).values()) == {0.0}


def test_twice_the_money_trades_twice() -> None:
    trades = legs.trade(table(), tracking(R1000=100.0, R2000=90.0))
    pd.testing.assert_series_equal(trades.net("high"), 4 * trades.net("low"))


# ---- money -------------------------------------------------------------------


class Facts:
    """Facts of a small market: funds, one list of holdings, quotes and volumes."""

    def __init__(self) -> None:
        self.kept = pd.DataFrame(
            columns=["fund", "index", "as_of", "assets_usd", "source", "kept_at"]
        )
        self.values = pd.DataFrame(columns=["index", "as_of", "source", "assets_usd"])
        self.days = pd.bdate_range(end=DAY, periods=60).as_unit("us")
        self.traded = pd.DataFrame()
        self.held = pd.DataFrame()
        self.listed = pd.DataFrame()

    def fund_assets(self, as_of: date) -> pd.DataFrame:
        return self.kept[self.kept["as_of"] <= pd.Timestamp(as_of)]

    def fund_values(self, as_of: date) -> pd.DataFrame:
        return self.values[self.values["as_of"] <= pd.Timestamp(as_of)]

    def fund_holdings(self, since: date, until: date) -> pd.DataFrame:
        inside = self.held["as_of"].between(pd.Timestamp(since), pd.Timestamp(until))
        return self.held[inside]

    def published_days(self) -> pd.DatetimeIndex:
        return self.days

    def day_on_or_before(self, as_of: date) -> date:
        return as_of

    def securities(self, since: date, until: date) -> pd.DataFrame:
        return self.listed

    def caps(self, since: date, until: date) -> pd.DataFrame:
        return self.listed

    def filers(self, as_of: date) -> pd.DataFrame:
        return pd.DataFrame(columns=["cik", "known_on"])

    def free_floats(self, as_of: date) -> pd.DataFrame:
        return pd.DataFrame(columns=["symbol", "known_on", "free_float_frac"])

    def volumes(self, since: date, until: date, ids: object) -> pd.DataFrame:
        inside = self.traded["snapshot_date"] >= pd.Timestamp(since)
        return self.traded[inside]


def one_fund(origin: str, as_of: str, usd: float) -> pd.DataFrame:
    row = {"fund": "IWM", "index": "R2000", "as_of": pd.Timestamp(as_of)}
    return pd.DataFrame([row | {"assets_usd": usd, "source": origin, "kept_at": None}])


def test_the_newest_figure_by_the_day_counts_and_yours_before_the_record() -> None:
    facts = Facts()
    of_record = record.fund_assets()
    newest = of_record[
        (of_record["fund"] == "IWM") & (of_record["as_of"] <= "2024-04-30")
    ]
    iwm = money.funds_on(facts, DAY).set_index("fund").loc["IWM"]
    assert (iwm["as_of"], iwm["origin"]) == (newest["as_of"].max(), money.RECORD)
    facts.kept = one_fund("desk", f"{iwm['as_of']:%Y-%m-%d}", 70 * BN)
    yours = money.funds_on(facts, DAY).set_index("fund").loc["IWM"]
    assert (yours["assets_usd"], yours["origin"]) == (70 * BN, money.KEPT)
    facts.values = one_fund("iShares Russell 2000 ETF holdings", "2024-04-29", 61 * BN)
    loaded = money.funds_on(facts, DAY).set_index("fund").loc["IWM"]
    assert (loaded["assets_usd"], loaded["age_days"]) == (61 * BN, 1)
    assert loaded["origin"] == money.LOADED


def test_before_its_first_figure_a_fund_has_that_with_an_age_below_zero() -> None:
    early = money.funds_on(Facts(), date(2021, 6, 25)).set_index("fund").loc["VTWO"]
    assert early["as_of"] == pd.Timestamp("2021-07-08") and early["age_days"] == -13


def test_base_money_is_the_funds_by_the_records_multiple_unless_it_is_given() -> None:
    funds = pd.DataFrame(
        {
            "fund": ["IWM", "VTWO"],
            "index": ["R2000", "R2000"],
            "assets_usd": [60 * BN, 10 * BN],
            "age_days": [10, 400],
        }
    )
    known = money.benchmarked(funds, {}).set_index("index")
    small = known.loc["R2000"]
    assert (small["low_usd"], small["base_usd"]) == (70 * BN, 70 * BN * 1.94)
    assert small["high_usd"] == pytest.approx(70 * BN * 3.4)
    assert (small["funds"], small["oldest_days"]) == ("IWM VTWO", 400)
    assert (known.loc["R1000", "base_usd"], known.loc["R1000", "funds"]) == (0.0, "")
    given = money.benchmarked(funds, {"R2000": 97 * BN}).set_index("index").loc["R2000"]
    assert (given["base_usd"], given["is_given"]) == (97 * BN, True)
    assert (given["low_usd"], given["high_usd"]) == (
        pytest.approx(50 * BN),
        pytest.approx(170 * BN),
    )


def test_every_index_that_is_tracked_has_its_multiple_and_no_other() -> None:
    multiples = record.tracking_multiples()
    assert set(multiples["index"]) == set(TRACKED)
    ordered = multiples[["low", "base", "high"]].to_numpy()
    assert (np.diff(ordered, axis=1) >= 0).all()
    funds = record.fund_assets()
    assert set(funds["index"]) <= set(TRACKED)
    assert funds["assets_usd"].gt(0).all() and not funds["source"].eq("").any()
    assert not funds.duplicated(["fund", "as_of"]).any()


# ---- free float --------------------------------------------------------------


def market(count: int = 40, **more: object) -> pd.DataFrame:
    """Listings of like size; shares 100mn each at a close of $10."""
    listed = pd.DataFrame(
        {
            "security_id": range(count),
            "symbol_id": range(count),
            "symbol": [f"C{n:02d}" for n in range(count)],
            "sector": "Energy",
            "close_usd": 10.0,
            "total_market_cap_usd": 1e9 + np.arange(count),
        }
    )
    return listed.assign(**more)


def held_of(
    listed: pd.DataFrame, frac: np.ndarray, index: str = "R2000"
) -> pd.DataFrame:
    """A fund's list: two percent of the available shares of every company."""
    shares = listed["total_market_cap_usd"] / listed["close_usd"]
    return pd.DataFrame(
        {
            "index": index,
            "as_of": pd.Timestamp(DAY - timedelta(days=30)),
            "source": "fund",
            "symbol": listed["symbol"],
            "weight_frac": 0.5,
            "held_shares": shares * frac * 0.02,
        }
    )


def projected(listed: pd.DataFrame) -> pd.DataFrame:
    blank = dict.fromkeys(
        ("available_shares", "shares_outstanding", "free_float_frac"), np.nan
    )
    named = listed.assign(key=listed["symbol"], ipo_year=2000.0, **blank)
    return named.drop(columns=["symbol_id", "close_usd"])


def floated(facts: Facts) -> pd.DataFrame:
    listed = facts.listed
    rows_ = floats.with_quotes(projected(listed), floats.priced(facts, DAY))
    return floats.available(facts, rows_, DAY, RULES).set_index("symbol")


def test_a_funds_shares_over_all_shares_are_the_float_but_for_one_factor() -> None:
    facts = Facts()
    frac = np.array([1.0] * 32 + [0.5, 0.2] * 4)
    facts.listed = market()
    facts.held = held_of(facts.listed, frac)
    known = floated(facts)
    np.testing.assert_allclose(known["free_float_frac"], frac, rtol=1e-6)
    assert set(known["float_basis"]) == {floats.HOLDINGS}
    assert known.loc["C32", "available_shares"] == pytest.approx(50e6, rel=1e-6)
    assert known.loc["C32", "float_market_cap_usd"] == pytest.approx(0.5e9, rel=1e-6)
    by_weight = facts.held.assign(
        weight_frac=facts.held["held_shares"] * 10 / 1e9, held_shares=np.nan
    )
    facts.held = by_weight
    np.testing.assert_allclose(floated(facts)["free_float_frac"], frac, rtol=1e-6)


def test_a_list_of_the_whole_index_goes_before_a_sample_and_a_provider() -> None:
    facts = Facts()
    facts.listed = market()
    half = np.array([1.0] * 32 + [0.5] * 8)
    whole = held_of(facts.listed, half).iloc[:36]
    sample = held_of(facts.listed, np.ones(40) * half**2, index="R3000")
    facts.held = pd.concat([whole, sample])
    known = floated(facts)
    assert known.loc["C33", ["free_float_frac", "float_basis"]].tolist() == [
        pytest.approx(0.5, rel=1e-6),
        floats.HOLDINGS,
    ]
    assert known.loc["C38", ["free_float_frac", "float_basis"]].tolist() == [
        pytest.approx(0.25, rel=1e-6),
        floats.SAMPLE,
    ]


def test_without_a_list_the_provider_then_peers_then_all_shares() -> None:
    facts = Facts()
    facts.listed, facts.held = market(), held_of(market(0), np.ones(0))
    rows_ = floats.with_quotes(projected(facts.listed), floats.priced(facts, DAY))
    assert set(floats.available(facts, rows_, DAY, RULES)["float_basis"]) == {
        floats.ALL
    }
    told = rows_.assign(
        free_float_frac=[0.0] + [0.6] * 20 + [np.nan] * 19,
        ipo_year=[2000.0] * 39 + [2023.0],
    )
    known = floats.available(facts, told, DAY, RULES)
    assert known["float_basis"].tolist() == ["provider"] * 21 + [floats.PEERS] * 19
    assert known["free_float_frac"].tolist()[0] == 0.0
    assert known["free_float_frac"].tolist()[21:] == [0.6] * 19


def test_peers_are_of_one_size_sector_and_age() -> None:
    count = 80
    rows_ = pd.DataFrame(
        {
            "class_cap_usd": [1e9] * count,
            "sector": ["Energy"] * 40 + ["Finance"] * 40,
            "ipo_year": ([2000.0] * 20 + [2023.0] * 20) * 2,
        }
    )
    frac = pd.Series(([0.9] * 20 + [0.3] * 20) + ([0.8] * 20 + [0.2] * 20))
    frac[[0, 20, 40, 60]] = np.nan
    peers = floats.medians(rows_, frac, 2024, RULES)
    assert peers[[0, 20, 40, 60]].tolist() == [0.9, 0.3, 0.8, 0.2]


def test_each_way_is_measured_as_if_the_newest_list_were_not_there() -> None:
    facts = Facts()
    facts.listed = market(80).assign(ipo_year=2000.0)
    frac = np.array([1.0] * 70 + [0.5] * 10)
    newest = held_of(facts.listed, frac)
    older = held_of(facts.listed.iloc[:79], np.append(frac[:78], 0.25))
    older = older.assign(as_of=pd.Timestamp(DAY - timedelta(days=60)))
    facts.held = pd.concat([newest, older])
    table_ = float_errors.measure(facts, DAY, RULES).set_index("way")
    by_list = table_.loc[float_errors.OLDER]
    assert (by_list["names"], by_list["median_error_frac"]) == (79, pytest.approx(0))
    assert by_list["mean_points_frac"] == pytest.approx(0.25 / 79)
    every = table_.loc[float_errors.ALL]
    assert every["mean_points_frac"] == pytest.approx(10 * 0.5 / 80)
    assert every["within_frac"] == pytest.approx(70 / 80)
    joined = table_.loc[float_errors.JOINED]
    assert joined["names"] == 1  # C79 is in the newest list alone, its peers at 0.5
    assert float_errors.PROVIDER not in table_.index
    facts.held = facts.held.iloc[:0]
    assert float_errors.measure(facts, DAY, RULES).empty


# ---- volume ------------------------------------------------------------------


def sessions(
    volume: object, close: object = 10.0, change: object = 0.0
) -> pd.DataFrame:
    days = Facts().days
    return pd.DataFrame(
        {
            "snapshot_date": days,
            "symbol_id": 1,
            "close_usd": close,
            "close_change_frac": change,
            "volume_shares": volume,
        }
    )


def averaged(traded: pd.DataFrame) -> dict:
    facts = Facts()
    facts.traded = traded
    one = pd.DataFrame({"symbol_id": [1, 2]})
    return volumes.average(facts, one, DAY).to_dict("records")


def test_volume_is_averaged_over_twenty_and_sixty_sessions_by_mean_and_median() -> None:
    quiet = [100.0] * 40 + [200.0] * 19 + [2_000.0]
    known, missing = averaged(sessions(quiet))
    assert known["adv_shares_20"] == (19 * 200 + 2_000) / 20
    assert known["adv_shares_median_20"] == 200.0
    assert known["adv_shares_60"] == (40 * 100 + 19 * 200 + 2_000) / 60
    assert known["adv_shares_median_60"] == 100.0
    assert known["volume_reason"] == ""
    assert np.isnan(missing["adv_shares_20"])
    assert missing["volume_reason"] == "volume of the last 20 sessions not known"


def test_a_volume_that_is_not_known_is_no_zero() -> None:
    known, _ = averaged(sessions([np.nan] * 54 + [300.0] * 6))
    assert known["adv_shares_20"] == known["adv_shares_60"] == 300.0
    few, _ = averaged(sessions([np.nan] * 56 + [300.0] * 4))
    assert np.isnan(few["adv_shares_20"])
    assert few["volume_reason"] == "volume of the last 20 sessions not known"


def test_volumes_before_a_split_are_in_shares_of_after_it() -> None:
    close, change = [100.0] * 50 + [10.0] * 10, [0.0] * 60
    known, _ = averaged(sessions([100.0] * 50 + [1_000.0] * 10, close, change))
    assert known["adv_shares_60"] == pytest.approx(1_000.0)
    fell, _ = averaged(sessions([100.0] * 60, close, [0.0] * 50 + [-0.9] + [0.0] * 9))
    assert fell["adv_shares_60"] == 100.0  # no split: the provider says it fell


# ---- from a projection -------------------------------------------------------


class Market(Facts):
    """A session of companies that are members, and one that was taken over since."""

    def __init__(self) -> None:
        super().__init__()
        symbols = ["BIG", "TWIN.A", "TWIN.B", "NEW"]
        self.listed = pd.DataFrame(
            {
                "security_id": range(4),
                "symbol_id": range(4),
                "symbol": symbols,
                "sector": "Energy",
                "close_usd": [10.0, 20.0, 5.0, 10.0],
                "total_market_cap_usd": [60e9, 20e9, 10e9, 10e9],
            }
        )
        self.held = held_of(market(0), np.ones(0))
        self.traded = sessions(1e6)

    def projection(self) -> SimpleNamespace:
        """Return BIG and both TWINs as members, NEW as joining, GONE taken over."""
        listed = self.listed.drop(columns=["symbol_id", "close_usd"])
        gone = {"security_id": 9, "symbol": "GONE", "sector": "Energy"}
        rows_ = pd.concat([listed, pd.DataFrame([gone])], ignore_index=True)
        blank = dict.fromkeys(
            ("available_shares", "shares_outstanding", "free_float_frac"), np.nan
        )
        flags = {
            f"{when}_{code}": pd.array([pd.NA] * 5, dtype="boolean")
            for when in ("current", "projected")
            for code in ("top200", "midcap", "micro")
        }
        securities = rows_.assign(
            key=["BIG", "TWINA", "TWINB", "NEW", "GONE"],
            company=rows_["symbol"] + " Inc",
            company_id=[0, 1, 1, 2, 3],
            is_common=True,
            ipo_year=2000.0,
            snapshot_date=pd.Timestamp(DAY),
            rank=[1.0, 2.0, 2.0, 3.0, 4.0],
            move=["stays", "stays", "stays", "addition", "deletion"],
            current_index=pd.Series(
                ["R2000", "R2000", "R2000", None, "R2000"], dtype="str"
            ),
            projected_index=pd.Series(["R2000"] * 4 + [None], dtype="str"),
            **(blank | flags),
        )
        event = SimpleNamespace(name="June 2024")
        return SimpleNamespace(
            as_of=DAY,
            snapshot_date=DAY,
            event=event,
            rules=RULES,
            securities=securities,
        )


def test_each_class_of_a_company_trades_by_its_own_cap() -> None:
    facts = Market()
    alone = dict.fromkeys(TRACKED, 0.0) | {"R2000": 90 * BN}
    estimated = demand.estimate(demand.known_of(facts, facts.projection()), alone)
    by_symbol = estimated.securities.set_index("symbol")
    # 60 + 20 + 10 before, and 10 more after; every share is taken as available
    assert by_symbol.loc["TWIN.A", "demand_usd"] == pytest.approx(
        90e9 * (0.2 - 20 / 90)
    )
    assert by_symbol.loc["TWIN.B", "demand_usd"] == pytest.approx(
        90e9 * (0.1 - 10 / 90)
    )
    assert by_symbol.loc["TWIN.B", "demand_shares"] == pytest.approx(-1e9 / 5)
    assert by_symbol.loc["NEW", "demand_usd"] == pytest.approx(9e9)
    assert set(by_symbol["float_basis"]) == {floats.ALL}


def test_a_company_taken_over_since_rank_day_trades_nothing_and_is_named() -> None:
    facts = Market()
    estimated = demand.estimate(demand.known_of(facts, facts.projection()))
    assert "GONE" not in set(estimated.securities["symbol"])
    (left,) = estimated.left_out.to_dict("records")
    assert (left["symbol"], left["reason"]) == ("GONE", demand.NO_CLOSE)
    assert estimated.securities["demand_usd"].sum() == pytest.approx(0, abs=1e-3)


# ---- the whole estimate ------------------------------------------------------


def known(**more: object) -> demand.Known:
    rows_ = table().assign(
        company="Some Inc",
        move=["stays", "stays", "migration down", "migration up"]
        + ["stays", "stays", "deletion", "addition"],
        close_usd=10.0,
        available_shares=lambda t: t["float_market_cap_usd"] / 10.0,
        float_basis=floats.HOLDINGS,
        float_as_of=pd.Timestamp(DAY),
        volume_reason="",
        is_style_known=True,
        total_market_cap_usd=lambda t: t["float_market_cap_usd"],
        sector="Energy",
        industry="Oil",
        exchange="NYSE",
        **{
            f"adv_shares_{name}": 1e6 for name in ("20", "60", "median_20", "median_60")
        },
    )
    funds = pd.DataFrame(
        {
            "fund": ["IWM"],
            "index": ["R2000"],
            "assets_usd": [90 * BN / 1.94],
            "age_days": [5],
        }
    )
    event = SimpleNamespace(name="June 2024")
    projection = SimpleNamespace(snapshot_date=DAY, event=event, rules=RULES)
    made = demand.Known(
        as_of=DAY,
        projection=projection,
        table=rows_.assign(**more),
        funds=funds,
        style_missing="",
    )
    return made


def test_shares_float_and_days_follow_from_dollars() -> None:
    estimated = demand.estimate(known())
    climber = estimated.securities.set_index("symbol").loc["CLIMBER"]
    assert climber["demand_usd"] == pytest.approx(-27e9)
    assert climber["demand_shares"] == pytest.approx(-2.7e9)
    assert climber["demand_float_frac"] == pytest.approx(-0.9)
    assert climber["demand_days"] == pytest.approx(-2_700)
    assert climber["demand_usd_low"] == pytest.approx(-27e9 / 1.94)
    assert estimated.securities["symbol"].iloc[0] == "CLIMBER"
    assert set(estimated.securities["symbol"]) == {n for n, *_ in NAMES[2:]}
    assert demand.caveats(estimated) == []


def test_zero_float_trades_nothing_and_says_so() -> None:
    zero = [0.0 if name == "JOINER" else 1.0 for name, *_ in NAMES]
    caps = table()["float_market_cap_usd"] * zero
    estimated = demand.estimate(
        known(float_market_cap_usd=caps, available_shares=caps / 10)
    )
    assert "JOINER" not in set(estimated.securities["symbol"])
    assert np.isfinite(estimated.securities["demand_usd"]).all()


def test_a_volume_not_known_leaves_days_not_known_with_the_reason() -> None:
    why = "volume of the last 20 sessions not known"
    estimated = demand.estimate(known(adv_shares_20=np.nan, volume_reason=why))
    first = estimated.securities.iloc[0]
    assert np.isnan(first["demand_days"]) and first["reason"] == why
    assert first["demand_days_60"] == pytest.approx(-2_700)
    words = rows.finding(estimated, rows.shown(estimated))
    assert "0 names need more than 10 days' volume" in words


def test_what_has_no_cap_of_the_day_is_left_out_by_name() -> None:
    caps = table()["float_market_cap_usd"].mask(table()["symbol"].eq("SMALL"))
    estimated = demand.estimate(known(float_market_cap_usd=caps))
    (left,) = estimated.left_out.to_dict("records")
    assert (left["symbol"], left["reason"]) == ("SMALL", demand.NO_FLOAT)
    assert demand.caveats(estimated) == [
        "Left out: 1 name without a close or a market cap of the day (SMALL)."
    ]


def test_money_that_the_reader_gives_counts_at_once() -> None:
    twice = demand.estimate(known(), {"R2000": 180 * BN}).securities
    once = demand.estimate(known()).securities
    pd.testing.assert_series_equal(twice["demand_usd"], 2 * once["demand_usd"])


def test_rows_are_named_by_what_causes_their_trade() -> None:
    shown = rows.shown(demand.estimate(known(), {"R2000V": 10 * BN, "R2000G": 10 * BN}))
    by_name = shown.set_index("symbol")
    assert by_name["change"].to_dict() == {
        "SINKER": "migration down",
        "CLIMBER": "migration up",
        "SMALL": "drift of weights",
        "FLIPPER": "style only",
        "LEAVER": "deletion",
        "JOINER": "addition",
    }
    assert by_name["trade"].to_dict()["CLIMBER"] == "sells"
    assert by_name.loc["JOINER", "days_range"] == "30 days and more"
    causes = rows.by_change(shown).set_index("change")
    assert causes["names"].sum() == len(shown)
    assert causes.loc["migration up", "sold_usd"] < 0
    sectors = rows.by_sector(shown)
    assert sectors["sector"].tolist() == ["Energy"]
    assert sectors["net_usd"].iloc[0] == pytest.approx(0, abs=1e-3)


def test_the_finding_counts_dollars_and_crowded_names() -> None:
    estimated = demand.estimate(known())
    words = rows.finding(estimated, rows.shown(estimated))
    assert words == (
        "June 2024: passive funds would buy $36.0bn and sell $36.0bn, $2.5bn each way "
        "of it drift in names that stay; 6 names need more than 10 days' volume, the "
        "largest CLIMBER (−$27.0bn)."
    )
    climbers = rows.shown(estimated).query("change == 'migration up'")
    assert "would buy nothing and sell $27.0bn; 1 name needs" in (
        rows.finding(estimated, climbers)
    )
    assert rows.finding(estimated, rows.shown(estimated).iloc[:0]) == (
        "No name passes these filters."
    )
    late = replace(estimated, money=estimated.money.assign(oldest_days=400))
    assert demand.caveats(late)[0].startswith("The oldest figure of a fund is 400 days")


# ---- past events -------------------------------------------------------------

JUNE = schedule.reconstitution(2024, "June")


def lists(before: dict[str, float], after: dict[str, float]) -> pd.DataFrame:
    """A fund's shares by symbol before rank day and after the event."""
    days = {date(2024, 3, 28): before, date(2024, 7, 31): after}
    rows_ = [
        {"index": "R2000", "as_of": pd.Timestamp(day), "symbol": symbol}
        | {"held_shares": shares}
        for day, held in days.items()
        for symbol, shares in held.items()
    ]
    return pd.DataFrame(rows_)


def test_shares_after_an_event_are_set_against_the_model_at_the_funds_size() -> None:
    facts = Facts()
    names = [f"STAY{n}" for n in range(3)] + ["JOIN", "GONE", "ABSENT"]
    rows_ = pd.DataFrame({"symbol": names, "key": names, "company": "Some Inc"}).assign(
        class_shares=1e8, close_usd=10.0, float_basis="median of its peers"
    )
    trades = legs.Trades(
        before=pd.DataFrame({"R2000": [0.25, 0.25, 0.25, 0, 0.25, 0]}),
        after=pd.DataFrame({"R2000": [0.2, 0.2, 0.2, 0.2, 0, 0.2]}),
        money=pd.DataFrame(),
    )
    # the close has doubled in a split since: 2e8 shares of $5
    facts.listed = pd.DataFrame(
        {
            "security_id": range(6),
            "symbol_id": range(6),
            "symbol": names,
            "sector": "Energy",
            "close_usd": 5.0,
            "total_market_cap_usd": 1e9,
        }
    )
    held = lists(
        dict.fromkeys([*names[:3], "GONE"], 4e6),
        dict.fromkeys(names[:3], 4e6) | {"JOIN": 5e6, "SURPRISE": 1e6},
    )
    found = past._against_list(facts, JUNE, held, rows_, trades)
    assert found.statement == "28 Mar 2024 and 31 Jul 2024"
    (joined,) = found.shares.to_dict("records")
    assert (joined["symbol"], joined["held_shares"]) == ("JOIN", 5e6)
    assert joined["modeled_shares"] == pytest.approx(4e6)
    assert joined["error_frac"] == pytest.approx(-0.2)
    assert found.misses == (1, 1)  # SURPRISE came, ABSENT did not
    assert found.stayed == pytest.approx(0.0)


@pytest.mark.parametrize(
    ("days", "words"),
    [
        pytest.param([], "no holdings before and after", id="none"),
        pytest.param(["2024-03-28"], "no holdings after", id="no later"),
        pytest.param(["2024-07-31"], "no holdings before", id="no earlier"),
        pytest.param(
            ["2024-03-28", "2024-06-30"],
            "no holdings after",
            id="two days after the close both sides show",
        ),
        pytest.param(
            ["2024-03-28", "2025-07-31"],
            "no holdings after",
            id="after the next event",
        ),
    ],
)
def test_without_a_list_on_each_side_shares_are_not_compared(
    days: list[str], words: str
) -> None:
    held = pd.DataFrame({"as_of": pd.to_datetime(days), "index": "R2000"})
    trades = legs.Trades(before=None, after=None, money=None)  # type: ignore[arg-type]
    found = past._against_list(Facts(), JUNE, held, pd.DataFrame(), trades)
    assert found.statement == words and found.shares.empty


def test_implementation_volume_is_set_against_what_was_modeled() -> None:
    facts, close = Facts(), JUNE.implementation_close
    estimated = replace(demand.estimate(known()), as_of=DAY)
    table_ = estimated.securities.assign(
        symbol_id=lambda t: range(len(t)), key=lambda t: t["symbol"]
    )
    estimated = replace(estimated, securities=table_)
    climber = int(table_.set_index("symbol").at["CLIMBER", "symbol_id"])
    joiner = int(table_.set_index("symbol").at["JOINER", "symbol_id"])
    facts.traded = pd.DataFrame(
        {
            "snapshot_date": [pd.Timestamp(DAY), pd.Timestamp(close)] * 2,
            "symbol_id": [climber, climber, joiner, joiner],
            "close_usd": [10.0, 10.0, 10.0, 5.0],
            "close_change_frac": [0.0, 0.0, 0.0, 0.0],
            "volume_shares": [1e6, 11e6, 1e6, 4e6],
        }
    )
    came = {"CLIMBER": "R1000", "JOINER": "R1000"}
    volume = past._against_volume(facts, estimated, close, came).set_index("symbol")
    assert volume["came"].to_dict() == {"CLIMBER": True, "JOINER": False}
    assert volume.loc["CLIMBER", "volume_multiple"] == 11.0
    assert volume.loc["CLIMBER", "excess_usd"] == pytest.approx(10e6 * 10)
    assert volume.loc["CLIMBER", "error_frac"] == pytest.approx(27e9 / 1e8 - 1)
    # two for one on the day: 4mn shares are twice the usual 1mn of before
    assert volume.loc["JOINER", "volume_multiple"] == pytest.approx(2.0)
    assert list(volume.index) == ["CLIMBER", "JOINER"]
    checked = past.Past(
        event=JUNE,
        shares=past.NO_SHARES,
        lists={"R2000": "no holdings after"},
        misses={},
        stayed_error_frac={},
        volume=volume.reset_index(),
    )
    totals = past.totals(checked).set_index("move")
    assert list(totals.index) == ["migration up", past.ALL]
    assert totals.loc[past.ALL, "modeled_usd"] == pytest.approx(27e9)
    assert totals.loc[past.ALL, ["names", "absent"]].tolist() == [1, 1]
    assert totals.loc[past.ALL, "total_error_frac"] == pytest.approx(27e9 / 1e8 - 1)
    assert np.isnan(totals.loc[past.ALL, "rank_correlation"])
    (row,) = past.share_totals(checked).to_dict("records")
    assert (row["names"], row["lists"]) == (0, "no holdings after")


# ---- what a reader keeps, and the page ---------------------------------------


@pytest.fixture(scope="module")
def copied(demo_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the demo market that may be written to."""
    folder = tmp_path_factory.mktemp("demand") / "demo-store"
    shutil.copytree(demo_store, folder)
    return folder


def test_figures_are_added_to_what_was_kept_or_replace_it(
    copied: Path, tmp_path: Path
) -> None:
    path = tmp_path / "assets.csv"
    path.write_text(
        "fund,index,as_of,assets_usd,source\n"
        "iwm,r2000,2026-04-30,80e9,desk\n"
        "Pension,R1000,2026-03-31,5e9,\n",
        "utf-8",
    )
    main = ["ingest", "assets", str(path), "--store", str(copied)]
    command_line.app(main, standalone_mode=False)
    path.write_text("fund,index,as_of,assets_usd\nIWM,R2000,2026-04-30,81e9\n", "utf-8")
    command_line.app(main, standalone_mode=False)
    kept = Store(copied).fund_assets(date(2026, 5, 20))
    assert kept[["fund", "index", "assets_usd", "source"]].to_numpy().tolist() == [
        ["IWM", "R2000", 81e9, "assets.csv"],
        ["PENSION", "R1000", 5e9, "assets.csv"],
    ]
    assert Store(copied).fund_assets(date(2026, 4, 29))["fund"].tolist() == ["PENSION"]
    command_line.app([*main, "--replace"], standalone_mode=False)
    assert Store(copied).fund_assets(date.max)["fund"].tolist() == ["IWM"]


def test_holdings_bring_the_funds_own_value_and_its_shares(tmp_path: Path) -> None:
    head = "Ticker,Name,Asset Class,Market Value,Weight (%),Quantity"
    lines = [f'"S{n}","Some Inc","Equity","1,000.50","0.10","{n}"' for n in range(1000)]
    path = tmp_path / "IWB.csv"
    top = 'iShares Russell 1000 ETF\nFund Holdings as of,"Apr 30, 2024"\n'
    path.write_text("\n".join([top + head, *lines]), "utf-8")
    cut = tmp_path / "cut.csv"
    top = 'iShares Russell 2000 ETF\nFund Holdings as of,"Apr 30, 2024"\n'
    cut.write_text("\n".join([top + head, *lines[:40]]), "utf-8")
    ingest.memberships(tmp_path / "store", [path, cut], ingest.Options())
    store = Store(tmp_path / "store")
    (value,) = store.fund_values(DAY).to_dict("records")
    assert (value["index"], value["assets_usd"]) == ("R1000", pytest.approx(1_000_500))
    held = store.fund_holdings(DAY, DAY).set_index("symbol")
    assert len(held) == 1_000 and held.loc["S7", "held_shares"] == 7.0
    assert np.isnan(held.loc["S0", "held_shares"])  # nothing of it is not known
    iwb = money.funds_on(store, DAY).set_index("fund").loc["IWB"]
    assert (iwb["origin"], iwb["age_days"]) == (money.LOADED, 0)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param({"fund": ""}, "row 1 names no fund", id="no fund"),
        pytest.param({"index": "R9000"}, "row 1 names no index of", id="no index"),
        pytest.param({"as_of": "soon"}, "row 1 has no day such as", id="no day"),
        pytest.param({"assets_usd": "-1"}, "row 1 has no assets", id="below zero"),
        pytest.param({"assets_usd": None}, "row 1 has no assets", id="no amount"),
    ],
)
def test_a_figure_that_cannot_be_read_is_refused_with_its_row(
    change: dict, words: str
) -> None:
    row = {"fund": "IWM", "index": "R2000", "as_of": "2026-04-30", "assets_usd": "1e9"}
    with pytest.raises(SourceUnreadable, match=words):
        read(pd.DataFrame([row | change]), "this page")
    with pytest.raises(SourceUnreadable, match="has no column fund"):
        read(pd.DataFrame({"index": ["R2000"]}), "this page")


def opened(folder: Path, monkeypatch: pytest.MonkeyPatch, **link: str) -> AppTest:
    monkeypatch.setenv("RECON_STORE", str(folder))
    monkeypatch.setenv("RECON_TODAY", TODAY)
    test = AppTest.from_file(ROOT / "app.py", default_timeout=120)
    test.switch_page("pages/trading/demand.py")
    for name, value in (link | {"as_of": EARLY}).items():
        test.query_params[name] = value
    test.run()
    assert not test.exception
    return test


EARLY = "2024-01-05"  # of the demo market, before anything costs time


def test_an_amount_of_the_link_is_recomputed_with_and_one_can_be_kept(
    copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = {"r2000": "1000", "window": "60", "move_addition": "true"}
    test = opened(copied, monkeypatch, **link)
    captions = " ".join(caption.value for caption in test.caption)
    assert "Not all of the link" not in captions
    assert "money given: R2000 $1.0tn" in captions.replace("\\", "")
    assert "Cause: + in" in captions
    assert "passive funds would buy" in test.markdown[1].value
    table_ = next(f.value for f in test.dataframe if "is_given" in f.value)
    row = table_.set_index("name").loc["R2000"]
    assert (row["base_usd"], row["is_given"]) == (pytest.approx(1000.0), "yes")
    test.text_input(key="kept_fund").set_value("MYFUND")
    test.number_input(key="kept_usd_bn").set_value(12.5)
    test.button(key="keep").click().run()
    assert not test.exception and not test.error
    kept = Store(copied).fund_assets(date.max).set_index("fund").loc["MYFUND"]
    assert (kept["index"], kept["assets_usd"]) == ("R1000", 12.5e9)


def test_the_command_writes_its_columns_and_says_what_it_rests_on(
    demo_store: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    path = tmp_path / "demand.csv"
    asked = ["demand", "--as-of", EARLY, "--store", str(demo_store)]
    written_ = ["--format", "csv", "-o", str(path)]
    command_line.app([*asked, *written_], standalone_mode=False)
    made = pd.read_csv(path)
    assert list(made)[:13] == [
        "symbol", "company", "move", "current_index", "projected_index",
        "demand_usd_low", "demand_usd", "demand_usd_high", "demand_shares",
        "adv_shares_20", "demand_days", "demand_float_frac", "legs",
    ]  # fmt: skip
    assert made["demand_usd"].sum() == pytest.approx(0, abs=1e6)
    assert made["symbol"].is_unique and made["demand_usd"].abs().is_monotonic_decreasing
    known_ = made.dropna(subset=["demand_days"])
    np.testing.assert_allclose(
        known_["demand_shares"] / known_["adv_shares_20"], known_["demand_days"]
    )
    assert "recon: The oldest figure of a fund is" in capsys.readouterr().err
    with pytest.raises(BadRequest, match="--assets is 'R9000=1'; expected an index"):
        command_line.app([*asked, "--assets", "R9000=1"], standalone_mode=False)
