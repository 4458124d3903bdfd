import streamlit as st

import pages
from pages import filters
from pages.wording import plain
from recon.exhibits import style

TABLE_PX = 420  # the charts below are seen without much scrolling

day = pages.pick_as_of()
ranked = pages.pick_ranking(day)
pages.head("Style", day, ranked)
base = pages.ask(style.BaseQuestion, day, ranked=ranked)
if missing := pages.answers().styles(day, ranked).missing:
    with st.container(key="empty"):
        st.markdown(f"**Value and growth are not known.** {plain(missing)}")
        st.markdown(
            "They need book value or price to book, a growth forecast and five-year "
            "sales growth of each company. To load them, run:"
        )
        st.code(style.HOW, language=None)
        st.caption(
            "FILE is a CSV, Parquet or XLSX with a row per company; columns are known "
            "by their names or named with --map, and --known-on gives the day on which "
            "the values were known. The app needs no restart afterwards."
        )
        st.button("Look again", key="look_again", type="primary")
    pages.end()

rows = style.companies(pages.answers(), base)
question = filters.ask(
    style.StyleQuestion,
    day,
    rows,
    f"all of the {base.base}",
    base=base.base,
    ranked=ranked,
)
pages.answer(style.headline(pages.answers(), question))
if question.filtered(rows).empty:
    st.markdown("No company passes these filters.")
    pages.end()

filters.explore(style.MAP, style.SHIFTS, question, TABLE_PX)
left, right = st.columns(2, gap="medium")
with left:
    pages.exhibit(style.TOTALS, question)
    pages.exhibit(style.CONCENTRATION, question)
with right:
    pages.exhibit(style.TILT, question)
pages.small_print(*style.small_print(pages.answers(), question))
