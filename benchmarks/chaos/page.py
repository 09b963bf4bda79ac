"""docs/chaos.md: what was injected, and what came of it; no figure is typed by hand.

python -m benchmarks.chaos.page out/chaos/chaos.json ... prints it of one run or of several.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

_HEADERS: Final = (
    *("Fault", "Injected", "Lost", "Doubled", "Half done", "Secrets told", "Unread"),
    *("Seconds to recover", "What was told"),
)
_KINDS: Final = ("lost", "doubled", "half_done", "secrets", "unread")

_HEAD: Final = """# The system, broken on purpose

`make chaos CSV=path/to/demand.csv REGION=KR` starts a PostgreSQL, an InfluxDB and an MLflow of its own, makes
two champions for each of two regions, and goes from day to day. Each day a fault is done for real at a
random instant of a region's `daily_forecast`, `weekly_retrain` or `rollback_model`, whose verbs are processes
as an Airflow worker starts them; then it is mended, the run is cleared while a task of it fails (as Airflow's
retries do), and one hourly ingestion follows. A fault that came after what it was meant for had ended is
tried again on the next day, earlier. All the while a reader asks which model is champion and forecasts with
it. Afterwards the site is looked at:

- *lost*: an hour of the day's forecast in PostgreSQL or InfluxDB, one of the demand of the week before it,
  something owed to InfluxDB, the files of a version that could be gone back to;
- *doubled*: a row or a point more than the forecast has hours, an active model more than one;
- *half done*: a version that does not load, a manifest whose files are not what it says, a file that a write
  left behind, a run that is not green after three clearings;
- *secrets told*: the database's password or InfluxDB's token in a log, the store, MLflow, what Airflow keeps
  of its runs (XComs, rendered templates), or the arguments of a process;
- *unread*: a forecast that the reader did not get from a champion whose files nobody had touched.

`SEED=` repeats a sequence of faults, `INJECTIONS=` says how often each is done, `FAULTS=` names those that
are, by parts of their names: `FAULTS=killed,PostgreSQL`. Seven of them, once each, are in `make test`. A
store that is read-only or full is a mount, which root alone may make: for others the two are left out. A
clock that is off is the verbs' alone, by a small library that is compiled before them: without `cc` it is
left out too. To verbs whose clock is a day behind, the last day's demand lies in the future: the forecast is
made from what came before, and the next ingestion stores what was left out.

Then the four processes of Airflow are started beside them, as `make demo` starts them, and make the daily
runs; one of them, a worker, or a task with its verb is killed in a run's midst, and whoever has ended is
started anew, as a container is. `AIRFLOW=` says how often each. Airflow is told to notice within half a
minute what has died, where it would take five; recovery is counted from the kill to the run's end.
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("results", type=Path, nargs="+", help="chaos.json of each run")
    results = parser.parse_args().results
    print(page([json.loads(path.read_text(encoding="utf-8")) for path in results]), end="")
    return 0


def page(runs: Sequence[Mapping[str, Any]]) -> str:
    """Markdown, from the JSON that each run of the loop wrote."""
    return "\n".join([_HEAD, *map(table, runs)])


def table(found: Mapping[str, Any]) -> str:
    """Of what was injected, and what came of it."""
    machine, reader = found["machine"], found.get("reader")
    read = (
        f"; the reader made {reader['forecasts']:,} forecasts, and had no answer from PostgreSQL "
        f"{reader['unanswered']:,} times."
        if reader
        else "; one region, without a reader."  # as runs were before there was one
    )
    lines = [
        f"Seed {found['seed']}, {machine['processor']}, {machine['cores']} cores, {machine['date']}{read}",
        "",
        "| " + " | ".join(_HEADERS) + " |",
        "|---" * len(_HEADERS) + "|",
    ]
    for fault in found["faults"]:
        counts = [len(fault[kind]) if kind in fault else "-" for kind in _KINDS]
        seconds = f"{statistics.median(fault['seconds']):.0f}" if fault["seconds"] else "-"
        said = ", ".join(fault["told"]) or "nothing"
        cells = [fault["fault"], fault["injected"], *counts, seconds, said]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    raise SystemExit(main())
