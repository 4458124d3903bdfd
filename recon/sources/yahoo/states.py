"""Why a symbol returned no data, and when to request it again; pure.

One empty response says little: the market may have been closed, we may be blocked, the
symbol may be misspelled. A symbol counts as delisted only after it stayed unknown on
several days while a whole market without it was published.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from pydantic import TypeAdapter

UNKNOWN_DAYS = 3  # days on which a symbol stayed unknown before it may be delisted
FIRST_WAIT_DAYS, LONGEST_WAIT_DAYS = 1, 64


class State(StrEnum):
    """Why a symbol returned no data."""

    LISTED = "listed"
    NO_SESSION = "no session"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"
    DELISTED = "confirmed delisted"


@dataclass(frozen=True, kw_only=True)
class Symbol:
    """A symbol's state, and on how many days it was unknown."""

    state: State
    unknown_days: int = 0
    asked_on: date
    ask_again_on: date

    def is_due(self, today: date) -> bool:
        """Tell whether the symbol may be requested again."""
        return today >= self.ask_again_on


read = TypeAdapter(Symbol).validate_python  # as it was saved


def after(
    before: Symbol | None,
    *,
    today: date,
    has_rows: bool,
    outcome: str | None,
    has_session: bool,
    is_in_market: bool | None,
) -> Symbol:
    """Return a symbol's state after a request.

    Parameters
    ----------
    has_rows
        Whether any data came back.
    outcome
        The last outcome in the ledger of requests; None if nothing was sent.
    has_session
        Whether the requested days hold a session at all.
    is_in_market
        Whether the last whole market holds the symbol; None where there is none.
    """
    days = before.unknown_days if before else 0
    listed = Symbol(state=State.LISTED, asked_on=today, ask_again_on=today)
    if has_rows:
        return listed
    if not has_session:
        return replace(listed, state=State.NO_SESSION, unknown_days=days)
    if outcome not in ("answered", "not there"):
        return replace(listed, state=State.BLOCKED, unknown_days=days)
    if before is None or before.asked_on != today or not days:
        days += 1
    is_delisted = days >= UNKNOWN_DAYS and is_in_market is False
    wait = min(FIRST_WAIT_DAYS * 2 ** (days - 1), LONGEST_WAIT_DAYS)
    return Symbol(
        state=State.DELISTED if is_delisted else State.UNKNOWN,
        unknown_days=days,
        asked_on=today,
        ask_again_on=today + timedelta(days=wait),
    )
