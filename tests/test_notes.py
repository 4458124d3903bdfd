"""Notes: made anew or frozen, kept in a file, and the preview of an event."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from recon import __main__ as command_line
from recon.errors import BadRequest
from recon.exhibits import EXHIBITS, Answers
from recon.export import figure_reader
from recon.export.pieces import Note, Piece
from recon.note import keeping, making, output
from recon.note.preview import preview

LAST, EARLIER = date(2026, 11, 19), date(2026, 10, 30)


@pytest.fixture(scope="module")
def answers(demo_answers: Answers) -> Answers:
    return demo_answers


@pytest.fixture(scope="module")
def whole(answers: Answers) -> Note:
    return preview(answers, LAST)


def kinds_of(note: Note) -> list[str]:
    return [piece.kind for piece in note.pieces]


def first(note: Note, kind: str) -> Piece:
    return next(piece for piece in note.pieces if piece.kind == kind)


def test_the_preview_carries_what_desks_send_out(whole: Note) -> None:
    assert "December 2026" in whole.title
    kinds = kinds_of(whole)
    for kind in (
        "break-points/drift", "overview/lines", "overview/moves",
        "overview/calendar", "candidates/distances", "candidates/sectors",
        "overview/largest", "accuracy/scores", "segments/relative", "segments/gap",
        "breadth/above", "concentration/weight", "rotation/inside",
    ):  # fmt: skip
        assert kind in kinds
    assert kinds.count("candidates/candidates") >= 4
    assert "style/all_shifts" in kinds and kinds.count("style/sectors") == 2


def test_every_piece_of_the_preview_says_that_its_market_is_synthetic(
    whole: Note,
) -> None:
    assert all("Demo market, synthetic" in piece.stamp() for piece in whole.pieces)


def test_the_lists_of_names_are_the_moves_of_the_day(
    whole: Note, answers: Answers
) -> None:
    rows = answers.watched(LAST)
    joins = rows["projected_index"].where(rows["change"] == "addition", "")
    counts = rows.groupby([rows["change"], joins])["symbol"].size()
    wanted = [
        (counts[key], words)
        for key, words in (
            (("migration up", ""), "Migrations up"),
            (("migration down", ""), "Migrations down"),
            (("addition", "R1000"), "Additions Russell 1000"),
            (("addition", "R2000"), "Additions Russell 2000"),
            (("deletion", ""), "Deletions"),
        )
        if key in counts
    ]
    lists = [p for p in whole.pieces if p.kind == "candidates/candidates"]
    assert [(len(p.table), p.provenance.title) for p in lists] == wanted
    assert all(p.title.startswith(f"{len(p.table):,} name") for p in lists)
    caps = lists[-2].table["total_market_cap_usd"]
    assert caps.is_monotonic_decreasing


def test_a_piece_is_made_anew_for_another_day(whole: Note, answers: Answers) -> None:
    old = first(whole, "overview/lines")
    new = making.refreshed(old, answers, EARLIER)
    assert new.provenance.as_of == EARLIER
    assert not new.table.equals(old.table) and new.title != old.title
    assert "as_of=2026-10-30" in new.provenance.link
    again = making.refreshed(new, answers, LAST)
    pd.testing.assert_frame_equal(again.table, old.table)
    assert again.title == old.title


def test_a_frozen_piece_stays_and_says_so(whole: Note, answers: Answers) -> None:
    old = replace(first(whole, "break-points/drift"), is_frozen=True)
    kept = making.refreshed(old, answers, EARLIER)
    assert kept == old
    assert "frozen as of 19 Nov 2026" in kept.stamp()


def test_a_piece_that_no_builder_knows_is_frozen(whole: Note, answers: Answers) -> None:
    old = replace(first(whole, "candidates/sectors"), kind="of/old")
    assert not making.can_be_refreshed(old)
    assert making.refreshed(old, answers, EARLIER).is_frozen


def test_words_that_somebody_wrote_say_for_which_day(
    whole: Note, answers: Answers
) -> None:
    old = replace(first(whole, "overview/lines"), title="Mine", comment="Look")
    new = making.refreshed(old, answers, EARLIER)
    assert (new.title, new.comment) == ("Mine", "Look")
    assert "words written for 19 Nov 2026" in new.stamp()


def test_a_saved_note_is_small_and_comes_back_whole(whole: Note) -> None:
    data = keeping.saved(whole)
    assert len(data) < 2_000_000
    back = keeping.loaded(data)
    assert back.title == whole.title and kinds_of(back) == kinds_of(whole)
    for old, new in zip(whole.pieces, back.pieces, strict=True):
        assert (new.title, new.stamp()) == (old.title, old.stamp())
        if old.table is not None:
            from recon.export import cells

            shown = [cells.texts(*cells.of(piece)) for piece in (old, new)]
            pd.testing.assert_frame_equal(*shown)
        else:
            drawn = [
                figure_reader.table(figure_reader.read(p.figure)) for p in (old, new)
            ]
            pd.testing.assert_frame_equal(*drawn)
    once_more = keeping.loaded(keeping.saved(back))
    assert keeping.saved(once_more) == keeping.saved(back)


def test_a_loaded_note_can_be_made_anew(whole: Note, answers: Answers) -> None:
    back = keeping.loaded(keeping.saved(whole))
    new, told = making.refreshed_note(back, answers, EARLIER)
    assert not told
    fresh = [piece for piece in new.pieces if not piece.is_frozen]
    assert {piece.provenance.as_of for piece in fresh} == {EARLIER}
    assert len(fresh) == sum(making.can_be_refreshed(piece) for piece in whole.pieces)


def damaged(change) -> bytes:
    kept = {
        "recon_note": 1, "title": "x", "pieces": [{
            "kind": "a/b", "title": "t", "parameters": {}, "figure": None,
            "columns": {"a": {"label": "A"}}, "table": {"a": ["x"]},
            "provenance": {"title": "t", "as_of": "2024-04-30", "source": "s"},
        }],
    }  # fmt: skip
    change(kept)
    return json.dumps(kept).encode()


def drawn(**trace: object) -> bytes:
    """Return a file with one figure, of a point with something wrong about it."""
    figure = {"data": [{"x": [1], "y": [2], "mode": "markers"} | trace], "layout": {}}
    return damaged(
        lambda k: k["pieces"][0].update(table=None, columns={}, figure=figure)
    )


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(b"\xff\x00", "is no note", id="no text"),
        pytest.param(b"[]", "is no note", id="other JSON"),
        pytest.param(b"[" * 100_000, "is no note", id="JSON without an end"),
        pytest.param(
            damaged(lambda k: k.update(recon_note=2)), "version 2", id="a later one"
        ),
        pytest.param(
            damaged(lambda k: k.update(pieces=k["pieces"] * 61)), "61 pieces", id="many"
        ),
        pytest.param(
            damaged(lambda k: k["pieces"][0].pop("provenance")), "damaged",
            id="without provenance",
        ),
        pytest.param(
            damaged(lambda k: k["pieces"][0]["table"].update(a=1)), "damaged",
            id="no table",
        ),
        pytest.param(
            damaged(lambda k: k["pieces"][0]["columns"]["a"].update(kind="run")),
            "damaged", id="a column of no kind",
        ),
        pytest.param(bytes(20_000_001), "20 MB", id="too large"),
        pytest.param(
            damaged(lambda k: k["pieces"][0]["columns"]["a"].update(label=3)),
            "damaged", id="a head that is no text",
        ),
        pytest.param(
            damaged(lambda k: k["pieces"][0]["columns"]["a"].update(kind="style")),
            "damaged", id="words where a style is to be",
        ),
        pytest.param(
            damaged(lambda k: k["pieces"][0]["provenance"].update(as_of="1900-01-01")),
            "No rules are known", id="a day before all rules",
        ),
        pytest.param(
            damaged(lambda k: k["pieces"][0]["provenance"].update(link="http://[")),
            "damaged", id="a link that is none",
        ),
        pytest.param(
            drawn(text=["\ud800"]), "damaged", id="half a letter"
        ),
        pytest.param(
            drawn(x=[1, 2], y=["abc", 2]), "damaged",
            id="words where numbers are to be",
        ),
        pytest.param(drawn(y=[1, 2]), "damaged", id="more values than places"),
        pytest.param(drawn(customdata=[[]]), "damaged", id="a point without a name"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_note_is_refused_with_a_reason(
    data: bytes, words: str
) -> None:
    with pytest.raises(BadRequest, match=words):
        keeping.loaded(data, "mine.json")


def test_a_stranger_s_figure_calls_nobody() -> None:
    def add(kept) -> None:
        kept["pieces"][0].update(
            table=None, columns={},
            figure={"data": [{"type": "scattermap"}, {"x": [1], "y": [2]}],
                    "layout": {"images": [{"source": "http://example.org/a.png"}]}},
        )  # fmt: skip
        kept["pieces"][0]["provenance"]["link"] = "javascript:alert(1)"

    (piece,) = keeping.loaded(damaged(add)).pieces
    assert "example.org" not in json.dumps(piece.figure)
    assert len(piece.figure["data"]) == 1
    assert piece.provenance.link == ""


def test_a_stranger_s_number_without_an_end_is_not_known() -> None:
    def add(kept) -> None:
        kept["pieces"][0]["columns"]["a"].update(kind="usd")
        kept["pieces"][0]["table"].update(a=[float("inf")])

    (piece,) = keeping.loaded(damaged(add)).pieces
    assert piece.table["a"].isna().all()


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        ("overview/largest", {"against": ["yesterday"]}),
        ("break-points/drift", {"since": [], "line": ["²"], "market": []}),
        ("accuracy/misjudged", {"year": ["²"]}),
        ("candidates/candidates", {"move_addition": []}),
    ],
)
def test_what_a_stranger_s_piece_asks_in_vain_is_passed_over(
    answers: Answers, kind: str, asked: dict[str, list[str]]
) -> None:
    declared = EXHIBITS[kind]
    questions = [declared.question.read(each, LAST)[0] for each in (asked, {})]
    one, other = (declared.made(answers, each).file_table() for each in questions)
    pd.testing.assert_frame_equal(one, other)


def test_an_empty_note_is_not_written() -> None:
    with pytest.raises(BadRequest, match="empty"):
        output.written(Note(title="x"), ".pptx")


def test_the_command_line_writes_the_preview(
    demo_store: Path,
    answers: Answers,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    # the command would answer each question of the preview above anew
    monkeypatch.setattr("recon.commands.note.Answers", lambda store: answers)
    path = tmp_path / "preview.pptx"
    command_line.app(
        ["note", "preview", "--as-of", "2026-11-19", "--store", str(demo_store)]
        + ["-o", str(path)],
        standalone_mode=False,
    )
    assert "pieces as of 19 Nov 2026" in capsys.readouterr().out
    assert path.read_bytes().startswith(b"PK")
