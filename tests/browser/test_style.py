"""Filtering the style page, and opening its link as another visitor."""

import re

import pytest
from playwright.sync_api import expect

ANSWER = ".st-key-answer"
NOTE = ".st-key-shifts-foot"
TO_GROWTH = "shift_to-growth"


@pytest.fixture
def style(page, app_url):
    page.goto(f"{app_url}/style?as_of=2026-05-20")
    expect(page.locator(ANSWER)).to_contain_text("of the Russell 1000's available cap")
    return page


def test_index_and_filters_are_in_the_link_and_another_visitor_sees_the_same(
    style, context
):
    style.get_by_text("Russell 2000", exact=True).first.click()
    expect(style.locator(ANSWER)).to_contain_text("of the Russell 2000's available cap")
    style.locator(f".st-key-{TO_GROWTH} label").click()
    expect(style.locator(NOTE)).to_contain_text("Shift of style: ◂ to growth")
    expect(style).to_have_url(re.compile(rf"{TO_GROWTH}=true"))
    expect(style).to_have_url(re.compile(r"base=Russell"))
    title = style.locator(".st-key-style-map-title h3").text_content()
    other = context.new_page()
    other.goto(style.url)
    expect(other.locator(ANSWER)).to_have_text(style.locator(ANSWER).inner_text())
    expect(other.locator(NOTE)).to_contain_text("Shift of style: ◂ to growth")
    expect(other.locator(".st-key-style-map-title h3")).to_have_text(title)


def test_the_words_below_a_chart_of_half_a_page_do_not_overlap(style):
    chart = style.locator(".st-key-style-totals")
    expect(chart.locator(".modebar .recon-size")).to_be_visible()
    bar = chart.locator(".modebar").bounding_box()
    below = style.locator(".st-key-style-totals-below")
    button = below.locator("button").first.bounding_box()
    note = below.locator("p").first.bounding_box()
    assert button["x"] + button["width"] <= bar["x"]
    assert bar["y"] + bar["height"] <= note["y"] + 4
    assert note["width"] >= 0.6 * chart.bounding_box()["width"]


def test_a_table_writes_a_true_minus_and_no_signed_zero(page, app_url):
    page.add_init_script(
        "window.written = []; const draw = CanvasRenderingContext2D.prototype.fillText;"
        "CanvasRenderingContext2D.prototype.fillText = function (text, ...place) {"
        "window.written.push(text); return draw.call(this, text, ...place) }"
    )
    page.goto(f"{app_url}/style?as_of=2026-05-20")
    page.wait_for_function(
        "window.written.some((each) => /^Effect, \\$[bm]n$/.test(each))"
    )
    page.wait_for_function("window.written.some((each) => /^\u2212\\d/.test(each))")
    last = page.evaluate("window.written.slice(-400)")
    assert not [each for each in last if re.fullmatch(r"-[\d.,]+|[+-]0[.0]*", each)]
