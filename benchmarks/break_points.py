"""Break points of a whole history: our rules against one bare DuckDB window query.

Usage: python benchmarks/break_points.py STORE

Both answers are drawn from the same eligible company caps and must agree to the
dollar; then the whole path (stored snapshots, screens, roll-up, ranking, lines) is
timed beside the same query. Sides take turns in one run; ratios are of their medians.
"""

import resource
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
from recon.rules import bands, ranking
from recon.schedule import session_before
from recon.store import Store

ROUNDS, NEW_DAYS, DRAWS = 5, 8, 10_000
SQL = """
with r as (select d, cap, row_number() over w rk,
                  sum(cap) over (w rows unbounded preceding) cum
           from company window w as (partition by d order by cap desc, s)),
e as (select * from r where rk <= 4000),
t as (select d, max(cum) total,
             max(cum) filter (rk = 200) c200, max(cum) filter (rk = 500) c500,
             max(cum) filter (rk = 1000) c1000, max(cum) filter (rk = 2000) c2000
      from e group by d)
select e.d,
       max(cap) filter (rk = 50) bp50, max(cap) filter (rk = 200) bp200,
       max(cap) filter (rk = 500) bp500, max(cap) filter (rk = 1000) bp1000,
       max(cap) filter (rk = 2000) bp2000, max(cap) filter (rk = 3000) bp3000,
       max(cap) filter (rk = 4000) bp4000,
       max(cap) filter (cum >= c200 - 0.025 * total) hi200,
       min(cap) filter (cum <= c200 + 0.025 * total) lo200,
       max(cap) filter (cum >= c500 - 0.025 * total) hi500,
       min(cap) filter (cum <= c500 + 0.025 * total) lo500,
       max(cap) filter (cum >= c1000 - 0.025 * total) hi1000,
       min(cap) filter (cum <= c1000 + 0.025 * total) lo1000,
       max(cap) filter (cum >= c2000 - 0.005 * total) hi2000,
       min(cap) filter (cum <= c2000 + 0.005 * total) lo2000
from e join t using (d) group by e.d order by e.d
"""


def company_caps(store: Store, since: date, until: date) -> pd.DataFrame:
    """Eligible company caps of every session, in the order the store keeps them."""
    return pd.concat(
        [
            reconstitution.rank(part).companies[list(COLUMNS)]
            for part in reconstitution.parts(store, since, until)
        ],
        ignore_index=True,
    )


COLUMNS = ("snapshot_date", "symbol_order", "total_market_cap_usd")


def ours(caps: pd.DataFrame) -> pd.DataFrame:
    """Rank and draw, as the program does."""
    rules = rulebook(date(2024, 4, 30))
    return bands.draw(ranking.rank(ranking.arrange(caps), rules), rules)


def new_days(store: Store, days: pd.DatetimeIndex) -> tuple[float, float]:
    """Seconds to project a day not asked for before, and the first day of all."""
    first = time.perf_counter()
    history = reconstitution.History(store)
    reconstitution.project(store, days[-1].date(), history=history)
    first = time.perf_counter() - first
    spent = []
    for day in days[1 :: len(days) // NEW_DAYS][:NEW_DAYS]:
        reconstitution.project(store, session_before(day.date()), history=history)
        start = time.perf_counter()
        reconstitution.project(store, day.date(), history=history)
        spent.append(time.perf_counter() - start)
    return statistics.median(spent), first


def simulated(store: Store, day: date) -> float:
    """Seconds to apply the rules to simulated days of one day's companies."""
    found = reconstitution.project(store, day)
    cap = found.companies["total_market_cap_usd"].to_numpy()
    moved = np.random.default_rng(1).normal(0, 0.1, (DRAWS, len(cap)))
    start = time.perf_counter()
    reconstitution.simulate(
        found.companies,
        cap * np.exp(moved),
        found.rules,
        unseen_count=len(found.unseen),
    )
    return time.perf_counter() - start


def agree(lines: pd.DataFrame, answer: pd.DataFrame) -> float:
    """Largest relative difference between the two answers."""
    by_rank = lines.pivot(index="snapshot_date", columns="rank")
    worst = 0.0
    for column in answer.columns[1:]:
        name = {"bp": "break_point_usd", "hi": "band_high_usd", "lo": "band_low_usd"}
        mine = by_rank[name[column[:2]]][int(column[2:])].to_numpy(float)
        theirs = answer[column].to_numpy(float)
        both = ~np.isnan(mine) & ~np.isnan(theirs)
        if both.any():
            gap = np.abs(mine[both] / theirs[both] - 1)
            worst = max(worst, float(gap.max()))
    return worst


def main() -> None:
    """Run and print."""
    store = Store(Path(sys.argv[1]))
    days = store.published_days()
    since, until = days[0].date(), days[-1].date()
    caps = company_caps(store, since, until)
    con = duckdb.connect(config={"threads": 2})
    con.register(
        "offered",
        pd.DataFrame(
            {
                "d": caps["snapshot_date"],
                "cap": caps["total_market_cap_usd"],
                "s": caps["symbol_order"],
            }
        ),
    )
    con.execute("create table company as select * from offered order by d, cap desc")
    seconds: dict[str, list[float]] = {"sql": [], "rules": [], "whole path": []}
    for _ in range(ROUNDS):
        for name, run in (
            ("sql", lambda: con.execute(SQL).df()),
            ("rules", lambda: ours(caps)),
            ("whole path", lambda: reconstitution.break_points(store, since, until)),
        ):
            start = time.perf_counter()
            answer = run()
            seconds[name].append(time.perf_counter() - start)
            if name == "sql":
                expected = answer
            if name == "rules":
                found = answer
    median = {name: statistics.median(runs) for name, runs in seconds.items()}
    day, first_day = new_days(store, days)
    draws = simulated(store, until)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{len(days):,} sessions, {len(caps):,} company caps, peak {memory:.1f} GB")
    print(f"largest relative difference: {agree(found, expected):.1e}")
    for name, value in median.items():
        print(f"{name:11s} {value:6.2f} s   {value / median['sql']:5.2f} x the query")
    print(f"one new day {day:6.2f} s   the first of a process {first_day:.2f} s")
    print(f"{DRAWS:,} simulated days {draws:.2f} s")


if __name__ == "__main__":
    main()
