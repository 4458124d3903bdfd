"""A market cap that the gate refused, taken as it was offered: a person's word for it.

The day is judged again with it, and the days after it for as long as the gate
remembers. The word is kept: it also counts where the day is loaded again.
"""

from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa

from recon import formatting, reconstitution
from recon.errors import BadRequest
from recon.ingest import judging
from recon.ingest.days import day_table, kin_days, person, snapshots_of
from recon.ingest.options import Options
from recon.ingest.outcome import Taken
from recon.ingest.quality import CAP_REASONS
from recon.sources.column_names import REQUIRED
from recon.store import ESTIMATE, generations
from recon.store.writer import Writer, open_writer

SOURCE = "decision"
SHOWN_SYMBOLS = 10
DRAWING_FRAC = 0.3  # of the work that is done before lines are drawn


def believe(folder: Path, symbol: str, day: date, options: Options) -> list[Taken]:
    """Take a refused market cap as it was offered, and judge its day again.

    `options.because` says why; the ledger and the cap keep it, with who decided.

    Raises
    ------
    BadRequest
        If the gate refused no market cap of this symbol on this day, or the store does
        not hold what was offered.
    """
    market = generations.read_manifest(Path(folder)).market
    with open_writer(folder, market, options.wait_seconds) as writer:
        _check(writer, symbol, day)
        word = pd.DataFrame(
            {
                "snapshot_date": [pd.Timestamp(day)],
                "symbol": [symbol],
                "decided_by": [person(options)],
            }
        )
        return [_judged_again(writer, symbol, day, word, options)]


def believable(refused: pd.DataFrame) -> pd.DataFrame:
    """Return those of refused rows whose market cap can be believed, newest first.

    `refused` is `Store.refusals`: rows of days held back are not among them.
    """
    is_cap = refused["reason"].isin(list(CAP_REASONS.values()))
    found = refused[is_cap & ~refused["is_of_held_day"].astype(bool)]
    order = ["snapshot_date", "total_market_cap_usd"]
    return found.sort_values(order, ascending=False, ignore_index=True)


def _check(writer: Writer, symbol: str, day: date) -> None:
    refused = writer.store.cap_refusals(day, day, list(CAP_REASONS.values()))
    if symbol in set(refused["symbol"]):
        return
    names = ", ".join(sorted(refused["symbol"])[:SHOWN_SYMBOLS]) or "none"
    raise BadRequest(
        f"The gate refused no market cap of {symbol} on {formatting.day(day)}; of that "
        f"day it refused: {names}."
    )


def _judged_again(
    writer: Writer, symbol: str, day: date, word: pd.DataFrame, options: Options
) -> Taken:
    store, origin = writer.store, f"{symbol} of {day}"
    options.progress(f"judging {origin} again", 0.0)
    stored = store.days()
    source = stored.loc[stored["snapshot_date"].eq(pd.Timestamp(day)), "source"].iloc[0]
    judged = judging.judge(
        store,
        [],
        kin_days(stored, source),
        options,
        origin,
        {},
        is_whole=not options.is_sample and source != ESTIMATE,
        newly_believed=word,
    )
    if not judged.revised:
        raise BadRequest(
            f"The store does not hold the market cap that was offered for {symbol} on "
            f"{formatting.day(day)}: load that day again with --replace first."
        )
    _stage_nothing(writer, origin)
    rows = writer.rows([])
    count = formatting.count(len(judged.revised), "day")
    options.progress(f"drawing lines from {formatting.day(day)} on", DRAWING_FRAC)
    taken = Taken(
        origin=origin,
        offered=1,
        accepted=1,
        revised_days=len(judged.revised),
        note=f"market cap taken as offered; {count} judged again",
    )
    writer.publish_days(
        *snapshots_of([], rows, source),
        day_table([], [], source, options, set()),
        taken.ledger_entry(SOURCE, origin, str(word["decided_by"].iloc[0])),
        reconstitution.draw,
        revision=judging.revision_of(store, judged.revised),
        believed=word,
    )
    return taken


def _stage_nothing(writer: Writer, origin: str) -> None:
    """Stage a table without rows: nothing is new but the verdicts."""
    nothing = pa.table({name: pa.array([], pa.string()) for name in REQUIRED})
    writer.columns_of(nothing)
    writer.stage({name: name for name in REQUIRED}, origin)
