"""Command `recon segments`: indexes of the market's segments, and what follows them."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from recon.commands import (
    DEFAULT_STORE,
    Format,
    FormatChoice,
    Output,
    StoreFolder,
    day_of,
    read_table,
    write,
)
from recon.errors import BadRequest


def segments(
    store: StoreFolder = DEFAULT_STORE,
    since: Annotated[str | None, typer.Option(help="First day, YYYY-MM-DD.")] = None,
    until: Annotated[str | None, typer.Option(help="Last day, YYYY-MM-DD.")] = None,
    segment: Annotated[
        list[str] | None, typer.Option(help="A segment, may be repeated; all without.")
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="CSV or Parquet of prices (date, symbol, close or adj_close) of funds "
            "or indexes such as IWM, IWB, IWC: tracking difference by year.",
        ),
    ] = None,
    lists: Annotated[
        bool, typer.Option("--lists", help="The lists kept by hand instead, as CSV.")
    ] = False,
    format_: FormatChoice = Format.TABLE,
    output: Output = None,
) -> None:
    """Daily index of each segment of the market: cap-weighted, equal, median stock.

    Columns: snapshot_date, segment, members, cap_weighted, equal_weighted,
    median_stock: levels, 100 on the first day, of prices without dividends;
    median_stock compounds the median return. Segments: TOP10 (ten largest on rank day),
    MAG7, TOP50, TOP200, MIDCAP, R1000, R2000, MICRO, R3000, NASDAQ, NYSE, then themes
    and sectors by name. Members are those of each day.

    Themes and MAG7 are lists kept by hand: --lists writes them, and after an edit
    'python -m recon ingest segments FILE' keeps yours with the store.

    With --against: year, segment, follower, since, until, segment_frac, follower_frac,
    difference_frac, with_dividends (true where the follower's prices include them).
    """
    from recon import reconstitution
    from recon.store import Store
    from recon.studies import segments as study
    from recon.studies.segments import tracking

    facts = Store(store)
    if lists:
        kept = reconstitution.segments.kept_by_hand(facts)
        return write(kept, Format.CSV, output)
    last = facts.day_on_or_before(day_of(until, "until") or date.max)
    days = facts.published_days().date
    asked = day_of(since, "since") or days[0]
    base = next((day for day in days if day >= asked), None)
    if base is None or base >= last:
        raise BadRequest(
            f"An index needs two sessions between {asked} and {last}; the store holds "
            f"{days[0]} to {days[-1]}."
        )
    rows = study.drawn(facts.segment_days(base, last))
    every = study.choices(rows)
    chosen = [study.asked(every, each) for each in segment or []]
    levels = study.levels(rows, base, chosen)
    if against is not None:
        levels = tracking.by_year(levels, tracking.followers(read_table(against)))
    write(levels, format_, output)
