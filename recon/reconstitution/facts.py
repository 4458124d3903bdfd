"""What the rules need to know, handed in by the caller."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

import numpy as np
import pandas as pd


class Facts(Protocol):
    """What is known; see `store.Store` for each method's table."""

    def day_on_or_before(self, as_of: date) -> date: ...  # noqa: D102
    def published_days(self) -> pd.DatetimeIndex: ...  # noqa: D102
    def securities(self, since: date, until: date) -> pd.DataFrame: ...  # noqa: D102
    def quotes(self, since: date, until: date) -> pd.DataFrame: ...  # noqa: D102
    def caps(self, since: date, until: date) -> pd.DataFrame: ...  # noqa: D102
    def quotes_on(  # noqa: D102
        self, days: Sequence[date], symbol_ids: Sequence[int] | np.ndarray
    ) -> pd.DataFrame: ...
    def priced_on(self, days: Sequence[date]) -> pd.DataFrame: ...  # noqa: D102
    def trailing(  # noqa: D102
        self, since: date, until: date, symbol_ids: Sequence[int] | np.ndarray
    ) -> pd.DataFrame: ...
    def free_floats(self, as_of: date) -> pd.DataFrame: ...  # noqa: D102
    def filers(self, as_of: date) -> pd.DataFrame: ...  # noqa: D102
    def filer_symbols(self, as_of: date) -> pd.DataFrame: ...  # noqa: D102
    def filings(  # noqa: D102
        self, as_of: date, forms: Sequence[str]
    ) -> pd.DataFrame: ...
    def filed_by_country(self, as_of: date) -> pd.DataFrame: ...  # noqa: D102
    def membership_lists(self) -> pd.DataFrame: ...  # noqa: D102
    def members(self, since: date, until: date) -> pd.DataFrame: ...  # noqa: D102
    def price_changes(  # noqa: D102
        self, since: date, until: date, symbol_ids: Sequence[int] | np.ndarray
    ) -> pd.DataFrame: ...
    def segment_lists(self) -> pd.DataFrame: ...  # noqa: D102
    def sectors(self, until: date) -> pd.DataFrame: ...  # noqa: D102
