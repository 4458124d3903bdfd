"""Many sessions in one table: where each begins, and a search inside of each."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon.rules import sessions


def test_sessions_begin_where_the_day_changes() -> None:
    days = pd.to_datetime(["2024-04-29", "2024-04-30", "2024-04-30", "2024-05-02"])
    table = pd.DataFrame({"snapshot_date": days})
    assert sessions.number(table).tolist() == [0, 1, 1, 3]
    starts, ends = sessions.spans(table)
    assert (starts.tolist(), ends.tolist()) == ([0, 1, 3], [1, 3, 4])


def test_simulated_days_go_by_their_draw() -> None:
    starts, ends = sessions.spans(pd.DataFrame({"draw": [4, 4, 7]}))
    assert (starts.tolist(), ends.tolist()) == ([0, 2], [2, 3])


def test_a_table_without_rows_has_no_session() -> None:
    empty = pd.DataFrame({"snapshot_date": pd.to_datetime([])})
    starts, ends = sessions.spans(empty)
    assert (len(starts), len(ends)) == (0, 0)


@given(
    runs=st.lists(st.lists(st.integers(0, 9)), min_size=1),
    wanted=st.integers(-1, 10),
    side=st.sampled_from(["left", "right"]),
)
def test_each_session_is_searched_as_numpy_would(
    runs: list[list[int]], wanted: int, side: str
) -> None:
    values = np.array([value for run in runs for value in sorted(run)])
    ends = np.cumsum([len(run) for run in runs])
    starts = ends - [len(run) for run in runs]
    found = sessions.search(values, wanted, (starts, ends), side)
    expected = [
        start + np.searchsorted(values[start:end], wanted, side=side)
        for start, end in zip(starts, ends, strict=True)
    ]
    assert found.tolist() == expected


@pytest.mark.parametrize(("side", "row"), [("left", 1), ("right", 3)])
def test_equal_values_are_before_or_after(side: str, row: int) -> None:
    spans = (np.array([0]), np.array([4]))
    found = sessions.search(np.array([1, 2, 2, 3]), 2, spans, side)
    assert found.tolist() == [row]
