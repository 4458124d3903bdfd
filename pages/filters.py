"""How a reader narrows a page down: filters with counts, and the search for a company.

All of it is in the link. Every choice of a filter is a checkbox of its own, bound to
the link by a key that does not change with its count. What is on is known before the
boxes are drawn, since each count looks at all the others: from the session where it
knows, else from the link.
"""

import pandas as pd
import streamlit as st

from recon import facets, reasons, wording
from recon.facets import FACETS, Facet

OPEN = ("index", "move")
SYMBOL = "symbol"


def choose(rows: pd.DataFrame) -> dict[str, list[str]]:
    """Let the reader filter watched rows; return the choices that are on."""
    chosen = _chosen(rows)
    with st.sidebar:
        _reset(chosen)
        for facet in FACETS:
            choices = facets.choices(rows, facet, chosen)
            if choices:
                _facet(rows, facet, choices, chosen)
    return chosen


def pick_company(securities: pd.DataFrame) -> int | None:
    """Let the reader name a company; return its security_id where it is clear."""
    words = st.sidebar.text_input(
        "Ticker or name",
        key=SYMBOL,
        bind="query-params",
        placeholder="AAPL, or part of a name",
    )
    found = reasons.find(securities, words)
    if len(found) == 1:
        return int(found["security_id"].iloc[0])
    if words.strip():
        st.markdown(
            f"**Which one?** {wording.count(len(found), 'listing')} of the day "
            f"{'answers' if len(found) == 1 else 'answer'} to “{words.strip()}”."
        )
        offer_companies(found)
    return None


def offer_companies(listings: pd.DataFrame) -> None:
    """Show listings as buttons that open the company; needs symbol and company."""
    with st.container(horizontal=True, gap="small", key="offers"):
        for symbol, name in zip(listings["symbol"], listings["company"], strict=True):
            st.button(
                f"**{symbol}** {name}",
                key=f"offer_{symbol}",
                on_click=_name_company,
                args=(symbol,),
            )


def open_company(symbol: str) -> None:
    """Go to the page of a company."""
    _name_company(symbol)
    st.switch_page("pages/now/company.py", query_params={SYMBOL: symbol})


def _name_company(symbol: str) -> None:
    st.session_state[SYMBOL] = symbol


def _chosen(rows: pd.DataFrame) -> dict[str, list[str]]:
    chosen: dict[str, list[str]] = {}
    for facet in FACETS:
        choices = facets.choices(rows, facet, chosen)
        on = [choice for choice in choices if _is_on(facets.key(facet, choice))]
        if on:
            chosen[facet.name] = on
    return chosen


def _is_on(key: str) -> bool:
    if key in st.session_state:
        return bool(st.session_state[key])
    return st.query_params.get(key, "").lower() == "true"


def _facet(
    rows: pd.DataFrame, facet: Facet, choices: list[str], chosen: dict[str, list[str]]
) -> None:
    counts = facets.counts(rows, facet, chosen)
    on = chosen.get(facet.name, [])
    is_open = facet.name in OPEN or bool(on)
    box = st.expander(facet.title, key=f"facet_{facet.name}", expanded=is_open)
    with box.container(gap=None, key=f"choices_{facet.name}"):
        for choice in choices:
            st.checkbox(
                f"{_escaped(facets.label(choice))} :gray[{counts.get(choice, 0):,}]",
                key=facets.key(facet, choice),
                bind="query-params",
            )


def _escaped(words: str) -> str:
    return words.replace("$", r"\$")


def _reset(chosen: dict[str, list[str]]) -> None:
    if not chosen:
        st.caption("No filter is on: every name that moves or is held is shown.")
        return
    st.button(
        "Reset filters",
        key="reset_filters",
        on_click=_clear,
        args=(chosen,),
        width="stretch",
    )
    st.caption(_escaped(facets.statement(chosen)))


def _clear(chosen: dict[str, list[str]]) -> None:
    for facet in FACETS:
        for choice in chosen.get(facet.name, []):
            st.session_state[facets.key(facet, choice)] = False
