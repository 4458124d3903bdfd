import streamlit as st

import pages
from pages import filters, watchlists
from pages.wording import plain
from recon.exhibits import company, forecast, rates

day = pages.pick_as_of()
ranked = pages.pick_ranking(day)
pages.head("Company", day, ranked)
question = pages.ask(company.CompanyQuestion, day, ranked=ranked)
if not filters.is_one_company(question, pages.answers()):
    pages.end()

pages.answer(company.headline(pages.answers(), question))
with st.container(horizontal=True, gap="medium", key="distances"):
    distances = company.distances(pages.answers(), question)
    odds = forecast.company_odds(pages.answers(), question)
    for label, value, words in [*distances, *odds]:
        st.metric(plain(label), plain(value), help=plain(words), width="content")
    watchlists.offer(company.about(pages.answers(), question).listing["symbol"])
pages.exhibit(company.CAPS, question)
if company.style_row(pages.answers(), question) is not None:
    pages.exhibit(company.WATERFALL, question)
if odds:
    st.subheader("Odds by index", anchor=False)
    if not forecast.COMPANY_PATH.missing(pages.answers(), question):
        pages.exhibit(forecast.COMPANY_PATH, question)
    pages.exhibit(forecast.COMPANY_ODDS, question)
pages.exhibit(company.MEMBERSHIPS, question)
if not rates.COMPANY.missing(pages.answers(), question):
    st.subheader("When rates change", anchor=False)
    pages.exhibit(rates.COMPANY, question)
st.subheader("Why in, why out", anchor=False)
pages.exhibit(company.WHY, question)
st.subheader("Other size indexes", anchor=False)
pages.exhibit(company.SIZES, question)
st.subheader("Listings of the company", anchor=False)
pages.exhibit(company.CLASSES, question)
