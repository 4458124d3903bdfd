"""A walk through the pages of a market whose words are pictures, links and scripts.

`tests/test_hostile_words.py` has every page, without a browser.
"""

from tests.hostile import BEACON, DAYS, PICTURE

# whatever could have been made of the words: an element that fetches, or leads away
LIVE = """() => [...document.querySelectorAll(
    'img, image, a, script, [style], use, iframe')]
  .filter(each => ['src', 'href', 'style', 'xlink:href'].some(name =>
    (each.getAttribute(name) || '').includes('/beacon')) ||
    (each.tagName === 'SCRIPT' && each.textContent.includes('/beacon')))
  .map(each => each.outerHTML.slice(0, 200))"""
PATHS = ("overview", "candidates", "company", "data", "load")
LINKS = {"company": f"?symbol={PICTURE}", "data": f"?refused_symbol={PICTURE}"}


def test_no_page_makes_anything_of_hostile_words(page, serve_anew, hostile_store):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    url = serve_anew(hostile_store, today=DAYS[-1].isoformat())
    for path in PATHS:
        page.goto(f"{url}/{'' if path == 'overview' else path}{LINKS.get(path, '')}")
        page.get_by_test_id("stHeading").first.wait_for()
        page.wait_for_function(
            "() => !document.querySelector('[data-testid=stStatusWidget]')"
        )
        assert page.evaluate(LIVE) == [], path
        assert page.get_by_test_id("stException").count() == 0, path
    assert [each for each in asked if each.startswith(BEACON)] == []
