"""Style: how fast, and how near to what is known of August 2023.

Usage: python benchmarks/style.py STORE

STORE holds the real listings and memberships of 2023 and the fundamentals of
11 August 2023. Speed: 4,000 companies and a season of 250 days in one call, beside one
bare DuckDB window query that ranks the same three variables. Sides take turns in one
run; ratios are of their medians. Then coverage, the transforms side by side, the
largest technology names, and the split by style of the members known that day.
"""

import statistics
import sys
import time
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from recon import reconstitution
from recon.rulebook import rulebook
from recon.rules import style
from recon.store import Store
from recon.studies.style.inputs import known_of

DAY = date(2023, 8, 11)
RULES = rulebook(DAY)
ROUNDS = 7
SEVEN = ("AAPL", "MSFT", "GOOGL", "AMZN", "NVDA", "META", "TSLA")
OTHERS = ("JPM", "XOM", "CVX", "JNJ", "PG", "WMT", "UNH", "LLY", "V", "HD", "BRK/B")
RANKS = """
select percent_rank() over (w order by book_to_price) as b,
       percent_rank() over (w order by growth_forecast_frac) as g,
       percent_rank() over (w order by sales_growth_frac) as s
from offered window w as (partition by snapshot_date, base_index)
"""


def invented(count: int, days: int) -> pd.DataFrame:
    """Companies of three base groups over some days."""
    rng = np.random.default_rng(1)
    size = count * days
    sector = rng.integers(0, 11, size)
    return pd.DataFrame(
        {
            "snapshot_date": np.repeat(
                pd.date_range("2023-01-02", periods=days), count
            ),
            "base_index": np.tile(
                np.repeat(["R1000", "R2000", "MICRO"], [1000, 2000, count - 3000]), days
            ),
            "float_market_cap_usd": rng.lognormal(21, 1.5, size),
            "book_to_price": rng.lognormal(-1, 0.8, size),
            "growth_forecast_frac": np.where(
                rng.random(size) < 0.3, np.nan, rng.normal(0.1, 0.1, size)
            ),
            "sales_growth_frac": rng.normal(0.1, 0.1, size),
            "industry": sector,
            "subsector": sector * 10 + rng.integers(0, 10, size),
        }
    )


def speed() -> None:
    """Print medians and their ratios."""
    day, season = invented(4000, 1), invented(4000, 250)
    con = duckdb.connect(config={"threads": 2})
    runs = {
        "bare ranks of 4,000": lambda: ranked(con, day),
        "4,000 scored": lambda: style.score(day, RULES),
        "4,000 scored every way": lambda: style.score_every_way(day, RULES),
        "bare ranks of a season": lambda: ranked(con, season),
        "a season of 250 days scored": lambda: style.score(season, RULES),
    }
    spent: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(ROUNDS):
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            spent[name].append(time.perf_counter() - start)
    median = {name: statistics.median(times) for name, times in spent.items()}
    for name, value in median.items():
        bare = "bare ranks of a season" if "season" in name else "bare ranks of 4,000"
        print(f"{name:28s} {value * 1e3:8.1f} ms   {value / median[bare]:5.2f} x")


def ranked(con: duckdb.DuckDBPyConnection, table: pd.DataFrame) -> pd.DataFrame:
    """Rank the three variables by one query."""
    con.register("offered", table)
    return con.execute(RANKS).df()


def members(store: Store) -> pd.DataFrame:
    """Companies of the day in the index that lists known then hold them in."""
    known = known_of(store, reconstitution.project(store, DAY))
    known = known[known["current_index"].isin(["R1000", "R2000"])]
    return known.assign(
        base_index=known["current_index"],
        subsector=known["industry"],
        industry=known["sector"],
    ).reset_index(drop=True)


def fit(table: pd.DataFrame) -> None:
    """Print coverage, the three transforms, and well-known names."""
    print("\ncoverage, part of the members with a value of their own")
    columns = [*style.VARIABLES, "free_float_frac"]
    own = table.groupby("base_index")[columns].agg(lambda c: c.notna().mean())
    print(own.round(3).to_string())
    for transform in style.TRANSFORMS:
        scored = style.score(table, RULES, transform)
        print(f"\n{transform}")
        for index, rows in scored.groupby("base_index"):
            value, caps = rows["value_weight_frac"], rows["float_market_cap_usd"]
            known = value.notna()
            one = value[known].isin([0, 1])
            print(
                f"  {index}: {known.sum():,} of {len(rows):,} scored; one style "
                f"{one.mean():.1%} of companies, "
                f"{caps[known][one].sum() / caps[known].sum():.1%} of cap; any value "
                f"{(value > 0).sum():,}, any growth {(value < 1).sum():,}; value "
                f"{(value * caps).sum() / caps[known].sum():.1%} of cap"
            )
        growth = scored.set_index("symbol")["growth_weight_frac"]
        print("  growth:", said(growth, SEVEN))
        print("  growth:", said(growth, OTHERS))


def said(growth: pd.Series, symbols: tuple[str, ...]) -> str:
    """Return growth weights in words."""
    return ", ".join(f"{name} {growth.get(name, np.nan):.0%}" for name in symbols)


if __name__ == "__main__":
    speed()
    if len(sys.argv) > 1:
        with pd.option_context("display.width", 120):
            fit(members(Store(Path(sys.argv[1]))))
