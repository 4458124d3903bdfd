import pages
from pages import columns, filters, styles
from recon.charts import candidates
from recon.studies import candidates as facets

day = pages.pick_as_of()
pages.head("Candidates", day)
rows = styles.watched(day)
chosen = filters.choose(rows, day)
shown = facets.filtered(rows, chosen)
words = facets.statement(chosen) or "none"
pages.answer(pages.told("finding", (day, words), lambda: facets.finding(shown, day)))
if shown.empty:
    pages.end()

figure = pages.drawn(
    "distances",
    (day, words),
    pages.theme(),
    lambda: candidates.distances(shown, pages.theme()),
)
picked = pages.show(
    figure,
    "distances",
    pages.projected("Distance to the line", day, words),
    hint="choose dots to see them alone in the table",
    on_select="rerun",
    selection_mode=("points", "box"),
)
symbols = [point["customdata"][0] for point in picked.selection.points]
marked = facets.statement(chosen, len(symbols)) or "none"
listed = facets.of_symbols(shown, symbols)
opened = pages.table_frame(
    listed,
    columns.CANDIDATES if styles.is_known(day) else columns.PLAIN_CANDIDATES,
    "candidates",
    pages.projected("Candidates", day, marked),
    file_table=facets.for_file(listed),
    column_config=columns.CANDIDATES_DRAWN,
    hint="select a row to open the company; the eye above the table has more columns",
    on_select="rerun",
    selection_mode="single-row",
)
for row in opened.selection.rows:
    filters.open_company(listed["symbol"].iloc[row])
