"""The form of each source on the Load page."""

from datetime import date, timedelta

import streamlit as st

from pages import access, load_status
from pages.data.loading import files, overruling, own_file, status, told
from recon.indexes import INDEXES, LISTED, STYLE_INDEXES
from recon.jobs import description
from recon.sources.fund_pages import FUNDS
from recon.sources.http_client import RetryPolicy
from recon.sources.official_lists import KINDS, MEMBER
from recon.vocabulary import ADDITION, DELETION

LISTS = ["csv", "json", "parquet"]
POSTED = ["pdf", "csv", "xlsx", "parquet"]
NAMES = (
    {"": ""}
    | {code: f"{each.name} ({code})" for code, each in INDEXES.items()}
    | {code: f"{each.name} ({code})" for code, each in STYLE_INDEXES.items()}
)
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
    found, why_not = files.named(path)
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


def filings(day: date) -> None:
    st.markdown(
        "What companies file with the SEC: who they are, forms, share counts, "
        "statements. Bulk archives of EDGAR are read from a file or folder; from EDGAR "
        "itself every listed company is asked for once, then those that filed since."
    )
    is_live = st.toggle("From EDGAR itself", key="edgar")
    if is_live:
        contact = st.text_input(
            "Your name and e-mail address",
            key="contact",
            placeholder="kept from the last time",
            help="The SEC wants to know who asks; it is sent to the SEC alone.",
        ).strip()
        given = ["--contact", contact] if contact else []
        status.start_button(
            "Load filings", ["ingest", "filings", "--live", *given], "Filings of EDGAR"
        )
        return
    if not access.takes_paths():
        st.caption(NO_PATHS)
        return
    path = st.text_input(
        "File or folder on the machine that runs this program",
        key="filings_path",
        placeholder="/data/companyfacts.zip",
    )
    found, why_not = files.named(path)
    why_not = why_not or ("Name a file or a folder." if found is None else "")
    status.start_button(
        "Load filings",
        ["ingest", "filings", str(found or "PATH")],
        f"Filings {found.name if found else ''}".strip(),
        why_not,
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
    wanted = told.day("Day, the newest if none", day, "holdings_day")
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
        _saved_lists(day)


def _saved_lists(day: date) -> None:
    paths, names = files.several(
        "CSV or JSON of a fund page, or a table with index, as_of and ticker",
        LISTS,
        "lists",
    )
    left, right = st.columns(2)
    index = left.selectbox(
        "Index, if the file does not say it",
        ["", *LISTED],
        format_func=NAMES.__getitem__,
        key="lists_index",
    )
    with right:
        as_of = told.day("Day, if the file does not say it", day, "lists_day")
    options = ["--index", index] if index else []
    options += ["--date", as_of.isoformat()] if as_of else []
    if st.button("Load these lists", key="load_lists", disabled=not paths):
        status.begin(["ingest", "memberships", *paths, *options], f"Lists {names}")


def official(day: date) -> None:
    st.markdown(
        "Additions, deletions and members as FTSE Russell posts them, kept beside ours "
        "on the page **Official**. What the files say goes before what is told here; a "
        "file that only partly can be read is refused, with the page and line."
    )
    paths, names = files.several("PDF, CSV, XLSX or Parquet", POSTED, "posted_lists")
    left, middle, right = st.columns(3)
    chosen = {
        "--index": left.selectbox("Index", ["", *INDEXES], key="posted_index"),
        "--action": middle.selectbox("Lists", ["", *ACTIONS], key="posted_action"),
        "--kind": right.selectbox("Which list", ["", *KINDS], key="posted_kind"),
    }
    posted = told.day("Posted on, if the file does not say it", day, "posted_on")
    chosen["--posted"] = f"{posted:%Y-%m-%d}" if posted else ""
    options = [
        part for name, value in chosen.items() if value for part in (name, value)
    ]
    status.start_button(
        "Load these lists",
        ["ingest", "official", *(paths or ["FILE"]), *options],
        f"Official lists {names}".strip(),
        "" if paths else "Choose a file.",
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
    load_status.FILE: own_file.prices,
    load_status.FUNDAMENTALS: own_file.fundamentals,
    load_status.FILINGS: filings,
    load_status.HOLDINGS: holdings,
    load_status.OFFICIAL: official,
    load_status.OVERRULE: overruling.overrule,
    load_status.DEMO: demo,
}
