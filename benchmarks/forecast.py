"""Odds: how long 10,000 simulated rank days take, and how much memory.

Usage: python benchmarks/forecast.py STORE [DAY]

Reading what the draws are made of and drawing are timed apart; the draws are those of
the event that is coming on DAY (2024-03-28), all companies and all lines.
"""

import resource
import sys
import time
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from recon.store import Store
from recon.studies import forecast

DRAWS = 10_000


def main() -> None:
    """Print seconds and the peak of memory."""
    facts = Store(Path(sys.argv[1]))
    asked = date.fromisoformat(sys.argv[2]) if len(sys.argv) > 2 else date(2024, 3, 28)
    day, rank_day = forecast.starts(facts, asked)
    start = time.perf_counter()
    model = forecast.prepare(facts, day)
    read = time.perf_counter()
    forecast.forecast_of(model, rank_day, draws=DRAWS, seed=1)
    done = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"{DRAWS:,} draws of {len(model.companies):,} companies: "
        f"{read - start:.1f} s to read, {done - read:.1f} s to draw, "
        f"{peak:.1f} GB at most"
    )


if __name__ == "__main__":
    main()
