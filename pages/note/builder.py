import streamlit as st

import pages
from pages import notes
from pages.wording import plain
from recon import formatting
from recon.charts import pictures
from recon.note import making, paper

as_of = pages.pick_as_of()
note = notes.current()
pages.head("Note", as_of)
if not note.pieces:
    pages.answer("The note is empty: “Add to note” stands under every chart and table.")
else:
    pages.answer(
        f"{formatting.count(len(note.pieces), 'piece')} as of {note.days()}, ready to "
        "be taken away; it stays here until you clear it."
    )
with st.container(horizontal=True, key="note_actions"):
    st.button(
        "Reconstitution preview", on_click=notes.make_preview,
        args=(pages.answers(), as_of),
        type="primary" if not note.pieces else "secondary", key="note_preview",
        help="Lines, moves, names, styles and accuracy, after what the note holds",
    )  # fmt: skip
    st.button(
        f"Update to {formatting.day(as_of)}", on_click=notes.refresh,
        args=(pages.answers(), as_of),
        disabled=not note.pieces, key="note_refresh",
        help="Remake every piece for that day; frozen pieces stay as they are",
    )  # fmt: skip
    notes.download("Save", ".json", note, help="Save the note to load it tomorrow")
    if note.pieces:
        st.button("Clear note", on_click=notes.clear, key="note_clear")
with st.sidebar:
    st.file_uploader(
        "Load a saved note", type="json", key="note_file", max_upload_size=20,
        on_change=notes.load, args=("note_file",),
    )  # fmt: skip
    template = st.file_uploader(
        "Your own template", type=["pptx", "docx"], key="note_template",
        max_upload_size=20,
        help="Slides need the layouts “Title Slide” and “Title Only”, a document the "
        "styles Title, Heading 1 and Normal.",
    )  # fmt: skip
    if reason := notes.refusal(template):
        template = None
        st.error(plain(reason))
if reason := notes.told():
    st.error(plain(reason))
if not note.pieces:
    pages.end()

notes.words(-1, "title", "Title", note.title)
with st.container(horizontal=True, vertical_alignment="center", key="note_files"):
    for word, ending in notes.FORMS.items():
        notes.download(word, ending, note, template)
for reason in filter(None, (pictures.unavailable(), paper.unavailable())):
    pages.small_print(reason)
for at, piece in enumerate(note.pieces):
    with st.container(border=True, key=f"piece_{at}"):
        words, controls = st.columns([3, 2], vertical_alignment="bottom")
        with words:
            notes.words(at, "title", f"{at + 1}. Title", piece.title)
        with controls:
            notes.controls(at, piece, can_follow=making.can_be_refreshed(piece))
        notes.words(at, "comment", "Comment", piece.comment)
        notes.show(at, piece)
        pages.small_print(piece.stamp())
