"""docs/chaos.md: the table of what was injected, and what came of it; no figure is typed by hand."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from typing import Any, Final

_HEADERS: Final = (
    *("Fault", "Injected", "Lost", "Doubled", "Half done", "Secrets told"),
    *("Seconds to recover", "What was told"),
)

_HEAD: Final = """# The system, broken on purpose

`make chaos CSV=path/to/demand.csv REGION=KR` starts a PostgreSQL, an InfluxDB and an MLflow of its own, makes
two champions, and goes from day to day. Each day a fault is done for real at a random instant of
`daily_forecast`, or of `weekly_retrain`, whose verbs are processes as an Airflow worker starts them; then it
is mended, the run is cleared while a task of it fails (as Airflow's retries do), and one hourly ingestion
follows. Afterwards the site is looked at:

- *lost*: an hour of the day's forecast in PostgreSQL or InfluxDB, something owed to InfluxDB, the files of a
  version that could be gone back to;
- *doubled*: a row or a point more than the forecast has hours, an active model more than one;
- *half done*: a version that does not load, a manifest whose files are not what it says, a file that a write
  left behind, a run that is not green after three clearings;
- *secrets told*: the database's password or InfluxDB's token in a log of the runs.

`SEED=` repeats a sequence of faults, `INJECTIONS=` says how often each is done.
"""


def page(found: Mapping[str, Any]) -> str:
    """Markdown, from the JSON that the loop wrote."""
    return f"{_HEAD}\n{table(found)}"


def table(found: Mapping[str, Any]) -> str:
    """Of what was injected, and what came of it."""
    machine = found["machine"]
    lines = [
        f"Seed {found['seed']}, {machine['processor']}, {machine['cores']} cores, {machine['date']}.",
        "",
        "| " + " | ".join(_HEADERS) + " |",
        "|---" * len(_HEADERS) + "|",
    ]
    for fault in found["faults"]:
        counts = [len(fault[kind]) for kind in ("lost", "doubled", "half_done", "secrets")]
        seconds = f"{statistics.median(fault['seconds']):.0f}" if fault["seconds"] else "-"
        said = ", ".join(fault["told"]) or "nothing"
        cells = [fault["fault"], fault["injected"], *counts, seconds, said]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join([*lines, ""])
