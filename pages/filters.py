"""How a reader narrows a page down: filters with counts, and the search for a company.

All of it is in the link. Every choice of a filter is a checkbox of its own, bound to
the link by a key that does not change with its count. What is on is known before the
boxes are drawn, since each count looks at all the others: from the session where it
knows, else from the link.
"""

import contextlib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

import pandas as pd
import streamlit as st

from pages import links, watchlists
from pages.cache import answers
from pages.display import HEAD_PX, ROW_PX, exhibit
from pages.wording import plain
from recon.errors import ReconError
from recon.exhibits import Answers, Exhibit, candidates
from recon.exhibits import company as company_exhibits
from recon.exhibits.candidates import FilteredQuestion, keys_of
from recon.studies.candidates import filters, watchlist
from recon.studies.candidates.filters import Facet

OPEN = ("index", "move", "shift", "side", "trade", "kind")
SYMBOL = "symbol"
SEARCH, WANTED = "find_company", "found_company"
NEAR_ROWS = 12
Asked = TypeVar("Asked", bound=FilteredQuestion)


def ask(
    kind: type[Asked],
    day: date,
    rows: pd.DataFrame,
    which: str = "all names that move or are held",
    **given: Any,
) -> Asked:
    """Let the reader filter a day's rows; return the question with what is on.

    `which` says what all the rows are; two pages whose rows differ say it differently.
    """
    place = st.sidebar.container()
    only = _watched()
    rows = watchlist.of_symbols(rows, only)
    among, of = kind.facets(), (which, only, *given.values())
    chosen = _chosen(rows, among)
    with place:
        _reset(chosen, among, which)
    with st.sidebar:
        for facet in among:
            counts = _counts(rows, day, facet, chosen, among, of)
            _facet(facet, rows, counts, chosen)
    return kind(as_of=day, on=keys_of(chosen, among), only=only, **given)


def _watched() -> tuple[str, ...]:
    """Return the tickers of the reader's own list, which the link keeps."""
    watchlists.offer_as_filter()
    text = st.sidebar.text_input(
        "Only these tickers",
        key="only",
        bind="query-params",
        placeholder="FTAI, TNDM",
        help="A bookmark or a copied link keeps them, and they narrow down the "
        "table and its downloads",
    )
    return candidates.tickers([text])


def explore(
    chart: Exhibit, table: Exhibit, question: FilteredQuestion, most_px: int = 0
) -> None:
    """Show a chart and its table: dots narrow the table down, a row opens a company.

    `most_px` limits the height of the table; 0 leaves it as usual.
    """
    picked = exhibit(
        chart,
        question,
        hint="choose dots to see them alone in the table",
        on_select="rerun",
        selection_mode=("points", "box"),
    )
    names = tuple(point["customdata"][0] for point in picked.selection.points)
    question = question.model_copy(update={"names": names})
    rows = table.made(answers(), question).table()
    opened = exhibit(
        table,
        question,
        hint="click a row to open the company; the eye above the table has more "
        "columns",
        on_select="rerun",
        selection_mode="single-row",
        height=most_px if 0 < most_px < HEAD_PX + ROW_PX * len(rows) else None,
    )
    for row in opened.selection.rows:
        open_company(rows["symbol"].iloc[row])


def _counts(
    rows: pd.DataFrame,
    day: date,
    facet: Facet,
    chosen: dict[str, list[str]],
    among: Sequence[Facet],
    of: tuple[object, ...],
) -> dict[str, int]:
    """Count a facet's choices, once for what is on; `of` names the rows."""
    on = tuple((name, tuple(choices)) for name, choices in chosen.items())
    key = (day, facet.name, on, of)
    return answers().memory.get(
        "filters", key, 256, lambda: filters.counts(rows, facet, chosen, among)
    )


def is_one_company(question: company_exhibits.CompanyQuestion, known: Answers) -> bool:
    """Tell whether the question names one company; offer what it may mean if not.

    Without words, those nearest to a line are offered.
    """
    words = question.symbol
    found = company_exhibits.found(known, question)
    if len(found) == 1:
        return True
    said = f"“{plain(words)}”"
    if len(found):
        st.markdown(f"**Which one?** The first {len(found)} that {said} may mean:")
    elif words:
        st.markdown(f"No listing of the day answers to {said}. Nearest to a line:")
    else:
        st.markdown("Type a ticker or a name, or open one of those nearest to a line:")
    _offer(found if len(found) else known.watched(*question.ranking()).head(NEAR_ROWS))
    return False


def _offer(listings: pd.DataFrame) -> None:
    with st.container(horizontal=True, gap="small", key="offers"):
        for symbol, name in zip(listings["symbol"], listings["company"], strict=True):
            st.button(
                f"**{plain(symbol)}** {plain(name)}",
                key=f"offer_{symbol}",
                on_click=_name_company,
                args=(symbol,),
            )


def company_search() -> None:
    """Let the reader type a ticker or a name on any page, and open that company."""
    with contextlib.suppress(ReconError):
        if symbol := st.session_state.pop(WANTED, ""):
            open_company(symbol)
        days = answers().published_days()
        if not len(days):
            return
        asked = st.session_state.get("as_of") or days[-1].date()
        st.sidebar.selectbox(
            "Find a company",
            answers().listed(answers().day_on_or_before(asked)),
            index=None,
            key=SEARCH,
            placeholder="ticker or name",
            on_change=_search,
        )


def _search() -> None:
    chosen = st.session_state.get(SEARCH)
    st.session_state[WANTED] = (chosen or "").partition("  ")[0]
    st.session_state[SEARCH] = None


def open_company(symbol: str) -> None:
    """Go to the page of a company."""
    _name_company(symbol)
    st.switch_page("pages/now/company.py", query_params={SYMBOL: symbol})


def _name_company(symbol: str) -> None:
    st.session_state[SYMBOL] = symbol


def _chosen(rows: pd.DataFrame, among: Sequence[Facet]) -> dict[str, list[str]]:
    chosen: dict[str, list[str]] = {}
    for facet in among:
        choices = filters.choices(rows, facet)
        on = [choice for choice in choices if _is_on(filters.key(facet, choice))]
        if on:
            chosen[facet.name] = on
    return chosen


def _is_on(key: str) -> bool:
    if key in st.session_state and not links.is_way_back():
        return bool(st.session_state[key])
    return st.query_params.get(key, "").lower() == "true"


def _facet(
    facet: Facet,
    rows: pd.DataFrame,
    counts: Mapping[str, int],
    chosen: dict[str, list[str]],
) -> None:
    on = chosen.get(facet.name, [])
    is_open = facet.name in OPEN or bool(on)
    box = st.expander(facet.title, key=f"facet_{facet.name}", expanded=is_open)
    words = ""
    if facet.is_searched:
        words = box.text_input(
            f"Search {facet.title.lower()}",
            key=f"find_{facet.name}",
            placeholder="part of its name, then Enter",
            label_visibility="collapsed",
        )
    choices = (
        filters.searched(rows, facet, chosen, words)
        if facet.is_searched
        else filters.choices(rows, facet)
    )
    with box.container(gap=None, key=f"choices_{facet.name}"):
        if not choices:
            st.caption(_no_choice(facet, words))
        for choice in choices:
            st.checkbox(
                f"{plain(filters.label(choice))} :gray[{counts.get(choice, 0):,}]",
                key=filters.key(facet, choice),
                bind="query-params",
            )


def _no_choice(facet: Facet, words: str) -> str:
    if not facet.is_searched:
        return "None."
    if words:
        return f"None holds “{plain(words)}”."
    return f"Search by a part of its name, or choose a {facet.within}."


def _reset(chosen: dict[str, list[str]], among: Sequence[Facet], which: str) -> None:
    """Show what is on and a way to turn it off; as tall with nothing on.

    Were a box to change its place, a click in the meantime could miss the link.
    """
    st.button(
        "Reset filters",
        key="reset_filters",
        on_click=_clear,
        args=(frozenset(facet.name for facet in among),),
        disabled=not chosen,
        width="stretch",
    )
    words = filters.statement(chosen, among=among) or f"None is on: {which}."
    st.caption(plain(words))


def _clear(names: frozenset[str]) -> None:
    """Turn off every choice of some facets, those of other days too."""
    for key in list(st.session_state):
        if str(key).partition("_")[0] in names and st.session_state[key] is True:
            st.session_state[key] = False
