"""Forecasts on record: written once, chained by their hashes, scored by what came."""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from recon import __version__
from recon.indexes import LARGE, SMALL
from recon.reconstitution import Projection, project
from recon.store import Store
from recon.store.writer import open_writer
from recon.studies.forecast import Forecast, forecast
from recon.studies.forecast.drawing import Show
from recon.studies.forecast.keeping import STATES, data_fingerprint
from recon.vocabulary import NONE, STAYS, membership_key

FIRST = "0" * 64  # what the first entry has for the hash of the one before
DECIMALS = 4
CERTAIN_FRAC = 0.005  # of draws: names less likely to move are left out, they stay
HASHED = (
    "entry_id",
    "frozen_at",
    "as_of",
    "rank_day",
    "program_version",
    "data_fingerprint",
    "content",
    "previous_hash",
)
UNCHANGED = "unchanged"


def freeze(
    folder: Path,
    as_of: date,
    now: datetime,
    *,
    draws: int = 10_000,
    seed: int = 1,
    show: Show | None = None,
) -> dict[str, Any]:
    """Write the projection and the odds of the coming event on record; return it.

    Raises
    ------
    SnapshotMissing
        If the past is too short for odds.
    StoreBusy
        If an ingest is writing to the store.
    """
    facts = Store(folder)
    odds = forecast(facts, as_of, draws=draws, seed=seed, show=show)
    projected = project(facts, as_of)
    market = facts.manifest().market
    fingerprint = data_fingerprint(facts)
    facts.close()
    with open_writer(folder, market) as writer:
        before = writer.store.forecasts()
        entry = {
            "entry_id": len(before) + 1,
            "frozen_at": now.astimezone(UTC).replace(tzinfo=None, microsecond=0),
            "as_of": projected.as_of,
            "rank_day": odds.rank_day,
            "program_version": __version__,
            "data_fingerprint": fingerprint,
            "content": content_of(odds, projected),
            "previous_hash": FIRST if before.empty else before["hash"].iloc[-1],
        }
        entry["hash"] = hash_of(entry)
        writer.publish_forecast(entry)
    return entry


def content_of(odds: Forecast, projected: Projection) -> str:
    """Return a forecast as text: one spelling, whatever wrote it.

    Companies that are as good as certain are left out; `moves` has every projected one.
    """
    companies = odds.companies
    rows = companies[companies["p_move"] > CERTAIN_FRAC]
    listed = projected.companies
    moves = listed[~listed["move"].isin([STAYS, NONE])]
    then = listed.drop_duplicates("symbol").set_index("symbol")["projected_index"]
    now, then = _texts(rows["current_index"]), _texts(rows["symbol"].map(then))
    content = {
        "snapshot_date": odds.snapshot_date.isoformat(),
        "draws": odds.draws,
        "seed": odds.seed,
        "lines": [
            [int(row.rank), row.figure, row.quantile, round(row.usd)]
            for row in odds.lines.itertuples()
        ],
        "columns": ["symbol", "current_index", "projected_index", *STATES],
        "odds": [
            [*words, *np.round(values, DECIMALS).tolist()]
            for *words, values in zip(
                rows["symbol"], now, then, rows[STATES].to_numpy(), strict=True
            )
        ],
        "moves": {
            move: sorted(own["symbol"])
            for move, own in moves.groupby("move", sort=True)
        },
    }
    return json.dumps(content, sort_keys=True, separators=(",", ":"))


def _texts(indexes: pd.Series) -> list[str]:
    return indexes.astype(object).where(indexes.notna(), "").tolist()


def hash_of(entry: Mapping[str, Any]) -> str:
    """Return the SHA-256 of an entry, the hash of the one before included."""
    words = [f"{name}={_text(entry[name])}" for name in HASHED]
    return hashlib.sha256("\n".join(words).encode()).hexdigest()


def _text(value: object) -> str:
    if isinstance(value, (datetime, date)):
        return pd.Timestamp(value).isoformat()
    return str(value)


def verified(entries: pd.DataFrame) -> pd.DataFrame:
    """Return every entry with its `verdict`: unchanged, or what is wrong with it.

    A changed entry no longer has its hash; one taken away breaks the chain behind it.
    """
    verdicts, before = [], FIRST
    for place, entry in enumerate(entries.to_dict("records"), start=1):
        wrong = []
        if hash_of(entry) != entry["hash"]:
            wrong.append("changed since it was frozen")
        if entry["previous_hash"] != before:
            wrong.append("the one before it was changed or taken away")
        if entry["entry_id"] != place:
            wrong.append(f"it is number {place} on record")
        verdicts.append("; ".join(wrong) or UNCHANGED)
        before = entry["hash"]
    shown = entries[["entry_id", "frozen_at", "as_of", "rank_day", "hash"]]
    return shown.assign(verdict=verdicts)


def odds_of(entry: Mapping[str, Any]) -> pd.DataFrame:
    """Return the odds that an entry holds, a row a company that was not certain."""
    content = json.loads(entry["content"])
    return pd.DataFrame(content["odds"], columns=content["columns"])


def history_of(entries: pd.DataFrame, symbol: str) -> pd.DataFrame:
    """Return the odds of a company on record: as_of, rank_day and its odds."""
    rows = []
    for entry in entries.to_dict("records"):
        own = odds_of(entry)
        own = own[own["symbol"] == symbol]
        rows.append(own.assign(as_of=entry["as_of"], rank_day=entry["rank_day"]))
    columns = ["as_of", "rank_day", "current_index", *STATES]
    found = pd.concat(rows) if rows else pd.DataFrame(columns=columns)
    return found[columns].reset_index(drop=True)


def scored(
    entries: pd.DataFrame, came_of: Callable[[date], pd.Series | None]
) -> pd.DataFrame:
    """Return each entry with the Brier score of its odds, and that of its list.

    `came_of` returns the index that came of each key on a rank day, None where that is
    not known yet; the scores are missing then. Names that were certain, or that are
    not listed any more, do not count.
    """
    rows = []
    for entry in entries.to_dict("records"):
        came = came_of(pd.Timestamp(entry["rank_day"]).date())
        found = (0, np.nan, np.nan) if came is None else _brier(odds_of(entry), came)
        rows.append(found)
    table = entries[["entry_id", "frozen_at", "as_of", "rank_day"]]
    table = table.assign(**dict(zip(SCORES, zip(*rows, strict=True), strict=True)))
    return table.astype({"brier": float, "list_brier": float})


SCORES = ("names", "brier", "list_brier")


def _brier(odds: pd.DataFrame, came: pd.Series) -> tuple[int, float, float]:
    """Mean square error of the odds of two indexes, and of the list for certain."""
    index = membership_key(odds["symbol"]).map(came)
    odds, index = odds[index.notna()], index[index.notna()]
    if odds.empty:
        return 0, np.nan, np.nan
    listed = np.maximum(1 - odds["p_gone"], 10**-DECIMALS)
    off, list_off = [], []
    for code, name in ((LARGE, "p_r1000"), (SMALL, "p_r2000")):
        is_so = index.eq(code).astype(float)
        off.append((odds[name] / listed - is_so) ** 2)
        list_off.append((odds["projected_index"].eq(code) - is_so) ** 2)
    means = [float(pd.concat(each).mean()) for each in (off, list_off)]
    return len(odds), means[0], means[1]
