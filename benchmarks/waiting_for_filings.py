"""Which names of past June lists wait for filings, by cause, and what they would bring.

Usage: python benchmarks/waiting_for_filings.py STORE [--names]

Every miss and false call of the backtest has a cause. Those that filings settle are
nationality (incorporation, headquarters, assets and sales by country), structure (forms
and codes; votes and float from proxy statements), share counts (covers of reports) and
timing (prospectuses of new listings). Printed are the counts by year, misses before
false calls, and the F1 that a list would have if all of a cause were settled: a bound,
not a promise.
"""

import argparse
import sys
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from recon.store import Store
from recon.studies import accuracy

CAUSES = ("nationality", "structure", "shares", "timing")
LISTS = ("additions_r2000", "deletions_r2000", "down", "up")


def settled(found: dict[str, Any], missed: int, wrong: int) -> float:
    """Return the F1 of a list without so many of its misses and false calls."""
    hits = found["hits"] + missed
    left = len(found["missed"]) - missed + len(found["false"]) - wrong
    return 2 * hits / (2 * hits + left)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", type=Path)
    parser.add_argument("--names", action="store_true", help="print every name too")
    given = parser.parse_args()
    facts = Store(given.store)
    scored = [accuracy.score(facts, year) for year in accuracy.years_of(facts)]
    for year in accuracy.as_json(scored)["years"]:
        for found in year["lists"]:
            if found["list"] not in LISTS:
                continue
            missed, wrong = (
                Counter(each["cause"] for each in found[kind])
                for kind in ("missed", "false")
            )
            bounds = [
                f"{cause} {missed[cause]}/{wrong[cause]} -> "
                + f"{settled(found, missed[cause], wrong[cause]):.3f}"
                for cause in CAUSES
            ]
            head = f"{year['year']} {found['list']}: {found['f1']:.3f}"
            print("; ".join([head, *bounds]))
            for cause in CAUSES if given.names else ():
                names = [
                    " ".join(e["symbol"] for e in found[kind] if e["cause"] == cause)
                    for kind in ("missed", "false")
                ]
                print(f"  {cause}: missed {names[0]}; called {names[1]}")


if __name__ == "__main__":
    main()
