"""From rank day to the implementation close rank day decides (Ground Rules 6.9)."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from recon import schedule
from recon.reconstitution import (
    Projection,
    decide,
    deciding_day,
    project,
    project_as_if,
)
from recon.reconstitution.event import CHANGED, GONE
from recon.store import Store
from tests.conftest import needs_real_years

JUNE_2024 = schedule.reconstitution(2024, "June")
RANK_DAY, CLOSE = JUNE_2024.rank_day, JUNE_2024.implementation_close


@pytest.fixture(scope="module")
def decided(real_years: Store) -> Projection:
    return project(real_years, date(2024, 6, 10))


@needs_real_years
@pytest.mark.parametrize(
    ("day", "expected"),
    [
        pytest.param(date(2024, 4, 29), None, id="the session before rank day"),
        pytest.param(RANK_DAY, None, id="rank day itself is its own ranking"),
        pytest.param(date(2024, 5, 1), RANK_DAY, id="the session after"),
        pytest.param(CLOSE, RANK_DAY, id="the implementation close"),
        pytest.param(date(2024, 7, 1), None, id="the first session of the new index"),
    ],
)
def test_rank_day_decides_from_the_day_after_to_the_close(
    real_years: Store, day: date, expected: date | None
) -> None:
    assert deciding_day(real_years, day) == expected
    projection = project(real_years, day)
    assert projection.is_decided == (expected is not None)
    assert projection.snapshot_date == (expected or day)


@needs_real_years
def test_the_moves_are_those_of_rank_day_but_for_what_has_left(
    real_years: Store, decided: Projection
) -> None:
    ranked = project_as_if(real_years, RANK_DAY)
    assert decided.event == ranked.event == JUNE_2024
    pd.testing.assert_frame_equal(decided.break_points, ranked.break_points)
    then, now = (
        each.companies.set_index("company_id")["move"] for each in (ranked, decided)
    )
    changed = then.index[then != now]
    names = decided.companies.set_index("company_id").loc[changed, "symbol"]
    left = decided.later.loc[decided.later["what"] == GONE, "symbol"]
    assert len(changed) == 13 and set(names) <= set(left)
    assert (now[changed] == "none").all()


@needs_real_years
@pytest.mark.parametrize(
    ("symbol", "what", "since"),
    [
        # bought by Exxon Mobil on 3 May 2024
        pytest.param("PXD", GONE, date(2024, 5, 3), id="taken over"),
        pytest.param("BWIN", f"{CHANGED}, was BRP", date(2024, 5, 20), id="renamed"),
    ],
)
def test_what_is_known_later_is_said_row_by_row(
    decided: Projection, symbol: str, what: str, since: date
) -> None:
    row = decided.later.set_index("symbol").loc[symbol]
    assert row["what"] == what and row["since"].date() == since
    listing = decided.securities.set_index("symbol").loc[symbol]
    if what == GONE:
        assert listing["ineligible_reason"] == "no longer listed since 3 May 2024"
        assert not listing["eligible"] and listing["move"] == "none"
        assert pd.isna(listing["projected_index"])
    else:
        assert listing["projected_index"] == row["projected"] == "R2000"


@needs_real_years
def test_what_was_not_listed_by_rank_day_waits_for_the_next_event(
    decided: Projection,
) -> None:
    waystar = decided.securities.set_index("symbol").loc["WAY"]  # listed 7 June 2024
    assert waystar["ineligible_reason"] == "not listed by rank day, 30 Apr 2024"
    assert not waystar["eligible"] and np.isnan(waystar["rank"])
    assert waystar["move"] == "none"


@needs_real_years
def test_a_halt_of_two_sessions_is_no_end(real_years: Store) -> None:
    """Of three sessions without a quote the third is the first that tells."""
    now = project_as_if(real_years, date(2024, 5, 7))
    ranked = project_as_if(real_years, RANK_DAY)
    sessions = {}
    for day in (date(2024, 5, 6), date(2024, 5, 7)):
        found = decide(real_years, ranked, project_as_if(real_years, day)).later
        sessions[day] = set(found.loc[found["what"] == GONE, "symbol"])
    # PXD was last quoted on Thursday 2 May: 3, 6 and 7 May are the three
    assert "PXD" not in sessions[date(2024, 5, 6)]
    assert "PXD" in sessions[now.snapshot_date]


@needs_real_years
def test_days_that_come_later_change_nothing_of_what_was_decided(
    real_years: Store, decided: Projection
) -> None:
    later = project(real_years, date(2024, 6, 20))
    gone = set(decided.later.loc[decided.later["what"] == GONE, "company"])
    assert gone <= set(later.later.loc[later.later["what"] == GONE, "company"])
    columns = ["company_id", "rank", "total_market_cap_usd"]
    pd.testing.assert_frame_equal(decided.companies[columns], later.companies[columns])
