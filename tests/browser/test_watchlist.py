"""A visitor's own watchlist: there after a reload, offered to others by a link."""

import re

from playwright.sync_api import expect

LIST = "PALD #near up or held?\nNOTHERE"
KEEP = "Keep as my watchlist"


def test_a_list_outlives_a_reload_and_another_visitor_keeps_their_own(
    page, new_context, app_url
):
    names = page.get_by_role("textbox", name="Names, a line each")
    page.goto(f"{app_url}/watchlist")
    names.fill(LIST)
    names.press("Control+Enter")
    expect(page.locator(".st-key-answer")).to_contain_text("of 2 on the watchlist")
    expect(page).to_have_url(re.compile("names=PALD"))
    link = page.url
    page.goto(f"{app_url}/watchlist")
    expect(names).to_have_value(LIST)
    expect(page.get_by_role("button", name=KEEP)).to_have_count(0)

    other = new_context().new_page()
    other.goto(link)
    expect(other.get_by_role("textbox", name="Names, a line each")).to_have_value(LIST)
    expect(other.get_by_role("button", name=KEEP)).to_be_visible()
    other.goto(f"{app_url}/watchlist")
    expect(other.locator(".st-key-answer")).to_contain_text("Write the names to watch")
