"""Tell whether a change of the code has changed an answer.

    python benchmarks/answers.py record STORE -o before.json     # with the code before
    python benchmarks/answers.py record STORE -o after.json      # with the code after
    python benchmarks/answers.py compare before.json after.json

Records, for every published day of a store, a digest of every column of the day's
projection (companies, securities, lines), and of the stored lines and the season's.
Scores of past events and the files of the command line are recorded as they are
written. `compare` names the days and columns that differ, and exits with 1 where any
does. `--every N` takes every N-th day only.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1]))

from recon import reconstitution
from recon.store import Store

TABLES = ("companies", "securities", "break_points")


def digest(values: pd.Series) -> str:
    """Digest of a column, equal to the last bit or different; missing is missing."""
    plain = values.astype(object).where(values.notna(), None)
    hashed = pd.util.hash_pandas_object(
        plain.map(repr).astype(object), index=False, categorize=False
    )
    return hashlib.sha256(hashed.to_numpy().tobytes()).hexdigest()[:16]


def digests(table: pd.DataFrame) -> dict[str, str]:
    """Digest of every column; the number of rows as one more."""
    columns = {name: digest(table[name]) for name in sorted(table.columns)}
    return {"rows": str(len(table)), **columns}


def record(folder: Path, every: int) -> dict[str, dict[str, str]]:
    """Answers of the code at hand on a store, by name."""
    facts, found, started = Store(folder), {}, time.time()
    history = reconstitution.History(facts)
    days = [day.date() for day in facts.published_days()]
    for number, day in enumerate(days[::every], start=1):
        projection = reconstitution.project(facts, day, history=history)
        for name in TABLES:
            found[f"{day} {name}"] = digests(getattr(projection, name))
        if number % 20 == 0:
            spent = time.time() - started
            print(f"{number} days in {spent:.0f} s", file=sys.stderr, flush=True)
    found["stored lines"] = digests(facts.break_points(days[0], days[-1]))
    drawn = reconstitution.break_points(facts, days[0], days[-1])
    found["lines of every season"] = digests(drawn)
    for year in range(days[0].year, days[-1].year + 1):
        found[f"backtest {year}"] = written(folder, "backtest", "--year", str(year))
    last = str(days[-1])
    found["style"] = written(folder, "style", "--as-of", last)
    found["status"] = written(folder, "status")
    return found


def written(folder: Path, command: str, *options: str) -> dict[str, str]:
    """What a command writes as JSON; its refusal where it refuses."""
    arguments = [command, *options, "--store", str(folder), "--format", "json"]
    result = subprocess.run(
        [sys.executable, "-m", "recon", *arguments], capture_output=True, text=True
    )
    return {"text": result.stdout or result.stderr}


def compare(before: dict, after: dict) -> list[str]:
    """Every answer that differs, one line each."""
    lines = [f"only in one: {name}" for name in sorted(set(before) ^ set(after))]
    for name in sorted(set(before) & set(after)):
        old, new = before[name], after[name]
        gone, added = sorted(set(old) - set(new)), sorted(set(new) - set(old))
        differs = [key for key in sorted(set(old) & set(new)) if old[key] != new[key]]
        if differs or gone or added:
            parts = [("differs", differs), ("gone", gone), ("added", added)]
            said = "; ".join(f"{w}: {', '.join(keys)}" for w, keys in parts if keys)
            lines.append(f"{name}: {said}")
    return lines


def main() -> int:
    """Record or compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    recording = commands.add_parser("record")
    recording.add_argument("store", type=Path)
    recording.add_argument("-o", "--output", type=Path, required=True)
    recording.add_argument("--every", type=int, default=1)
    comparing = commands.add_parser("compare")
    comparing.add_argument("before", type=Path)
    comparing.add_argument("after", type=Path)
    options = parser.parse_args()
    if options.command == "record":
        found = record(options.store, options.every)
        options.output.write_text(json.dumps(found, indent=0), "utf-8")
        return 0
    before, after = (
        json.loads(path.read_text("utf-8")) for path in (options.before, options.after)
    )
    lines = compare(before, after)
    print("\n".join(lines) or f"all {len(before):,} answers are equal")
    return int(bool(lines))


if __name__ == "__main__":
    sys.exit(main())
