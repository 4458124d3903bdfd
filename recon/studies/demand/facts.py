"""What an estimate of demand needs to know beside a projection."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

import numpy as np
import pandas as pd

from recon.reconstitution.facts import Facts


class DemandFacts(Facts, Protocol):
    """Facts that hold funds and volumes; see `store.Store` for each method's table."""

    def fund_holdings(self, since: date, until: date) -> pd.DataFrame: ...  # noqa: D102
    def fund_values(self, as_of: date) -> pd.DataFrame: ...  # noqa: D102
    def fund_assets(self, as_of: date) -> pd.DataFrame: ...  # noqa: D102
    def volumes(  # noqa: D102
        self, since: date, until: date, symbol_ids: Sequence[int] | np.ndarray
    ) -> pd.DataFrame: ...
