"""Files a reader gives: uploaded, or named by their path where that is allowed."""

from pathlib import Path
from typing import Any

import streamlit as st

from pages import access, load_status
from pages.wording import plain
from recon.errors import ReconError
from recon.jobs import uploads

UPLOAD_MB = 200
TABLES = ["csv", "gz", "txt", "tsv", "parquet", "xlsx"]


def chosen(label: str) -> Path | None:
    """Return the table uploaded now or before, or named by its path."""
    upload = st.file_uploader(
        f"{label}, up to {UPLOAD_MB} MB",
        type=TABLES,
        max_upload_size=UPLOAD_MB,
        key="upload",
    )
    if upload is not None:
        path = kept(upload)
        if path is not None:
            st.session_state["chosen_file"] = str(path)
    if access.takes_paths():
        typed = st.text_input(
            "or its path on the machine that runs this program, any size",
            key="file_path",
            placeholder="/data/prices_2024.parquet",
        )
        found, why_not = named(typed)
        if why_not:
            st.warning(plain(why_not))
        if found is not None or why_not:
            return found
    earlier = st.session_state.get("chosen_file")
    return Path(earlier) if earlier else None


def several(label: str, kinds: list[str], key: str) -> tuple[list[str], str]:
    """Return the paths of files uploaded together, none where one has no room.

    The second value has their names.
    """
    given = st.file_uploader(
        f"{label}, up to {UPLOAD_MB} MB each",
        type=kinds,
        max_upload_size=UPLOAD_MB,
        accept_multiple_files=True,
        key=key,
    )
    paths = [str(path) for each in given or () if (path := kept(each)) is not None]
    is_whole = len(paths) == len(given or ())
    return paths if is_whole else [], ", ".join(each.name for each in given or ())


def kept(upload: Any) -> Path | None:
    """Keep an uploaded file; say why not, where there is no room for it."""
    try:
        return uploads.keep(load_status.place(), upload.name, upload)
    except ReconError as error:
        st.warning(plain(error))
        return None


def named(path: str) -> tuple[Path | None, str]:
    """Return the path that was typed, if any, and why it may not be named."""
    try:
        return (access.allowed(path) if path.strip() else None), ""
    except ReconError as error:
        return None, str(error)
