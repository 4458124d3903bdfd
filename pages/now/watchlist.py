import streamlit as st

import pages
from pages import filters, watchlists
from recon.exhibits import watchlist
from recon.studies import watchlist as study

day = pages.pick_as_of()
ranked = pages.pick_ranking(day)
pages.head("Watchlist", day, ranked)
place = st.container()
text = watchlists.ask()
if not text.strip():
    with place:
        pages.answer(
            "Write the names to watch, one a line; they are kept for this browser, and "
            "the copied link opens them anywhere."
        )
    pages.end()
tags = study.tags(study.read(text))
question = pages.ask(
    watchlist.WatchlistQuestion,
    day,
    ranked=ranked,
    names=text,
    choices={"tag": ["every tag", *tags]},
)
with place:
    pages.answer(watchlist.headline(pages.answers(), question))
    opened = pages.exhibit(
        watchlist.STANDING,
        question,
        hint="click a row to open the company",
        on_select="rerun",
        selection_mode="single-row",
    )
    st.subheader("The list", anchor=False)
rows = watchlist.STANDING.made(pages.answers(), question).table()
for row in opened.selection.rows:
    filters.open_company(rows["symbol"].iloc[row])
