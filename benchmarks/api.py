"""How fast the REST API answers, on this machine, over loopback: python -m benchmarks.api

Starts a PostgreSQL and the service of its own, fills them with the last 14 months of the sample series of
Greece and a model of the default size, asks for about a minute, and prints each figure beside its goal.
The client shares the machine's cores with the servers, so the figures are those of a smaller machine.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Awaitable
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import psutil
from rich.console import Console
from rich.table import Table

from benchmarks.api_service import fill, serving
from benchmarks.load import Answers, Connection, at_a_pace, one_after_another
from benchmarks.report import add_json_option, keep
from stack import postgres, process
from stack.state import State

READS_PER_SECOND = 200
READS_P99_SECONDS = 0.050
FORECASTS_PER_SECOND = 30


@dataclass(frozen=True)
class Row:
    what: str
    figure: str
    goal: str
    ratio: float | None
    """Above 1 where the goal is met."""
    cpu: str = ""
    """Of the service and PostgreSQL per answer."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=15, help="of each of the four loads (default 15)")
    parser.add_argument("--processes", type=int, default=2, help="that forecast (default 2)")
    add_json_option(parser)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="demand-forecast-benchmark-") as folder:
        Path(folder).chmod(0o711)  # root runs PostgreSQL as `nobody`, who must be able to walk in
        state = State(Path(folder))
        try:
            service = postgres.ensure(state, environ={}, port=0)
            history = fill(service.details["url"], Path(folder) / "store")
            with serving(state, service.details["url"], Path(folder) / "store", options.processes) as at:
                port, token, api = at
                servers = Servers([api, *([service.pid] if service.pid else [])])
                rows = asyncio.run(measure(port, token, servers, history, options.seconds))
        finally:
            for started in state.services():
                process.stop(started)
    show(rows)
    keep([asdict(row) for row in rows], options.json)
    return 0


@dataclass(frozen=True)
class Servers:
    """The processes whose work is counted, with all that descend from them."""

    pids: list[int]

    async def costing(self, load: Awaitable[Answers]) -> Answers:
        """The answers, and what each of them cost."""
        before = self._cpu()
        answers = await load
        answers.cpu_seconds = (self._cpu() - before) / max(1, sum(answers.statuses.values()))
        return answers

    def _cpu(self) -> float:
        total = 0.0
        for pid in self.pids:
            parent = psutil.Process(pid)
            for one in (parent, *parent.children(recursive=True)):
                times = one.cpu_times()
                total += times.user + times.system
        return total


async def measure(
    port: int, token: str, servers: Servers, history: pd.DataFrame, seconds: float
) -> list[Row]:
    readers = [Connection("127.0.0.1", port, token) for _ in range(32)]
    callers = [Connection("127.0.0.1", port, token) for _ in range(4)]
    latest = "/api/predictions/latest?region=GR"
    stored, given = _stored(history), _given(history)

    # What runs once per process or per history, such as loading the model, is not what is measured.
    await at_a_pace(readers, latest, per_second=50, seconds=2)
    await one_after_another(callers, "/api/predict", stored, seconds=max(4.0, seconds / 3))

    reads = await servers.costing(at_a_pace(readers, latest, per_second=READS_PER_SECOND, seconds=seconds))
    forecasts = await servers.costing(one_after_another(callers, "/api/predict", stored, seconds=seconds))
    sent = await servers.costing(one_after_another(callers, "/api/predict", given, seconds=seconds))
    beside, both = await asyncio.gather(
        at_a_pace(readers, latest, per_second=READS_PER_SECOND, seconds=seconds),
        one_after_another(callers[:2], "/api/predict", stored, seconds=seconds),
    )
    for connection in (*readers, *callers):
        connection.close()
    return [
        _pace("latest forecast, asked 200 times a second", reads, READS_PER_SECOND),
        _latency("  its p99", reads, READS_P99_SECONDS),
        _pace("forecasts of 24 h, stored history", forecasts, FORECASTS_PER_SECOND),
        _latency("  their p99", forecasts, None),
        _pace("forecasts of 24 h, 63 days of history in the request", sent, None),
        _latency("  their p99", sent, None),
        _pace("latest forecast while forecasts are made", beside, READS_PER_SECOND),
        _latency("  its p99", beside, READS_P99_SECONDS),
        _pace("  the forecasts beside it", both, None),
    ]


def _stored(history: pd.DataFrame) -> Any:
    """Orders for the 12 hours that end the history, in turn: as callers of one region ask."""

    def order(number: int) -> dict[str, Any]:
        as_of = history.index[-1] - timedelta(hours=number % 12)
        return {"region": "GR", "as_of": as_of.isoformat(), "horizon_hours": 24}

    return order


def _given(history: pd.DataFrame) -> Any:
    demand = history["demand"].iloc[-24 * 63 :].dropna()
    hours = pd.DatetimeIndex(demand.index).strftime("%Y-%m-%dT%H:%MZ")
    rows = [
        {"time": hour, "demand_mw": megawatts} for hour, megawatts in zip(hours, demand.tolist(), strict=True)
    ]
    return lambda _: {"region": "GR", "horizon_hours": 24, "history": rows}


def _pace(what: str, answers: Answers, goal: float | None) -> Row:
    failed = sum(answers.statuses.values()) - answers.statuses[200]
    figure = f"{answers.per_second:.1f}/s" + (f", {failed} failed" if failed else "")
    ratio = answers.per_second / goal if goal else None
    cpu = f"{1000 * answers.cpu_seconds:.1f} ms" if answers.cpu_seconds else ""
    return Row(what, figure, f"{goal:g}/s" if goal else "", ratio, cpu)


def _latency(what: str, answers: Answers, goal: float | None) -> Row:
    p50, p99 = answers.quantile(0.50), answers.quantile(0.99)
    figure = f"{1000 * p99:.1f} ms (p50 {1000 * p50:.1f} ms)"
    return Row(what, figure, f"below {1000 * goal:g} ms" if goal else "", goal / p99 if goal else None)


def show(rows: list[Row]) -> None:
    table = Table(title=f"REST API on {os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}")
    for name in ("what", "measured", "goal", "ratio (1 or more: met)", "CPU each"):
        table.add_column(name, justify="left" if name == "what" else "right")
    for row in rows:
        table.add_row(
            row.what, row.figure, row.goal, "" if row.ratio is None else f"{row.ratio:.2f}", row.cpu
        )
    Console(width=130).print(table)


if __name__ == "__main__":
    sys.exit(main())
