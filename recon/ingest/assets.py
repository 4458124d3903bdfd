"""What a reader knows of funds' assets: kept with the store, beside the record."""

import hashlib
from pathlib import Path

import pandas as pd

from recon import record
from recon.errors import SourceUnreadable
from recon.ingest.files import existing
from recon.ingest.options import Options
from recon.ingest.outcome import Taken
from recon.store import generations
from recon.store.writer import open_writer

ASSET_COLUMNS = ["fund", "index", "as_of", "assets_usd", "source"]
LARGEST_USD, LAST = 1e13, pd.Timestamp(2100, 1, 1)


def assets_file(folder: Path, path: Path, options: Options) -> Taken:
    """Keep the rows of a CSV with fund, index, as_of, assets_usd and source (optional).

    With `replace` of the options all that was kept before is dropped.

    Raises
    ------
    SourceUnreadable
        If a column is absent or a row cannot be read, with the row.
    """
    try:
        table = pd.read_csv(existing(path), dtype=str, keep_default_na=False)
    except ValueError as error:
        raise SourceUnreadable(f"{path.name} could not be read: {error}") from None
    return assets(folder, table, path.name, options)


def assets(folder: Path, table: pd.DataFrame, origin: str, options: Options) -> Taken:
    """Keep rows of funds' assets; one of the same fund, index and day is replaced.

    With `replace` of the options all that was kept before is dropped.

    Raises
    ------
    SourceUnreadable
        If a column is absent or a row cannot be read, with the row.
    """
    rows = read(table, origin)
    digest = hashlib.sha256(rows.to_csv(index=False).encode()).hexdigest()
    market = generations.read_manifest(Path(folder)).market
    words = "; what was kept before is dropped" if options.replace else ""
    taken = Taken(
        origin=origin,
        offered=len(rows),
        accepted=len(rows),
        note=f"{rows['fund'].nunique():,} funds{words}",
    )
    with open_writer(folder, market, options.wait_seconds) as writer:
        entry = taken.ledger_entry("assets", digest)
        writer.publish_fund_assets(rows, entry, replace=options.replace)
    return taken


def read(table: pd.DataFrame, origin: str) -> pd.DataFrame:
    """Return rows of funds' assets as they are kept, each checked.

    Raises
    ------
    SourceUnreadable
        If a column is absent or a row cannot be read, with the row.
    """
    missing = [name for name in ASSET_COLUMNS[:-1] if name not in table]
    if missing:
        raise SourceUnreadable(
            f"{origin} has no column {missing[0]}; expected {', '.join(ASSET_COLUMNS)}."
        )
    stated = table["source"] if "source" in table else pd.Series("", table.index)
    rows = pd.DataFrame(
        {
            "fund": table["fund"].astype("str").str.strip().str.upper(),
            "index": table["index"].astype("str").str.strip().str.upper(),
            "as_of": pd.to_datetime(table["as_of"], errors="coerce"),
            "assets_usd": pd.to_numeric(table["assets_usd"], errors="coerce"),
            "source": stated.astype("str").fillna("").replace("", origin),
        }
    )
    tracked = set(record.tracking_multiples()["index"])
    wrong = {
        "names no fund": rows["fund"].fillna("").eq(""),
        f"names no index of {', '.join(sorted(tracked))}": ~rows["index"].isin(tracked),
        "has no day such as 2024-04-30": rows["as_of"].isna() | (rows["as_of"] > LAST),
        "has no assets in US dollars": ~rows["assets_usd"].between(0, LARGEST_USD),
    }
    for words, is_wrong in wrong.items():
        if is_wrong.any():
            number = int(is_wrong.to_numpy().argmax()) + 1
            raise SourceUnreadable(f"{origin}: row {number} {words}.")
    return rows.drop_duplicates(["fund", "index", "as_of"], keep="last")
