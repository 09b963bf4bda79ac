"""The same days replayed twice, and whether the same was decided: python -m benchmarks.shadows --days 120

A region whose champion is an ensemble, with three shadows beside it, through the DAGs' own tasks: each day
`daily_forecast`, on Sundays `weekly_retrain` and its refit, on Saturdays `housekeeping`, every four weeks a
shadow that asks for promotion. Each replay has a process, a PostgreSQL, an InfluxDB, an MLflow and a store of
its own, started empty. Writes first.json and second.json into --out, and ends with 1 where they differ in a
verdict, a weight, a comparison or a forecast hour by a single digit, or where a task failed.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
from datetime import date
from pathlib import Path
from typing import Any, Final

from benchmarks.series import add_options
from benchmarks.shadows.differences import differences
from benchmarks.shadows.one_replay import replayed

_NAMES: Final = ("first", "second")
_TOLD: Final = 5
"""Differences that are printed, the first ones."""


def main() -> int:
    options = _options()
    for name in _NAMES:
        print(f"{name} replay", flush=True)
        # Airflow reads its environment once, and each replay's is another.
        process = multiprocessing.get_context("spawn").Process(target=replayed, args=(options, name))
        process.start()
        process.join()
        if process.exitcode:
            return 1
    first, second = (json.loads((options.out / f"{name}.json").read_text("utf-8")) for name in _NAMES)
    print(told(first))
    found = differences(first, second)
    for difference in found[:_TOLD]:
        print(difference)
    print(f"differences between the two replays: {len(found)}")
    return 1 if found or first["failures"] else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    add_options(parser)
    parser.add_argument("--start", type=date.fromisoformat, help="first day (default: the last ones)")
    parser.add_argument("--days", type=int, default=120, help="how many (default 120)")
    parser.add_argument("--weeks", type=int, default=1, help="between two trainings (default 1)")
    parser.add_argument("--lookback-days", type=int, default=400, help="of a training (default 400)")
    parser.add_argument("--out", type=Path, default=Path("out/shadows"), help="folder of servers and results")
    return parser.parse_args()


def told(found: dict[str, Any]) -> str:
    """What one replay came to, in a few lines."""
    counts = ", ".join(f"{found[name]} {name}" for name in ("days", "trainings", "promotions", "refits"))
    asked = [row for row in found["decisions"] if row["run_id"].startswith("shadow_model")]
    lines = [
        f"{found['region']} with {', '.join(found['ensemble'])}: {counts}, {len(asked)} shadows judged, "
        f"{len(found['failures'])} runs with a failed task",
        *(f"  {run}: {tasks}" for run, tasks in found["failures"].items()),
        *(f"  {row['decided_at'][:10]} {row['status']}: {row['reason']}" for row in found["decisions"]),
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
