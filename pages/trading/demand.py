import streamlit as st

import pages
from pages import filters
from pages.trading.money import keeping
from recon.exhibits import demand

TABLE_PX = 460  # the charts below are seen without much scrolling

day = pages.pick_as_of()
ranked = pages.pick_ranking(day)
pages.head("Demand", day, ranked)
answers = pages.answers()
known = demand.hints(answers, demand.MoneyQuestion(as_of=day, ranked=ranked))
amounts = st.sidebar.expander("Money by index, $bn", key="money_given")
asked = pages.ask(demand.MoneyQuestion, day, hints=known, within=amounts, ranked=ranked)
given = {name: value for name, value in asked if name not in ("as_of", "ranked")}
rows = demand.all_rows(answers, asked)
question = filters.ask(
    demand.DemandQuestion, day, rows, "all names that trade", ranked=ranked, **given
)
pages.answer(demand.headline(answers, question))
if question.filtered(rows).empty:
    st.markdown("No name passes these filters.")
    pages.end()

filters.explore(demand.CROWDED, demand.NAMES, question, TABLE_PX)
left, right = st.columns(2, gap="medium")
with left:
    pages.exhibit(demand.BY_INDEX, question)
    pages.exhibit(demand.CAUSES, question)
with right:
    pages.exhibit(demand.BY_SECTOR, question)
    if not answers.store.is_demo:
        pages.exhibit(demand.AUCTIONS, question)
st.subheader("Money", anchor=False)
pages.exhibit(demand.MONEY, question)
pages.exhibit(demand.FUNDS, question)
keeping.form(day, demand.is_any_kept(answers, question))
pages.small_print(*demand.small_print(answers, question))
