"""`recon backtest`: projections scored against what came."""

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from recon.commands import DEFAULT_STORE, StoreFolder, as_text, day_of, read_table
from recon.errors import BadRequest, ReconError
from recon.store import Store
from recon.studies import accuracy


class ScoreFormat(StrEnum):
    """How scores are written."""

    TABLE = "table"
    JSON = "json"


def score(
    store: StoreFolder = DEFAULT_STORE,
    year: Annotated[
        list[int] | None, typer.Option(help="June event; all else.")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="Project as of an earlier day.")
    ] = None,
    before: Annotated[
        Path | None, typer.Option(help="Lists known before, beside the store's.")
    ] = None,
    after: Annotated[
        Path | None, typer.Option(help="Lists of what came, instead of the store's.")
    ] = None,
    official: Annotated[
        Path | None,
        typer.Option(help="The provider's own R3000 additions and deletions."),
    ] = None,
    format_: Annotated[
        ScoreFormat, typer.Option("--format", help="How to write it.")
    ] = ScoreFormat.TABLE,
) -> None:
    """Score the projections of past June events against what came.

    Lists: up (R2000 to R1000), down, additions_r2000 (from outside), deletions_r2000
    (to nowhere), r1000 and r2000 (whole). Files of lists are CSV or Parquet with index,
    as_of and ticker, or year, side, index, as_of, ticker_key. A file of official
    changes has effective_date, index, action, ticker; the lists additions_r3000 and
    deletions_r3000 are then counted against it, and so is what the holdings show of
    them (holdings_ before the name).
    """
    facts, day = Store(store), day_of(as_of, "as-of")
    years = year or ([day.year] if day else accuracy.years_of(facts))
    given = {
        "before": None if before is None else read_table(before),
        "after": None if after is None else read_table(after),
        "official": None if official is None else read_table(official),
    }
    scored, refused = [], []
    for each in years:
        try:
            scored.append(accuracy.score(facts, each, day, **given))
        except ReconError as error:
            refused.append(str(error))
    if format_ is ScoreFormat.JSON:
        sys.stdout.write(json.dumps(accuracy.as_json(scored), indent=1) + "\n")
    elif scored:
        sys.stdout.write(as_text(accuracy.as_table(scored)))
    if refused or not scored:
        raise BadRequest(" ".join(refused) or "The store holds no June event to score.")
