import streamlit as st

import pages
from pages import filters
from recon.exhibits import official
from recon.exhibits.question import Question

day = pages.pick_as_of()
pages.head("Official", day)
choices = official.events(pages.answers(), Question(as_of=day))
if not choices:
    pages.answer(
        "No rank day lies between the first session of the store and this day."
    )
    pages.end()
event = pages.ask(official.EventQuestion, day, choices={"event": choices[::-1]})
rows = official.in_words(official.board(pages.answers(), event).rows)
question = filters.ask(
    official.BoardQuestion,
    day,
    rows,
    f"all names of {event.event or choices[-1]}",
    event=event.event,
    ranked="rank day",
)
pages.answer(official.headline(pages.answers(), event))
pages.exhibit(official.AGREEMENT, question)
pages.exhibit(official.NAMES, question)
st.subheader("List by list, and the counts to expect", anchor=False)
pages.exhibit(official.LISTS, question)
pages.exhibit(official.COUNTS, question)
if len(official.board(pages.answers(), event).drift):
    st.subheader("From preliminary to final", anchor=False)
    pages.exhibit(official.DRIFT, question)
pages.small_print(official.small_print(pages.answers(), event))
