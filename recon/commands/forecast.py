"""Commands of the odds: a forecast, and how good such odds were."""

from datetime import UTC, date, datetime
from typing import Annotated

import pandas as pd
import typer

from recon import formatting
from recon.commands import (
    DEFAULT_STORE,
    Format,
    FormatChoice,
    Output,
    StoreFolder,
    day_of,
    progress,
    write,
)
from recon.errors import BadRequest
from recon.store import Store

ODDS_COLUMNS = [
    "symbol",
    "company",
    "current_index",
    "p_r1000",
    "p_r2000",
    "p_micro",
    "p_out",
    "p_gone",
    "p_move",
    "p_up",
    "p_down",
    "p_addition",
    "p_deletion",
    "crossed_line",
    "close_usd",
    "flip_close_usd",
    "total_market_cap_usd",
    "snapshot_date",
    "rank_day",
]
DrawsOption = Annotated[int, typer.Option(min=1, help="Rank days to simulate.")]
SeedOption = Annotated[int, typer.Option(help="The same seed gives the same odds.")]


def forecast(
    as_of: Annotated[str, typer.Option("--as-of", help="Day, YYYY-MM-DD.")],
    store: StoreFolder = DEFAULT_STORE,
    rank_day: Annotated[
        str | None, typer.Option("--rank-day", help="Rank day; the coming event's.")
    ] = None,
    draws: DrawsOption = 10_000,
    seed: SeedOption = 1,
    lines: Annotated[
        bool, typer.Option("--lines", help="Quantiles of the lines instead.")
    ] = False,
    keep_since: Annotated[
        str | None,
        typer.Option(
            "--keep-since", help="Keep each week's odds since a day, for the pages."
        ),
    ] = None,
    format_: FormatChoice = Format.TABLE,
    output: Output = None,
) -> None:
    """Odds of every index and move on rank day, and quantiles of the lines.

    One row a company. Columns: symbol, company, current_index, p_r1000, p_r2000,
    p_micro, p_out (listed, in none of them), p_gone (not listed any more), which add
    up to 1; p_move and its parts p_up, p_down, p_addition, p_deletion (of the Russell
    3000); crossed_line, the line that matters to it; close_usd and flip_close_usd,
    the close of now at which it would stand on that line in half of the draws;
    total_market_cap_usd, snapshot_date, rank_day. With --lines: rank, figure (the line
    or an edge of its band), quantile, usd, snapshot_date, rank_day. With --keep-since
    nothing is printed: the Company page draws a name's odds through those weeks.
    """
    from recon.studies import forecast as study
    from recon.studies.forecast import keeping

    facts, day = Store(store), day_of(as_of, "as-of")
    if day is None:
        raise BadRequest("--as-of needs a day, such as 2024-04-30.")
    target, first = day_of(rank_day, "rank-day"), day_of(keep_since, "keep-since")
    if first is not None:
        with progress() as watch:
            count = keeping.keep_since(facts, first, day, watch)
        typer.echo(f"The odds of {formatting.count(count, 'session')} are kept.")
        return
    with progress() as watch:
        found = study.forecast(
            facts,
            day,
            target,
            draws=draws,
            seed=seed,
            show=lambda done: watch("simulating rank days", done),
        )
    days = {
        "snapshot_date": pd.Timestamp(found.snapshot_date),
        "rank_day": pd.Timestamp(found.rank_day),
    }
    table = found.lines if lines else found.companies
    table = table.assign(**days)
    write(table if lines else table[ODDS_COLUMNS], format_, output)


def calibration(
    store: StoreFolder = DEFAULT_STORE,
    draws: DrawsOption = 400,
    seed: SeedOption = 1,
    every: Annotated[int, typer.Option(min=1, help="Of month ends every nth.")] = 1,
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep it in the store, for the pages.")
    ] = False,
    parts: Annotated[
        str,
        typer.Option(help="scores, coverage, reliability or errors: which table."),
    ] = "scores",
    format_: FormatChoice = Format.TABLE,
    output: Output = None,
) -> None:
    """Score the odds of past rank days, real and pretended, against simpler ones.

    From 60, 40, 20, 10, 5, 1 and 0 sessions before each past rank day and each month's
    end. `scores`: Brier score and its parts by horizon and method; `coverage`: how
    often the 50%, 80% and 95% intervals held a line; `reliability`: odds against what
    came; `errors`: what our data got wrong, fitted without each year. It takes half an
    hour for four years; --keep shows it on the Accuracy page.
    """
    from recon.studies.forecast import calibration as study
    from recon.studies.forecast import keeping

    tables = {
        "scores": lambda found: study.scores(found.pairs, SCORED_BY),
        "coverage": lambda found: study.coverage(found.inside, COVERED_BY),
        "reliability": lambda found: study.reliability(found.pairs),
        "errors": lambda found: found.errors,
    }
    if parts not in tables:
        raise BadRequest(f"--parts is '{parts}'; choose one of {', '.join(tables)}.")
    with progress() as watch:
        found = study.calibrate(Store(store), draws, seed, watch, every)
    if keep:
        keeping.keep(store, found, datetime.now(UTC))
    write(tables[parts](found), format_, output)


SCORED_BY = ["kind", "horizon_sessions", "method"]
COVERED_BY = ["kind", "method", "rank", "horizon_sessions"]


def freeze(
    store: StoreFolder = DEFAULT_STORE,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="Day, YYYY-MM-DD; the newest else.")
    ] = None,
    draws: DrawsOption = 10_000,
    seed: SeedOption = 1,
    verify: Annotated[
        bool, typer.Option("--verify", help="Check every forecast on record.")
    ] = False,
    format_: FormatChoice = Format.TABLE,
    output: Output = None,
) -> None:
    """Put the projection and the odds of a day on record, where nobody changes them.

    Each entry holds the data's fingerprint, the program's version, the hash (SHA-256)
    of the entry before and its own. --verify prints entry_id, frozen_at, as_of,
    rank_day, hash and verdict of all; the exit code is 1 where one was changed.
    """
    from recon.studies.forecast import frozen

    facts = Store(store)
    if verify:
        entries = facts.forecasts()
        if entries.empty:
            raise BadRequest(
                "No forecast is on record; 'python -m recon freeze' puts one there."
            )
        checked = frozen.verified(entries)
        write(checked, format_, output)
        wrong = checked[checked["verdict"] != frozen.UNCHANGED]
        if len(wrong):
            raise BadRequest(
                f"Of {len(checked):,} forecasts on record {len(wrong):,} are not as "
                "they were frozen; restore the store from a copy you trust."
            )
        return
    day = facts.day_on_or_before(day_of(as_of, "as-of") or date.max)
    with progress() as watch:
        entry = frozen.freeze(
            store,
            day,
            datetime.now(UTC),
            draws=draws,
            seed=seed,
            show=lambda done: watch("simulating rank days", done),
        )
    typer.echo(
        f"Forecast {entry['entry_id']} of {day} for the rank day of "
        f"{entry['rank_day']} is on record: {entry['hash']}"
    )
