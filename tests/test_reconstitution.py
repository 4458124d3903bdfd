"""The rules together: a small universe, time travel, seasons, and the real years."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from recon import ingest, record
from recon.indexes import HELD
from recon.reconstitution import (
    History,
    Projection,
    apply,
    break_points,
    gather,
    project,
    project_as_if,
    simulate,
    simulation,
)
from recon.reconstitution.companies import prepare
from recon.reconstitution.gathering import Season
from recon.rulebook import rulebook
from recon.rules import ranking
from recon.store import Store
from recon.studies import company as reasons
from tests.conftest import YEARS, needs_real_years, real_store
from tests.market import Options
from tests.universe import (
    RANK_DAY,
    RULES,
    UNIVERSE,
    Company,
    Tables,
    companies,
    crowd,
    holdings,
    missing_as_none,
)

QUIET = Options(wait_seconds=5.0)
BEFORE = [date(2024, 4, n) for n in (22, 23, 24, 25, 26, 29, 30)]
AFTER = [date(2024, 5, n) for n in (1, 2, 3)]
LISTED, RELISTED = date(2024, 4, 24), date(2024, 5, 2)


# ---- a dozen companies ------------------------------------------------------


def test_the_universe_of_a_dozen_goes_where_its_names_say() -> None:
    found = project(Tables(), RANK_DAY, RULES).securities.set_index("symbol")
    for company in UNIVERSE:
        row = found.loc[company.symbol]
        assert missing_as_none(row[["current_index", "projected_index"]]) == [
            company.now,
            company.then,
        ], company.name
        assert row["move"] == company.move, company.name
    assert missing_as_none(found["ineligible_reason"]) == [None] * 11 + [
        "close $0.5 below $1.00"
    ]
    held = found["is_held_by_band"].fillna(False).astype(bool)
    assert sorted(found.index[held]) == ["HELD", "KEPT"]


def test_a_member_without_a_market_cap_is_not_projected_to_leave() -> None:
    class Unpriced(Tables):
        def quotes(self, since: date, until: date) -> pd.DataFrame:
            quotes = super().quotes(since, until)
            place = [company.symbol for company in UNIVERSE].index("CALM") + 1
            hidden = quotes["security_id"].eq(place)
            caps = quotes["total_market_cap_usd"].mask(hidden)
            return quotes.assign(total_market_cap_usd=caps)

    found = project(Unpriced(), RANK_DAY, RULES).securities.set_index("symbol")
    row = found.loc["CALM"]
    assert (row["move"], row["projected_index"]) == ("stays", "R2000")
    assert pd.isna(row["rank"]) and pd.isna(row["ineligible_reason"])
    words = reasons.verdict(project(Unpriced(), RANK_DAY, RULES), row["security_id"])
    assert words == (
        "stays in the Russell 2000: no market cap is known, so that none can move it"
    )


class Changed(Tables):
    """The universe where one company's quote and texts differ, and its past closes."""

    def __init__(
        self,
        symbol: str,
        quote: dict[str, float] | None = None,
        closes: dict[str, float] | None = None,
    ) -> None:
        super().__init__()
        self.place = [company.symbol for company in UNIVERSE].index(symbol) + 1
        self.quote, self.closes = quote or {}, closes or {}

    def quotes(self, since: date, until: date) -> pd.DataFrame:
        quotes = super().quotes(since, until)
        own = quotes["security_id"].eq(self.place)
        other = {name: quotes[name].mask(own, v) for name, v in self.quote.items()}
        return quotes.assign(**other)

    def trailing(
        self, since: date, until: date, symbol_ids: Sequence[int]
    ) -> pd.DataFrame:
        days = pd.to_datetime(pd.Series(list(self.closes), dtype="str"))
        symbol_id = int(self.securities(since, until)["symbol_id"].iloc[self.place - 1])
        table = pd.DataFrame(
            {
                "snapshot_date": days.astype("datetime64[us]"),
                "symbol_id": symbol_id,
                "close_usd": list(self.closes.values()),
                "volume_shares": 1e6,
            }
        )
        known = days.dt.date.between(since, until).to_numpy(bool)
        return table[known & (symbol_id in set(symbol_ids))]


NO_CLOSE = {"close_usd": float("nan")}
YESTERDAY = {"2024-04-29": 35.0}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param(
            Changed("TINY", {"close_usd": 0.5}, {"2024-04-29": 1.5}),
            ("stays", "MICRO", None),
            id="a Microcap member below a dollar, above it on average",
        ),
        pytest.param(
            Changed("PAST", {"close_usd": 0.5}, {"2024-04-29": 1.5}),
            ("none", None, "close $0.5 below $1.00, 30-day average $1.5"),
            id="no member has no average",
        ),
        pytest.param(
            Changed("CALM", NO_CLOSE, YESTERDAY),
            ("stays", "R2000", None),
            id="a member that did not trade is judged by its last trade",
        ),
        pytest.param(
            Changed("CALM", NO_CLOSE, {"2024-04-29": 0.9}),
            ("deletion", None, "close $0.9 below $1.00, 30-day average $0.9"),
            id="a member whose last trade was below a dollar",
        ),
        pytest.param(
            Changed("CALM", NO_CLOSE, {"2024-03-31": 35.0}),
            ("stays", "R2000", None),
            id="a last trade 30 days before",
        ),
        pytest.param(
            Changed("CALM", NO_CLOSE, {"2024-03-30": 35.0}),
            ("deletion", None, "no close on the day"),
            id="a last trade 31 days before is too old",
        ),
        pytest.param(
            Changed("CALM", NO_CLOSE | {"total_market_cap_usd": None}, YESTERDAY),
            ("stays", "R2000", None),
            id="a member that did not trade and has no cap keeps its index",
        ),
        pytest.param(
            Changed("NEWS", NO_CLOSE, YESTERDAY),
            ("none", None, "no close on the day"),
            id="a newcomer that did not trade",
        ),
    ],
)
def test_the_price_of_members(
    facts: Changed, expected: tuple[str, str | None, str | None]
) -> None:
    table = project(facts, RANK_DAY, RULES).securities
    row = table[table["security_id"] == facts.place].iloc[0]
    found = row[["move", "projected_index", "ineligible_reason"]]
    assert tuple(missing_as_none(found)) == expected


def test_a_class_whose_pricing_vehicle_fails_names_its_failure() -> None:
    dozen = (
        Company("TWOA", "Two Inc. Class A", 5, 0.5, "R2000", None, "deletion"),
        Company("TWOB", "Two Inc. Class B", 4, 8, "R2000", None, "deletion"),
        *UNIVERSE,
    )

    class Traded(Tables):
        def trailing(
            self, since: date, until: date, symbol_ids: Sequence[int]
        ) -> pd.DataFrame:
            rows = {"snapshot_date": self.day, "symbol_id": [1, 2], "close_usd": 0.5}
            return pd.DataFrame(rows | {"volume_shares": [9.0, 1.0]})

    found = project(Traded(dozen), RANK_DAY, RULES).securities.set_index("symbol")
    shown = found.loc[["TWOA", "TWOB"], "ineligible_reason"]
    assert shown.tolist() == [
        "close $0.5 below $1.00",
        "its pricing vehicle TWOA: close $0.5 below $1.00",
    ]


def test_the_lines_of_the_dozen() -> None:
    lines = project(Tables(), RANK_DAY, RULES).break_points
    table = lines.drop(columns="snapshot_date").astype(float)
    billions = [c for c in table if c.endswith("_usd")]
    table[billions] /= 1e9
    nan = float("nan")
    expected = pd.DataFrame(
        [
            [2, 20, nan, nan, 100, 10],
            [4, 8, 4, 8, 100, 10],
            [8, 3, nan, nan, 100, 10],
            [10, 2.7, nan, nan, 100, 10],
        ],
        columns=table.columns,
        dtype=float,
    )
    pd.testing.assert_frame_equal(table, expected)


def test_what_if_there_were_no_band() -> None:
    """Replacing the rules changes the answer, and by the same code."""
    hard = tuple(replace(line, band_frac=0) for line in RULES.lines)
    found = project(Tables(), RANK_DAY, replace(RULES, lines=hard)).securities
    moves = found.set_index("symbol")["move"]
    assert moves[["HELD", "KEPT", "UP", "DOWN"]].tolist() == [
        "migration up",
        "migration down",
        "migration up",
        "migration down",
    ]


def test_what_if_a_dollar_were_not_asked_for() -> None:
    rules = replace(RULES, min_close_usd=0.1)
    found = project(Tables(), RANK_DAY, rules).securities.set_index("symbol")
    assert found.loc["CHEAP", ["projected_index", "move"]].tolist() == [
        "R2000",
        "addition",
    ]
    # one more above them: the last of the Russell 3000 falls past the hard cut
    assert found.loc["NEWS", "projected_index"] == "MICRO"


def test_what_if_the_rules_change_after_the_facts_were_gathered() -> None:
    """Facts gathered once answer under any bands: the same as gathered anew."""
    gathered = gather(Tables(), RANK_DAY, RULES)
    hard = tuple(replace(line, band_frac=0) for line in RULES.lines)
    rules = replace(RULES, lines=hard)
    found = apply(replace(gathered, rules=rules))
    expected = apply(gather(Tables(), RANK_DAY, rules))
    pd.testing.assert_frame_equal(found.companies, expected.companies)
    pd.testing.assert_frame_equal(found.break_points, expected.break_points)


def test_what_if_a_company_were_twice_as_large() -> None:
    gathered = gather(Tables(), RANK_DAY, RULES)
    companies = gathered.companies
    is_calm = companies["total_market_cap_usd"].eq(3.5e9)
    cap = companies["total_market_cap_usd"].mask(is_calm, 7e9)
    changed = ranking.arrange(companies.assign(total_market_cap_usd=cap))
    found = apply(replace(gathered, companies=changed)).companies
    calm = found[found["total_market_cap_usd"].eq(7e9)].iloc[0]
    assert (calm["rank"], calm["move"]) == (5, "stays")


def test_without_other_rules_those_of_the_day_apply() -> None:
    found = project(Tables(), RANK_DAY)
    assert found.rules == rulebook(RANK_DAY)
    assert found.event.name == "June 2024"
    assert (found.as_of, found.snapshot_date) == (RANK_DAY, RANK_DAY)


# ---- a store of a few sessions ----------------------------------------------


def listings(folder: Path, days: Sequence[date], every: Sequence[date]) -> None:
    """Ingest some days of the crowd; `every` day has its own turn."""
    table = crowd(every)
    path = folder.parent / f"{folder.name}-{days[0]}.parquet"
    table[table["date"].isin(pd.to_datetime(list(days)))].to_parquet(path, index=False)
    (taken,) = ingest.listings(folder, [path], QUIET)
    assert (taken.published_days, taken.quarantined) == (len(days), 0), taken.held_back


def lists(folder: Path, day: date, shift: int = 0) -> None:
    path = folder.parent / f"{folder.name}-lists-{day}.parquet"
    holdings(day, shift).to_parquet(path, index=False)
    ingest.memberships(folder, [path], QUIET)


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Store]:
    """One market known to its rank day, and the same with later days and lists."""
    folder = tmp_path_factory.mktemp("small")
    early, late, at_once = folder / "early", folder / "late", folder / "at_once"
    for home in (early, late):
        listings(home, BEFORE, BEFORE + AFTER)
        lists(home, LISTED)
    listings(late, AFTER, BEFORE + AFTER)
    lists(late, RELISTED, shift=25)
    lists(at_once, RELISTED, shift=25)
    lists(at_once, LISTED)
    listings(at_once, BEFORE + AFTER, BEFORE + AFTER)
    return {home.name: Store(home) for home in (early, late, at_once)}


IDS = ["company_id", "security_id", "symbol_id", "symbol_order", "at", "list_id"]


def shown(projection: Projection) -> dict[str, pd.DataFrame]:
    """Every table of a projection, with symbols in place of a store's numbers."""
    symbol = projection.securities.set_index("security_id")["symbol"]

    def plain(table: pd.DataFrame) -> pd.DataFrame:
        if "pricing_vehicle" in table:
            named = table["pricing_vehicle"].map(symbol)
            table = table.assign(pricing_vehicle=named)
        kept = table.drop(columns=IDS, errors="ignore")
        by = [name for name in ("symbol", "snapshot_date", "rank") if name in kept]
        return kept.sort_values(by, ignore_index=True)

    return {
        "companies": plain(projection.companies),
        "securities": plain(projection.securities),
        "break_points": plain(projection.break_points),
    }


def assert_same(left: Projection, right: Projection) -> None:
    assert left.snapshot_date == right.snapshot_date
    assert left.event == right.event
    assert left.membership.statement == right.membership.statement
    assert dict(left.membership.index_by_key) == dict(right.membership.index_by_key)
    ours, theirs = shown(left), shown(right)
    for name, table in ours.items():
        pd.testing.assert_frame_equal(table, theirs[name], obj=name)


@pytest.mark.slow
@pytest.mark.parametrize("later", ["late", "at_once"])
@pytest.mark.parametrize("day", [BEFORE[0], LISTED, RANK_DAY], ids=str)
def test_later_days_and_lists_change_nothing_projected_before(
    stores: dict[str, Store], later: str, day: date
) -> None:
    assert_same(project(stores["early"], day), project(stores[later], day))


@pytest.mark.slow
def test_later_days_and_lists_change_no_earlier_break_point(
    stores: dict[str, Store],
) -> None:
    before = break_points(stores["early"], BEFORE[0], BEFORE[-1])
    for name in ("late", "at_once"):
        again = break_points(stores[name], BEFORE[0], BEFORE[-1])
        pd.testing.assert_frame_equal(before, again)
        whole = break_points(stores[name], BEFORE[0], AFTER[-1])
        earlier = whole[whole["snapshot_date"] <= pd.Timestamp(BEFORE[-1])]
        pd.testing.assert_frame_equal(before, earlier)


@pytest.mark.slow
def test_the_small_market_is_one_in_which_something_can_go_wrong(
    stores: dict[str, Store],
) -> None:
    """Bands, moves, classes and a change of lists: else the tests above say little."""
    found = project(stores["late"], RANK_DAY)
    moves = found.companies["move"].value_counts()
    assert {"addition", "migration up", "migration down", "stays"} <= set(moves.index)
    assert found.companies["is_held_by_band"].any()
    assert found.break_points["break_point_usd"].notna().sum() == 6
    reasons = found.securities.set_index("symbol")["ineligible_reason"]
    assert missing_as_none(reasons[["PAIR.A", "PAIR.B", "PAPR", "FNDS", "ABRD"]]) == [
        None,
        "extra share class with too little traded",
        "preferred share",
        "closed-end fund",
        "based in Ireland",
    ]
    assert reasons[["PENY", "CHEP"]].str.match(r"close \$0\.\d+ below .* average").all()
    assert pd.isna(reasons["MABR"])
    assert "LEAK.B" not in reasons.index
    after = project_as_if(stores["late"], AFTER[-1]).membership
    assert after.statement != found.membership.statement


@pytest.mark.slow
def test_a_class_absent_on_the_day_leaves_its_company_to_the_other(
    stores: dict[str, Store],
) -> None:
    """Two classes, per-class caps: 3.3 and 2 billion, then 3.3 alone."""

    def company(day: date) -> tuple[str, float]:
        found = project(stores["late"], day).companies
        row = found[found["company"].eq("Leaky Classes Inc.")].iloc[0]
        return row["symbol"], row["total_market_cap_usd"] / row["close_usd"]

    assert company(BEFORE[0])[1] == pytest.approx(5e8)
    assert company(RANK_DAY) == ("LEAK.A", pytest.approx(3e8))


def day_by_day(store: Store, days: Sequence[date]) -> pd.DataFrame:
    tables = [project_as_if(store, day).break_points for day in days]
    return pd.concat(tables, ignore_index=True)


def season_of(store: Store, since: date, until: date) -> pd.DataFrame:
    """Lines of a season; what a day alone cannot know, the return, left out."""
    return break_points(store, since, until).drop(columns="market_return_frac")


@pytest.mark.slow
def test_a_season_of_break_points_is_that_of_every_day_projected(
    stores: dict[str, Store],
) -> None:
    days = BEFORE + AFTER
    season = season_of(stores["late"], days[0], days[-1])
    pd.testing.assert_frame_equal(season, day_by_day(stores["late"], days))


@pytest.mark.slow
def test_many_days_at_once_are_projected_as_each_day_is(
    stores: dict[str, Store],
) -> None:
    """Indexes, moves and distances of all days in one call, day by day the same."""
    store, days = stores["late"], BEFORE + AFTER
    span = (days[0], days[-1])
    season = Season(History(store), *span, prepare(store.securities(*span)))
    found = apply(season.gather(days[0], days[-1]))
    symbol = store.securities(days[0], days[-1]).set_index("security_id")["symbol"]
    for day in days:
        expected = apply(gather(store, day)).companies
        rows = found.companies[found.companies["snapshot_date"] == pd.Timestamp(day)]
        assert rows["pricing_vehicle"].map(symbol).tolist() == (
            expected["pricing_vehicle"].map(symbol).tolist()
        )
        pd.testing.assert_frame_equal(
            rows.drop(columns=IDS, errors="ignore").reset_index(drop=True),
            expected.drop(columns=IDS, errors="ignore"),
        )


def test_a_day_is_the_same_with_what_was_kept_of_other_days(
    stores: dict[str, Store],
) -> None:
    history = History(stores["late"])
    for day in (AFTER[-1], BEFORE[0], RANK_DAY):
        kept = project(stores["late"], day, history=history)
        assert_same(kept, project(stores["late"], day))


# ---- simulated days ---------------------------------------------------------


class Moved(Tables):
    """The dozen, with other market caps."""

    def __init__(self, caps_usd: np.ndarray) -> None:
        super().__init__(
            [
                replace(c, cap_bn=cap / 1e9)
                for c, cap in zip(UNIVERSE, caps_usd, strict=True)
            ]
        )


def test_a_simulated_day_is_what_the_rules_make_of_such_a_day() -> None:
    symbols = [company.symbol for company in UNIVERSE]
    cap = np.array([company.cap_bn * 1e9 for company in UNIVERSE])
    moved = np.random.default_rng(3).normal(0, 0.4, (40, len(cap)))
    caps = cap * np.exp(moved)
    caps[0], caps[1, 3] = cap, caps[1, 4]  # one day as it was, one of equal caps
    table = pd.DataFrame(
        {
            "symbol_order": pd.Series(symbols).rank(method="dense").astype(int),
            "current_index": pd.Series([c.now for c in UNIVERSE], dtype="str"),
        }
    )
    is_eligible = np.array([company.close_usd >= 1 for company in UNIVERSE])
    found = simulate(table, caps, RULES, is_eligible=is_eligible)
    for draw in range(len(caps)):
        expected = project(Moved(caps[draw]), RANK_DAY, RULES)
        day = expected.securities.set_index("symbol").loc[symbols]
        index = [
            None if code < 0 else HELD[code] for code in found.projected_index[draw]
        ]
        assert index == missing_as_none(day["projected_index"])
        assert found.rank[draw].tolist() == day["rank"].fillna(0).tolist()
        lines = found.break_points[found.break_points["draw"] == draw]
        pd.testing.assert_frame_equal(
            lines.drop(columns="draw").reset_index(drop=True),
            expected.break_points.drop(columns="snapshot_date"),
        )


def test_draws_a_few_at_a_time_are_those_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table = companies([9, 8, 7, 6, 5, 4], current=[None, "R2000", "R1000"] * 2)
    caps = np.random.default_rng(5).uniform(1, 9, (9, 6))
    caps[2, 1] = np.nan  # not listed in that draw
    eligible = np.random.default_rng(6).uniform(size=(9, 6)) > 0.2
    at_once = simulate(table, caps, RULES, is_eligible=eligible, unseen_count=1)
    monkeypatch.setattr(simulation, "CHUNK_ROWS", 12)
    found = simulate(table, caps, RULES, is_eligible=eligible, unseen_count=1)
    assert (found.rank == at_once.rank).all()
    assert (found.projected_index == at_once.projected_index).all()
    pd.testing.assert_frame_equal(found.break_points, at_once.break_points)
    assert found.rank[2, 1] == 0 and not found.rank[~eligible].any()


# ---- a store of a few sessions, drawn when it was made ----------------------


def test_the_stored_break_points_are_those_of_the_rules(
    stores: dict[str, Store],
) -> None:
    days = BEFORE + AFTER
    for name in ("late", "at_once"):
        stored = stores[name].break_points(days[0], days[-1])
        drawn = break_points(stores[name], days[0], days[-1])
        pd.testing.assert_frame_equal(
            stored.sort_values(["snapshot_date", "rank"], ignore_index=True)[
                list(drawn)
            ],
            drawn,
            check_dtype=False,
        )


@pytest.mark.slow
@pytest.mark.parametrize(
    "listed",
    [
        pytest.param(date(2022, 6, 30), id="lists of the era before the last"),
        pytest.param(date(2019, 12, 31), id="lists many eras old"),
    ],
)
def test_a_season_with_stale_lists_is_that_of_every_day_projected(
    tmp_path: Path, listed: date
) -> None:
    folder = tmp_path / "stale"
    lists(folder, listed)
    listings(folder, BEFORE[:2], BEFORE)
    store = Store(folder)
    season = season_of(store, BEFORE[0], BEFORE[1])
    pd.testing.assert_frame_equal(season, day_by_day(store, BEFORE[:2]))


def test_without_lists_nobody_is_a_member_and_all_go_by_rank(tmp_path: Path) -> None:
    listings(tmp_path / "bare", BEFORE[:1], BEFORE)
    found = project(Store(tmp_path / "bare"), BEFORE[0])
    assert found.companies["current_index"].isna().all()
    assert not found.companies["is_held_by_band"].any()
    large = found.companies["projected_index"].eq("R1000")
    assert found.companies.loc[large, "rank"].tolist() == list(range(1, 1001))


# ---- the real years ---------------------------------------------------------


@needs_real_years
@pytest.mark.parametrize(
    "rank_day",
    [date(2021, 5, 7), date(2022, 5, 6), date(2023, 4, 28), date(2024, 4, 30)],
    ids=str,
)
def test_break_points_of_real_rank_days_are_within_3_percent_of_the_official(
    real_years: Store, rank_day: date
) -> None:
    official = record.official_break_points()
    printed = official.loc[
        official["rank_day"] == pd.Timestamp(rank_day), "break_point_usd"
    ].item()
    found = project(real_years, rank_day)
    lines = found.break_points.set_index("rank")
    assert lines.at[1000, "break_point_usd"] == pytest.approx(printed, rel=0.03)
    assert found.membership.as_of <= rank_day


@needs_real_years
def test_no_list_that_arrives_makes_a_real_line_leap(real_years: Store) -> None:
    """What lists tell of a few names moves a line by less than a market does."""
    lines = real_years.break_points(date(2021, 1, 1), date(2024, 12, 31))
    by_rank = lines.pivot(
        index="snapshot_date", columns="rank", values="break_point_usd"
    )
    moved = np.log(by_rank).diff()
    apart = moved[1000].sub(moved[200]).abs()
    assert apart.count() > 900
    assert apart.max() < 0.04, apart.nlargest(3).to_string()


@needs_real_years
def test_stored_break_points_of_real_rank_days_are_those_projected(
    real_years: Store,
) -> None:
    for rank_day in (date(2022, 5, 6), date(2024, 4, 30)):
        stored = real_years.break_points(rank_day, rank_day).set_index("rank")
        drawn = project(real_years, rank_day).break_points.set_index("rank")
        pd.testing.assert_series_equal(
            stored["break_point_usd"].sort_index(),
            drawn["break_point_usd"].sort_index(),
            check_index_type=False,
        )


@pytest.mark.long
@needs_real_years
def test_a_store_of_2021_alone_projects_its_rank_day_as_the_four_years_do(
    real_years: Store, tmp_path: Path
) -> None:
    alone = real_store(tmp_path / "alone", YEARS[:1])
    day = date(2021, 5, 7)
    assert_same(project(alone, day), project(real_years, day))


@needs_real_years
def test_real_weeks_of_break_points_are_those_of_every_day_projected(
    real_years: Store,
) -> None:
    since, until = date(2023, 6, 20), date(2023, 6, 27)  # funds trade on the 23rd
    season = season_of(real_years, since, until)
    days = sorted({stamp.date() for stamp in season["snapshot_date"]})
    assert len(days) >= 4
    pd.testing.assert_frame_equal(season, day_by_day(real_years, days))
