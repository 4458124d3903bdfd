"""The answer of the rules on one day: companies, listings, lines."""

from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from recon import schedule
from recon.reconstitution.size_lists import Sizes
from recon.rulebook import Rulebook
from recon.rules import membership


@dataclass(frozen=True, kw_only=True)
class Projection:
    """Everything projected for one day; the tables are declared in `tables`.

    `companies` is table `Companies` with membership and distances, largest first;
    `securities` is `ProjectedSecurities`, every listing of the day with its reasons;
    `unseen` are members without a figure, by key, which keep their index (0012);
    `sizes` the members of the indexes of `indexes.SIZES` that have a list.
    `snapshot_date` is the session that was ranked. Where that is the rank day of an
    event that is under way on `as_of`, `later` has what is known since: see `event`.
    """

    as_of: date
    snapshot_date: date
    rules: Rulebook
    event: schedule.Reconstitution
    companies: pd.DataFrame
    securities: pd.DataFrame
    break_points: pd.DataFrame
    membership: membership.Known
    unseen: frozenset[str]
    sizes: Sizes
    later: pd.DataFrame | None = field(default=None)

    @property
    def is_decided(self) -> bool:
        """Whether an earlier rank day decides what is projected."""
        return self.later is not None
