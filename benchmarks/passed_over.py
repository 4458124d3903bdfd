"""How often a company that was passed over stayed out at the next event.

Usage: python benchmarks/passed_over.py STORE

A company is passed over where it was clearly large enough on a rank day and no list
holds it since (decision 0005). Counted on the next rank day are those that the verdict
alone keeps out: their market cap is above the Russell 3000 line and every other screen
lets them through. A verdict is right where the company is in no list of after the
event. "Other years" is the rate of all years but the one in the row: what a reader
of that year would have been told. Verdicts of a rank day are apart from those of a
store's first session, which stands in where the store begins later.
"""

import sys
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from recon import schedule
from recon.reconstitution import project
from recon.rules import eligibility
from recon.store import Store
from recon.studies import accuracy
from recon.vocabulary import FAIL


def main(folder: str) -> None:
    """Print one row a year and kind of verdict."""
    store = Store(Path(folder))
    counted = pd.concat([_of_year(store, year) for year in accuracy.years_of(store)])
    for kind, rows in counted.groupby("kind"):
        by_year = rows.groupby("year")["is_right"].agg(["sum", "count"])
        print(f"\n{kind}: {by_year['sum'].sum()} of {by_year['count'].sum()} right")
        others = by_year.sum() - by_year
        table = by_year.assign(
            right=by_year["sum"] / by_year["count"],
            other_years=others["sum"] / others["count"],
        )
        print(table.round(3).to_string())


def _of_year(store: Store, year: int) -> pd.DataFrame:
    event = schedule.reconstitution(year, "June")
    projected = project(store, event.rank_day)
    came = accuracy.what_came(store, event).index_by_key
    listed = projected.securities
    broad = projected.rules.broad_count
    line = projected.break_points.set_index("rank").at[broad, "break_point_usd"]
    is_large = listed["given_market_cap_usd"] >= line
    passes = listed["passes_close"] & listed["passes_float"] & listed["is_common"]
    for name in eligibility.SCREENS:
        outcome = listed[f"screen_{name}"]
        passes &= outcome.ne(FAIL)
    kept_out = listed[listed["passed_over"].notna() & is_large & passes]
    is_late = kept_out["passed_over"].str.contains("first day stored")
    return pd.DataFrame(
        {
            "year": year,
            "kind": is_late.map({True: "first session", False: "rank day"}),
            "is_right": ~kept_out["key"].isin(list(came)),
        }
    )


if __name__ == "__main__":
    main(sys.argv[1])
