"""The form that keeps what a reader knows of a fund's assets."""

from datetime import date

import pandas as pd
import streamlit as st

from pages import access, cache, load_status
from pages.wording import plain
from recon import ingest
from recon.errors import ReconError
from recon.studies.demand.legs import TRACKED
from recon.studies.demand.rows import index_name

LONGEST = 80  # characters of a fund's name or a source
WAIT_SECONDS = 10.0


def form(day: date, is_kept: bool) -> None:
    """Let the reader keep a figure, or forget all of them where there are any."""
    with st.expander("Keep a fund's assets", key="keep_assets"):
        st.caption(
            "A figure stays with this store, beside the record. Of one fund and day "
            "yours counts; otherwise the newest on or before the day shown does."
        )
        access.ask_for_key()
        with st.form("kept", border=False, clear_on_submit=True):
            columns = st.columns([2, 3, 2, 2])
            fund = columns[0].text_input("Fund", key="kept_fund", max_chars=LONGEST)
            index = columns[1].selectbox(
                "Index it tracks", TRACKED, key="kept_index", format_func=index_name
            )
            usd_bn = columns[2].number_input(
                "Assets, $bn", min_value=0.0, value=None, key="kept_usd_bn"
            )
            as_of = columns[3].date_input(
                "As of", day, max_value=day, key="kept_as_of", format="YYYY-MM-DD"
            )
            source = st.text_input("Source", key="kept_source", max_chars=LONGEST)
            if st.form_submit_button("Keep", key="keep", type="primary"):
                usd = None if usd_bn is None else usd_bn * 1e9
                row = [fund, index, as_of, usd, source]
                _publish(pd.DataFrame([row], columns=ingest.ASSET_COLUMNS))
        if is_kept and st.button("Forget all I kept", key="forget", type="tertiary"):
            _publish(pd.DataFrame(columns=ingest.ASSET_COLUMNS), replace=True)
    if not cache.is_newest():
        _until_ready()


def _publish(rows: pd.DataFrame, *, replace: bool = False) -> None:
    """Publish rows, or say why they cannot be."""
    options = ingest.Options(replace=replace, wait_seconds=WAIT_SECONDS)
    if refusal := access.why_not():
        st.error(plain(refusal))
        return
    try:
        ingest.assets(load_status.place(), rows, "this page", options)
    except ReconError as error:
        st.error(plain(error))


@st.fragment(run_every=load_status.LOOK_SECONDS)
def _until_ready() -> None:
    st.caption("Recomputing with what you kept …")
    if cache.is_newest():
        st.rerun()
