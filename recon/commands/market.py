"""Commands that print what the rules make of a store: lines, projections, styles."""

from datetime import date
from functools import cache, partial
from typing import Annotated

import pandas as pd
import typer

from recon.commands import (
    DEFAULT_STORE,
    Format,
    FormatChoice,
    Output,
    StoreFolder,
    day_at,
    day_of,
    write,
)
from recon.errors import BadRequest
from recon.indexes import INDEXES, SIZES
from recon.store import ESTIMATE, Store


def break_points(
    store: StoreFolder = DEFAULT_STORE,
    since: Annotated[str | None, typer.Option(help="First day, YYYY-MM-DD.")] = None,
    until: Annotated[str | None, typer.Option(help="Last day, YYYY-MM-DD.")] = None,
    format_: FormatChoice = Format.TABLE,
    output: Output = None,
) -> None:
    """Breakpoint and band edges of every index, session by session.

    Columns: snapshot_date, index, break_point_usd, band_low_usd, band_high_usd, rank
    (the rank the line is drawn at), is_estimated (true of a day that has no listings
    of its own). MICRO is the Microcap's upper line at 2,000.
    """
    facts = Store(store)
    last = facts.day_on_or_before(day_of(until, "until") or date.max)
    lines = facts.break_points(day_of(since, "since") or date(1, 1, 1), last)
    if lines.empty:
        raise BadRequest(
            f"No published session lies between {since} and {until or last}; the store "
            f"holds {day_at(facts.published_days(), 0)} to {last}."
        )
    names = pd.DataFrame(
        {"rank": entry.line_rank, "index": code} for code, entry in INDEXES.items()
    )
    columns = ["snapshot_date", "index", *LINE_COLUMNS, "rank", "is_estimated"]
    table = lines.merge(names, on="rank", validate="many_to_many")
    table["order"] = table["index"].map({code: n for n, code in enumerate(INDEXES)})
    table["is_estimated"] = table["snapshot_date"].isin(_estimated(facts))
    table = table.sort_values(["snapshot_date", "order"], ignore_index=True)
    write(table[columns], format_, output)


LINE_COLUMNS = ["break_point_usd", "band_low_usd", "band_high_usd"]
SIZE_COLUMNS = [
    f"{when}_{code.lower()}" for code in SIZES for when in ("current", "projected")
]
PROJECTED_COLUMNS = [
    "symbol",
    "name",
    "company",
    "rank",
    "total_market_cap_usd",
    "cumulative_cap_frac",
    "current_index",
    "projected_index",
    "move",
    "eligible",
    "ineligible_reason",
    "close_usd",
    "exchange",
    "sector",
    "industry",
    "country",
    "snapshot_date",
    "is_estimated",
    *SIZE_COLUMNS,
]


def project(
    as_of: Annotated[str, typer.Option("--as-of", help="Day, YYYY-MM-DD.")],
    store: StoreFolder = DEFAULT_STORE,
    format_: FormatChoice = Format.TABLE,
    output: Output = None,
    as_if_ranked: Annotated[
        bool, typer.Option("--as-if-ranked", help="What if it were ranked that day.")
    ] = False,
) -> None:
    """Every listed security of the day with rank, index now, index projected, move.

    One row a security; the classes of one company share rank and index. Columns:
    symbol, name, company, rank, total_market_cap_usd, cumulative_cap_frac,
    current_index, projected_index (R1000, R2000, MICRO or nothing), move, eligible,
    ineligible_reason, close_usd, exchange, sector, industry, country, snapshot_date
    (the session ranked), is_estimated (true of a day that has no listings of its own);
    then for the Top 50, Top 200, Midcap, Top 500, 2500, 3000E and Microcap (micro: the
    whole of it) whether it is a member now and projected, such as current_top200 and
    projected_top200: true, false, or nothing where that is not known.

    From a rank day to the implementation close the event is as rank day decided it,
    with the companies left out that are no longer listed and new symbols followed;
    --as-if-ranked ranks the day itself, a what-if.
    """
    from recon import reconstitution

    day = day_of(as_of, "as-of")
    if day is None:
        raise BadRequest("--as-of needs a day, such as 2024-04-30.")
    facts = Store(store)
    run = reconstitution.project_as_if if as_if_ranked else reconstitution.project
    projection = run(facts, day)
    table = projection.securities.sort_values(["rank", "symbol"], ignore_index=True)
    table = table.assign(
        rank=table["rank"].astype("Int64"),
        is_estimated=table["snapshot_date"].isin(_estimated(facts)),
    )
    write(table[PROJECTED_COLUMNS], format_, output)


def _estimated(facts: Store) -> set[pd.Timestamp]:
    days = facts.days()
    return set(days.loc[days["source"] == ESTIMATE, "snapshot_date"])


def style(
    as_of: Annotated[str, typer.Option("--as-of", help="Day, YYYY-MM-DD.")],
    store: StoreFolder = DEFAULT_STORE,
    format_: FormatChoice = Format.TABLE,
    output: Output = None,
) -> None:
    """Value and growth of every listing, by the rules, as if ranked on a day.

    Columns: symbol, base_index, cvs (composite value score, low growth, high value),
    its range cvs_low to cvs_high over what is not published, value_weight_frac,
    growth_weight_frac, previous_value_weight_frac, shift, missing, proxy.
    """
    from recon import reconstitution
    from recon.studies import style as styles

    facts = Store(store)
    day = day_of(as_of, "as-of") or date.max
    project_on = cache(partial(reconstitution.project, facts))
    styled = styles.project(facts, day, project_on)
    if styled.missing:
        typer.echo(f"recon: {styled.missing} {HOW_TO_BRING}", err=True)
    elif styled.previous_missing:
        typer.echo(f"recon: earlier styles: {styled.previous_missing}.", err=True)
    write(styles.of_listings(project_on(day), styled), format_, output)


HOW_TO_BRING = "Load them with 'python -m recon ingest fundamentals FILE'."
