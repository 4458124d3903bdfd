import pages
from pages import filters
from recon.exhibits import candidates

day = pages.pick_as_of()
pages.head("Candidates", day)
question = filters.ask(candidates.FilteredQuestion, day, pages.answers().watched(day))
pages.answer(candidates.headline(pages.answers(), question))
if pages.made(candidates.DISTANCES, question).answer.rows.empty:
    pages.end()

filters.explore(candidates.DISTANCES, candidates.CANDIDATES, question)
