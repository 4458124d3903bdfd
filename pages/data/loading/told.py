"""What a reader tells beside a file: a day it does not say, a reason for the ledger."""

from datetime import date

import streamlit as st

DAY_PX, MOST_REASON = 320, 300
NO_REASON = "Say why, and who says so: the ledger keeps it."


def day(label: str, last: date, key: str) -> date | None:
    """Let the reader tell a day up to `last`, or none."""
    return st.date_input(
        label, None, max_value=last, key=key, format="YYYY-MM-DD", width=DAY_PX
    )


def reason(key: str, example: str) -> str:
    """Let the reader say why a load goes against the gate."""
    return st.text_input(
        "Why, and who says so",
        key=key,
        max_chars=MOST_REASON,
        placeholder=example,
        help="The ledger on the Data page keeps it",
    ).strip()
