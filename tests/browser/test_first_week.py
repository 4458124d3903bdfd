"""What an analyst does in the first days, with the mouse, the keyboard and a reader.

The link to a filtered table, and why a name is in, are in `test_candidates`; a chart in
half a page's width as SVG and PNG is in `test_break_points`.
"""

import io
import re
from datetime import date

import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from recon import ingest
from recon.note import paper
from recon.store import Store
from tests import market

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
    page.wait_for_function(
        "() => new Set([...document.querySelectorAll('[data-testid=stColumn]')]"
        ".map(each => Math.round(each.getBoundingClientRect().x))).size <= 1"
    )


# ---- filters, and the way back -------------------------------------------------


def test_the_way_back_undoes_a_filter_and_its_part_of_the_link(page, app_url):
    page.goto(f"{app_url}/candidates")
    settle(page)
    answers = [page.locator(ANSWER).inner_text()]
    for key in ("move_migration-up", "move_migration-down"):
        page.locator(f".st-key-{key} label").click()
        expect(page).to_have_url(re.compile(f"{key}=true"))
        expect(page.locator(ANSWER)).not_to_have_text(answers[-1])
        settle(page)
        answers.append(page.locator(ANSWER).inner_text())
    page.go_back()
    expect(page).not_to_have_url(re.compile("migration-down"))
    expect(page.locator(ANSWER)).to_have_text(answers[1])
    box = page.locator(".st-key-move_migration-down input")
    expect(box).not_to_be_checked()
    page.go_back()
    expect(page).not_to_have_url(re.compile("migration-up"))
    expect(page.locator(ANSWER)).to_have_text(answers[0])


# ---- a note ----------------------------------------------------------------------


def test_a_note_of_two_charts_outlives_a_reload_becomes_a_pdf_and_takes_a_preview(
    page, app_url
):
    page.goto(f"{app_url}/break-points")
    for key, place in (("drift", "Overview"), ("largest", "Note")):
        settle(page)
        expect(page.locator(f".st-key-{key} .main-svg").first).to_be_visible()
        page.locator(f".st-key-{key}_add button").first.click()
        expect(page.get_by_text("Added to the note")).to_be_visible()
        page.get_by_role("link", name=place, exact=True).click()
        expect(page.locator(".st-key-head")).to_contain_text(place)
    expect(page.locator(ANSWER)).to_contain_text("2 pieces")
    page.reload()
    expect(page.locator(ANSWER)).to_contain_text("2 pieces")
    settle(page)
    if not paper.unavailable():
        with page.expect_download() as taken:
            page.locator(".st-key-note_pdf button").first.click()
        assert taken.value.path().read_bytes().startswith(b"%PDF")
    page.locator(".st-key-note_preview button").first.click()
    expect(page.locator(ANSWER)).to_contain_text(re.compile(r"\b\d\d pieces"))


# ---- a desk's own files ------------------------------------------------------------

DAYS = market.sessions(4, date(2026, 11, 16))
HEADS = {
    "date": "Datum",
    "symbol": "Ticker",
    "price": "Kurs",
    "market_cap": "Mkt Cap ($mn)",
    "exchange": "Exchange",
    "name": "Company",
    "volume": "Volume",
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A market of two days, and a desk's files of the two days after them."""
    folder = tmp_path_factory.mktemp("desk")
    rows = market.crowd(3_400, DAYS)
    first = market.write(market.on(rows, DAYS[:2]), folder / "first.parquet")
    ingest.listings(folder / "store", [first], ingest.Options())
    for name, day, count in (("desk", DAYS[2], 3_400), ("half", DAYS[3], 2_000)):
        table = (
            market.on(rows, [day]).head(count).rename(columns=HEADS)[[*HEADS.values()]]
        )
        table["Datum"] = table["Datum"].dt.strftime("%d.%m.%Y")
        table["Mkt Cap ($mn)"] /= 1e6
        text = table.to_csv(sep=";", decimal=",", index=False)
        (folder / f"{name}.csv").write_text(f"Screen of the desk;;\n\n{text}")
    book = pd.DataFrame({"Ticker": ["N0001", "N0002"], "P/B": [1.5, 2.5]})
    book.to_csv(folder / "book.csv", index=False)
    return folder


def offered(page, address, source, path):
    page.goto(f"{address}/load?source={source}")
    settle(page)
    page.locator("input[type=file]").first.set_input_files(path)
    expect(page.locator(".st-key-mapping")).to_be_visible()
    settle(page)


def chosen(page, label, option):
    """Choose from a list of choices once the page stands still: else it closes."""
    field = page.get_by_role("combobox", name=re.compile(label))
    field.scroll_into_view_if_needed()
    field.click()
    page.get_by_role("option", name=option, exact=True).click()
    settle(page)


def loaded(page, words):
    page.get_by_role("button", name="Load this file").click()
    expect(page.locator(".st-key-run")).to_contain_text(words)


def test_files_of_a_desk_are_understood_tried_and_loaded(page, serve_anew, desk):
    address = serve_anew(desk / "store")
    offered(page, address, "My+own+file", desk / "desk.csv")
    expect(page.get_by_text("Choose the column for: Close, $.")).to_be_visible()
    chosen(page, "Close", "Kurs")
    page.get_by_role("button", name="Check this file").click()
    told = "3,400 of 3,400 rows would be taken, on 1 day."
    expect(page.get_by_text(told)).to_be_visible()
    loaded(page, "My file desk.csv: done")

    offered(page, address, "My+own+file", desk / "half.csv")
    chosen(page, "Close", "Kurs")
    page.get_by_role("button", name="Check this file").click()
    expect(page.get_by_text("0 of 2,000 rows would be taken.")).to_be_visible()
    expect(page.get_by_text("would be held back: 2,000 rows")).to_be_visible()
    chosen(page, "Publish all the same", "19 Nov 2026")
    reason = page.locator(".st-key-because input")
    reason.fill("half a session, Ana")
    reason.press("Enter")
    expect(page.get_by_role("button", name="Load this file")).to_be_enabled()
    loaded(page, "My file half.csv: done")

    offered(page, address, "My+own+file", desk / "book.csv")
    expect(page.get_by_text("This looks like fundamentals")).to_be_visible()
    offered(page, address, "Fundamentals", desk / "book.csv")
    page.locator(".st-key-known_on [role=spinbutton]").first.click()
    page.keyboard.type("20261118")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Check this file").click()
    expect(page.get_by_text("2 of 2 values would be taken.")).to_be_visible()
    loaded(page, "Fundamentals book.csv: done")

    store = Store(desk / "store")
    assert [each.date() for each in store.published_days()] == DAYS
    assert store.days()["decided_by"].iloc[-1].endswith(": half a session, Ana")
    caps = store.quotes(DAYS[1], DAYS[2]).groupby("snapshot_date")
    before, after = caps["total_market_cap_usd"].sum()
    assert after == pytest.approx(before, rel=0.05)  # not a factor of a million
    assert len(store.fundamentals(DAYS[3])) == 2
