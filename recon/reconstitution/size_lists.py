"""Lists of the size indexes that overlap, and their members on a projected day."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from recon.indexes import SIZES
from recon.reconstitution.changed_symbols import find_changes, follow
from recon.reconstitution.facts import Facts
from recon.reconstitution.lists import era_start
from recon.rulebook import Rulebook
from recon.rules import membership, size_indexes

Sizes = Mapping[str, membership.Known]


class SizeLists:
    """Usable lists of the indexes of `SIZES`."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        heads = facts.membership_lists()
        days = pd.to_datetime(heads["as_of"]).dt.date
        heads = heads.assign(as_of=days)
        is_used = heads["usable"].astype(bool) & heads["index"].isin(SIZES)
        self._heads = heads[is_used]

    def known(self, base: membership.Known, day: date) -> Sizes:
        """Return the members of each index that has a list of the era of `base`.

        `base` is what is known of the Russell 1000 and 2000 on the day; the newest list
        on or before the day counts, with symbols changed since followed.
        """
        if base.as_of is None or self._heads.empty:
            return {}
        heads = self._heads[
            (self._heads["as_of"] >= era_start(base.as_of))
            & (self._heads["as_of"] <= day)
        ].sort_values(["as_of", "security_count"])
        return {head.index: self._of(head, day) for head in heads.itertuples()}

    def _of(self, head: Any, day: date) -> membership.Known:
        members = self._facts.members(head.as_of, head.as_of)
        keys = members.loc[members["list_id"] == head.list_id, "symbol"]
        stated = membership.Known(
            index_by_key=dict.fromkeys(keys, head.index),
            statement=f"{head.index} of {head.as_of:%d %b %Y} ({head.source})",
            as_of=head.as_of,
            named_on=head.as_of,
            is_stale=False,
            ever_in_era=frozenset(keys),
        )
        changed = find_changes(self._facts, head.as_of, day, stated.ever_in_era)
        days = changed["changed_on"].dt.date
        return follow(
            stated, zip(days, changed["key"], changed["key_new"], strict=True), day
        )


def project_sizes(
    companies: pd.DataFrame,
    securities: pd.DataFrame,
    base: membership.Known,
    known: Sizes,
    rules: Rulebook,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return companies and listings with the pairs of `size_indexes.project`.

    A company is on a list where one of its common shares is; a listing takes the rank
    and the sides of its company. What is no common share is in no index.
    """
    common = securities["is_common"].to_numpy(bool)
    of_rows, of_companies = {}, {}
    for code, members in known.items():
        is_on = securities["key"].isin(members.index_by_key).to_numpy() & common
        ids = securities["company_id"].to_numpy()
        on_it = ids[is_on]
        of_rows[code] = common & np.isin(ids, on_it)
        of_companies[code] = companies["company_id"].isin(on_it).to_numpy()
    sides = [name for name in companies if name.startswith("side_")]
    placed = securities.join(
        companies.set_index("company_id")[sides], on="company_id", validate="m:1"
    )
    is_known = base.as_of is not None
    projected = [
        size_indexes.project(table, listed, rules, is_known=is_known)
        for table, listed in ((companies, of_companies), (placed, of_rows))
    ]
    other_paper = ~common & securities["current_index"].isna().to_numpy()
    return projected[0], size_indexes.leave(projected[1], other_paper).drop(
        columns=sides
    )
