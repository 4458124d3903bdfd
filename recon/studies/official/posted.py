"""The official lists of an event: the newest of each, and how they drifted."""

from datetime import date

import pandas as pd

from recon import formatting
from recon.indexes import BROAD, LARGE, SMALL
from recon.schedule import Reconstitution
from recon.vocabulary import ADDITION, DELETION

INDEXES, ACTIONS = (LARGE, SMALL, BROAD), (ADDITION, DELETION)
LIST = ["index", "action"]


def list_name(index: str, action: str) -> str:
    """Return such as ``R3000 additions``."""
    return f"{index} {action}s"


def of_event(names: pd.DataFrame, event: Reconstitution) -> pd.DataFrame:
    """Return the rows of `Store.official_names` of one event, in order of posting."""
    own = names[names["event"] == event.name]
    return own.sort_values(["posted_on", "list_id"], kind="stable")


def newest(names: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the newest list of each index and action."""
    last = names.groupby(LIST)["list_id"].transform("last")
    return names[names["list_id"] == last]


def drift(names: pd.DataFrame) -> pd.DataFrame:
    """Return one row an official list and what it changed of the one before.

    Columns: list, kind, posted_on, security_count, new_count, dropped_count, new and
    dropped (symbols). The counts are missing for the first list.
    """
    rows = []
    for (index, action), own in names.groupby(LIST, sort=False):
        before: pd.DataFrame | None = None
        for _, each in own.groupby("list_id", sort=False):
            new = dropped = None
            if before is not None:
                new = each.loc[~each["key"].isin(before["key"]), "symbol"]
                dropped = before.loc[~before["key"].isin(each["key"]), "symbol"]
            rows.append(
                {
                    "list": list_name(index, action),
                    "kind": each["kind"].iloc[0],
                    "posted_on": each["posted_on"].iloc[0],
                    "security_count": len(each),
                    "new_count": None if new is None else len(new),
                    "dropped_count": None if dropped is None else len(dropped),
                    "new": "" if new is None else ", ".join(new),
                    "dropped": "" if dropped is None else ", ".join(dropped),
                }
            )
            before = each
    table = pd.DataFrame(
        rows,
        columns=[
            "list",
            "kind",
            "posted_on",
            "security_count",
            "new_count",
            "dropped_count",
            "new",
            "dropped",
        ],
    )
    counts = ["security_count", "new_count", "dropped_count"]
    return table.astype(dict.fromkeys(counts, float))


def statement(names: pd.DataFrame) -> str:
    """Say which lists count, such as ``final of 28 Jun 2024``."""
    heads = names[["kind", "posted_on"]].drop_duplicates().sort_values("posted_on")
    return ", ".join(
        f"{row.kind} of {formatting.day(row.posted_on)}" for row in heads.itertuples()
    )


def due(event: Reconstitution, as_of: date) -> tuple[str, date] | None:
    """Return the next official list of an event after a day, and its day."""
    coming = [
        (label, day)
        for label, day in event.milestones()
        if day > as_of and label.startswith(("Preliminary", "Update"))
    ]
    return coming[0] if coming else None
