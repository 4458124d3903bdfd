"""Whatever comes from data, a file or a link is text: on pages, in charts and files."""

import json
import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages import wording
from recon.charts import markup
from tests.hostile import BEACON, DAYS, PICTURE, WORDS
from tests.test_pages import FILES
from tests.visits import opened

LIVE = re.compile(r"(?<!\\)\]\(|(?<!\\)<(?:img|a|span|script)\b|:material/home")
LINKS = {
    "now/company.py": {"symbol": PICTURE},
    "now/candidates.py": {"move": PICTURE, "sector_x": "true"},
    "data/data_health.py": {"refused_symbol": PICTURE, "reason": PICTURE},
    "now/break_points.py": {"line": PICTURE, PICTURE: PICTURE},
    "data/load.py": {"source": "My own file"},
}


def markdown_of(test: AppTest) -> list[str]:
    """Return every text of a page that is read as Markdown."""
    kinds = ("markdown", "caption", "title", "header", "subheader", "toast", "error")
    kinds += ("warning", "info", "metric", "button", "checkbox", "radio", "expander")
    found = []
    for kind in kinds:
        for element in test.get(kind):
            proto = element.proto
            for name in ("body", "label", "help", "value"):
                words = getattr(proto, name, "")
                found.append(words if isinstance(words, str) else "")
    return found


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, hostile_store: Path):
    def run_page(file: str, **link: str) -> AppTest:
        monkeypatch.setenv("RECON_STORE", str(hostile_store))
        monkeypatch.setenv("RECON_TODAY", DAYS[-1].isoformat())
        return opened(file, **link)

    return run_page


@pytest.mark.parametrize("file", FILES)
def test_no_word_of_data_or_link_is_markup_on_a_page(run, file: str) -> None:
    test = run(file, **LINKS.get(file, {}))
    assert not test.exception
    assert [words for words in markdown_of(test) if _is_live(words)] == []
    for chart in test.get("plotly_chart"):
        figure = json.loads(chart.proto.spec)
        assert not markup.is_strange(figure["data"]), file


def _is_live(words: str) -> bool:
    bare = re.sub(r"(?<!\\)`[^`]*`", "", words)  # code is not read as Markdown
    return BEACON in bare.replace(wording.JOINER, "") and bool(LIVE.search(bare))


@pytest.mark.parametrize("words", WORDS)
def test_words_are_shown_as_they_stand(words: str) -> None:
    plain = wording.plain(words)
    assert "\n" not in plain
    assert not _is_live(plain)
    bare = re.sub(r"\\([\\`*_\[\]<>~$|&#+=.)-])", r"\1", plain)
    assert bare.replace(wording.JOINER, "") == words.replace("\n", " ")


@pytest.mark.parametrize("words", WORDS)
def test_a_text_of_a_figure_keeps_no_strange_markup(words: str) -> None:
    assert not re.search(r"<(?!/?b>|br>|/span>)", markup.plain(words))
    assert markup.plain(f"<b>{words}</b>").startswith("<b>")
