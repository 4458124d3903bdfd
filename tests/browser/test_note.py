"""A note from pieces of several pages, taken away; and a link opened by a stranger."""

import io
import re

import openpyxl
import pandas as pd
import pptx
import pytest
from playwright.sync_api import expect

ANSWER = ".st-key-answer"


def settle(page):
    """Wait until the page has drawn what was asked of it last."""
    app = page.get_by_test_id("stApp")
    expect(app).to_have_attribute("data-test-script-state", "notRunning")
    expect(page.locator("[data-stale=true]")).to_have_count(0)


def press(page, key):
    settle(page)
    page.locator(f".st-key-{key} button").first.click()
    settle(page)


def go(page, name):
    """Follow a link of the sidebar: a new address would be a new visit."""
    page.get_by_role("link", name=name, exact=True).click()
    expect(page.locator(".st-key-head")).to_contain_text(name)
    settle(page)


def taken(page, key):
    settle(page)
    with page.expect_download() as download:
        page.locator(f".st-key-{key} button").first.click()
    return download.value.path().read_bytes()


def title_of(page, place):
    return page.locator(f".st-key-piece_{place} input[type=text]").first


def add(page, key, count):
    """Add what stands on the page to the note, and wait until it is there."""
    press(page, f"{key}_add")
    words = f"Added to the note: {count} piece{'s' if count > 1 else ''}."
    expect(page.get_by_text(words)).to_be_visible()


def retitle(page, place, words):
    """Write another title, and wait for the field that the app draws anew with it."""
    field = page.locator(f"[class*='st-key-note_title_{place}_']").first
    before = field.get_attribute("class")
    title_of(page, place).fill(words)
    title_of(page, place).press("Enter")
    expect(field).not_to_have_class(before)
    expect(title_of(page, place)).to_have_value(words)


@pytest.fixture
def line(page, app_url):
    """Return a page that has put its chart of the line into the note."""
    page.goto(f"{app_url}/break-points")
    expect(page.locator(".st-key-drift .main-svg").first).to_be_visible()
    add(page, "drift", 1)
    return page


@pytest.fixture
def note(line):
    """Return a page that shows a note of two charts and a table."""
    go(line, "Overview")
    expect(line.locator(".st-key-largest .main-svg").first).to_be_visible()
    add(line, "largest", 2)
    go(line, "Candidates")
    line.locator(".st-key-move_migration-up label").click()
    expect(line).to_have_url(re.compile("move_migration-up=true"))
    add(line, "candidates", 3)
    go(line, "Note")
    expect(line.locator(ANSWER)).to_contain_text("3 pieces")
    return line


def test_pieces_of_three_pages_are_reordered_and_taken_away(note):
    for place in range(3):  # a field is there before its words are
        expect(title_of(note, place)).to_have_value(re.compile("."))
    titles = [title_of(note, place).input_value() for place in range(3)]
    assert titles[0].startswith("The Russell 1000/2000 line")
    assert titles[1].startswith("Ten largest")
    assert titles[2].endswith("would move up to the Russell 1000")
    press(note, "note_up_2")
    expect(title_of(note, 1)).to_have_value(titles[2])
    retitle(note, 1, "Who moves up")

    deck = pptx.Presentation(io.BytesIO(taken(note, "note_pptx")))
    slides = [slide for slide in deck.slides][1:]
    heads = [slide.shapes.title.text for slide in slides]
    assert heads[0] == titles[0] and heads[-1] == titles[1]
    assert all(head.startswith("Who moves up") for head in heads[1:-1])
    charts = [s.chart for slide in slides for s in slide.shapes if s.has_chart]
    assert len(charts) == 2
    words = [s.text_frame.text for s in slides[1].shapes if s.has_text_frame]
    assert any("Move: ▲ up" in each for each in words)
    assert not any("127.0.0.1" in each for each in words)  # nobody else can open it

    book = openpyxl.load_workbook(io.BytesIO(taken(note, "note_xlsx")))
    assert len(book.worksheets) == 4
    line = pd.DataFrame(list(book.worksheets[1].values)[4:])
    native = charts[0].plots[-1].series[0].values
    assert [v for v in native if v] == pytest.approx(line[1].dropna().tolist())
    names = [row[0] for row in list(book.worksheets[2].values)[4:]]
    in_deck = [
        cell
        for slide in slides[1:-1]
        for s in slide.shapes
        if s.has_table
        for cell in [row.cells[0].text for row in s.table.rows][1:]
    ]
    assert names[: len(in_deck)] == in_deck and len(names) >= len(in_deck) > 0


def test_a_saved_note_is_loaded_by_another_visitor(line, new_context, app_url):
    go(line, "Note")
    kept = taken(line, "note_json")
    other = new_context().new_page()
    other.goto(f"{app_url}/note")
    expect(other.locator(ANSWER)).to_contain_text("The note is empty")
    settle(other)
    other.locator(".st-key-note_file input[type=file]").set_input_files(
        {"name": "mine.json", "mimeType": "application/json", "buffer": kept}
    )
    expect(other.locator(ANSWER)).to_contain_text("1 piece as of 19 Nov 2026")
    expect(title_of(other, 0)).to_have_value(title_of(line, 0).input_value())


def test_the_copied_link_shows_a_stranger_the_same_rows(page, app_url, new_context):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{app_url}/candidates?as_of=2026-06-30")
    expect(page.locator(".st-key-head")).to_contain_text("30 Jun 2026")
    page.locator(".st-key-move_addition label").click()
    expect(page).to_have_url(re.compile("move_addition=true"))
    settle(page)
    mine = taken(page, "candidates_CSV")
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Link copied")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    assert "as_of=2026-06-30" in link

    other = new_context().new_page()
    other.goto(link)
    expect(other.locator(".st-key-head")).to_contain_text("30 Jun 2026")
    settle(other)
    rows = [
        pd.read_csv(io.BytesIO(each), comment="#")
        for each in (mine, taken(other, "candidates_CSV"))
    ]
    pd.testing.assert_frame_equal(*rows)
    assert len(rows[0]) and set(rows[0]["change"]) == {"addition"}
    expect(other.get_by_text("Not all of the link")).to_have_count(0)


def test_an_old_link_opens_with_a_word_about_what_is_gone(page, app_url):
    page.goto(f"{app_url}/break-points?as_of=1999-01-01&scale=cubic&colour=red")
    told = page.get_by_text("Not all of the link could be followed")
    expect(told).to_contain_text("colour=red is not known here")
    expect(told).to_contain_text("scale=cubic")
    expect(page.locator(".st-key-head")).to_contain_text("19 Nov 2026")


@pytest.mark.parametrize("color_scheme", ["dark"])
def test_a_chart_becomes_a_page_with_its_numbers(page, app_url, color_scheme):
    page.goto(f"{app_url}/break-points")
    bar = page.locator(".st-key-drift .modebar")
    bar.locator("select").select_option("slide")
    with page.expect_download() as download:
        bar.get_by_role("button", name="HTML").click()
    assert download.value.suggested_filename.endswith(".html")
    text = download.value.path().read_text("utf-8")
    assert 'width="1280"' in text and "<script" not in text
    assert "Demo market, synthetic" in text and "Numbers of the chart" in text
    # the address of this machine is nobody else's
    assert "127.0.0.1" not in text and "rgb(15, 20, 27)" not in text
