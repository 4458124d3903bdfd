"""Days that are no market: each held back with its reason, and an honest one not."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from recon.errors import LineMissing
from recon.ingest import quality
from recon.ingest.quality import Day, Gate
from recon.store import Store
from tests import market, terminal

DAYS = market.sessions(4)
NAMES = 3_400
Change = Callable[[pd.DataFrame], pd.DataFrame]


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """Four sessions of a market as large as the US market, $60tn."""
    table = market.crowd(NAMES, DAYS)
    largest = table["market_cap"] > 4e12
    table = table[~table["symbol"].isin(table.loc[largest, "symbol"])]
    scale = 60e12 / market.on(table, DAYS[:1])["market_cap"].sum()
    return table.assign(market_cap=table["market_cap"] * scale)


def as_day(rows: pd.DataFrame) -> Day:
    """Rows of one session as the gate sees them."""
    number = rows["symbol"].str[1:].astype(int).to_numpy()
    return Day(
        snapshot_date=rows["date"].iloc[0].date(),
        symbol_id=number,
        close_usd=rows["price"].to_numpy(float, copy=True),
        total_market_cap_usd=rows["market_cap"].to_numpy(float, copy=True),
        volume_shares=rows["volume"].to_numpy(float),
    )


def shifted(rows: pd.DataFrame) -> pd.DataFrame:
    figures = ["price", "volume", "market_cap"]
    return rows.assign(**rows[figures].shift(1, fill_value=1e6))


def stale(rows: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    largest = rows["market_cap"].rank(ascending=False) <= 0.19 * len(rows)
    old = before.set_index("symbol").reindex(rows["symbol"])
    taken = {name: old[name].to_numpy() for name in ("price", "volume", "market_cap")}
    return rows.assign(
        **{name: np.where(largest, taken[name], rows[name]) for name in taken}
    )


def part(column: str, frac: float, factor: float) -> Change:
    """Multiply a column of every so many-th row."""

    def change(rows: pd.DataFrame) -> pd.DataFrame:
        chosen = np.arange(len(rows)) % round(1 / frac) == 0
        return rows.assign(**{column: rows[column] * np.where(chosen, factor, 1.0)})

    return change


FAULTS: dict[str, tuple[Change, str]] = {
    "symbols shifted by a row": (shifted, "of closes are far"),
    "caps missing": (
        lambda rows: rows.assign(market_cap=np.nan), "lack the market cap"
    ),
    "caps of a fifth missing": (part("market_cap", 0.2, np.nan), "lack the market cap"),
    "prices missing": (lambda rows: rows.assign(price=np.nan), "lack the close"),
    "prices of a tenth missing": (part("price", 0.1, np.nan), "lack the close"),
    "caps a thousandth": (
        lambda rows: rows.assign(market_cap=rows["market_cap"] / 1e3),
        "of market caps do not go with",
    ),
    "caps in millions": (
        lambda rows: rows.assign(market_cap=rows["market_cap"] / 1e6),
        "of market caps do not go with",
    ),
    "caps of a fifth a hundredfold": (
        part("market_cap", 0.2, 100.0), "of market caps do not go with"
    ),
    "prices of a tenth doubled": (part("price", 0.1, 2.0), "of closes are far"),
    "half of the rows": (lambda rows: rows.iloc[::2], "rows; the median"),
    "the rows twice": (
        lambda rows: pd.concat(
            [rows, rows.assign(symbol="N" + (rows.index + 90_000).astype(str))]
        ),
        "rows; the median",
    ),
    "one company of half the market": (
        lambda rows: rows.assign(
            market_cap=rows["market_cap"].mask(rows["symbol"] == "N0100", np.nan)
        ).pipe(
            lambda t: pd.concat(
                [t, t.iloc[:1].assign(symbol="N9999", market_cap=1e12, price=5.0)]
            )
        ),
        "",
    ),
}  # fmt: skip


def reason(before: list[pd.DataFrame], rows: pd.DataFrame) -> str | None:
    """Why the gate holds back a day after others."""
    gate = Gate()
    for each in before:
        assert gate.check(as_day(each)).held_back is None
    return gate.check(as_day(rows)).held_back


@pytest.mark.parametrize("name", FAULTS)
def test_a_day_that_is_no_market_is_held_back(rows: pd.DataFrame, name: str) -> None:
    change, words = FAULTS[name]
    before = [market.on(rows, [day]) for day in DAYS[:2]]
    found = reason(before, change(market.on(rows, DAYS[2:3]).reset_index(drop=True)))
    assert (found is None) == (words == "")
    assert words in (found or "")


def test_a_day_whose_largest_fifth_is_stale_is_held_back(rows: pd.DataFrame) -> None:
    first, second = (market.on(rows, [day]) for day in DAYS[:2])
    found = reason([first], stale(second.reset_index(drop=True), first))
    assert found is not None and "by market cap of closes and volumes repeat" in found


def test_honest_days_pass(rows: pd.DataFrame) -> None:
    before = [market.on(rows, [day]) for day in DAYS[:3]]
    assert reason(before, market.on(rows, DAYS[3:])) is None


def test_after_a_gap_a_day_may_be_unlike_the_last_one(rows: pd.DataFrame) -> None:
    later = market.on(rows, DAYS[1:2]).assign(
        date=pd.Timestamp(DAYS[0]) + timedelta(days=10)
    )
    later = part("price", 0.1, 2.0)(later.reset_index(drop=True))
    assert reason([market.on(rows, DAYS[:1])], later) is None


@pytest.mark.parametrize(
    ("caps", "words"),
    [
        ([5e6] * 4_000, r"total market cap of \$0\.02tn; .* check the unit"),
        ([5e12] * 4_000, "total market cap of"),
        ([1.0], "total market cap of"),
        ([np.nan] * 5_000, "total market cap of"),
        ([30e12, *[1e10] * 4_000], "the largest company is 43% of the market"),
        ([3e12, *[1e10] * 4_000], None),
    ],
)
def test_a_first_day_must_make_sense_by_itself(
    caps: list[float], words: str | None
) -> None:
    found = quality.absurd(np.array(caps), float(np.nansum(caps)))
    assert found is None if words is None else pd.Series([found]).str.match(words).all()


def test_a_price_and_a_cap_that_leap_together_are_not_believed(
    rows: pd.DataFrame,
) -> None:
    gate = Gate()
    gate.check(as_day(market.on(rows, DAYS[:1])))
    day = as_day(market.on(rows, DAYS[1:2]))
    day.close_usd[5] *= 100
    day.total_market_cap_usd[5] *= 100
    verdict = gate.check(day)
    assert verdict.held_back is None
    assert verdict.total_market_cap_usd[5] < day.total_market_cap_usd[5] / 50


def load(folder: Path, rows: pd.DataFrame, *options: str) -> tuple[int, str]:
    path = market.write(rows, folder / "rows.csv")
    return terminal.run(
        "ingest", "vendor", str(path), "--store", str(folder / "store"), *options
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t.head(300), "total market cap of"),
        (lambda t: t.assign(market_cap=t["market_cap"] / 1e6), "total market cap"),
        (lambda t: t.drop(columns="exchange"), "no line can be drawn at rank 1,000: 0"),
        (lambda t: t.head(1), ""),
        (lambda t: t.assign(date=date.today() + timedelta(days=400)), "is after today"),
    ],
    ids=["300 names", "millions", "four columns", "one row", "the future"],
)
def test_a_first_day_that_is_no_market_exits_with_1_and_publishes_nothing(
    tmp_path: Path, rows: pd.DataFrame, change: Change, words: str
) -> None:
    code, printed = load(tmp_path, change(market.on(rows, DAYS[:1])))
    assert code == 1
    assert "held back" in printed and words in printed
    assert len(Store(tmp_path / "store").published_days()) == 0


def test_a_day_accepted_without_a_line_says_so_where_it_is_asked(
    tmp_path: Path, rows: pd.DataFrame
) -> None:
    day = str(DAYS[0])
    code, _ = load(tmp_path, market.on(rows, DAYS[:1]).head(300), "--accept", day)
    assert code == 0
    store = str(tmp_path / "store")
    with pytest.raises(LineMissing) as told:
        words = ["overview/lines", "--as-of", day, "--store", store]
        terminal.run("exhibit", *words, "-o", str(tmp_path / "lines.csv"))
    assert "no line can be drawn at rank 1,000" in str(told.value)


def test_of_two_days_the_good_one_is_published_and_the_code_says_in_part(
    tmp_path: Path, rows: pd.DataFrame
) -> None:
    bad = market.on(rows, DAYS[1:2]).assign(market_cap=np.nan)
    both = pd.concat([market.on(rows, DAYS[:1]), bad, market.on(rows, DAYS[2:3])])
    code, printed = load(tmp_path, both)
    assert code == 3
    assert "2 days published" in printed and "lack the market cap" in printed
