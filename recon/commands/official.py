"""`recon official`: official lists beside ours."""

from datetime import date
from typing import Annotated

import typer

from recon.commands import (
    DEFAULT_STORE,
    Format,
    FormatChoice,
    Output,
    StoreFolder,
    day_of,
    write,
)
from recon.store import Store


def board(
    store: StoreFolder = DEFAULT_STORE,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="Day, YYYY-MM-DD; the newest if none.")
    ] = None,
    event: Annotated[
        str, typer.Option(help="Event, such as 'June 2024'; the last decided if none.")
    ] = "",
    format_: FormatChoice = Format.TABLE,
    output: Output = None,
) -> None:
    """Official additions and deletions beside ours and beside what came.

    One row a list and company that at least one of the three has. Columns: list (such
    as R3000 additions), symbol, company, ours, official (nothing where no such list
    has been posted), after (what lists of members show, nothing where that is not
    known), agrees (ours with the official list, or with what came without one), cause
    (shares, price, nationality, structure, list, timing) and why, rank,
    total_market_cap_usd.
    """
    from recon.exhibits import Answers
    from recon.exhibits import official as exhibits

    facts = Store(store)
    answers = Answers(facts)
    day = facts.day_on_or_before(day_of(as_of, "as-of") or date.max)
    question = exhibits.EventQuestion(as_of=day, event=event)
    typer.echo(f"recon: {exhibits.headline(answers, question)}", err=True)
    write(exhibits.board(answers, question).rows, format_, output)
