"""The store: the same content from the same files, whatever the order and the size."""

from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from recon import ingest
from recon.errors import SnapshotMissing
from recon.store import Store
from tests import market
from tests.market import Options
from tests.universe import SHARED

LISTINGS = SHARED / "us_listings"
COUNT = 16


def one_go(folder: Path, rows: pd.DataFrame) -> Store:
    market.take(folder, rows)
    return Store(folder)


def by_day(folder: Path, rows: pd.DataFrame) -> Store:
    for _, day in rows.groupby("date"):
        market.take(folder, day)
    return Store(folder)


def test_the_same_file_twice_changes_nothing(tmp_path: Path) -> None:
    path = market.write(market.eventful(), tmp_path / "listings.csv")
    market.take(tmp_path / "store", path)
    store = Store(tmp_path / "store")
    before, generation = market.content(store), store.generation
    (taken,) = market.take(tmp_path / "store", path)
    assert taken.note == "already in the store; nothing changed"
    assert store.generation == generation
    market.assert_same(market.content(store), before)


def test_the_same_days_in_another_file_change_no_snapshot(tmp_path: Path) -> None:
    rows = market.eventful()
    store = one_go(tmp_path / "store", rows)
    before = market.snapshots(store)
    lines = store.break_points(*market.ALWAYS)
    path = market.write(rows, tmp_path / "again.csv")
    (taken,) = market.take(tmp_path / "store", path)
    assert (taken.known_days, taken.accepted, taken.quarantined) == (COUNT, 0, 0)
    assert taken.note == f"{COUNT} days were already stored"
    pd.testing.assert_frame_equal(market.snapshots(store), before)
    pd.testing.assert_frame_equal(store.break_points(*market.ALWAYS), lines)
    assert store.quarantine_counts()["row_count"].sum() == 8


def test_an_appended_day_is_seen_by_an_open_store(tmp_path: Path) -> None:
    days = market.sessions(3)
    store = one_go(tmp_path / "store", market.calm(days[:2]))
    assert store.day_on_or_before(days[2]) == days[1]
    market.take(tmp_path / "store", market.calm(days))
    assert store.day_on_or_before(days[2]) == days[2]
    assert list(store.published_days()) == list(map(pd.Timestamp, days))


def test_a_day_before_the_first_has_no_snapshot(tmp_path: Path) -> None:
    store = one_go(tmp_path / "store", market.calm(market.sessions(1)))
    with pytest.raises(SnapshotMissing, match="on or before 2024-02-29; the first is"):
        store.day_on_or_before(date(2024, 2, 29))


def test_days_one_by_one_are_the_days_in_one_go(tmp_path: Path) -> None:
    rows = market.eventful()
    together, apart = one_go(tmp_path / "a", rows), by_day(tmp_path / "b", rows)
    carried = market.snapshots(together).query("carried_sessions > 0")
    assert set(carried["symbol"]) == {"JUMP", "GAPS", "LATE", "ISSU"}
    assert_same_but_for_numbers(apart, together)


@pytest.mark.parametrize("order", [(1, 0), (1, 2, 0), (2, 1, 0)])
def test_files_in_any_order_give_the_same_days(
    tmp_path: Path, order: tuple[int, ...]
) -> None:
    days = market.sessions(12)
    size = len(days) // len(order)
    parts = [days[n * size : (n + 1) * size] for n in range(len(order))]
    for place in order:
        market.take(tmp_path / "store", market.calm(parts[place]))
    shuffled = Store(tmp_path / "store")
    plain = one_go(tmp_path / "plain", market.calm(days))
    pd.testing.assert_frame_equal(market.snapshots(shuffled), market.snapshots(plain))
    pd.testing.assert_frame_equal(
        shuffled.break_points(*market.ALWAYS), plain.break_points(*market.ALWAYS)
    )


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The eventful market, loaded in one go."""
    return one_go(tmp_path_factory.mktemp("plain") / "store", market.eventful())


def assert_same_but_for_numbers(store: Store, plain: Store) -> None:
    """Compare all that does not depend on which file came first."""
    for read in (market.snapshots, market.lines, market.refusals, market.day_table):
        pd.testing.assert_frame_equal(read(store), read(plain))


@pytest.mark.parametrize("cut", range(1, COUNT))
def test_the_later_part_first_gives_the_same_store(
    tmp_path: Path, plain: Store, cut: int
) -> None:
    rows, days = market.eventful(), market.sessions(COUNT)
    for part in (days[cut:], days[:cut]):
        market.take(tmp_path / "store", market.on(rows, part))
    assert_same_but_for_numbers(Store(tmp_path / "store"), plain)


def test_days_in_any_order_give_the_same_store(tmp_path: Path, plain: Store) -> None:
    rows, days = market.eventful(), market.sessions(COUNT)
    for place in np.random.default_rng(1).permutation(COUNT):
        market.take(tmp_path / "store", market.on(rows, [days[place]]))
    assert_same_but_for_numbers(Store(tmp_path / "store"), plain)


def test_days_judged_again_are_told_and_a_second_time_changes_nothing(
    tmp_path: Path,
) -> None:
    rows, days = market.eventful(), market.sessions(COUNT)
    (first,) = market.take(
        tmp_path / "store", market.on(rows, days[market.JUMP_ON + 1 :])
    )
    (second,) = market.take(
        tmp_path / "store", market.on(rows, days[: market.JUMP_ON + 1])
    )
    assert (first.revised_days, first.note) == (0, "")
    assert second.revised_days == 7
    assert second.note == "7 later days judged again"
    store = Store(tmp_path / "store")
    before = market.content(store)
    ingest.redraw(tmp_path / "store")
    after = market.content(store)
    market.assert_same(after, before)


def test_days_of_a_store_without_offered_figures_stay_as_they_are(
    tmp_path: Path,
) -> None:
    folder, cut = tmp_path / "store", market.JUMP_ON + 1
    rows, days = market.eventful(), market.sessions(COUNT)
    market.take(folder, market.on(rows, days[cut:]))
    store = Store(folder)
    year = duckdb.connect(folder / store.manifest().years[2024])
    year.execute("drop table offered_caps")  # as a version before it left the file
    year.close()
    store.close()
    market.forget_marks(folder)
    before = market.snapshots(store).query("snapshot_date > @days[@cut]")
    market.take(folder, market.on(rows, days[:cut]))
    after = market.snapshots(store).query("snapshot_date > @days[@cut]")
    assert len(store.published_days()) == COUNT
    pd.testing.assert_frame_equal(
        after.reset_index(drop=True), before.reset_index(drop=True)
    )


def with_changes(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with the change of each close in percent, as a provider writes it."""
    return rows.assign(pct_change="1.5%")


@pytest.mark.parametrize("replaces", [False, True])
def test_a_store_without_changes_of_closes_opens_and_takes_them_in(
    tmp_path: Path, replaces: bool
) -> None:
    folder, rows, days = tmp_path / "store", market.eventful(), market.sessions(COUNT)
    last = days[-1:]
    market.take(folder, rows if replaces else market.on(rows, days[:-1]))
    store = Store(folder)
    manifest = store.manifest()
    store.close()
    for name, table, column in (
        (manifest.years[2024], "snapshots", "close_change_frac"),
        (manifest.core, "break_points", "market_return_frac"),
    ):  # as a version before them left the files
        with duckdb.connect(folder / name) as file:
            file.execute(f"alter table {table} drop column {column}")
    market.forget_marks(folder)
    old = Store(folder)
    assert old.break_points(*market.ALWAYS)["market_return_frac"].isna().all()
    assert old.quotes(*market.ALWAYS)["close_change_frac"].isna().all()
    path = market.write(with_changes(market.on(rows, last)), tmp_path / "last.csv")
    market.take(folder, path, options=Options(replace=replaces))
    quotes = old.quotes(*market.ALWAYS).groupby("snapshot_date")["close_change_frac"]
    assert quotes.count().tolist()[:-1] == [0] * (COUNT - 1)
    assert quotes.mean().iloc[-1] == pytest.approx(0.015)
    lines = old.break_points(*market.ALWAYS).drop_duplicates("snapshot_date")
    returns = lines["market_return_frac"].tolist()
    assert np.isnan(returns[:-1]).all() and returns[-1] == pytest.approx(0.015)
    ingest.redraw(folder)
    lines = old.break_points(*market.ALWAYS).drop_duplicates("snapshot_date")
    assert lines["market_return_frac"].isna().tolist() == [True] + [False] * (COUNT - 1)


def test_a_change_that_cannot_be_read_refuses_no_row(tmp_path: Path) -> None:
    rows = market.calm(market.sessions(1)).assign(pct_change="UNCH")
    rows.loc[0, "pct_change"] = "-100"
    rows.loc[1, "pct_change"] = "0.261"
    store = one_go(tmp_path / "store", rows)
    found = market.snapshots(store).set_index("symbol")["close_change_frac"].dropna()
    assert len(market.snapshots(store)) == len(rows)
    assert found.to_dict() == pytest.approx({rows.loc[1, "symbol"]: 0.00261})


def test_rows_in_any_order_give_the_same_store(tmp_path: Path) -> None:
    rows = market.eventful()
    plain = one_go(tmp_path / "a", rows)
    shuffled = one_go(tmp_path / "b", rows.sample(frac=1, random_state=3))
    pd.testing.assert_frame_equal(market.snapshots(shuffled), market.snapshots(plain))


def test_a_year_boundary_inside_a_file_is_no_boundary(tmp_path: Path) -> None:
    days = market.sessions(8, first=date(2023, 12, 27))
    together = one_go(tmp_path / "a", market.calm(days))
    apart = by_day(tmp_path / "b", market.calm(days))
    assert set(together.manifest().years) == {2023, 2024}
    assert len(together.published_days()) == 8
    pd.testing.assert_frame_equal(market.snapshots(apart), market.snapshots(together))


def test_a_replaced_day_takes_the_place_of_the_stored_one(tmp_path: Path) -> None:
    days = market.sessions(4)
    store = one_go(tmp_path / "store", market.calm(days))
    dearer = market.calm(days)
    dearer[["price", "market_cap"]] *= 1.1
    path = market.write(market.on(dearer, days[2:3]), tmp_path / "dearer.csv")
    market.take(tmp_path / "store", path, options=Options(replace=True))
    expected = market.calm(days)
    turned = expected["date"] == days[2]
    expected.loc[turned, "price"] *= 1.1
    stored = market.snapshots(store)
    wanted = expected.sort_values(["date", "symbol"])["price"].to_numpy()
    assert stored["close_usd"].to_numpy() == pytest.approx(wanted)
    assert len(store.published_days()) == 4


def test_later_days_change_nothing_earlier(tmp_path: Path) -> None:
    rows, days = market.eventful(), market.sessions(COUNT)
    span = date.min, days[11]
    store = one_go(tmp_path / "store", market.on(rows, days[:12]))
    earlier = market.snapshots(store), store.break_points(*span), store.days()
    market.take(tmp_path / "store", market.on(rows, days[12:]))
    later = market.snapshots(store)
    later = later[later["snapshot_date"] <= pd.Timestamp(days[11])]
    pd.testing.assert_frame_equal(later, earlier[0])
    pd.testing.assert_frame_equal(store.break_points(*span), earlier[1])
    pd.testing.assert_frame_equal(store.days().head(12), earlier[2])


@pytest.mark.shared(LISTINGS)
def test_real_days_one_by_one_are_the_days_in_one_go(tmp_path: Path) -> None:
    rows = duckdb.sql(
        f"from '{LISTINGS}/us_listings_2023.parquet' "
        "where date between '2023-12-01' and '2023-12-08' order by date, symbol"
    ).df()
    together, apart = one_go(tmp_path / "a", rows), by_day(tmp_path / "b", rows)
    pd.testing.assert_frame_equal(market.snapshots(apart), market.snapshots(together))
    pd.testing.assert_frame_equal(
        apart.break_points(*market.ALWAYS), together.break_points(*market.ALWAYS)
    )
    stored = market.snapshots(together).set_index(["snapshot_date", "symbol"])
    wrong = stored.loc[(pd.Timestamp("2023-12-05"), "AMAT")]
    assert wrong["total_market_cap_usd"] == pytest.approx(
        124_032_874_236 * 146.15 / 148.27
    )
    assert wrong["carried_sessions"] == 1
    assert stored["total_market_cap_usd"].max() < 3.5e12
