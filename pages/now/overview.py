import streamlit as st

import pages
from recon.exhibits import overview
from recon.exhibits.question import RankedQuestion

as_of = pages.pick_as_of()
question = RankedQuestion(as_of=as_of, ranked=pages.pick_ranking(as_of))
calendar = overview.CalendarQuestion(as_of=as_of, today=pages.clock(as_of))
pages.head("Overview", as_of, question.ranked)
pages.answer(overview.headline(pages.answers(), question))
pages.exhibit(overview.CALENDAR, calendar)
left, right = st.columns(2, gap="medium")
with left:
    pages.exhibit(overview.LARGEST, question)
with right:
    st.markdown("**Breakpoints**, estimated, now and on the last rank day")
    pages.exhibit(overview.LINES, question)
    st.markdown("**Projected moves**, companies")
    pages.exhibit(overview.MOVES, question)
pages.small_print(*overview.small_print(pages.answers(), question))
