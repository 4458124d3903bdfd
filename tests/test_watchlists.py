"""A reader's own watchlist: its text, how its names stand, and where it is kept."""

import os
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from recon.errors import BadRequest
from recon.exhibits import Answers, watchlist
from recon.store import Store, drawers
from recon.studies import watchlist as study
from recon.studies.watchlist import Entry

DAY = date(2026, 11, 19)
TEXT = "tndm #MedTech #long waits, for the FDA\nBRK/B\n\nTNDM again"


def test_a_line_is_a_ticker_then_tags_then_a_comment() -> None:
    entries = study.read(TEXT)
    assert entries == [
        Entry(symbol="TNDM", tags=("medtech", "long"), comment="waits, for the FDA"),
        Entry(symbol="BRK/B"),
    ]
    assert study.read(study.written(entries)) == entries
    assert study.tags(entries) == ["long", "medtech"]
    assert study.tagged(entries, "long") == entries[:1]
    assert study.tagged(entries, "") == entries


@pytest.mark.parametrize(
    "table",
    [
        "Symbol,Comment,Tags\nTNDM,waits,medtech long\nFTAI,,\n",
        "ticker;tags;comment\r\nTNDM;medtech, long;waits\r\nFTAI;;\r\n",
    ],
)
def test_a_table_with_a_head_is_read_too(table: str) -> None:
    assert study.read(table) == [
        Entry(symbol="TNDM", tags=("medtech", "long"), comment="waits"),
        Entry(symbol="FTAI"),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "FTAI\n<b>x",
            "Line 2 of the watchlist begins with '<b>x', which is no ticker",
        ),
        ("TNDM " + "x" * 200, "Line 1 of the watchlist, TNDM, is longer than 200"),
        (
            "\n".join(f"A{n}" for n in range(501)),
            "holds 500 names at most, and this has 501",
        ),
    ],
)
def test_what_cannot_be_followed_is_said_with_its_line(text: str, words: str) -> None:
    with pytest.raises(BadRequest, match=words):
        study.read(text)


def test_each_name_stands_as_it_is_projected(demo_store: Path) -> None:
    answers = Answers(Store(demo_store))
    projected = answers.projection(DAY)
    moving = answers.movers(DAY)["company_id"]
    symbols = projected.companies.set_index("company_id")["symbol"]
    mover = symbols[moving[moving.isin(symbols.index)].iloc[0]]
    text = f"NOTHERE #gone\n{mover} #near is it?"
    question = watchlist.WatchlistQuestion(as_of=DAY, names=text)
    rows = watchlist.STANDING.made(answers, question).table().set_index("symbol")
    assert rows.index.tolist() == ["NOTHERE", mover]
    assert rows.at["NOTHERE", "standing"] == "not listed on the day"
    assert rows.at["NOTHERE", "now"] == "" and pd.isna(rows.at["NOTHERE", "close_usd"])
    own = projected.companies.set_index("symbol").loc[mover]
    assert rows.at[mover, "total_market_cap_usd"] == own["total_market_cap_usd"]
    odds = answers.odds(DAY).companies.set_index("symbol").loc[mover]
    assert rows.at[mover, "p_move"] == odds["p_move"]
    assert rows.at[mover, "comment"] == "is it?"
    said = watchlist.headline(answers, question)
    assert said.startswith("1 name of 2 on the watchlist would change index")
    tagged = question.model_copy(update={"tag": "gone"})
    assert len(watchlist.STANDING.made(answers, tagged).table()) == 1
    none = question.model_copy(update={"tag": "other"})
    with pytest.raises(BadRequest, match="no name with the tag 'other'"):
        watchlist.STANDING.made(answers, none)


def test_what_a_visitor_keeps_is_theirs_and_the_oldest_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawers, "MOST_FILES", 2)
    folder, visitors = tmp_path / "drawer", [f"{n:032x}" for n in range(3)]
    for number, visitor in enumerate(visitors):
        drawers.put(folder, visitor, ".txt", b"FTAI")
        path = folder / f"{visitor}.txt"
        if path.exists():
            os.utime(path, (number, number))
    assert drawers.get(folder, visitors[0], ".txt") is None
    assert drawers.get(folder, visitors[2], ".txt") == b"FTAI"
    drawers.put(folder, visitors[2], ".txt", b"")
    assert drawers.get(folder, visitors[2], ".txt") is None
    drawers.put(folder, "../out", ".txt", b"x")
    assert not (tmp_path / "out.txt").exists()
