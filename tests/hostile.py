"""A market whose words are hostile: pictures, links, markup and codes in every text."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pandas as pd

from recon import ingest
from recon.jobs import runs
from tests import market
from tests.market import Options

BEACON = "http://127.0.0.1:9/beacon"
PICTURE = f"![x]({BEACON}.png)"
WORDS = (
    PICTURE,
    f"<img src={BEACON}.png>",
    f"[here]({BEACON})",
    f"<a href='{BEACON}'>here</a>",
    f"<span style='background:url({BEACON}.png)'>x</span>",
    f"<script>fetch('{BEACON}')</script>",
    f"![x][1]\n\n[1]: {BEACON}.png",
    ":material/home: **bold** $\\LaTeX$ `code`",
    "# head",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "\u202egnp.exe\u0000 \ufffe",
)
DAYS = market.sessions(2)
NAMES = 3_300


def rows(names: int, days: Sequence[date]) -> pd.DataFrame:
    """Rows of a market large enough for every line, hostile in what is text."""
    table = market.crowd(names, days)
    turn = pd.Series(range(len(table))) % names
    words = turn.map(lambda at: WORDS[at % len(WORDS)])
    table["name"] = table["symbol"] + " " + words + " Common Stock"
    table["sector"] = words
    table["industry"] = words
    is_odd = turn % 40 == 0
    table["exchange"] = table["exchange"].mask(is_odd, words)
    table["country"] = table["country"].mask(turn % 41 == 0, words)
    return table


def make(folder: Path) -> Path:
    """Build a store of it, with index lists and a load of a hostile name."""
    table = rows(NAMES, DAYS)
    table.loc[table["symbol"] == "N0003", "price"] = -1  # refused rows have words too
    table.loc[table["symbol"] == "N0004", "symbol"] = PICTURE
    ingest.listings(folder, [market.write(table, folder.parent / "hostile.parquet")],
                    Options())  # fmt: skip
    first = market.on(table, DAYS[:1]).sort_values("market_cap", ascending=False)
    symbols = first["symbol"].tolist()
    small = symbols[:30] + symbols[1030:3000]
    lists = pd.concat(
        [
            pd.DataFrame({"index": "R1000", "ticker": symbols[30:1030]}),
            pd.DataFrame({"index": "R2000", "ticker": small}),
        ]
    ).assign(as_of="2024-03-01", source=PICTURE)
    path = folder.parent / "lists.csv"
    lists.to_csv(path, index=False)
    ingest.memberships(folder, [path], Options())
    run = runs.make(folder, ("ingest", "vendor", f"{PICTURE}.csv"), f"My {PICTURE}")
    found = runs.read(run)
    assert found is not None
    runs.fail(run, found)
    return folder
