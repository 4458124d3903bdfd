"""`recon changes`: what changed between two days."""

from datetime import date
from typing import Annotated

import pandas as pd
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


def changes(
    store: StoreFolder = DEFAULT_STORE,
    since: Annotated[
        str | None,
        typer.Option(help="Earlier day, YYYY-MM-DD; the session before if none."),
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="Later day, YYYY-MM-DD; the newest if none.")
    ] = None,
    with_odds: Annotated[
        bool,
        typer.Option("--odds", help="And odds that moved by 10 points: half a minute."),
    ] = False,
    format_: FormatChoice = Format.TABLE,
    output: Output = None,
) -> None:
    """What changed between two days: lists, lines, listings, refused data, and why.

    One row a change. Columns: kind (joins list, leaves list, crosses, member list, no
    longer listed, new listing, new symbol, refused data, line; odds with --odds),
    symbol, company, list (an index, or the name of a line), before, after, cause
    (price, shares, rules or lists, rivals, which move the line, listing, or several)
    and why, the figures behind it.

    A cause is found by projecting the later day again with one thing as it was on the
    earlier day. From a rank day to the implementation close both days show the event
    as rank day decided it.
    """
    from recon.exhibits import Answers
    from recon.exhibits import changes as exhibits

    facts = Store(store)
    answers = Answers(facts)
    day = facts.day_on_or_before(day_of(until, "until") or date.max)
    question = exhibits.DaysQuestion(as_of=day, since=day_of(since, "since"))
    found = exhibits.compared(answers, question)
    typer.echo(f"recon: {exhibits.headline(answers, question)}", err=True)
    rows = found.rows
    if with_odds:
        moved = answers.changed_odds(found.then, found.now)
        rows = pd.concat([rows, moved], ignore_index=True)
    write(rows, format_, output)
