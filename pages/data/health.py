import streamlit as st

st.title("Not written yet")
