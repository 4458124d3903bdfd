"""The visitor's note: kept while the tab is open, and how pieces come into it.

A chart or table is turned into a piece only when somebody asks for it: the button
beside it costs a page nothing but its place.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import streamlit as st

from pages import links
from pages.cache import folder
from pages.visitors import visitor
from pages.wording import plain
from recon.charts import printing
from recon.errors import ReconError
from recon.exhibits import Answers, Made
from recon.export import cells
from recon.export.pieces import Note, Piece
from recon.formatting import count
from recon.note import drawer, keeping, making, output, paper
from recon.note.preview import preview

NOTE, TOLD = "note", "note_told"
FIRST_TITLE = "Note on the reconstitution"
FORMS = {
    "PowerPoint": ".pptx",
    "Word": ".docx",
    "PDF": ".pdf",
    "Excel": ".xlsx",
    "Web page": ".html",
    "All, ZIP": ".zip",
}
SHOWN_ROWS = 12
ADD_HELP = "Put this into the note, with its data, source and link"


def current() -> Note:
    """Return the visitor's note, as it was before a reload."""
    if NOTE not in st.session_state:
        kept = drawer.get(Path(folder()), visitor())
        st.session_state[NOTE] = kept or Note(title=FIRST_TITLE)
    return st.session_state[NOTE]


def keep(note: Note, told: str = "") -> None:
    """Keep a note as the visitor's; say what has been done."""
    st.session_state[NOTE] = note
    drawer.put(Path(folder()), visitor(), note)
    if told:
        st.toast(plain(told))


def offer(made: Made) -> None:
    """Offer a chart or a table for the note."""
    st.button(
        "Add to note",
        key=f"{made.exhibit.place}_add",
        type="tertiary",
        help=ADD_HELP,
        on_click=_add,
        args=(made,),
    )


def _add(made: Made) -> None:
    """Put what is shown at the end of the note, with a link to the page as it is."""
    held = current()
    if len(held.pieces) >= making.MOST_PIECES:
        st.toast(f"The note is full: {making.MOST_PIECES} pieces. Remove one first.")
        return
    try:
        piece = made.piece(link=links.permalink(made.provenance.as_of))
    except ReconError as error:
        st.toast(plain(error))
        return
    pieces = (*held.pieces, piece)
    keep(held.with_pieces(pieces), f"Added to the note: {count(len(pieces), 'piece')}.")


def words(at: int, name: str, label: str, value: str) -> None:
    """Show a field for a title or a comment, of a piece or (below 0) of the note."""
    # the number of the piece alone would give its words to the one that takes its place
    key = f"note_{name}_{at}_{abs(hash((value, at)))}"
    show: Callable[..., str] = st.text_input
    options: dict[str, Any] = {}
    if name == "comment":
        show = st.text_area
        options = {"height": "content", "label_visibility": "collapsed"}
        options["placeholder"] = "Write a comment"
    show(label, value, key=key, on_change=worded, args=(at, name, key), **options)


def controls(at: int, piece: Piece, *, can_follow: bool) -> None:
    """Show what can be done with a piece: freeze, move up and down, remove."""
    key = f"note_frozen_{at}_{piece.is_frozen}_{piece.kind}"
    with st.container(
        horizontal=True, horizontal_alignment="right", vertical_alignment="center"
    ):
        st.checkbox(
            "Frozen",
            value=piece.is_frozen or not can_follow,
            key=key,
            on_change=frozen,
            args=(at, key),
            disabled=not can_follow,
            help="A frozen piece keeps the day it is from"
            if can_follow
            else "This kind of piece cannot be made anew: it stays as it was",
        )
        for word, by in (("Up", -1), ("Down", 1)):
            st.button(
                word,
                key=f"note_{word.lower()}_{at}",
                on_click=moved,
                args=(at, by),
                disabled=not 0 <= at + by < len(current().pieces),
            )
        st.button("Remove", key=f"note_remove_{at}", on_click=removed, args=(at,))


def show(at: int, piece: Piece) -> None:
    """Show what a piece holds, small."""
    if piece.figure is not None:
        figure = printing.figure(piece.figure, st.context.theme.type or "light")
        st.plotly_chart(
            figure,
            theme=None,
            key=f"note_chart_{at}",
            config={"displayModeBar": False, "staticPlot": True},
            alt=piece.title,
        )
        return
    table, columns = cells.of(piece)
    st.dataframe(
        cells.texts(table.head(SHOWN_ROWS), columns),
        column_config={
            name: st.column_config.TextColumn(
                column.label,
                alignment="right" if cells.is_number(column) else "left",
            )
            for name, column in columns.items()
        },
        hide_index=True,
        row_height=28,
        key=f"note_table_{at}",
        alt=piece.title,
    )
    if len(table) > SHOWN_ROWS:
        st.caption(f"The first {SHOWN_ROWS} of {len(table):,} rows; files have all.")


def moved(at: int, by: int) -> None:
    """Move a piece up or down."""
    pieces = list(current().pieces)
    to = min(max(at + by, 0), len(pieces) - 1)
    pieces.insert(to, pieces.pop(at))
    keep(current().with_pieces(pieces))


def removed(at: int) -> None:
    """Take a piece out."""
    pieces = list(current().pieces)
    taken = pieces.pop(at)
    keep(current().with_pieces(pieces), f"Removed: {taken.title}")


def worded(at: int, name: str, key: str) -> None:
    """Write a piece's title or comment, or the note's own where there is no piece."""
    words: dict[str, Any] = {name: str(st.session_state[key])}
    if at < 0:
        keep(replace(current(), **words))
    else:
        _change(at, **words)


def frozen(at: int, key: str) -> None:
    """Freeze a piece as it is, or let it follow the day again."""
    _change(at, is_frozen=bool(st.session_state[key]))


def _change(at: int, **changes: Any) -> None:
    pieces = list(current().pieces)
    pieces[at] = replace(pieces[at], **changes)
    keep(current().with_pieces(pieces))


def refresh(answers: Answers, as_of: date) -> None:
    """Make every piece anew for a day, but the frozen ones."""
    note, told = making.refreshed_note(current(), answers, as_of)
    keep(note, " ".join(told) or "Made anew; frozen pieces stay as they were.")


def make_preview(answers: Answers, as_of: date) -> None:
    """Put the reconstitution preview of a day into the note, after what it holds."""
    held = current()
    try:
        made = _linked(preview(answers, as_of))
    except ReconError as error:
        st.toast(plain(error))
        return
    if not held.pieces:
        keep(made, "The preview is ready.")
    elif len(held.pieces) + len(made.pieces) > making.MOST_PIECES:
        st.toast(f"The note would have more than {making.MOST_PIECES} pieces.")
    else:
        whole = held.with_pieces((*held.pieces, *made.pieces))
        keep(whole, f"The preview is added: {count(len(whole.pieces), 'piece')}.")


def _linked(note: Note) -> Note:
    """Put the address of the app before links that have only a page."""
    pieces = []
    for piece in note.pieces:
        link = piece.provenance.link
        link = links.base() + link if link.startswith("/") else link
        about = replace(piece.provenance, link=link)
        pieces.append(replace(piece, provenance=about))
    return note.with_pieces(pieces)


def load(key: str) -> None:
    """Read a note from the file that the visitor gave."""
    given = st.session_state[key]
    if given is None:
        return
    try:
        keep(keeping.loaded(given.getvalue(), given.name), f"{given.name} is loaded.")
        st.session_state[TOLD] = ""
    except ReconError as error:
        st.session_state[TOLD] = str(error)


def clear() -> None:
    """Begin an empty note."""
    keep(Note(title=FIRST_TITLE))


def told() -> str:
    """Return why the last file was refused, nothing where it was not."""
    return st.session_state.get(TOLD, "")


def download(
    word: str, ending: str, note: Note, template: Any = None, **options: Any
) -> None:
    """Offer the note as a file, made when it is asked for."""

    def make() -> bytes:
        if template is None or not template.name.lower().endswith(ending):
            return output.written(note, ending)
        return output.written(note, ending, template.getvalue(), template.name)

    st.download_button(
        word,
        data=make,
        file_name=f"{file_name(note)}{ending}",
        mime=output.MEDIA[ending],
        on_click="ignore",
        key=f"note_{ending[1:]}",
        disabled=not note.pieces or (ending == ".pdf" and bool(paper.unavailable())),
        **options,
    )


def refusal(template: Any) -> str:
    """Return why a template cannot be used, nothing where it can."""
    try:
        if template is not None:
            output.checked_template(template.getvalue(), template.name)
    except ReconError as error:
        return str(error)
    return ""


def file_name(note: Note) -> str:
    """Return the name of a note's files, without an ending."""
    plain = "".join(c if c.isalnum() else " " for c in note.title.lower()).split()
    return "-".join(["recon", *plain[:8]])
