import streamlit as st

import pages
from recon.exhibits import forecast, overview
from recon.exhibits.question import RankedQuestion
from recon.export import calendar_feed

as_of = pages.pick_as_of()
question = RankedQuestion(as_of=as_of, ranked=pages.pick_ranking(as_of))
calendar = overview.CalendarQuestion(as_of=as_of, today=pages.clock(as_of))
pages.head("Overview", as_of, question.ranked)
pages.answer(overview.headline(pages.answers(), question))
if news := overview.news(pages.answers(), question):
    pages.small_print(news)
pages.exhibit(overview.CALENDAR, calendar)
st.download_button(
    "Dates to 2035 as calendar (ICS)",
    data=lambda: calendar_feed.ics(calendar_feed.events_since(as_of)),
    file_name="russell.ics",
    mime="text/calendar",
    on_click="ignore",
    type="tertiary",
    help="To subscribe instead, give your calendar this app's address and calendar.ics",
)
left, right = st.columns(2, gap="medium")
with left:
    pages.exhibit(overview.LARGEST, question)
with right:
    st.markdown("**Breakpoints**, estimated, now and on the last rank day")
    pages.exhibit(overview.LINES, question)
    st.markdown("**Projected moves**, companies")
    pages.exhibit(overview.MOVES, question)
    if not forecast.COUNTS.missing(pages.answers(), question):
        st.markdown("**Expected moves** by rank day, companies")
        pages.exhibit(forecast.COUNTS, question)
pages.small_print(*overview.small_print(pages.answers(), question))
