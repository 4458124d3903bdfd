"""Filtering the candidates, sharing the link, taking the rows away, opening one."""

import io
import re
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest
from playwright.sync_api import expect

ANSWER = ".st-key-answer"
UP, DOWN = "move_migration-up", "move_migration-down"


@pytest.fixture
def candidates(page, app_url):
    page.goto(f"{app_url}/candidates")
    expect(page.locator(ANSWER)).to_contain_text("would move up")
    return page


def settle(page):
    """Wait until the page has drawn what was asked of it last."""
    app = page.get_by_test_id("stApp")
    expect(app).to_have_attribute("data-test-script-state", "notRunning")
    expect(page.locator("[data-stale=true]")).to_have_count(0)


def box(page, key):
    return page.locator(f".st-key-{key}")


def tick(page, key):
    """Turn a filter on, and wait for the rows that it leaves.

    A click on a page still being drawn can fall on a label about to be replaced.
    """
    settle(page)
    before = page.locator(ANSWER).inner_text()
    box(page, key).locator("label").click()
    expect(page.locator(ANSWER)).not_to_have_text(before)
    settle(page)


def parameters(page):
    return parse_qs(urlsplit(page.url).query)


def downloaded(page):
    settle(page)
    with page.expect_download() as taken:
        box(page, "candidates_CSV").locator("button").first.click()
    return pd.read_csv(io.BytesIO(taken.value.path().read_bytes()), comment="#")


def count_beside(page, key):
    words = box(page, key).locator("label").inner_text()
    return int(re.search(r"([\d,]+)$", words.strip())[1].replace(",", ""))


def test_a_filter_goes_into_the_link_and_shows_as_many_rows_as_its_count(candidates):
    counted = count_beside(candidates, UP)
    tick(candidates, UP)
    expect(candidates).to_have_url(re.compile(rf"{UP}=true"))
    rows = downloaded(candidates)
    assert len(rows) == counted
    assert set(rows["change"]) == {"migration up"}


def test_a_copied_link_shows_a_colleague_the_same_rows(candidates, new_context):
    tick(candidates, UP)
    expect(candidates).to_have_url(re.compile(rf"{UP}=true"))
    tick(candidates, DOWN)
    expect(candidates).to_have_url(re.compile(rf"{DOWN}=true"))
    candidates.locator(".st-key-facet_distance summary").click()
    tick(candidates, "distance_over-25")
    expect(candidates).to_have_url(re.compile("distance_over-25=true"))
    mine = downloaded(candidates)
    answer = candidates.locator(ANSWER).inner_text()

    colleague = new_context().new_page()
    colleague.goto(candidates.url)
    expect(colleague.locator(ANSWER)).to_have_text(answer)
    assert parameters(colleague) == parameters(candidates)
    pd.testing.assert_frame_equal(downloaded(colleague), mine)


def test_two_filters_clicked_fast_are_both_in_the_link(candidates):
    settle(candidates)
    for key in (UP, DOWN):
        box(candidates, key).locator("label").click()
        candidates.wait_for_timeout(150)  # while the first answer is under way
    settle(candidates)
    expect(candidates.locator(ANSWER)).to_contain_text(
        "would move up to the Russell 1000 and"
    )
    assert parameters(candidates) == {UP: ["true"], DOWN: ["true"]}


def test_reset_turns_every_filter_off_and_clears_the_link(candidates):
    settle(candidates)
    answer = candidates.locator(ANSWER).inner_text()
    tick(candidates, UP)
    box(candidates, "reset_filters").locator("button").click()
    expect(candidates.locator(ANSWER)).to_have_text(answer)
    expect(candidates).not_to_have_url(re.compile("move_"))


def test_filters_that_no_name_passes_say_so(page, app_url):
    page.goto(f"{app_url}/candidates?{UP}=true&index_MICRO=true&index_micro=true")
    expect(page.locator(ANSWER)).to_contain_text("No name passes these filters")
    expect(box(page, "reset_filters").locator("button")).to_be_enabled()


def test_a_row_opens_its_company(candidates):
    first = downloaded(candidates)["symbol"].iloc[0]
    table = box(candidates, "candidates").get_by_test_id("stDataFrame")
    table.click(position={"x": 300, "y": 36 + 14})  # anywhere in the row
    expect(candidates).to_have_url(re.compile(rf"/company\?.*symbol={first}"))
    expect(candidates.locator(ANSWER)).to_contain_text(f"({first})")
    expect(candidates.get_by_text("Why in, why out")).to_be_visible()


def test_the_way_back_keeps_the_filters(candidates):
    tick(candidates, UP)
    expect(candidates).to_have_url(re.compile(rf"{UP}=true"))
    answer = candidates.locator(ANSWER).inner_text()
    candidates.get_by_role("link", name="Company", exact=True).click()
    expect(candidates.get_by_text("Ticker or name")).to_be_visible()
    candidates.get_by_role("link", name="Candidates", exact=True).click()
    expect(candidates.locator(ANSWER)).to_have_text(answer)


def test_a_company_is_found_by_a_part_of_its_name(page, app_url):
    page.goto(f"{app_url}/company?symbol=ELD")
    expect(page.locator(ANSWER)).to_contain_text("(ELD)")
    page.goto(f"{app_url}/company?symbol=no+such+company")
    expect(page.get_by_text("No listing of the day answers")).to_be_visible()


def test_of_several_companies_one_is_chosen(page, app_url):
    page.goto(f"{app_url}/company?symbol=bank")
    expect(page.get_by_text("Which one?")).to_be_visible()
    # those above it may still be on their way: the one that was read is chosen
    symbol = box(page, "offers").locator("button").first.inner_text().split()[0]
    box(page, f"offer_{symbol}").locator("button").click()
    expect(page.locator(ANSWER)).to_contain_text(f"({symbol})")
    expect(page).to_have_url(re.compile(f"symbol={symbol}"))
