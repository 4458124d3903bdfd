"""A reader's own file: matched, tried out, and only then loaded.

What a file suggests of itself is only where the controls start.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import cycle
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from pages import load_status
from pages.data.loading import files, told, trial
from pages.wording import plain
from recon.errors import ReconError
from recon.formatting import capitalized
from recon.fundamental_measures import MEASURES
from recon.ingest import guessing
from recon.ingest.guessing import FUNDAMENTALS, PRICES, Guess
from recon.jobs import uploads
from recon.jobs.asked import Asked
from recon.sources.column_names import KNOWN_AS, LABELS, REQUIRED
from recon.store.notation import CAP_UNITS, DAY_EXAMPLES, Notation

NONE = "(none)"
PREVIEW_ROWS, MOST_ROWS_ABOVE = 4, 50
UNITS = {"usd": "dollars ($)", "mn": "millions ($mn)", "bn": "billions ($bn)"}
COMMAS = {False: "1,234.5", True: "1.234,5"}
FACTS = {"symbol": "Ticker", "known_on": "Known on", "period_end": "End of the period"}
NEEDED = {PRICES: REQUIRED, FUNDAMENTALS: ("symbol",)}
FIRST = {PRICES: (*REQUIRED, "exchange"), FUNDAMENTALS: tuple(FACTS)}
LABELED = {
    PRICES: LABELS,
    FUNDAMENTALS: FACTS | {name: each.label for name, each in MEASURES.items()},
}
OTHERS = {
    PRICES: [name for name in KNOWN_AS if name not in FIRST[PRICES]],
    FUNDAMENTALS: list(MEASURES),
}
SAYS = {
    PRICES: (
        "A table with one row per listing and day. Its columns may have any names, its "
        "days and numbers be written in any way; you see what is understood before "
        "anything is loaded."
    ),
    FUNDAMENTALS: (
        "A table with one row per company: price to book or book value, forecast and "
        "past growth, analysts or free float, and the day on which that was known. "
        "**Style** needs them. Or annual statements, a row per company and year, as "
        "SimFin has them: **Valuation** needs those."
    ),
}
NO_EXCHANGE = (
    ":orange-badge[no exchange] Only listings of an exchange can be ranked: a day "
    "without one is held back."
)
HELPS = {
    PRICES: "The exchange is needed to rank; company, country, sector and volume help",
    FUNDAMENTALS: "It also needs a measure, and the day on which that was known",
}


def prices(day: date) -> None:
    """Show the form of a table of listings."""
    _form(PRICES, day)


def fundamentals(day: date) -> None:
    """Show the form of a table of fundamentals."""
    _form(FUNDAMENTALS, day)


def _form(kind: str, day: date) -> None:
    st.markdown(SAYS[kind])
    path = files.chosen("CSV (also .gz), Parquet, or the first sheet of an XLSX")
    if path is None:
        needed = ", ".join(LABELED[kind][name] for name in NEEDED[kind])
        st.caption(
            f"It needs columns for {plain(needed)}. {HELPS[kind]}. An upload is kept "
            "here until it is loaded."
        )
        return
    try:
        uploads.check(path)
        found = _first_rows(path)
    except ReconError as error:
        st.error(plain(error))
        return
    if found.kind != kind:
        _other_kind(found)
    asked, why_not = _asked(kind, path, found, day)
    trial.show(asked, why_not)


def _first_rows(path: Path) -> Guess:
    """Show a file's first rows, from the header on that is found or told."""
    changed_at = path.stat().st_mtime_ns
    found = _guess(str(path), changed_at)
    left, right = st.columns([5, 2], vertical_alignment="bottom")
    left.caption(f"**{plain(path.name)}**, its first rows")
    above = right.number_input(
        "Lines above the header",
        0,
        MOST_ROWS_ABOVE,
        found.rows_above,
        key=f"above_{hash((path, changed_at))}",
        help="The header is the line with the names of the columns",
    )
    if above != found.rows_above:
        found = _guess(str(path), changed_at, above)
    trial.rows(found.rows.head(PREVIEW_ROWS))
    return found


@st.cache_data(max_entries=8, show_spinner="Reading its first rows …")
def _guess(path: str, changed_at: int, rows_above: int | None = None) -> Guess:
    return guessing.guess(Path(path), rows_above)


def _other_kind(found: Guess) -> None:
    """Say that a file looks like the other kind, and offer to take it so."""
    words = "This looks like prices by day, not like fundamentals."
    target, label = load_status.FILE, "Take it as prices"
    if found.kind == FUNDAMENTALS:
        names = [name for name in found.matched[FUNDAMENTALS] if name in MEASURES]
        which = ", ".join(MEASURES[name].label for name in names[:3])
        has = f"it has columns for {which or 'measures of companies'}"
        words = "This looks like fundamentals, not like prices by day: "
        words += f"{found.provider or has}."
        target, label = load_status.FUNDAMENTALS, "Take it as fundamentals"
    st.warning(plain(words))
    st.button(label, key="take_as", on_click=_switch, args=(target,))


def _switch(source: str) -> None:
    st.session_state["source"] = source


def _asked(kind: str, path: Path, found: Guess, day: date) -> tuple[Asked, str]:
    """Let the reader say what a file is; return that, and what is still missing."""
    if kind == FUNDAMENTALS and found.provider:
        return _recognized(path, found), ""
    mapping = _mapping(kind, found)
    missing = [LABELED[kind][name] for name in NEEDED[kind] if name not in mapping]
    notation = _notation(kind, path, found, mapping)
    known_on, replaces = None, False
    if kind == PRICES:
        if "exchange" not in mapping:
            st.caption(NO_EXCHANGE)
        replaces = st.toggle(
            "Its days replace stored ones",
            key="replaces",
            help="Without it a day that is stored stays as it is",
        )
    elif "known_on" not in mapping:
        label = "Known on, the day from which pages may use it"
        known_on = told.day(label, day, "known_on")
        missing += [] if known_on else [FACTS["known_on"]]
    asked = Asked.of(
        kind,
        path,
        mapping,
        names=[str(name) for name in found.rows.columns],
        notation=notation,
        known_on=known_on,
        replaces=replaces,
    )
    return asked, f"Choose the column for: {', '.join(missing)}." if missing else ""


def _recognized(path: Path, found: Guess) -> Asked:
    """Show which columns are taken of a provider's table; return what is asked."""
    columns = found.matched[FUNDAMENTALS]
    st.markdown(f"Recognized as **{plain(found.provider)}**: its columns are known.")
    with st.expander(f"The {len(columns)} columns taken of it"):
        labels = [capitalized(LABELED[FUNDAMENTALS][ours]) for ours in columns]
        trial.rows(pd.DataFrame({"Taken as": labels, "Its column": columns.values()}))
    own = {ours: name for ours, name in columns.items() if name in found.rows}
    notation = _notation(FUNDAMENTALS, path, found, own)
    return Asked(kind=FUNDAMENTALS, path=path, notation=notation)


def _mapping(kind: str, found: Guess) -> dict[str, str]:
    """Let the reader match the columns; return theirs for each of ours."""
    known, choices = found.matched[kind], [NONE, *map(str, found.rows.columns)]
    chosen: dict[str, str] = {}

    def choose(boxes: Sequence[Any], names: Sequence[str]) -> None:
        for box, ours in zip(cycle(boxes), names, strict=False):
            chosen[ours] = box.selectbox(
                plain(capitalized(LABELED[kind][ours])),
                choices,
                index=choices.index(known.get(ours, NONE)),
                key=f"map_{ours}_{hash(tuple(choices))}",
                help=f"`{ours}`" + (", required" if ours in NEEDED[kind] else ""),
            )

    with st.container(key="mapping"):
        choose(st.columns(len(FIRST[kind])), FIRST[kind])
        others = OTHERS[kind]
        number = sum(name in known for name in others)
        with st.expander(f"{len(others)} more columns that help, {number} found"):
            choose(st.columns(3), others)
    return {ours: theirs for ours, theirs in chosen.items() if theirs != NONE}


def _notation(
    kind: str, path: Path, found: Guess, mapping: Mapping[str, str]
) -> Notation:
    """Let the reader say how a file is written, starting from how it looks."""
    looks = guessing.guess_notation(found.rows, mapping, found.rows_above)
    orders, units = list(DAY_EXAMPLES), list(CAP_UNITS)
    key = hash((path, looks))  # another look starts the controls anew
    with st.container(key="notation"):
        boxes = st.columns(3)
        order = boxes[0].selectbox(
            "Days are written",
            orders,
            orders.index(looks.day_order),
            format_func=DAY_EXAMPLES.__getitem__,
            key=f"days_{key}",
            help="2024-04-30 is read whatever you choose",
        )
        has_comma = boxes[1].selectbox(
            "Numbers are written",
            list(COMMAS),
            int(looks.decimal_comma),
            format_func=COMMAS.__getitem__,
            key=f"comma_{key}",
        )
        unit = looks.cap_unit
        if kind == PRICES:
            unit = boxes[2].selectbox(
                "Market caps are in",
                units,
                units.index(looks.cap_unit),
                format_func=UNITS.__getitem__,
                key=f"unit_{key}",
            )
    return Notation(
        day_order=order,
        cap_unit=unit,
        decimal_comma=has_comma,
        rows_above=found.rows_above,
    )
