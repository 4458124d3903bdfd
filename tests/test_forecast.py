"""Odds: what moves are drawn from, what errs, and what the rules make of the draws."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from recon import __main__ as command_line
from recon import schedule
from recon.commands import forecast as commands
from recon.errors import BadRequest, SnapshotMissing
from recon.reconstitution import project_as_if
from recon.rulebook import HEURISTICS
from recon.store import Store
from recon.store.kept import Kept
from recon.store.writer import open_writer
from recon.studies import forecast as study
from recon.studies import what_if
from recon.studies.forecast import (
    calibration,
    data_errors,
    frozen,
    keeping,
    moves,
    past,
)
from recon.studies.forecast.tally import QUANTILES
from recon.studies.what_if import WhatIf
from tests import market
from tests.universe import RANK_DAY, RULES, UNIVERSE, Company, Tables

NUMBERS = HEURISTICS.forecasting
EXACT = replace(
    RULES,
    heuristics=replace(HEURISTICS, forecasting=data_errors.without(NUMBERS)),
)
SESSIONS = 80


class Season(Tables):
    """The dozen on eighty sessions to the rank day, or on some more."""

    def __init__(
        self,
        later: int = 0,
        dozen: Sequence[Company] = UNIVERSE,
        sessions: int = SESSIONS,
    ) -> None:
        super().__init__(dozen)
        every = schedule.sessions()
        end = int(every.searchsorted(self.day)) + 1
        self.days = every[end - sessions : end + later]

    def day_on_or_before(self, as_of: date) -> date:
        return self.days[self.days <= pd.Timestamp(as_of)][-1].date()

    def published_days(self) -> pd.DatetimeIndex:
        return self.days

    def quotes(self, since: date, until: date) -> pd.DataFrame:
        inside = self.days[
            (self.days >= pd.Timestamp(since)) & (self.days <= pd.Timestamp(until))
        ]
        one = super().quotes(RANK_DAY, RANK_DAY)
        return pd.concat([one.assign(snapshot_date=day) for day in inside])

    def priced_on(self, days: Sequence[date]) -> pd.DataFrame:
        return self.quotes(min(days), max(days))[["snapshot_date", "security_id"]]

    def price_changes(
        self, since: date, until: date, symbol_ids: np.ndarray
    ) -> pd.DataFrame:
        quotes = self.quotes(since, until)
        place = quotes["snapshot_date"].map({d: n for n, d in enumerate(self.days)})
        number = quotes["security_id"].to_numpy()
        change = 0.03 * np.sin(place.to_numpy() * (1 + number % 5) + number)
        table = quotes.assign(symbol_id=number, close_change_frac=change)
        return table[table["symbol_id"].isin(symbol_ids)]


@pytest.fixture(scope="module")
def drawn() -> study.Forecast:
    """Odds of a rank day twenty sessions after the season's last one."""
    return study.forecast(
        Season(), RANK_DAY, date(2024, 5, 29), draws=300, seed=7, rules=RULES
    )


# ---- the past ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("closes", "changes", "volumes", "reason"),
    [
        pytest.param(
            [10, np.nan, 11], [np.nan, np.nan], [1, 1], past.NOT_GIVEN, id="missing"
        ),
        pytest.param([10, 11, 11], [0.1, 0.0], [1, 0], past.STALE, id="not traded"),
        pytest.param([10, 10, 10], [0.0, 0.9], [1, 1], past.ABSURD, id="no witness"),
        pytest.param([10, 20, 10], [1.0, -0.5], [1, 1], past.SLIP, id="undone at once"),
    ],
)
def test_a_faulty_return_is_set_aside_with_its_reason(
    closes: list, changes: list, volumes: list, reason: str
) -> None:
    def column(values: list) -> np.ndarray:
        return np.array(values, dtype=float)[:, None]

    grids = {
        "close_usd": column(closes),
        "total_market_cap_usd": column(closes) * 100,
        "volume_shares": column([1, *volumes]),
        "close_change_frac": column([np.nan, *changes]),
    }
    returns, counts, set_aside = past._moves(grids, RULES)
    # a slip is two returns; a return needs both of its closes
    left_out = 1 if reason in (past.STALE, past.ABSURD) else 2
    counted = 2 if reason == past.SLIP else 1
    assert {why: n for why, n in set_aside.items() if n} == {reason: counted}
    assert np.isnan(returns).sum() == left_out
    assert np.allclose(counts, 0)


def test_without_a_change_given_a_return_is_close_to_close() -> None:
    grids = {
        "close_usd": np.array([[10.0], [11.0], [5.5]]),
        "total_market_cap_usd": np.array([[1e9], [1.1e9], [1.1e9]]),
        "volume_shares": np.ones((3, 1)),
        "close_change_frac": np.full((3, 1), np.nan),
    }
    returns, _, set_aside = past._moves(grids, RULES)  # 2:1 on the last session
    assert np.exp(returns.ravel()).tolist() == pytest.approx([1.1, 1.0])
    assert not any(set_aside.values())


def test_a_split_is_no_fault_and_an_issue_changes_the_share_count() -> None:
    grids = {
        "close_usd": np.array([[100.0], [50.0], [50.0]]),
        "total_market_cap_usd": np.array([[1e9], [1e9], [1.2e9]]),
        "volume_shares": np.ones((3, 1)),
        "close_change_frac": np.array([[np.nan], [0.0], [0.0]]),
    }
    returns, counts, set_aside = past._moves(grids, RULES)
    assert returns.tolist() == [[0.0], [0.0]] and not any(set_aside.values())
    assert counts.ravel().tolist() == pytest.approx([0.0, np.log(1.2)])


def test_too_short_a_past_says_how_long_it_must_be() -> None:
    with pytest.raises(SnapshotMissing, match="need 61 sessions .* holds 30 up to"):
        study.forecast(Season(sessions=30), RANK_DAY, draws=1, rules=RULES)


# ---- moves ------------------------------------------------------------------


def test_blocks_take_as_many_sessions_as_the_horizon_has() -> None:
    rng = np.random.default_rng(1)
    picked = moves._blocks(rng, draws=50, sessions=9, horizon=7, block=3)
    assert picked.shape == (50, 9) and (picked.sum(axis=1) == 7).all()
    first = np.flatnonzero(moves._blocks(rng, 1, 9, 3, 3)[0])
    assert sorted((first - first[0]) % 9) in ([0, 1, 2], [0, 1, 8], [0, 7, 8])


def test_what_moved_together_moves_together_again() -> None:
    """Two companies with the same past have the same draws, a third has its own."""
    rng = np.random.default_rng(3)
    one, other = rng.normal(0, 0.02, (2, 120, 1))
    returns = np.hstack([one, one, other])
    table = past.Past(
        sessions=schedule.sessions()[:120],
        log_returns=returns,
        log_counts=np.zeros_like(returns),
        first_row=np.zeros(3, int),
        set_aside={},
        former_keys=frozenset(),
    )
    found = moves.fit(table, pd.Series(["A", "A", "A"]), np.zeros(3, int), NUMBERS)
    log, counts = found.over(20).draw(np.random.default_rng(1), 400)
    assert np.allclose(log[:, 0], log[:, 1]) and not counts.any()
    assert np.corrcoef(log[:, 0], log[:, 2])[0, 1] < 0.9
    # twenty sessions of 2 % each, no drift: E exp(x) = 1
    assert log[:, 2].std() == pytest.approx(0.02 * np.sqrt(20), rel=0.25)
    assert np.exp(log[:, 2]).mean() == pytest.approx(1, abs=0.03)


# ---- odds -------------------------------------------------------------------


def test_the_odds_of_a_company_add_up_to_one(drawn: study.Forecast) -> None:
    table = drawn.companies
    whole = table[["p_r1000", "p_r2000", "p_micro", "p_out", "p_gone"]].sum(axis=1)
    assert whole.tolist() == pytest.approx([1] * len(table))
    parts = table[["p_up", "p_down", "p_addition", "p_deletion"]].sum(axis=1)
    assert parts.tolist() == pytest.approx(table["p_move"].tolist())
    assert drawn.horizon_sessions == 20 and drawn.draws == 300


def test_without_moves_and_errors_the_odds_are_the_projection() -> None:
    found = study.forecast(Season(), RANK_DAY, RANK_DAY, draws=3, rules=EXACT)
    table = found.companies.set_index("symbol")
    projected = project_as_if(Season(), RANK_DAY, EXACT).companies.set_index("symbol")
    for symbol, row in projected.iterrows():
        odds = {"R1000": "p_r1000", "R2000": "p_r2000", "MICRO": "p_micro"}
        assert table.loc[symbol, odds.get(row["projected_index"], "p_out")] == 1
    lines = found.lines[found.lines["figure"] == "break_point_usd"]
    per_line = lines.groupby("rank")["usd"].nunique()
    assert (per_line == 1).all() and set(lines["quantile"]) == set(QUANTILES)


def test_the_same_seed_gives_the_same_odds_and_another_one_others(
    drawn: study.Forecast,
) -> None:
    again, other = (
        study.forecast(
            Season(), RANK_DAY, date(2024, 5, 29), draws=300, seed=seed, rules=RULES
        )
        for seed in (7, 8)
    )
    pd.testing.assert_frame_equal(again.companies, drawn.companies)
    pd.testing.assert_frame_equal(again.lines, drawn.lines)
    assert not other.companies["p_move"].equals(drawn.companies["p_move"])


def test_later_days_change_no_odds(drawn: study.Forecast) -> None:
    later = study.forecast(
        Season(later=15), RANK_DAY, date(2024, 5, 29), draws=300, seed=7, rules=RULES
    )
    pd.testing.assert_frame_equal(later.companies, drawn.companies)
    pd.testing.assert_frame_equal(later.counts, drawn.counts)


def test_the_close_that_turns_the_odds_moves_a_company_to_its_line() -> None:
    found = study.forecast(Season(), RANK_DAY, RANK_DAY, draws=3, rules=EXACT)
    table = found.companies.set_index("symbol")
    # UP, at $12bn and $40, is a member of the small index: the band's upper edge is
    # the largest company inside the band, HELD at $8bn
    assert table.loc["UP", "crossed_line"] == "R1000 upper edge"
    assert table.loc["UP", "flip_close_usd"] == pytest.approx(40 * 8 / 12)


@pytest.mark.parametrize(
    ("rank_day", "words"),
    [
        pytest.param(
            date(2024, 4, 26), "next ones are 2024-04-30 and 2025-04-30", id="past"
        ),
        pytest.param(
            date(2024, 5, 27), "nearest are 2024-05-24 and 2024-05-28", id="holiday"
        ),
    ],
)
def test_a_rank_day_that_cannot_be_is_refused_with_the_nearest(
    rank_day: date, words: str
) -> None:
    with pytest.raises(BadRequest, match=words):
        study.starts(Season(), RANK_DAY, rank_day)


def test_a_fan_begins_at_the_line_and_opens() -> None:
    model = study.prepare(Season(), RANK_DAY, RULES)
    whole = study.forecast_of(model, date(2024, 6, 28), draws=200, seed=1)
    fan = study.fan(model, whole)
    own = fan[(fan["rank"] == 4) & (fan["figure"] == "break_point_usd")]
    spread = own.pivot(index="day", columns="quantile", values="usd")
    width = spread[0.90] - spread[0.10]
    assert len(spread) == study.FAN_STEPS + 2
    assert width.iloc[0] == 0 and (width.iloc[1:] > 0).all()


# ---- what our data get wrong ------------------------------------------------


def test_what_is_known_of_a_company_decides_how_likely_it_is_let_in() -> None:
    table = pd.DataFrame(
        {
            "failed_screen": ["", "", "", "", "country", "structure"],
            "ipo_year": [1990, 1990, 2023, np.nan, 1990, 1990],
            "current_index": ["R2000", None, None, None, None, None],
        }
    )
    is_large = np.array([True, True, False, False, True, True])
    found = data_errors.kinds(table, is_large, 2024)
    assert found.tolist() == [
        "member",
        "large newcomer",
        "recently public",
        "newcomer",
        "country",
        "",
    ]
    assert data_errors.let_in_frac(found[:1], NUMBERS).tolist() == [0.995]


def rank_day(far_off: float) -> data_errors.RankDay:
    """Members round a line of $1bn; one `far_off` (a fraction) under it stays in."""
    cap = np.array([2.0, 1.5, 1.2, 1.1, 1.05, 0.95, 0.9, 0.8, 1 - far_off])
    came = ["R2000"] * 5 + [""] * 3 + ["R2000"]
    table = pd.DataFrame(
        {
            "kind": "member",
            "current_index": "R2000",
            "total_market_cap_usd": cap * 1e9,
            "came": came,
        }
    )
    return data_errors.RankDay(
        companies=table, large_edges_usd=(5e9, 9e9), broad_line_usd=1e9
    )


def test_errors_of_caps_are_as_wide_as_past_outcomes_ask_for() -> None:
    near, far = (data_errors.fitted([rank_day(off)], NUMBERS) for off in (0.02, 0.4))
    assert far.small_cap_errors[1:] > near.small_cap_errors[1:]
    # two members stood clearly above the line and stayed: three of four, smoothed
    assert dict(near.let_in_fracs)["member"] == 0.75
    assert dict(near.let_in_fracs)["country"] == 0.5  # nothing is known of it


# ---- calibration ------------------------------------------------------------


def test_a_brier_score_and_its_parts_by_hand() -> None:
    """Four certain ones of which one is wrong, and four halves of which two came."""
    pairs = pd.DataFrame(
        {"method": "odds", "p": [1.0, 0.5], "count": [4, 4], "came": [3, 2]}
    )
    (row,) = calibration.scores(pairs, ["method"]).to_dict("records")
    # 5 of 8 came: uncertainty 15/64; rates 3/4 and 1/2 are 1/8 from it
    assert row == {
        "method": "odds",
        "pairs": 8,
        "brier": pytest.approx((1 + 4 * 0.25) / 8),
        "reliability": pytest.approx(0.5 * 0.25**2),
        "resolution": pytest.approx(1 / 64),
        "uncertainty": pytest.approx(15 / 64),
    }


def test_an_interval_holds_what_falls_between_its_edges() -> None:
    inside = pd.DataFrame({"method": "odds", "place_frac": [0.02, 0.2, 0.5, 0.95]})
    (row,) = calibration.coverage(inside, ["method"]).to_dict("records")
    assert row == {
        "method": "odds",
        "inside_50": 0.25,
        "inside_80": 0.5,
        "inside_95": 0.75,
        "cases": 4,
    }


def test_a_month_end_counts_where_nothing_of_membership_turns() -> None:
    days = schedule.sessions_in(date(2024, 1, 2), date(2024, 7, 31))
    found = calibration.cases(days, 5, listed=[date(2024, 3, 25)])
    seen = {(c.kind, str(c.rank_day), c.horizon_sessions) for c in found}
    assert ("event", "2024-04-30", 0) in seen
    assert ("month end", "2024-04-30", 0) not in seen
    assert ("month end", "2024-03-28", 1) in seen
    assert ("month end", "2024-03-28", 5) not in seen  # the list of 25 March
    # implemented on 28 June; July's end is cut short by the sessions known
    assert ("month end", "2024-06-28", 1) in seen
    assert not any(c.rank_day.month == 7 for c in found)


# ---- on record --------------------------------------------------------------


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with three forecasts on record."""
    folder = tmp_path_factory.mktemp("record")
    before = frozen.FIRST
    with open_writer(folder, "real") as writer:
        for number in (1, 2, 3):
            entry = {
                "entry_id": number,
                "frozen_at": pd.Timestamp(2024, 4, number).to_pydatetime(),
                "as_of": date(2024, 4, number),
                "rank_day": RANK_DAY,
                "program_version": "0.1.0",
                "data_fingerprint": "f",
                "content": CONTENT,
                "previous_hash": before,
            }
            before = frozen.hash_of(entry)
            writer.publish_forecast({**entry, "hash": before})
    return folder


CONTENT = (
    '{"columns":["symbol","current_index","projected_index","p_r1000","p_r2000",'
    '"p_micro","p_out","p_gone"],"odds":[["A","R2000","R1000",0.6,0.4,0,0,0],'
    '["B","R1000","R1000",0.4,0.4,0,0,0.2],["C","","R2000",0,0.5,0,0.5,0]]}'
)


def test_forecasts_on_record_are_told_from_changed_ones(record: Path) -> None:
    entries = Store(record).forecasts()
    assert frozen.verified(entries)["verdict"].tolist() == ["unchanged"] * 3
    changed = entries.copy()
    changed.loc[1, "content"] = CONTENT.replace("0.6", "0.9")
    assert frozen.verified(changed)["verdict"].tolist() == [
        "unchanged",
        "changed since it was frozen",
        "unchanged",
    ]
    gone = frozen.verified(entries.drop(index=1))["verdict"].tolist()
    assert gone[0] == "unchanged"
    assert "the one before it was changed or taken away" in gone[1]


def test_a_forecast_on_record_is_scored_by_what_came(record: Path) -> None:
    entries = Store(record).forecasts().head(1)
    came = pd.Series({"A": "R2000", "B": "R1000"})  # C is not counted
    (row,) = frozen.scored(entries, lambda day: came).to_dict("records")
    # A: 0.6 and 0.4 for 0 and 1; B, if listed: 0.5 and 0.5 for 1 and 0
    assert row["names"] == 2
    assert row["brier"] == pytest.approx((0.36 + 0.36 + 0.25 + 0.25) / 4)
    assert row["list_brier"] == pytest.approx((1 + 1 + 0 + 0) / 4)
    (open_,) = frozen.scored(entries, lambda day: None).to_dict("records")
    assert open_["names"] == 0 and np.isnan(open_["brier"])


# ---- what if ----------------------------------------------------------------


def compared(supposed: WhatIf) -> what_if.Compared:
    return what_if.compare(Tables(), RANK_DAY, supposed, rules=RULES)


def moved(supposed: WhatIf) -> dict[str, tuple[str, str]]:
    table = compared(supposed).changes
    both = zip(table["base_index"], table["what_if_index"], strict=True)
    return dict(zip(table["symbol"], both, strict=True))


def test_nothing_supposed_changes_nothing() -> None:
    found = compared(WhatIf())
    assert WhatIf().is_base and found.changes.empty
    assert (found.lines["change_frac"].dropna() == 0).all()


@pytest.mark.parametrize(
    ("supposed", "changes"),
    [
        pytest.param(WhatIf(market_frac=-0.2), {}, id="all fall alike"),
        pytest.param(
            WhatIf(symbol="held", symbol_frac=0.5),
            {"HELD": ("R2000", "R1000"), "UP": ("R1000", "R2000")},
            id="a member of the small index rises above the band",
        ),
        pytest.param(
            WhatIf(symbol="HELD", issued_frac=0.5),
            {"HELD": ("R2000", "R1000"), "UP": ("R1000", "R2000")},
            id="an issue at the same price",
        ),
        pytest.param(
            WhatIf(taken_over="NEWS"),
            {
                "NEWS": ("R2000", ""),
                "FELL": ("MICRO", "R2000"),
                "PAST": ("", "MICRO"),
            },
            id="a takeover lets the next one stay",
        ),
        pytest.param(
            WhatIf(min_close_usd=0.4),
            {
                "CHEAP": ("", "R2000"),
                "KEPT": ("R1000", "R2000"),  # the band reaches less far down
                "NEWS": ("R2000", "MICRO"),
                "TINY": ("MICRO", ""),
            },
            id="a lower lowest close lets a newcomer in",
        ),
        pytest.param(
            WhatIf(band_frac=0.0),
            {"HELD": ("R2000", "R1000"), "KEPT": ("R1000", "R2000")},
            id="without a band rank decides",
        ),
    ],
)
def test_what_is_supposed_goes_through_the_same_rules(
    supposed: WhatIf, changes: dict[str, tuple[str, str]]
) -> None:
    assert moved(supposed) == changes


@pytest.mark.parametrize(
    ("supposed", "words"),
    [
        pytest.param(WhatIf(taken_over="NONE"), "answers to “NONE”", id="no ticker"),
        pytest.param(WhatIf(market_frac=-1.0), "leaves nothing", id="to nothing"),
        pytest.param(WhatIf(band_frac=0.7), "cannot be drawn", id="too wide a band"),
        pytest.param(
            WhatIf(sector="Nothing", sector_frac=0.1), "sector 'Nothing'", id="sector"
        ),
    ],
)
def test_what_cannot_be_supposed_is_refused(supposed: WhatIf, words: str) -> None:
    with pytest.raises(BadRequest, match=words):
        compared(supposed)


# ---- on the command line ----------------------------------------------------


def said(*words: str) -> None:
    command_line.app([*words], standalone_mode=False)


def test_a_forecast_is_made_frozen_and_checked_on_the_command_line(
    demo_store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = tmp_path / "store"
    shutil.copytree(demo_store, store)
    asked = ("--as-of", "2026-10-01", "--store", str(store))
    table, lines = tmp_path / "odds.csv", tmp_path / "lines.csv"
    said("forecast", *asked, "--draws", "20", "--format", "csv", "-o", str(table))
    odds = pd.read_csv(table)
    assert list(odds.columns) == commands.ODDS_COLUMNS
    assert (
        set(odds["rank_day"]) == {"2026-10-30"} and odds["p_move"].between(0, 1).all()
    )
    said(
        "forecast",
        *asked,
        "--draws",
        "20",
        "--lines",
        "--format",
        "csv",
        "-o",
        str(lines),
    )
    assert list(pd.read_csv(lines)["quantile"].unique()) == list(QUANTILES)
    said("freeze", *asked, "--draws", "20")
    assert "for the rank day of 2026-10-30 is on record" in capsys.readouterr().out
    said("freeze", "--verify", "--store", str(store), "--format", "csv")
    assert capsys.readouterr().out.strip().endswith("unchanged")


def test_odds_are_worked_out_once_and_tell_how_they_have_moved(
    drawn: study.Forecast, record: Path
) -> None:
    kept_in, days = Kept(Store(record)), [date(2024, 4, 3), date(2024, 4, 10), RANK_DAY]
    made: list[date] = []

    def odds_on(day: date) -> study.Forecast:
        def make() -> study.Forecast:
            made.append(day)
            return replace(drawn, snapshot_date=day, rank_day=RANK_DAY)

        return keeping.odds(kept_in, day, RANK_DAY, make)

    for day in (*days, *days):
        found = odds_on(day)
        assert (found.snapshot_date, found.seed) == (day, drawn.seed)
        assert found.set_aside == drawn.set_aside
        for name in ("companies", "lines", "counts"):
            own, kept = getattr(drawn, name), getattr(found, name)
            own, kept = own.astype(object), kept.astype(object)
            own = own.where(own.notna(), None)
            pd.testing.assert_frame_equal(kept.where(kept.notna(), None), own)
    assert made == days
    symbol = drawn.companies["symbol"].iloc[0]
    assert keeping.sessions_kept(kept_in, RANK_DAY) == tuple(days)
    path = keeping.past_odds(kept_in, RANK_DAY, days[:2])
    path = path[path["symbol"] == symbol]
    assert path["as_of"].dt.date.tolist() == days[:2]
    assert path["p_r1000"].tolist() == [drawn.companies["p_r1000"].iloc[0]] * 2
    assert keeping.sessions_kept(kept_in, date(2025, 4, 30)) == ()
    assert keeping.past_odds(kept_in, RANK_DAY, [date(2024, 4, 4)]).empty


def test_what_is_known_by_a_session_decides_whether_its_odds_are_kept(
    drawn: study.Forecast, tmp_path: Path
) -> None:
    folder, sessions = tmp_path / "store", market.sessions(3)
    market.take(folder, market.calm(sessions[:2]))
    keeping.odds(Kept(Store(folder)), sessions[1], RANK_DAY, lambda: drawn)
    market.take(folder, market.calm(sessions[2:]))  # a later day leaves them
    later, grown = replace(drawn, seed=99), Kept(Store(folder))
    kept = keeping.odds(grown, sessions[1], RANK_DAY, lambda: later)
    assert kept.seed == drawn.seed
    newest = keeping.odds(grown, sessions[2], RANK_DAY, lambda: later)
    assert newest.seed == 99


def test_a_calibration_kept_in_a_store_is_read_back(record: Path) -> None:
    pairs = pd.DataFrame(
        {
            "method": ["odds"],
            "p": [0.25],
            "count": [4],
            "came": [1],
            "kind": ["event"],
            "rank_day": pd.to_datetime(["2024-04-30"]),
            "horizon_sessions": [5],
        }
    )
    inside = pairs[["method", "kind", "rank_day", "horizon_sessions"]].assign(
        rank=1000, place_frac=0.4
    )
    found = calibration.Calibration(
        pairs=pairs, inside=inside, errors=pd.DataFrame({"left_out": ["none"]})
    )
    assert keeping.kept(Store(record)) is None
    keeping.keep(record, found, datetime(2024, 7, 1, tzinfo=UTC))
    again = keeping.kept(Store(record))
    assert again is not None
    for name in ("pairs", "inside", "errors"):
        own, back = getattr(found, name), getattr(again, name)
        pd.testing.assert_frame_equal(back, own, check_dtype=False)
    assert frozen.verified(Store(record).forecasts())["verdict"].eq("unchanged").all()
