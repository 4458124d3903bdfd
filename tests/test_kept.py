"""Answers kept with the store: made once, and anew when what they rest on changes."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from recon import ingest
from recon.store import Store
from recon.store.kept import Kept
from tests import market

DAYS = market.sessions(3)
TABLE = pd.DataFrame({"n": [1, 2]})


@pytest.fixture
def small(tmp_path: Path) -> Kept:
    folder = tmp_path / "store"
    market.take(folder, market.calm(DAYS[:2]))
    return Kept(Store(folder))


def never() -> pd.DataFrame:
    raise AssertionError("a kept answer is made again")


def test_an_answer_is_made_once_and_kept_under_one_key(small: Kept) -> None:
    made = small.table("study", "first", lambda: TABLE)
    pd.testing.assert_frame_equal(made, TABLE)
    pd.testing.assert_frame_equal(small.table("study", "first", never), TABLE)
    with pytest.raises(AssertionError, match="made again"):
        small.table("study", "second", never)
    small.table("study", "second", lambda: TABLE)
    assert small.read("study", "first") is None, "one answer of a name is kept"


def test_a_kept_answer_that_was_damaged_is_made_again(small: Kept) -> None:
    two = {"a": TABLE, "b": TABLE}
    home = small.store.folder / "kept" / "study" / "key"
    small.tables("study", "key", ["a", "b"], lambda: two)
    (home / "a.parquet").write_bytes(b"torn")
    assert set(small.tables("study", "key", ["a", "b"], lambda: two)) == {"a", "b"}
    (home / "b.parquet").unlink()
    assert set(small.tables("study", "key", ["a", "b"], lambda: two)) == {"a", "b"}


def test_a_folder_that_cannot_be_written_to_keeps_nothing(small: Kept) -> None:
    (small.store.folder / "kept").write_text("in the way", "utf-8")
    pd.testing.assert_frame_equal(small.table("study", "key", lambda: TABLE), TABLE)
    assert small.read("study", "key") is None


def test_only_the_last_of_many_are_left(small: Kept) -> None:
    for number in range(4):
        small.table(f"odds-{number}", "key", lambda: TABLE)
    small.forget("odds-", 2)
    assert len(small.names("odds-")) == 2


def book(ratio: float, known_on: date) -> pd.DataFrame:
    facts = {"symbol": "BIG", "measure": "price_to_book_ratio", "value": ratio}
    whence = {"period_end": None, "known_on": known_on, "source": "test"}
    return pd.DataFrame([{**facts, **whence}])


@pytest.mark.parametrize(
    ("ratio", "known_on", "is_told"),
    [
        pytest.param(5.0, DAYS[0], True, id="replaced by another of the same count"),
        pytest.param(4.0, DAYS[0], False, id="the same again"),
        pytest.param(5.0, DAYS[2], False, id="known later"),
    ],
)
def test_a_key_tells_the_figures_known_by_its_day(
    small: Kept, ratio: float, known_on: date, is_told: bool
) -> None:
    folder = small.store.folder
    ingest.fundamental_rows(folder, book(4.0, DAYS[0]), "rows", market.QUIET)
    before = Kept(small.store).key(DAYS[1])
    ingest.fundamental_rows(folder, book(ratio, known_on), "rows", market.QUIET)
    assert (Kept(Store(folder)).key(DAYS[1]) != before) == is_told


def test_a_key_tells_the_names_of_a_list_and_no_later_day(small: Kept) -> None:
    folder = small.store.folder
    before = small.key(DAYS[1])
    market.take(folder, market.calm(DAYS[2:]))
    assert Kept(Store(folder)).key(DAYS[1]) == before
    keys = []
    for name in ("MID", "SML"):
        names = pd.DataFrame({"symbol": ["BIG", "SEC", name], "as_of": DAYS[0]})
        file = market.write(names.assign(index="R1000"), folder.parent / "list.csv")
        ingest.memberships(folder, [file], market.QUIET)
        keys.append(Kept(Store(folder)).key(DAYS[1]))
    assert len({before, *keys}) == 3
