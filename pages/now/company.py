import streamlit as st

import pages
from pages import filters
from recon import reasons, schedule
from recon.charts import company as figures
from recon.wording import Column

WHY = {
    "rule": Column(label="Rule", width=168),
    "outcome": Column(label="Outcome", width=92),
    "value": Column(label="Value", width=190),
    "threshold": Column(label="Threshold", width=210),
    "margin": Column(label="Margin", width=130, help="Value against the threshold"),
    "evidence": Column(label="Because", width=210),
    "clause": Column(label="Clause", width=150, help="Ground Rules and section"),
    "source": Column(label="Source of the fact", width=300),
}
CLASSES = {
    "symbol": Column(label="Ticker", width=70),
    "name": Column(label="Listing", width=250),
    "share_type": Column(label="Share type", width=130),
    "close_usd": Column(label="Close, $", kind="usd", width=90),
    "given_market_cap_usd": Column(
        label="Cap as given, $bn",
        kind="usd_bn",
        width=120,
        help="The provider's own figure: of the class, or of the whole company",
    ),
    "trailing_volume_mn": Column(
        label="Volume, mn", kind="number", width=90, help="Shares traded in two years"
    ),
    "role": Column(label="Role", width=320),
}

day = pages.pick_as_of()
projection = pages.projection(day)
pages.head("Company", day)
security_id = filters.pick_company(projection.securities)
if security_id is None:
    st.markdown("Type a ticker or a name, or open one of those nearest to a line:")
    filters.offer_companies(pages.watched(day).head(12))
    st.stop()

first = pages.day_span()[0]
listing = reasons.listing_of(projection, security_id)
symbol, name = listing["symbol"], listing["company"]
source = pages.provenance(f"{symbol} company", day)
pages.answer(f"**{name}** ({symbol}) {reasons.verdict(projection, security_id)}.")
company = reasons.company_of(projection, security_id)
if company is not None:
    with st.container(horizontal=True, gap="medium", key="distances"):
        for label, value, words in reasons.distances(company):
            st.metric(label, value, help=words, width="content")

symbols = reasons.class_symbols(projection, security_id)
history = reasons.cap_history(
    projection, security_id, pages.histories(tuple(symbols), first, day)
)
figure = figures.caps(
    history,
    pages.break_points(first, day),
    pages.theme(),
    symbol=symbol,
    events=schedule.reconstitutions(),
)
pages.show(figure, "caps", source, "own universe, est.")

st.subheader("Why in, why out", anchor=False)
table = reasons.explain(projection, security_id, source.source)
pages.table_frame(table, WHY, "why", pages.provenance(f"{symbol} reasons", day))
left, right = st.columns([1, 1], gap="medium")
with left:
    st.subheader("Listings of the company", anchor=False)
    table = reasons.classes(projection, security_id)
    about = pages.provenance(f"{symbol} listings", day)
    pages.table_frame(table, CLASSES, "classes", about)
with right:
    lists = pages.memberships(tuple(reasons.class_keys(projection, security_id)), day)
    figure = figures.memberships(lists, pages.theme(), symbol=symbol, span=(first, day))
    about = pages.provenance(f"{symbol} memberships", day)
    pages.show(figure, "memberships", about, projection.membership.statement)
