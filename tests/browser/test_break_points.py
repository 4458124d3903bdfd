"""The first visitor, a copied link, dark and light, and a chart as a file."""

import re

import pytest
from playwright.sync_api import expect

ANSWER = ".st-key-answer"
DRIFT = ".st-key-drift"
GROUND = {"light": "rgb(255, 255, 255)", "dark": "rgb(15, 20, 27)"}


def test_the_first_visitor_of_a_fresh_server_may_come_by_a_deep_link(
    page, serve_anew, demo_store
):
    page.goto(f"{serve_anew(demo_store)}/break-points")
    expect(page.locator(f"{DRIFT} .main-svg").first).to_be_visible()
    expect(page.get_by_role("heading", name="Breakpoints")).to_be_visible()
    expect(page.get_by_text("Page not found")).to_have_count(0)


def test_a_copied_link_restores_the_controls(page, app_url, new_context):
    page.goto(f"{app_url}/break-points")
    expect(page.locator(ANSWER)).to_contain_text("line stands at")
    page.locator(".st-key-scale").get_by_text("linear").click()
    expect(page).to_have_url(f"{app_url}/break-points?scale=linear")
    page.locator(".st-key-market label").click()
    expect(page).to_have_url(re.compile("market=false"))
    other = new_context().new_page()
    other.goto(page.url + "&as_of=2026-06-30")
    expect(other.locator(".st-key-head")).to_contain_text("30 Jun 2026")
    expect(other.locator(DRIFT)).not_to_contain_text("Market alone")
    expect(other.locator(f"{DRIFT} .ytick").first).to_contain_text("$0")
    other.get_by_role("link", name="Overview").click()
    expect(other).to_have_url(f"{app_url}/?as_of=2026-06-30")


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_figures_stand_on_the_ground_of_the_page(page, app_url, color_scheme):
    page.goto(f"{app_url}/break-points")
    ground = page.locator(f"{DRIFT} .main-svg").first
    expect(ground).to_have_css("background-color", GROUND[color_scheme])


@pytest.mark.parametrize("color_scheme", ["dark"])
def test_a_chart_is_taken_away_in_print_with_its_source(page, app_url, color_scheme):
    page.goto(f"{app_url}/break-points")
    bar = page.locator(f"{DRIFT} .modebar")
    with page.expect_download() as taken:
        bar.get_by_role("button", name="SVG").click()
    assert taken.value.suggested_filename == "recon-breakpoints-2026-11-19.svg"
    drawing = taken.value.path().read_text("utf-8")
    assert "Demo market, synthetic" in drawing and "as of 19 Nov 2026" in drawing
    assert "rgb(15, 20, 27)" not in drawing and "rgb(255, 255, 255)" in drawing
    with page.expect_download() as taken:
        bar.get_by_role("button", name="PNG").click()
    assert taken.value.path().read_bytes().startswith(b"\x89PNG")
