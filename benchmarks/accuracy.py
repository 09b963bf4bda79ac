"""Our model beside its peers, on the same hours with the same information: python -m benchmarks.accuracy

Protocol `day-ahead` (benchmarks/protocol.py) over the last 365 local days of the series, unless a window is
named. Each model is fitted in a process of one thread; as many run at a time as there are cores.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import traceback
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from benchmarks.contenders import MARKET_HOUR, Effort, Job, everyone, installed, missing_peers, quick
from benchmarks.machine import Stopwatch, machine
from benchmarks.protocol import Window
from benchmarks.report import add_json_option, keep, say
from benchmarks.series import Source, add_options
from trainer.data.reference import REFERENCE
from trainer.errors import UsageError

_TOLD_EVERY: Final = 60.0
"""Seconds between two words about work that goes on."""
COLUMNS: Final = {
    "perfect": "perfect weather",
    "none": "no weather",
    "forecast-like": "forecast-like weather",
}
FIGURES: Final = {
    "mape": "MAPE %",
    "mae": "MAE MW",
    "rmse": "RMSE MW",
    "r2": "R²",
    "mape_holidays": "holidays %",
    "mape_around_holidays": "around them %",
    "mape_other_days": "other days %",
    "mape_coldest_decile": "coldest %",
    "mape_hottest_decile": "hottest %",
    "coverage": "band holds %",
    "pinball": "pinball MW",
    "crps": "CRPS MW",
}
"""Key of a figure, as backtests name it -> column of a table."""


@dataclass(frozen=True)
class Done:
    """What one process brings back."""

    rows: list[dict[str, Any]]
    seconds: float
    fault: str | None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    add_options(parser)
    parser.add_argument("--test-start", type=date.fromisoformat, help="first local day of the window")
    parser.add_argument("--test-end", type=date.fromisoformat, help="last local day, included")
    parser.add_argument("--quick", action="store_true", help="one column, and only what is fitted in minutes")
    parser.add_argument(
        "--only",
        metavar="TEXT",
        help="only the rows whose model has this in its name; the others stay in --json as they were",
    )
    parser.add_argument(
        "--processes", type=int, default=os.cpu_count() or 1, help="at a time (default: one per core)"
    )
    add_json_option(parser)
    options = parser.parse_args()
    source = Source.of(options)
    history, region = source.read()
    window = _window(options, Window.latest(history, region))
    effort = Effort()
    beside_operator = REFERENCE in history and bool(history[REFERENCE].notna().any())
    jobs = (quick if options.quick else everyone)(region, effort, beside_operator=beside_operator)
    for sentence in missing_peers():
        say(sentence)
    chosen = [job for job in installed(jobs) if (options.only or "") in job.model]
    facts = {
        "quick": options.quick,
        "region": region.name,
        "window": [window.first.isoformat(), window.last.isoformat()],
        "history_from": history.index[0].tz_convert(region.zone).isoformat(),
    }
    earlier = None
    if options.only and options.json and options.json.exists():
        earlier = json.loads(options.json.read_text(encoding="utf-8"))
        require_same_hours(facts, earlier)
    say(f"{len(chosen)} fits, {window.first} to {window.last}, {options.processes} at a time")
    rows, faults = run(chosen, source, window, options.processes)
    result = {"machine": machine(), **facts, "left_out": missing_peers(), "rows": rows}
    if earlier:
        result = beside_kept(result, earlier)
    show(result)
    keep(result, options.json)
    for fault in faults:
        say(fault)
    return 1 if faults else 0


def require_same_hours(facts: dict[str, Any], earlier: dict[str, Any]) -> None:
    """Raises UsageError where the earlier result is of other hours: its rows would not be beside these."""
    for what in ("quick", "region", "window", "history_from"):
        if facts[what] != earlier[what]:
            raise UsageError(
                f"--json holds rows of another {what}, {earlier[what]} instead of {facts[what]}; "
                "name another file, or measure all rows by leaving out --only"
            )


def beside_kept(result: dict[str, Any], earlier: dict[str, Any]) -> dict[str, Any]:
    """`result` with the rows of an earlier one that it lacks; each row tells the day it was measured on."""
    fresh = {_key(row) for row in result["rows"]}
    kept = [
        {"measured": earlier["machine"]["date"], **row} for row in earlier["rows"] if _key(row) not in fresh
    ]
    return {**result, "left_out": earlier["left_out"], "rows": [*kept, *result["rows"]]}


def _key(row: dict[str, Any]) -> tuple[str, str, str]:
    return row["model"], row["group"], row["weather"]


def _window(options: argparse.Namespace, latest: Window) -> Window:
    return Window(options.test_start or latest.first, options.test_end or latest.last)


def run(
    jobs: list[Job], source: Source, window: Window, processes: int
) -> tuple[list[dict[str, Any]], list[str]]:
    """Rows in the order of `jobs`, and what went wrong; a fault of one does not stop the others."""
    # Read by the libraries when the children load them; two fits on two cores are faster with a thread each.
    os.environ["OMP_NUM_THREADS"] = "1"
    clock = Stopwatch()
    done: dict[int, Done] = {}
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context, max_tasks_per_child=1) as pool:
        order = sorted(range(len(jobs)), key=lambda number: -jobs[number].weight)
        waiting: dict[Future[Done], int] = {pool.submit(work, jobs[n], source, window): n for n in order}
        while waiting:
            finished, _ = wait(waiting, timeout=_TOLD_EVERY, return_when=FIRST_COMPLETED)
            for future in finished:
                number = waiting.pop(future)
                try:
                    done[number] = future.result()
                except BrokenProcessPool:  # a child was killed, for its memory perhaps
                    done[number] = Done([], clock.seconds, f"{jobs[number].model}: its process was killed")
                say(f"[{len(done)}/{len(jobs)}, {clock.seconds:.0f} s] {_told(jobs[number], done[number])}")
            if not finished:
                running = [jobs[n].model for future, n in waiting.items() if future.running()][:processes]
                say(f"[{len(done)}/{len(jobs)}, {clock.seconds:.0f} s] at work: {'; '.join(running)}")
    rows = [row for number in range(len(jobs)) for row in done[number].rows]
    return rows, [fault for number in range(len(jobs)) if (fault := done[number].fault)]


def work(job: Job, source: Source, window: Window) -> Done:
    """In a process of its own."""
    history, region = source.read()
    clock = Stopwatch()
    try:
        figures = job.run(history, region, window, job.weathers)
    except Exception:  # a benchmark of an hour tells of it at the end
        return Done([], clock.seconds, f"{job.model}: failed\n{traceback.format_exc()}")
    rows = [
        {
            "model": job.model,
            "group": job.group,
            "weather": weather,
            "origin_hour": job.origin_hour,
            "measured": date.today().isoformat(),
            "seconds": round(clock.seconds, 1),
            "cpu_seconds": round(clock.cpu_seconds, 1),
            "metrics": metrics,
        }
        for weather, metrics in figures.items()
    ]
    return Done(rows, clock.seconds, None)


def _told(job: Job, done: Done) -> str:
    if done.fault:
        return f"{job.model}: failed"
    mapes = ", ".join(f"{row['metrics']['mape']:.3f} % ({COLUMNS[row['weather']]})" for row in done.rows)
    features = " with our features" if job.group == "peer with our features" else ""
    return f"{job.model}{features}: MAPE {mapes} in {done.seconds:.0f} s"


def show(result: dict[str, Any]) -> None:
    for title, rows in sections(result["rows"]):
        first, last = result["window"]
        table = Table(title=f"{result['region']}, day-ahead {first} to {last}, {title}")
        for name in ("model", "features", *FIGURES.values(), "minutes"):
            table.add_column(name, justify="left" if name in ("model", "features") else "right")
        for row in rows:
            table.add_row(*cells(row))
        Console(width=190).print(table)


def sections(rows: list[dict[str, Any]]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Title and rows of each table, the best first: forecasts at midnight by weather, then those of an hour
    of the day before. A result of an earlier release says nothing of an hour."""
    for hour in (None, MARKET_HOUR):
        for weather, title in COLUMNS.items():
            found = [row for row in rows if (row["weather"], row.get("origin_hour")) == (weather, hour)]
            if found:
                made = title if hour is None else f"{title}, made at {hour}:00 of the day before"
                yield made, sorted(found, key=lambda row: row["metrics"]["mape"])


def cells(row: dict[str, Any]) -> list[str]:
    """One line of a table of accuracy: model, features, figures, minutes of one core."""
    features = {"peer": "own", "peer with our features": "with ours"}.get(row["group"], "")
    figures = [figure_text(name, row["metrics"].get(name)) for name in FIGURES]
    return [row["model"], features, *figures, f"{row['cpu_seconds'] / 60:.1f}"]


def figure_text(name: str, value: float | None) -> str:
    if value is None:
        return "-"
    if name in ("mae", "rmse", "pinball", "crps"):
        return f"{value:,.0f}"
    return f"{value:.3f}" if name in ("mape", "r2") else f"{value:.2f}"


if __name__ == "__main__":
    sys.exit(main())
