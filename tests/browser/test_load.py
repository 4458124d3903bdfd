"""From an empty store to a drawn chart, and what a load does on the way."""

import re
from datetime import date

from playwright.sync_api import expect

from recon.jobs import processes, runs
from recon.sources.http_client import PACE
from tests.conftest import TODAY
from tests.yahoo_market import crowd
from tests.yahoo_server import Yahoo, serving

DRIFT = ".st-key-drift"
BUILDS_MS = 120_000
SLICES = re.compile(r"slices \d+ of \d+ · [\d,]+ rows · \d+ requests")


def test_a_first_visitor_comes_from_an_empty_store_to_a_drawn_chart(
    page, serve_anew, tmp_path
):
    page.goto(f"{serve_anew(tmp_path / 'store')}/break-points")
    expect(page.get_by_role("heading", name="No listings yet")).to_be_visible()
    page.get_by_role("button", name="The demo market").click()
    expect(page.get_by_role("heading", name="Load", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile("source=Demo"))
    expect(page.get_by_role("progressbar")).to_be_visible()
    done = page.get_by_text("Demo market: done")
    expect(done).to_be_visible(timeout=BUILDS_MS)
    page.locator(".st-key-run").get_by_role("link", name="Breakpoints").click()
    expect(page.locator(f"{DRIFT} .main-svg").first).to_be_visible()
    expect(page.locator(f"{DRIFT} .scatterlayer path.js-line").first).to_be_visible()
    expect(page.locator(".st-key-answer")).to_contain_text("line stands at")


def test_todays_market_comes_from_yahoo_with_its_requests_and_a_drawn_chart(
    page, serve_anew, tmp_path, monkeypatch
):
    market = crowd(1_500, date.fromisoformat(TODAY))
    # Slow enough for a reader to see it at work.
    with serving(Yahoo(market, delay_seconds=0.25)) as yahoo:
        monkeypatch.setenv("RECON_YAHOO_BASE", yahoo.address)
        monkeypatch.setenv("RECON_SAMPLE", "1")
        monkeypatch.setenv(PACE, "0.02")
        page.goto(serve_anew(tmp_path / "store"))
        page.get_by_role("button", name="Today's market from Yahoo").click()
        page.get_by_role("button", name="Load today's market").click()
        expect(page.locator(".st-key-run")).to_contain_text(SLICES)
        done = page.get_by_text("Today's market from Yahoo: done")
        expect(done).to_be_visible(timeout=BUILDS_MS)
    assert len(yahoo.asked) > 15
    expect(page.get_by_text("Requests of Today's market from Yahoo")).to_be_visible()
    page.locator(".st-key-run").get_by_role("link", name="Breakpoints").click()
    expect(page.locator(f"{DRIFT} .main-svg").first).to_be_visible()
    expect(page.locator(".st-key-answer")).to_contain_text("line stands at")
    expect(page.locator(".st-key-head")).to_contain_text("20 Nov 2026")


def test_a_load_is_cancelled_by_its_button_and_resumed_by_another(
    page, serve_anew, tmp_path
):
    store = tmp_path / "store"
    page.goto(f"{serve_anew(store)}/load?source=Demo+market")
    page.get_by_role("button", name="Build the demo market").click()
    expect(page.get_by_text("inventing the market")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Demo market: canceled")).to_be_visible()
    assert not (store / "CURRENT").exists()
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("button", name="Cancel")).to_be_enabled()
    (run,) = [run for run in runs.past(store) if run.state is runs.State.RUNNING]
    processes.cancel(store, run.id)
    expect(page.get_by_text("Demo market: canceled")).to_be_visible()
