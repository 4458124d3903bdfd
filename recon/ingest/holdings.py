"""Index membership: fund holdings, fetched or as files, and tables of lists."""

import hashlib
import re
from collections.abc import Hashable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from recon import reconstitution
from recon.errors import ReconError, SourceBlocked, SourceUnreadable
from recon.indexes import INDEXES, LISTED, STYLE_INDEXES
from recon.ingest.files import digest_of, existing, is_known
from recon.ingest.list_names import Names, today_of
from recon.ingest.options import Options
from recon.ingest.outcome import Taken, already_stored, of_each, of_rows
from recon.ingest.quality import judge_list
from recon.ingest.resume import RequestCount
from recon.sources import fund_pages, ishares
from recon.sources.http_client import HttpClient
from recon.store.writer import Writer, open_writer

ISHARES_BASE = "RECON_ISHARES_BASE"  # a server that stands in for the provider's
DEMO = "demo"  # its lists are the rules' own answer, of invented days
NOTHING = pd.DataFrame(columns=["index", "as_of", "symbol", "reason"])


def fund_holdings(
    folder: Path,
    tickers: Sequence[str],
    as_of: date | None,
    options: Options,
    base: str | None = None,
) -> list[Taken]:
    """Fetch the holdings of index funds from the provider and ingest them.

    `as_of` is the day wanted, None for the newest; `base` is a server that stands in
    for the provider's. What was ingested before a refusal stays.

    Raises
    ------
    SourceBlocked, SourceSilent, SourceUnreadable
        If a fund could not be fetched: the first such refusal.
    """
    funds = [fund_pages.fund(ticker) for ticker in tickers]
    requests = RequestCount(options)
    client = HttpClient(
        "iShares", base=base, record=requests, inspect=fund_pages.inspect
    )
    taken: list[Taken] = []
    refusals: list[ReconError] = []
    rows = 0
    for number, fund in enumerate(funds):
        requests.report(f"requesting {fund.ticker}", number, len(funds), rows)
        try:
            members = fund_pages.fetch(client, fund, as_of)
        except ReconError as error:
            refusals.append(error)
            if isinstance(error, SourceBlocked) or not client.is_answered:
                break  # the others would fail the same way
        else:
            rows += len(members)
            with open_writer(folder, "real", options.wait_seconds) as writer:
                taken.append(_take_fund(writer, members, fund, options.today))
            requests.report(f"{fund.ticker} loaded", number + 1, len(funds), rows)
    if refusals:
        got = ", ".join(each.origin for each in taken) or "none"
        raise type(refusals[0])(f"{refusals[0]} Funds taken: {got}.")
    return taken


def _take_fund(
    writer: Writer, members: pd.DataFrame, fund: fund_pages.Fund, today: date | None
) -> Taken:
    origin = f"{fund.ticker} of {members['as_of'].iloc[0]:%Y-%m-%d}"
    ordered = members.sort_values("symbol", ignore_index=True)
    digest = hashlib.sha256(ordered.to_csv().encode()).hexdigest()
    if is_known(writer.store, "memberships", digest):
        return already_stored(origin)
    return take_memberships(
        writer, ordered, NOTHING.copy(), origin, digest, today=today
    )


def memberships(
    folder: Path,
    paths: Sequence[Path],
    options: Options,
    index: str | None = None,
    as_of: date | None = None,
) -> list[Taken]:
    """Ingest index membership: fund holdings (CSV, JSON), or tables of dated holdings.

    `index` is what a holdings file stands for where it does not say so itself, `as_of`
    its day: the older JSON of the fund pages has none.
    """
    # the same file may stand for another index or day
    suffix = (f" as {index}" if index else "") + (f" of {as_of}" if as_of else "")
    with open_writer(folder, "real", options.wait_seconds) as writer:

        def take(number: int, path: Path) -> Taken:
            digest = digest_of(existing(path)) + suffix
            if is_known(writer.store, "memberships", digest):
                return already_stored(path.name)
            options.progress(f"reading {path.name}", number / len(paths))
            members, refused = _membership_rows(path, index, as_of)
            return take_memberships(
                writer, members, refused, path.name, digest, today=options.today
            )

        return of_each(paths, take)


def _membership_rows(
    path: Path, index: str | None, as_of: date | None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    try:
        if path.suffix.lower() == ".parquet":
            table = pq.read_table(path).to_pandas()
            return ishares.parse_table(table, path.name, LISTED)
        text = path.read_text(encoding="utf-8-sig", errors="replace")
        if text.splitlines() and "as_of" in text.splitlines()[0]:
            table = pd.read_csv(path, dtype=str, keep_default_na=False)
            return ishares.parse_table(table, path.name, LISTED)
    except (pa.ArrowException, OSError, ValueError) as error:
        first = str(error).splitlines()[0] if str(error) else "no reason given"
        raise SourceUnreadable(f"{path.name} could not be read: {first}.") from error
    if text.lstrip().startswith("{"):
        return _fund_json(text, path.name, index, as_of), NOTHING.copy()
    return ishares.parse_holdings(text, path.name, index), NOTHING.copy()


def _fund_json(
    text: str, origin: str, index: str | None, as_of: date | None
) -> pd.DataFrame:
    """Parse either JSON of a fund page; the file's name may say which fund it is."""
    named = re.search(rf"\b({'|'.join(fund_pages.FUNDS)})(?=\b|_)", origin.upper())
    fund = fund_pages.FUNDS[named[1]] if named else None
    name = fund.name if fund and index in (None, fund.index) else "fund"
    index = index or (fund.index if fund else None)
    if index is None:
        raise SourceUnreadable(
            f"{origin} does not say which fund it is of; name the index with --index, "
            "or the file after the fund, such as IWM_holdings.json."
        )
    if '"aaData"' not in text:
        return fund_pages.parse_product_data(text, origin, index, name)
    if as_of is None:
        raise SourceUnreadable(
            f"{origin} does not say which day it is of; name it with --date."
        )
    return fund_pages.parse_aadata(text, origin, index, as_of, name)


def _size(code: str) -> tuple[int, bool]:
    """Return how many companies an index ranks, and whether it is a style index."""
    is_style = code in STYLE_INDEXES
    entry = INDEXES[STYLE_INDEXES[code].parent if is_style else code]
    return entry.last_rank - entry.first_rank + 1, is_style


def _fault(
    row: Mapping[Hashable, Any], members: pd.DataFrame, names: Names | None
) -> str | None:
    """Say why a list cannot be used, or None; `names` knows what the store has."""
    if reason := judge_list(row["security_count"], *_size(row["index"])):
        return reason
    if names is None:
        return None
    of_list = (members["index"] == row["index"]) & (members["as_of"] == row["as_of"])
    of_list &= members["source"] == row["source"]
    held = set(members.loc[of_list, "symbol"])
    return names.fault(row["index"], row["as_of"].date(), held)


def take_memberships(
    writer: Writer,
    members: pd.DataFrame,
    refused: pd.DataFrame,
    origin: str,
    digest: str,
    source: str = "memberships",
    today: date | None = None,
) -> Taken:
    """Judge and publish membership lists; return what became of the rows.

    `members` is table `Memberships`, with held_shares and market_value_usd where its
    fund gives them; `refused` has index, as_of, symbol and reason.
    """
    keys = ["index", "as_of", "source"]
    lists = members.groupby(keys, as_index=False).agg(security_count=("symbol", "size"))
    names = Names(writer.store, today_of(today))
    reason = [
        _fault(row, members, None if source == DEMO else names)
        for row in lists.to_dict("records")
    ]
    lists = lists.assign(
        usable=[text is None for text in reason],
        reason=pd.Series(reason, index=lists.index, dtype="object"),
    )
    unusable = lists[~lists["usable"]]
    notes = list(filter(None, [names.note()]))
    notes += [
        f"{row['index']} of {row['as_of']:%Y-%m-%d} not used: {row['reason']}"
        for row in unusable.to_dict("records")
    ]
    taken = of_rows(origin, members, refused, "rows", [f"{len(lists)} lists", *notes])
    writer.publish_memberships(
        lists,
        members,
        refused,
        taken.ledger_entry(source, digest),
        reconstitution.draw,
    )
    return taken
