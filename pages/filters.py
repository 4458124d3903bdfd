"""The filters of the watched names: choices with counts, in the sidebar and the link.

Every choice is a checkbox of its own, bound to the link by a key that does not change
with its count. What is on is known before the boxes are drawn, since each count looks
at all the others: from the session where it knows, else from the link.
"""

import pandas as pd
import streamlit as st

from recon import facets, wording
from recon.facets import FACETS, Facet

FOLDED = ("sector", "industry", "exchange", "cap", "distance")


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
    if facet.name in FOLDED:
        box = st.expander(facet.title, key=f"facet_{facet.name}", expanded=bool(on))
    else:
        box = st.container(key=f"facet_{facet.name}")
        box.markdown(f"**{facet.title}**")
    with box.container(gap=None, key=f"choices_{facet.name}"):
        for choice in choices:
            st.checkbox(
                f"{_label(choice)} :gray[{counts.get(choice, 0):,}]",
                key=facets.key(facet, choice),
                bind="query-params",
            )


def _label(choice: str) -> str:
    if choice == facets.HELD:
        return "● held by the band"
    if choice in facets.CHANGES:
        return wording.move(choice)
    if choice in wording.INDEX_NAMES:
        return wording.index_name(choice)
    return choice.replace("$", r"\$")


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
    st.caption(facets.statement(chosen).replace("$", r"\$"))


def _clear(chosen: dict[str, list[str]]) -> None:
    for facet in FACETS:
        for choice in chosen.get(facet.name, []):
            st.session_state[facets.key(facet, choice)] = False
