"""A person's word against the gate: a day held back, or a refused market cap."""

from datetime import date

import pandas as pd
import streamlit as st

import pages
from pages import load_status
from pages.data.loading import status, told
from pages.display import HEAD_PX, ROW_PX
from pages.wording import plain
from recon import formatting
from recon.export import Provenance
from recon.formatting import Column
from recon.ingest.believing import believable
from recon.jobs import again
from recon.studies import data_health

MOST_ROWS, MOST_PX = 500, 320
CAP, DAY = "A refused market cap", "A day held back"
CAPS = {
    "snapshot_date": Column("Day", "day", width=92),
    "symbol": Column("Ticker", width=66),
    "total_market_cap_usd": Column("Cap as given, $bn", "usd_bn", width=120),
    "reason": Column("Refused because", width=360),
}
DAYS = {
    "snapshot_date": Column("Day", "day", width=92),
    "reason": Column("Held back because", width=360),
    "security_count": Column("Rows", "number", width=70),
    "origin": Column("File or request", width=130),
}
NO_FILE = (
    "The rows of this day are not kept. Give the file again under My own file, where a "
    "day that is held back can be published all the same."
)


def overrule(day: date) -> None:
    """Show the form that publishes what the gate did not."""
    st.markdown(
        "The gate believes nothing that looks like a slip of the data. Where you know "
        "better, your word counts: the ledger keeps it, with your reason."
    )
    if load_status.span() is None:
        st.caption("There is no day yet that the gate could have judged.")
        return
    what = st.segmented_control(
        "What", [CAP, DAY], default=CAP, required=True, key="overrule_what"
    )
    _cap(day) if what == CAP else _day(day)


def _cap(day: date) -> None:
    symbol = st.text_input("Ticker, all if none", key="overrule_symbol").strip()
    table = believable(pages.answers().refusals(day, "", symbol.upper()))
    table = table.head(MOST_ROWS)
    if table.empty:
        whose = f" of {symbol.upper()}" if symbol else ""
        st.caption(plain(f"The gate refused no market cap{whose}."))
        return
    row = _chosen(table, CAPS, "refused_caps", day)
    symbol, of_day = "TICKER", "DAY"
    if row is not None:
        symbol = str(table["symbol"].iloc[row])
        of_day = f"{table['snapshot_date'].iloc[row]:%Y-%m-%d}"
    st.caption(
        "Days after it are judged again, and lines drawn anew: seconds for a day of "
        "this month, a minute or two for one of years ago."
    )
    reason = _reason()
    status.start_button(
        "Take it as offered",
        ["ingest", "refused", symbol, of_day, f"--reason={reason}"],
        f"{symbol} of {of_day} as offered",
        _why_not(row, reason),
    )


def _day(day: date) -> None:
    answers = pages.answers()
    ledger = answers.ledger()[["ingest_id", "origin"]]
    table = data_health.held_back(answers.days()).merge(
        ledger, "left", "ingest_id", validate="many_to_one"
    )
    if table.empty:
        st.caption("The gate holds no day back.")
        return
    row = _chosen(table, DAYS, "held_days", day)
    of_day = "DAY" if row is None else f"{table['snapshot_date'].iloc[row]:%Y-%m-%d}"
    found: tuple[str, ...] = ()
    if row is not None:
        origin = str(table["origin"].iloc[row])
        found = again.arguments_of(load_status.place(), origin)
        if not found:
            st.warning(NO_FILE)
            return
    reason = _reason()
    status.start_button(
        "Publish it all the same",
        [*(found or ("ingest",)), "--accept", of_day, f"--reason={reason}"],
        f"{of_day} against the gate",
        _why_not(row, reason),
    )


def _chosen(
    table: pd.DataFrame, columns: dict[str, Column], key: str, day: date
) -> int | None:
    """Show rows to choose one from; return its place."""
    about = Provenance(title=key.replace("_", " "), as_of=day, source="this store")
    choice = pages.table_frame(
        table, columns, key, about,
        on_select="rerun", selection_mode="single-row",
        height=min(MOST_PX, HEAD_PX + ROW_PX * len(table)),
        note=f"the newest {formatting.count(len(table), 'row')}; choose one",
    )  # fmt: skip
    return choice.selection.rows[0] if choice.selection.rows else None


def _reason() -> str:
    example = "new shares of 1 May, filing read by A. Meyer"
    return told.reason("overrule_because", example)


def _why_not(row: int | None, reason: str) -> str:
    if row is None:
        return "Choose a row first."
    return "" if reason else told.NO_REASON
