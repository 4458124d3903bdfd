"""The official record: every row sourced, every figure plausible."""

import pandas as pd
import pytest

from recon import record, schedule


def test_every_row_has_its_source_and_confidence() -> None:
    for table in (record.schedule(), record.break_points()):
        assert table["source"].fillna("").str.len().gt(0).all()
        assert table["confidence"].fillna("").str.len().gt(0).all()


def test_the_schedule_has_one_row_an_event() -> None:
    table = record.schedule()
    assert not table.duplicated(["year", "leg"]).any()
    assert set(table["leg"]) == {"June", "December"}
    assert table["year"].astype(int).tolist() == [*range(2007, 2027), 2026]


def test_every_official_figure_is_of_one_day_and_measure() -> None:
    table = record.break_points()
    assert not table.duplicated(["year", "rank_day", "measure", "source"]).any()
    assert table["value_usd"].between(1e6, 1e14).all()


@pytest.mark.parametrize(
    ("rank_day", "billions"),
    [
        ("2021-05-07", 5.2),
        ("2022-05-06", 4.6),
        ("2023-04-28", 4.2),
        ("2024-04-30", 4.6),
    ],
)
def test_the_break_point_of_a_rank_day(rank_day: str, billions: float) -> None:
    table = record.official_break_points()
    found = table.loc[table["rank_day"] == pd.Timestamp(rank_day), "break_point_usd"]
    assert found.tolist() == [billions * 1e9]


def test_official_break_points_are_of_rank_days_of_the_schedule() -> None:
    days = {pd.Timestamp(e.rank_day) for e in schedule.reconstitutions()}
    table = record.official_break_points()
    assert set(table["rank_day"].dropna()) <= days
    assert table["year"].is_monotonic_increasing
    assert not table.duplicated("year").any()
