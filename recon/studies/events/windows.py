"""The windows of an event: from the close of one day to the close of another."""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from recon import schedule
from recon.schedule import Reconstitution

RANK_DAY, LIST, CLOSE = "rank_day", "preliminary_list", "implementation_close"
TO_LIST = "rank_day_to_preliminary"
TO_CLOSE = "preliminary_to_implementation"
WINDOWS = (
    TO_LIST,
    TO_CLOSE,
    "implementation_plus_5",
    "implementation_plus_20",
    "implementation_plus_60",
)
# sessions after the implementation close; a month of trading has 21
AFTER = {
    "implementation_plus_5": 5,
    "implementation_plus_20": 20,
    "implementation_plus_60": 60,
    "implementation_plus_63": 63,
    "implementation_plus_126": 126,
    "implementation_plus_252": 252,
}
LATER = ("implementation_plus_63", "implementation_plus_126", "implementation_plus_252")
WORDS = {
    TO_LIST: "rank day to list",
    TO_CLOSE: "list to close",
    "implementation_plus_5": "5 sessions after",
    "implementation_plus_20": "20 sessions after",
    "implementation_plus_60": "60 sessions after",
    "implementation_plus_63": "3 months after",
    "implementation_plus_126": "6 months after",
    "implementation_plus_252": "12 months after",
}


@dataclass(frozen=True, kw_only=True)
class Offsets:
    """How many sessions lie between the days of an event."""

    to_list: int | None
    to_close: int

    def rows(self, window: str) -> tuple[int, int] | None:
        """Return first and last day of a window as sessions after rank day.

        None where the day of the preliminary list is not known.
        """
        if window in AFTER:
            return self.to_close, self.to_close + AFTER[window]
        if self.to_list is None:
            return None
        if window == TO_LIST:
            return 0, self.to_list
        return self.to_list, self.to_close


def offsets(event: Reconstitution) -> Offsets:
    """Count the sessions between the days of an event."""
    to_list = None
    if event.preliminary_list is not None:
        to_list = schedule.sessions_between(event.rank_day, event.preliminary_list)
    to_close = schedule.sessions_between(event.rank_day, event.implementation_close)
    return Offsets(to_list=to_list, to_close=to_close)


def days(event: Reconstitution, window: str) -> tuple[date, date] | None:
    """Return the first and the last day of a window, None where one is not known."""
    rows = offsets(event).rows(window)
    if rows is None:
        return None
    every = schedule.sessions()
    start = every.searchsorted(pd.Timestamp(event.rank_day))
    first, last = (every[start + row].date() for row in rows)
    return first, last
