"""Pictures on the server: with a browser, without one, and with one that hangs."""

import json
import time

import pytest

from recon import charts
from recon.charts import pictures, printing
from recon.errors import BadRequest
from tests.browser import chrome


@pytest.fixture
def figure() -> dict:
    made = charts.figure("dark", "A line", "US dollars")
    return printing.printed(made.add_scatter(x=[1, 2], y=[3, 4]))


@pytest.mark.slow
@pytest.mark.skipif(chrome.find() is None, reason=chrome.missing())
@pytest.mark.parametrize(
    ("form", "start"), [("png", b"\x89PNG"), ("svg", b"<svg"), ("pdf", b"%PDF")]
)
def test_one_browser_draws_every_form(figure, form: str, start: bytes) -> None:
    drawn = pictures.picture(
        printing.for_page(figure, "Source: demo"), form, width=700, height=430
    )
    assert drawn.startswith(start)


def test_without_a_browser_one_sentence_says_what_works(
    figure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("BROWSER_PATH", raising=False)
    assert "every chart's own menu" in pictures.unavailable()
    with pytest.raises(BadRequest, match="need Chrome or Chromium"):
        pictures.picture(figure, "png", width=700, height=430)


def test_a_browser_that_does_not_answer_is_given_up(
    figure, monkeypatch: pytest.MonkeyPatch
) -> None:
    if chrome.find() is None:
        pytest.skip(chrome.missing())
    monkeypatch.setattr(pictures, "LIMIT_SECONDS", 0.0)
    monkeypatch.setitem(pictures._state, "failure", "")
    start = time.monotonic()
    with pytest.raises(BadRequest, match="did not draw within"):
        pictures.picture(figure, "png", width=700, height=430)
    assert time.monotonic() - start < 20
    assert "until the program restarts" in pictures.unavailable()


def test_print_is_light_and_holds_title_and_source(figure) -> None:
    paper = printing.for_page(figure, "Source: A<b>&")
    assert charts.DARK.ground not in str(paper)
    assert "A line" in paper["layout"]["title"]["text"]
    assert "A&lt;b&gt;&amp;" in paper["layout"]["annotations"][-1]["text"]


def test_a_long_title_is_broken_into_lines_that_a_page_holds(figure) -> None:
    words = "By 30 Apr 2024 the line stands between $4.33bn and $4.83bn in 4 of 5 draws"
    long = charts.figure("light", words, "Market cap<br>" + "of the last company " * 8)
    plain = json.loads(long.to_json())
    paper = printing.for_page(plain, "Source: demo")
    title = paper["layout"]["title"]["text"]
    finding, _, below = title.partition("<br><span ")
    assert finding.replace("<br>", " ") == words
    assert max(map(len, finding.split("<br>"))) <= printing.TITLE_LINE
    assert below.count("<br>") == 2 and below.endswith("company</span>")
    # one more line of the finding and one of what stands below it
    assert paper["layout"]["height"] == 440 + printing.TITLE_LINE_PX + charts.LINE_PX
