from collections.abc import Callable
from typing import Any

import streamlit as st

import pages
from pages import columns, filters, styles
from recon import schedule
from recon.charts import company as figures
from recon.studies import company as reasons

day = pages.pick_as_of()
projection = pages.projection(day)
pages.head("Company", day)
near = pages.watched(day).head(12)
picked = filters.pick_company(projection.securities, near)
if picked is None:
    pages.end()
security_id: int = picked

first = pages.day_span()[0]


def ask(question: Callable[..., Any], *words: object) -> Any:
    """Ask of the company, once for all who look at it."""
    key = (day, security_id, *words)
    return pages.told(
        question.__name__, key, lambda: question(projection, security_id, *words)
    )


listing = ask(reasons.listing_of)
symbol, name = listing["symbol"], listing["company"]
source = pages.estimated(f"{symbol} company", day)
pages.answer(f"**{name}** ({symbol}) {ask(reasons.verdict)}.")
company = ask(reasons.company_of)
if company is not None:
    with st.container(horizontal=True, gap="medium", key="distances"):
        for label, value, words in reasons.distances(company):
            st.metric(label, value, help=words, width="content")

symbols = ask(reasons.class_symbols)
figure = pages.drawn(
    "caps",
    (security_id, day),
    pages.theme(),
    lambda: figures.caps(
        reasons.cap_history(
            projection, security_id, pages.histories(tuple(symbols), first, day)
        ),
        pages.break_points(first, day),
        pages.theme(),
        symbol=symbol,
        events=schedule.reconstitutions(),
    ),
)
pages.show(figure, "caps", source, "own universe")

styles.show_company(day, listing["company_id"], symbol)
lists = pages.memberships(tuple(ask(reasons.class_keys)), day)
figure = pages.drawn(
    "memberships",
    (security_id, day),
    pages.theme(),
    lambda: figures.memberships(lists, pages.theme(), symbol=symbol, span=(first, day)),
)
about = pages.provenance(f"{symbol} memberships", day)
pages.show(figure, "memberships", about, projection.membership.statement)

st.subheader("Why in, why out", anchor=False)
table = ask(reasons.explain, source.source)
pages.table_frame(table, columns.WHY, "why", pages.projected(f"{symbol} reasons", day))
st.subheader("Listings of the company", anchor=False)
table = ask(reasons.classes)
pages.table_frame(
    table, columns.CLASSES, "classes", pages.provenance(f"{symbol} listings", day)
)
