"""A reader's own watchlist: its text, how its names stand, and where it is kept."""

import hashlib
import os
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from pages import watchlists
from recon.errors import BadRequest
from recon.exhibits import Answers, watchlist
from recon.store import drawers
from recon.studies import watchlist as study
from recon.studies.watchlist import Entry
from tests.conftest import TODAY
from tests.visits import opened

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


def test_each_name_stands_as_it_is_projected(demo_answers: Answers) -> None:
    answers = demo_answers
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


# ---- on pages ----------------------------------------------------------------

ME, OTHER = "me@desk.example", "other@desk.example"
LIST = "PALD #near up or held?\nNOTHERE"
KEEP = "keep_watchlist"


@pytest.fixture
def visit(
    demo_store: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., AppTest]]:
    """Return a function that opens a page of the demo market; forget its visitors."""
    monkeypatch.setenv("RECON_STORE", str(demo_store))
    monkeypatch.setenv("RECON_TODAY", TODAY)
    yield partial(opened, "now/watchlist.py", ME)
    for email in (ME, OTHER):
        keep(demo_store, "", email)


def kept(store: Path, email: str = ME) -> str | None:
    """Return the list in a visitor's drawer."""
    found = drawers.get(store / watchlists.DRAWER, word(email), watchlists.ENDING)
    return None if found is None else found.decode().strip()


def keep(store: Path, text: str, email: str = ME) -> None:
    folder = store / watchlists.DRAWER
    drawers.put(folder, word(email), watchlists.ENDING, text.encode())


def word(email: str) -> str:
    """Return the word that a visitor who has signed in is known by."""
    return hashlib.sha256(email.encode()).hexdigest()[:32]


def buttons(test: AppTest) -> dict[str, str]:
    return {str(button.key): button.label for button in test.button}


def answer(test: AppTest) -> str:
    return "\n".join(str(each.value) for each in test.markdown)


def test_what_a_visitor_writes_is_kept_and_opens_without_a_link(
    visit: Callable[..., AppTest], demo_store: Path
) -> None:
    test = visit()
    assert test.text_area(key="names").value == "" and not test.dataframe
    assert "Write the names to watch" in answer(test)
    test.text_area(key="names").input(LIST).run()
    assert kept(demo_store) == LIST and KEEP not in buttons(test)
    again = visit()
    assert again.text_area(key="names").value.strip() == LIST
    for page in (test, again):
        assert page.dataframe[0].value["symbol"].tolist() == ["PALD", "NOTHERE"]
    other = opened("now/watchlist.py", OTHER)
    assert other.text_area(key="names").value == "" and kept(demo_store, OTHER) is None


def test_a_list_by_a_link_is_kept_where_the_visitor_says_so(
    visit: Callable[..., AppTest], demo_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(demo_store, "FTAI")
    reads: list[str] = []
    read = drawers.get

    def noted(folder: Path, visitor: str, ending: str) -> bytes | None:
        reads.append(ending)
        return read(folder, visitor, ending)

    monkeypatch.setattr(drawers, "get", noted)
    test = visit(names=LIST)
    assert reads.count(watchlists.ENDING) == 1  # once a rerun
    assert test.dataframe[0].value["symbol"].tolist() == ["PALD", "NOTHERE"]
    assert kept(demo_store) == "FTAI"
    assert buttons(test)[KEEP] == "Keep as my watchlist"
    test.button(key=KEEP).click().run()
    assert kept(demo_store) == LIST and KEEP not in buttons(test)


def test_a_text_that_cannot_be_followed_stays_to_be_mended_and_is_not_kept(
    visit: Callable[..., AppTest], demo_store: Path
) -> None:
    keep(demo_store, "FTAI")
    test = visit()
    test.text_area(key="names").input("FTAI\n<b>x").run()
    assert not test.exception and kept(demo_store) == "FTAI"
    assert test.text_area(key="names").value == "FTAI\n<b>x"
    assert any("Line 2 of the watchlist" in str(each.value) for each in test.toast)


def test_candidates_are_narrowed_down_to_a_tag_of_ones_own_list(
    visit: Callable[..., AppTest], demo_store: Path
) -> None:
    everybody = opened("now/candidates.py", ME)
    assert not [box for box in everybody.selectbox if box.key == watchlists.FROM]
    ours, other = everybody.dataframe[0].value["symbol"].tolist()[:2]
    keep(demo_store, f"{ours} #mine\n{other}")
    test = opened("now/candidates.py", ME)
    box = test.selectbox(key=watchlists.FROM)
    assert box.options == ["all 2 names", "mine"]
    box.select("mine").run()
    assert test.session_state[watchlists.ONLY] == ours
    assert test.dataframe[0].value["symbol"].tolist() == [ours]


def test_a_company_is_put_on_ones_list_and_taken_off(
    visit: Callable[..., AppTest], demo_store: Path
) -> None:
    test = opened("now/company.py", ME, symbol="PALD")
    assert buttons(test)["watch_company"] == "Add to my watchlist"
    test.button(key="watch_company").click().run()
    assert buttons(test)["watch_company"] == "On my watchlist"
    assert kept(demo_store) == "PALD"
    test.button(key="watch_company").click().run()
    assert kept(demo_store) is None
