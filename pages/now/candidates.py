import streamlit as st

import pages
from pages import filters
from recon import facets
from recon.charts import candidates
from recon.wording import Column

COLUMNS = {
    "name": Column(label="Ticker and company", width=230),
    "move": Column(label="Move", width=64),
    "now": Column(label="From", width=92),
    "then": Column(label="To", width=92),
    "rank": Column(label="Rank", kind="number", width=56),
    "total_market_cap_usd": Column(label="Cap, $bn", kind="usd_bn", width=72),
    "bar": Column(label="Below | above", width=98),
    "distance_to_break_point_frac": Column(
        label="To line, %",
        kind="percent_signed",
        help="Market cap against the line whose crossing changes the index",
        width=78,
    ),
    "trail": Column(label="60 sessions", width=100),
    "crossing_close_usd": Column(
        label="Crosses at, $",
        kind="usd",
        help="Close at which the company would stand on its line, others unchanged",
        width=92,
    ),
    "close_usd": Column(label="Close, $", kind="usd", width=80),
    "distance_to_break_point_usd": Column(label="To line, $bn", kind="usd_bn"),
    "distance_ranks": Column(label="To line, ranks", kind="number_signed"),
    "distance_cumulative_frac": Column(
        label="To line, points",
        kind="percent_signed",
        help="Percentage points of the Russell 3000E's cumulative market cap",
    ),
    "line": Column(label="Line", help="The line whose crossing changes the index"),
    "sector": Column(label="Sector"),
    "exchange": Column(label="Exchange"),
    "ineligible_reason": Column(label="Screen failed"),
}
DRAWN = {
    "bar": st.column_config.ImageColumn(
        "Below | above", width=98, help="A full half is 25 % from the line"
    ),
    "trail": st.column_config.LineChartColumn(
        "60 sessions", width=100, help="Distance to the line, each row on its own scale"
    ),
}

day = pages.pick_as_of()
pages.head("Candidates", day)
rows = pages.watched(day)
chosen = filters.choose(rows)
shown = facets.filtered(rows, chosen)
words = facets.statement(chosen) or "none"
pages.answer(facets.finding(shown))
if shown.empty:
    st.stop()

picked = pages.show(
    candidates.distances(shown, pages.theme()),
    "distances",
    pages.provenance("Distance to the line", day, words),
    "projected; choose dots to see them alone in the table",
    on_select="rerun",
    selection_mode=("points", "box"),
)
symbols = [point["customdata"][0] for point in picked.selection.points]
listed = facets.of_symbols(shown, symbols)
opened = pages.table_frame(
    listed,
    COLUMNS,
    "candidates",
    pages.provenance("Candidates", day, words),
    file_table=facets.for_file(listed),
    column_config=DRAWN,
    note="projected; select a row to open the company",
    on_select="rerun",
    selection_mode="single-row",
)
for row in opened.selection.rows:
    filters.open_company(listed["symbol"].iloc[row])
