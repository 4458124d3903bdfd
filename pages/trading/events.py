import streamlit as st

import pages
from recon.exhibits import events

day = pages.pick_as_of()
pages.head("Event study", day)
question = pages.ask(
    events.EventsQuestion,
    day,
    choices={"event": events.choices(pages.answers(), day)},
)
pages.answer(events.headline(pages.answers(), question))
pages.exhibit(events.PATH, question)
if question.event == "":
    left, right = st.columns([3, 2], gap="medium")
    with left:
        pages.exhibit(events.YEARS, question)
    with right:
        pages.exhibit(events.DECAY, question)
st.subheader("By group and window", anchor=False)
pages.exhibit(events.EFFECTS, question)
st.subheader("Months after", anchor=False)
pages.exhibit(events.AFTER, question)
st.subheader("Names", anchor=False)
pages.exhibit(events.NAMES, question)
pages.small_print(*events.small_print(pages.answers(), question))
