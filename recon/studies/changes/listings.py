"""Listings that came, went or changed their symbol, and quotes that were refused."""

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from recon import formatting
from recon.reconstitution import Projection
from recon.store import Store
from recon.studies.changes import words
from recon.vocabulary import membership_key

if TYPE_CHECKING:
    from recon.studies.changes import Side

NEAR_FRAC = 0.05  # of the line: for finding one's way, no number of the methodology


def changes(then: "Side", now: "Side", changed: pd.DataFrame) -> pd.DataFrame:
    """Return common listings that came or went, and the symbols that changed.

    A listing that went is told of where its company was in an index, then or by the
    projection; one that came whatever becomes of it.
    """
    before, after = _common(then.ranked), _common(now.ranked)
    went = before[
        ~before["symbol_id"].isin(after["symbol_id"])
        & ~before["key"].isin(changed["key"])
    ]
    concerned = went["current_index"].notna() | went["projected_index"].notna()
    came = after[
        ~after["symbol_id"].isin(before["symbol_id"])
        & ~after["key"].isin(changed["key_new"])
    ]
    found = [
        _row(row, words.GONE, _standing(row), "not quoted")
        for row in went[concerned].to_dict("records")
    ]
    found += [
        _row(row, words.NEW, "not listed", _standing(row))
        for row in came.to_dict("records")
    ]
    old = dict(zip(changed["key_new"], changed["key"], strict=True))
    renamed = after[after["key"].isin(old)]
    found += [
        _row(row, words.RENAMED, str(old[row["key"]]), row["symbol"])
        for row in renamed.to_dict("records")
    ]
    return words.rows(found)


def refused(facts: Store, then: date, now: Projection) -> pd.DataFrame:
    """Return the quotes refused since a day, of companies within 5 % of a line.

    The line is the one whose crossing would change the company's index.
    """
    table = facts.refused_quotes(then + timedelta(days=1), now.snapshot_date)
    near = now.companies[
        now.companies["distance_to_break_point_frac"].abs() <= NEAR_FRAC
    ].set_index("key")
    table = table.assign(key=membership_key(table["symbol"]))
    table = table[table["key"].isin(near.index)].drop_duplicates("key", keep="last")
    found = []
    for row in table.to_dict("records"):
        company = near.loc[row["key"]]
        away = company["distance_to_break_point_frac"]
        found.append(
            {
                "kind": words.REFUSED,
                "symbol": row["symbol"],
                "company": company["company"],
                "list": company["projected_index"],
                "before": f"offered {_offered(row['offered'])}",
                "after": f"used {formatting.usd(company['total_market_cap_usd'], 2)}",
                "cause": row["reason"],
                "why": formatting.above_or_below(away, "its line"),
                "size_usd": company["total_market_cap_usd"],
            }
        )
    return words.rows(found)


def _common(projection: Projection) -> pd.DataFrame:
    listed = projection.securities
    return listed[listed["is_common"].astype(bool) & listed["key"].notna()]


def _standing(row: dict) -> str:
    """Say which index a listing was in or bound for, or why it is in none."""
    index = row["projected_index"]
    index = row["current_index"] if formatting.is_missing(index) else index
    if not formatting.is_missing(index):
        return formatting.index_name(index)
    reason = row["ineligible_reason"]
    return words.OUTSIDE if formatting.is_missing(reason) else str(reason)


def _row(row: dict, kind: str, before: str, after: str) -> dict[str, object]:
    index = row["current_index"]
    index = row["projected_index"] if formatting.is_missing(index) else index
    cap = row["total_market_cap_usd"]
    return {
        "kind": kind,
        "symbol": row["symbol"],
        "company": row["company"],
        "list": index,
        "before": before,
        "after": after,
        "cause": words.LISTING,
        "why": "" if np.isnan(cap) else f"cap {formatting.usd(cap)}",
        "size_usd": cap,
    }


def _offered(text: object) -> str:
    try:
        row = json.loads(text) if isinstance(text, str) else {}
    except json.JSONDecodeError:
        row = {}
    return formatting.usd(row.get("total_market_cap_usd"), 2)
