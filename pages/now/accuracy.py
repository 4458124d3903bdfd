import streamlit as st

import pages
from pages.wording import plain
from recon import formatting
from recon.exhibits import accuracy, forecast, past_demand

as_of = pages.pick_as_of()
years = pages.answers().scored_years(as_of)
pages.head("Accuracy", as_of)
if not years:
    pages.answer("No June event whose outcome is known lies before this day.")
    pages.end()
question = pages.ask(accuracy.YearQuestion, as_of, choices={"year": years})
bar = st.progress(0.0, "Scoring the past events …")
for number, year in enumerate(years, start=1):
    pages.answers().scored(year, None)
    bar.progress(number / len(years), f"Scored June {year}")
bar.empty()
pages.answer(accuracy.headline(pages.answers(), question))
if pages.answers().store.is_demo:
    right = st.container()
else:
    left, right = st.columns(2, gap="medium")
    with left:
        pages.exhibit(accuracy.LINE_ERROR, question)
with right:
    pages.exhibit(accuracy.TAXONOMY, question)
st.subheader("Scorecard", anchor=False)
pages.exhibit(accuracy.SCORES, question)
event = accuracy.scored(pages.answers(), question)
st.subheader(f"Misses and false positives of June {event.year}", anchor=False)
pages.exhibit(accuracy.MISJUDGED, question)
st.subheader("Excluded from scoring", anchor=False)
pages.exhibit(accuracy.APART, question)
st.subheader("How good the odds were", anchor=False)
if words := forecast.CALIBRATION.missing(pages.answers(), question):
    st.caption(plain(words))
else:
    pages.exhibit(forecast.RELIABILITY, question)
    pages.exhibit(forecast.CALIBRATION, question)
if not forecast.RECORD.missing(pages.answers(), question):
    st.subheader("Forecasts on record", anchor=False)
    pages.exhibit(forecast.RECORD, question)
if st.toggle("From 60 days before rank day", key="growth", bind="query-params"):
    with st.spinner("Projecting earlier days …"):
        pages.exhibit(accuracy.GROWTH, question)
if not pages.answers().store.is_demo:
    st.subheader(f"What passive money traded at June {event.year}", anchor=False)
    pages.exhibit(past_demand.DAYS, question)
    pages.exhibit(past_demand.VOLUME, question)
    pages.exhibit(past_demand.SHARES, question)
    pages.exhibit(past_demand.FLOATS, question)
    with st.expander("By name", key="demand_by_name"):
        pages.exhibit(past_demand.NAMES, question)
        pages.exhibit(past_demand.JOINED, question)
said = formatting.indexes_spelled(event.statement)
pages.small_print(f"June {event.year}: {said}.")
