"""Appendices E and F: the return that moves a break point between rank days."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from recon.rules.market_return import market_returns
from tests.universe import RULES

MON, TUE, THU = date(2024, 4, 22), date(2024, 4, 23), date(2024, 4, 25)
BIG = (1, 100.0, 600.0, np.nan)
SMALL = (2, 10.0, 400.0, np.nan)


def session(day: date, *rows: tuple[int, float, float, float]) -> pd.DataFrame:
    """Ranked companies of a session: symbol, close, market cap, provider's change."""
    table = pd.DataFrame(
        rows,
        columns=["symbol_id", "close_usd", "total_market_cap_usd", "close_change_frac"],
    )
    table["snapshot_date"] = pd.Timestamp(day)
    return table.assign(rank=range(1, len(rows) + 1))


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        pytest.param(
            session(TUE, (1, 110, 660, np.nan), (2, 10, 400, np.nan)),
            0.06,
            id="closes, weighted by the market caps of the session before",
        ),
        pytest.param(
            session(TUE, (1, 110, 660, 0.05), (2, 10, 400, -0.1)),
            0.6 * 0.05 - 0.4 * 0.1,
            id="the provider's change counts before closes",
        ),
        pytest.param(
            session(THU, (1, 110, 660, 0.05), (2, 10, 400, 0.0)),
            0.06,
            id="not where a session lies between",
        ),
        pytest.param(
            session(TUE, (1, 50, 612, np.nan), (2, 10, 400, np.nan)),
            0.6 * 0.02,
            id="a split is no loss: its share count jumps, its market cap does not",
        ),
        pytest.param(
            session(TUE, (1, 101, 1212, np.nan), (2, 10, 400, np.nan)),
            0.6 * 0.01,
            id="an issue is no gain",
        ),
        pytest.param(
            session(TUE, (3, 50, 900, 0.2), (1, 101, 606, 0.01), (2, 10, 400, 0.0)),
            0.6 * 0.01,
            id="a new listing counts from the next session on",
        ),
        pytest.param(
            session(TUE, (1, 101, 606, np.nan)),
            0.01,
            id="one no longer listed leaves the return to the others",
        ),
        pytest.param(
            session(TUE, (3, 50, 900, 0.2)), np.nan, id="no member is quoted any more"
        ),
    ],
)
def test_the_markets_return(later: pd.DataFrame, expected: float) -> None:
    table = pd.concat([session(MON, BIG, SMALL), later], ignore_index=True)
    found = market_returns(table, RULES)
    assert found.index.tolist() == [pd.Timestamp(MON), later["snapshot_date"].iloc[0]]
    assert found.tolist() == pytest.approx([np.nan, expected], nan_ok=True)


def test_what_is_below_the_last_rank_of_the_universe_is_no_member() -> None:
    first = session(MON, BIG, SMALL).assign(rank=[RULES.universe_count, 11])
    later = session(TUE, (1, 101, 606, np.nan), (2, 20, 800, np.nan))
    found = market_returns(pd.concat([first, later], ignore_index=True), RULES)
    assert found.iloc[1] == pytest.approx(0.01)


def test_no_company_has_no_return() -> None:
    assert market_returns(session(MON, BIG).head(0), RULES).empty
