"""What an analyst does in the first days, with the mouse, the keyboard and a reader."""

import io
import re

import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

ANSWER = ".st-key-answer"
PLACES = ("overview", "candidates", "style", "note", "load")
HEARD = {"serious", "critical"}
# ours is the page; Streamlit's own controls are its makers'
OPTIONS = {"resultTypes": ["violations"], "runOnly": ["wcag2a", "wcag2aa"]}


def settle(page):
    """Wait until the page has drawn what was asked of it last."""
    expect(page.get_by_test_id("stHeading").first).to_be_visible()
    app = page.get_by_test_id("stApp")
    expect(app).to_have_attribute("data-test-script-state", "notRunning")
    expect(page.locator("[data-stale=true]")).to_have_count(0)


def test_nothing_serious_stands_in_the_way_of_a_screen_reader(page, app_url):
    found = {}
    for place in PLACES:
        page.goto(f"{app_url}/{place}")
        settle(page)
        violations = Axe().run(page, options=OPTIONS).response["violations"]
        serious = [each for each in violations if each["impact"] in HEARD]
        found[place] = [
            (each["id"], each["nodes"][0]["html"][:120]) for each in serious
        ]
    assert found == {place: [] for place in PLACES}


def test_biotech_names_that_leave_and_how_far_and_a_name_by_search(page, app_url):
    page.goto(f"{app_url}/candidates?group_biotech=true&move_deletion=true")
    settle(page)
    expect(page).to_have_title("Candidates · recon")
    expect(page.locator(ANSWER)).to_contain_text("would be deleted")
    with page.expect_download() as taken:
        page.locator(".st-key-candidates_CSV button").first.click()
    rows = pd.read_csv(io.BytesIO(taken.value.path().read_bytes()), comment="#")
    assert rows["industry"].str.contains("Biotech|Medicinal").all()
    ranked = rows["distance_to_break_point_frac"].dropna()
    assert len(ranked) and (ranked < 0).all()
    settle(page)
    search = page.locator(".st-key-find_company input")
    search.scroll_into_view_if_needed()
    page.wait_for_timeout(500)  # a list of choices closes where its place moves
    search.click()
    search.press_sequentially("PALD", delay=60)
    page.wait_for_timeout(500)
    search.press("Enter")
    expect(page).to_have_url(re.compile(r"/company\?.*symbol=PALD"))
    expect(page.locator(ANSWER)).to_contain_text("(PALD)")


def test_a_day_is_typed_and_the_table_reached_by_the_keyboard(page, app_url):
    page.goto(f"{app_url}/overview")
    settle(page)
    part = page.locator(".st-key-as_of [role=spinbutton]").first
    part.focus()
    page.keyboard.type("20261115")  # a Sunday
    page.keyboard.press("Enter")
    expect(page.locator(".st-key-head")).to_contain_text("no session on 15 Nov 2026")
    expect(page.locator(".st-key-head")).to_contain_text("as of 13 Nov 2026")
    page.locator(".recon-skip").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-testid=data-grid-canvas]:focus")).to_have_count(1)


@pytest.mark.parametrize("place", ["overview", "candidates"])
def test_at_125_percent_the_columns_stand_in_a_row(new_context, app_url, place):
    page = new_context(device_scale_factor=1.25).new_page()
    page.set_viewport_size({"width": 1024, "height": 720})
    page.goto(f"{app_url}/{place}")
    settle(page)
    across = page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
    assert across <= 1024
    boxes = [each.bounding_box() for each in page.get_by_test_id("stColumn").all()]
    assert len({round(box["x"]) for box in boxes}) <= 1
