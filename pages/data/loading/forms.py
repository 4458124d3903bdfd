"""The form of each source on the Load page."""

from datetime import date, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from pages import access, load_status
from pages.data.loading import status
from pages.wording import plain
from recon.errors import ReconError
from recon.indexes import INDEXES
from recon.jobs import description, uploads
from recon.sources.column_names import KNOWN_AS, LABELS, REQUIRED, recognised
from recon.sources.fund_pages import FUNDS
from recon.sources.http_client import RetryPolicy
from recon.sources.official_lists import KINDS, MEMBER
from recon.vocabulary import ADDITION, DELETION

UPLOAD_MB = 200
TABLES = ["csv", "gz", "parquet", "xlsx"]
LISTS = ["csv", "json", "parquet"]
POSTED = ["pdf", "csv", "xlsx", "parquet"]
NONE = "(none)"
ACTIONS = (ADDITION, DELETION, MEMBER)
NO_PATHS = (
    "This server takes no paths: whoever starts it can allow a folder with --data DIR."
)


def today(day: date) -> None:
    st.markdown(
        "Fetches every US listing from Yahoo Finance, in slices small enough to come "
        "back whole: about 55 requests, half a minute or more. The day is published "
        "only if every slice is complete, so start it after the New York close."
    )
    is_deep = st.toggle(
        "Then profiles of companies near a line",
        key="deep",
        help="Profile, growth forecasts and statements of names within 10% of the "
        "line that would change their index, about six requests each; style needs "
        "them. Those younger than a month are not fetched again.",
    )
    extra = ["--deep"] if is_deep else []
    status.start_button(
        "Load today's market", ["ingest", "yahoo", *extra], "Today's market from Yahoo"
    )


def history(day: date) -> None:
    st.markdown(
        "Fetches closes and share counts from Yahoo Finance for the listings of the "
        "store's last day, two requests each, and multiplies them after adjusting for "
        "splits. The market caps are estimates, marked **est.** wherever they show; "
        "stored days stay as they are."
    )
    left, right = st.columns(2)
    chosen = left.date_input(
        "From, to",
        value=(day - timedelta(days=90), day - timedelta(days=1)),
        max_value=day,
        key="range",
        format="YYYY-MM-DD",
    )
    largest = right.number_input(
        "Largest listings only",
        min_value=100,
        max_value=10_000,
        value=4_000,
        step=100,
        key="largest",
        help="The Russell 3000E has about 4,000 companies",
    )
    span = [f"{each:%Y-%m-%d}" for each in chosen] if len(chosen) == 2 else []
    why_not = "" if span else "Choose both days."
    if load_status.span() is None:
        why_not = "It needs a day of listings first: load today's market."
    first, last = span or ("FIRST", "LAST")
    wait = description.duration(largest * 2 * RetryPolicy().seconds_between)
    st.caption(
        f"At the pace Yahoo tolerates this takes at least {wait}; it can be canceled, "
        "and resumes where it stopped."
    )
    status.start_button(
        "Load estimated history",
        ["ingest", "estimate", "--since", first, "--until", last]
        + ["--largest", str(largest)],
        "Estimated history from Yahoo",
        why_not,
    )


def archive(day: date) -> None:
    st.markdown(
        "A folder of days, `YYYY-MM-DD/{nasdaq,nyse,amex}_full_tickers.json`, or a "
        "local git clone of a repository that commits those files nightly."
    )
    if not access.takes_paths():
        st.caption(NO_PATHS)
        return
    path = st.text_input(
        "Folder on the machine that runs this program",
        key="archive_path",
        placeholder="/data/US-Stock-Symbols",
    )
    is_nights = st.toggle(
        "Folders are named after the UTC day of the night after", key="nights"
    )
    found, why_not = _named(path)
    why_not = why_not or ("Name a folder." if found is None else "")
    if found is not None and not found.is_dir():
        why_not = f"There is no folder {found} on the machine that runs this program."
    extra = ["--nights"] if is_nights else []
    status.start_button(
        "Load the archive",
        ["ingest", "archive", str(found or "FOLDER"), *extra],
        f"Archive {found.name if found else ''}".strip(),
        why_not,
    )


def file(day: date) -> None:
    st.markdown(
        "A table with one row per listing and day. Its columns may have any names: "
        "choose below which is which."
    )
    path = _chosen_file(
        TABLES, "CSV (also .gz), Parquet, or the first sheet of an XLSX"
    )
    if path is None:
        needed = ", ".join(LABELS[name] for name in REQUIRED)
        st.caption(
            f"It needs columns for {needed}; volume, shares, exchange, company, "
            "country and sector help. An upload is kept here until it is loaded."
        )
        return
    try:
        preview = uploads.preview(path)
    except ReconError as error:
        st.warning(plain(error))
        return
    st.caption(f"**{plain(path.name)}**, its first rows")
    st.dataframe(preview, hide_index=True, height=36 + 28 * len(preview), row_height=28)
    mapping = _mapping(list(preview.columns))
    missing = [LABELS[name] for name in REQUIRED if name not in mapping]
    known = recognised(list(preview.columns))
    chosen = {
        ours: theirs for ours, theirs in mapping.items() if known.get(ours) != theirs
    }
    pairs = [part for pair in chosen.items() for part in ("--map", "=".join(pair))]
    status.start_button(
        "Load this file",
        ["ingest", "vendor", str(path), *pairs],
        f"My file {path.name}",
        f"Choose the column for: {', '.join(missing)}." if missing else "",
    )


def _chosen_file(kinds: list[str], label: str) -> Path | None:
    """Return the file uploaded now or before, or named by its path."""
    upload = st.file_uploader(
        f"{label}, up to {UPLOAD_MB} MB",
        type=kinds,
        max_upload_size=UPLOAD_MB,
        key="upload",
    )
    if upload is not None:
        kept = _kept(upload)
        if kept is not None:
            st.session_state["chosen_file"] = str(kept)
    if access.takes_paths():
        path = st.text_input(
            "or its path on the machine that runs this program, any size",
            key="file_path",
            placeholder="/data/prices_2024.parquet",
        )
        found, why_not = _named(path)
        if why_not:
            st.warning(why_not)
        if found is not None or why_not:
            return found
    named = st.session_state.get("chosen_file")
    return Path(named) if named else None


def _kept(upload: Any) -> Path | None:
    """Keep an uploaded file; say why not, where there is no room for it."""
    try:
        return uploads.keep(load_status.place(), upload.name, upload)
    except ReconError as error:
        st.warning(plain(error))
        return None


def _named(path: str) -> tuple[Path | None, str]:
    """Return the path that was typed, if any, and why it may not be named."""
    try:
        return (access.allowed(path) if path.strip() else None), ""
    except ReconError as error:
        return None, str(error)


def _mapping(found: list[str]) -> dict[str, str]:
    """Let the reader match the columns; return theirs for each of ours."""
    known = recognised(found)
    choices = [NONE, *found]
    chosen: dict[str, str] = {}
    with st.container(key="mapping"):
        for box, ours in zip(st.columns(4), REQUIRED, strict=True):
            chosen[ours] = _choice(box, ours, choices, known)
        others = [name for name in KNOWN_AS if name not in REQUIRED]
        with st.expander(f"{len(others)} more columns that help, if present"):
            boxes = cycle(st.columns(4))
            for box, ours in zip(boxes, others, strict=False):
                chosen[ours] = _choice(box, ours, choices, known)
    return {ours: theirs for ours, theirs in chosen.items() if theirs != NONE}


def _choice(box: Any, ours: str, choices: list[str], known: dict[str, str]) -> str:
    return box.selectbox(
        LABELS[ours],
        choices,
        index=choices.index(known.get(ours, NONE)),
        key=f"map_{ours}_{hash(tuple(choices))}",
        help=f"`{ours}`" + (", required" if ours in REQUIRED else ""),
    )


def holdings(day: date) -> None:
    st.markdown(
        "Fund holdings stand in for the members of their indexes, with weights; the "
        "growth and value funds for the style indexes. The day is the file's own."
    )
    chosen = st.pills(
        "Funds",
        list(FUNDS),
        selection_mode="multi",
        default=list(FUNDS),
        key="funds",
        help="; ".join(f"{fund.ticker}: {fund.name}" for fund in FUNDS.values()),
    )
    wanted = st.date_input(
        "Day, the newest if none",
        value=None,
        max_value=day,
        key="holdings_day",
        format="YYYY-MM-DD",
        width=220,
    )
    of_day = ["--date", f"{wanted:%Y-%m-%d}"] if wanted else []
    every = [] if len(chosen) == len(FUNDS) else chosen
    named = [part for ticker in every for part in ("--fund", ticker)]
    status.start_button(
        "Load holdings",
        ["ingest", "holdings", *named, *of_day],
        "Index holdings from iShares",
        "" if chosen else "Choose a fund.",
    )
    with st.expander("Or files saved from the fund pages, or a table of dated lists"):
        _saved_lists()


def _saved_lists() -> None:
    given = st.file_uploader(
        f"CSV or JSON of a fund page, or a table with index, as_of and ticker; up to "
        f"{UPLOAD_MB} MB each",
        type=LISTS,
        max_upload_size=UPLOAD_MB,
        accept_multiple_files=True,
        key="lists",
    )
    if not given:
        return
    paths = [str(path) for each in given if (path := _kept(each)) is not None]
    if len(paths) < len(given):
        return
    names = pd.Series([each.name for each in given])
    if st.button("Load these lists", key="load_lists"):
        status.begin(["ingest", "memberships", *paths], f"Lists {', '.join(names)}")


def official(day: date) -> None:
    st.markdown(
        "Additions, deletions and members as FTSE Russell posts them, kept beside ours "
        "on the page **Official**. What the files say goes before what is told here; a "
        "file that only partly can be read is refused, with the page and line."
    )
    given = st.file_uploader(
        f"PDF, CSV, XLSX or Parquet, up to {UPLOAD_MB} MB each",
        type=POSTED,
        max_upload_size=UPLOAD_MB,
        accept_multiple_files=True,
        key="posted_lists",
    )
    left, middle, right = st.columns(3)
    told = {
        "--index": left.selectbox("Index", ["", *INDEXES], key="posted_index"),
        "--action": middle.selectbox("Lists", ["", *ACTIONS], key="posted_action"),
        "--kind": right.selectbox("Which list", ["", *KINDS], key="posted_kind"),
    }
    posted = st.date_input(
        "Posted on, if the file does not say it",
        value=None,
        max_value=day,
        key="posted_on",
        format="YYYY-MM-DD",
        width=260,
    )
    told["--posted"] = f"{posted:%Y-%m-%d}" if posted else ""
    options = [part for name, value in told.items() if value for part in (name, value)]
    paths = [str(path) for each in given or () if (path := _kept(each)) is not None]
    names = ", ".join(each.name for each in given or ())
    status.start_button(
        "Load these lists",
        ["ingest", "official", *(paths or ["FILE"]), *options],
        f"Official lists {names}".strip(),
        "" if paths and len(paths) == len(given) else "Choose a file.",
    )


def demo(day: date) -> None:
    st.markdown(
        "A made-up market of about 6,000 listings over three years, with index lists: "
        "to look around without data. It takes about half a minute."
    )
    is_here = "This store already holds it." if load_status.is_demo() else ""
    status.start_button("Build the demo market", ["demo"], "Demo market", is_here)


FORMS = {
    load_status.TODAY: today,
    load_status.HISTORY: history,
    load_status.ARCHIVE: archive,
    load_status.FILE: file,
    load_status.HOLDINGS: holdings,
    load_status.OFFICIAL: official,
    load_status.DEMO: demo,
}
