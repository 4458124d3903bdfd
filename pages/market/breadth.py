import pages
from recon.exhibits import breadth

as_of = pages.pick_as_of()
shown = breadth.SegmentQuestion(as_of=as_of)
question = pages.ask(
    breadth.SegmentQuestion,
    as_of,
    choices={"segment": breadth.choices(pages.answers(), shown)},
)
pages.head("Breadth", as_of)
pages.answer(breadth.headline(pages.answers(), question))
pages.exhibit(breadth.ABOVE, question)
pages.exhibit(breadth.STANDING, question)
