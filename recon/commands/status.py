"""`recon status`: what a store holds."""

import pandas as pd

from recon.commands import (
    DEFAULT_STORE,
    Format,
    FormatChoice,
    Output,
    StoreFolder,
    day_at,
    write,
)
from recon.store import ESTIMATE, Store


def status(
    store: StoreFolder = DEFAULT_STORE,
    format_: FormatChoice = Format.TABLE,
    output: Output = None,
) -> None:
    """What the store holds: days, sources, memberships, refusals."""
    facts = Store(store)
    days = facts.days()
    published = facts.published_days()
    lists = facts.membership_lists()
    counts = facts.quarantine_counts()
    rows = {
        "store": str(store),
        "market": facts.manifest().market,
        "generation": str(facts.generation),
        "first_day": day_at(published, 0),
        "last_day": day_at(published, -1),
        "published_days": str(len(published)),
        "held_back_days": str(int((days["status"] != "published").sum())),
        "estimated_days": str(int((days["source"] == ESTIMATE).sum())),
        "quarantined_rows": str(int(counts["row_count"].sum())),
        "membership_lists": str(len(lists)),
        "last_membership": str(lists["as_of"].max().date()) if len(lists) else "none",
        "sources": ", ".join(sorted(days["source"].unique())),
    }
    if notice := facts.notice():
        rows["damaged"] = notice
    table = pd.DataFrame({"what": list(rows), "value": list(rows.values())})
    write(table, format_, output)
