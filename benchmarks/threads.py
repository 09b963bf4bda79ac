"""What a fit makes of the cores it may use: python -m benchmarks.threads

The same fit with 2 and with 16 threads allowed, on one core, with a processor quota of one core, and beside a
process that wants one. Processor time may be trusted on a machine that others use too; the clock needs one
that is otherwise idle.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict, dataclass
from typing import Any, Final

import pandas as pd
from rich.console import Console
from rich.table import Table

from benchmarks.child import Measured, in_a_process
from benchmarks.machine import machine
from benchmarks.quota import processor_quota
from benchmarks.report import add_json_option, keep, say
from benchmarks.series import Source, add_options, five_years
from trainer.contract import ORIGIN_HOURS
from trainer.environment import let_idle_threads_sleep
from trainer.model.config import ModelConfig
from trainer.model.training.fitting import fit

HEADER: Final = ("what", "seconds", "times", "processor", "times")
FEW: Final = 2
MANY: Final = 16


@dataclass(frozen=True)
class Row:
    key: str
    what: str
    seconds: float
    cpu_seconds: float
    times_seconds: float
    """Of those with few threads, alone."""
    times_cpu_seconds: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    add_options(parser)
    add_json_option(parser)
    options = parser.parse_args()
    let_idle_threads_sleep()
    rows, left_out = measure(Source.of(options))
    result = {"machine": machine(), "rows": [asdict(row) for row in rows], "left_out": left_out}
    show(result)
    keep(result, options.json)
    return 0


def measure(source: Source) -> tuple[list[Row], list[str]]:
    """Rows, and a sentence for each that this machine does not let be measured."""
    one = {min(os.sched_getaffinity(0))}
    few = _fit(source, FEW)
    fits = [("few", f"{FEW} threads allowed", few), ("many", f"{MANY} threads allowed", _fit(source, MANY))]
    fits.append(("affinity", "one core alone", _fit(source, MANY, _on_cores(one))))
    left_out = []
    try:
        fits.append(("quota", "a quota of one core", _fit(source, MANY, processor_quota(1))))
    except OSError as error:
        left_out.append(f"A quota is left out: this machine lets no control group be made for it ({error})")
    beside = _fit(source, FEW, _busy_neighbour())
    fits.append(("beside", f"{FEW} threads beside a process that wants a core", beside))
    rows = [
        Row(
            key,
            what,
            fitted.seconds,
            fitted.cpu_seconds,
            fitted.seconds / few.seconds,
            fitted.cpu_seconds / few.cpu_seconds,
        )
        for key, what, fitted in fits
    ]
    return rows, left_out


def _fit(
    source: Source, threads: int, within: AbstractContextManager[object] | None = None
) -> Measured[None]:
    say(f"a fit with {threads} threads allowed")
    with within or nullcontext():
        return in_a_process(quick_fit, source, threads=threads)


def quick_fit(source: Source) -> None:
    """A model of five years of hours, 10 epochs, without a search."""
    history, region = source.read()
    history = five_years(history)
    until = history.index[-1] + pd.Timedelta(hours=1)
    fit(history, region, ModelConfig(), train_until=until, device="cpu", origin_hours=ORIGIN_HOURS)


@contextmanager
def _on_cores(cores: set[int]) -> Iterator[None]:
    """Children inherit it."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def _busy_neighbour() -> Iterator[None]:
    neighbour = multiprocessing.get_context("spawn").Process(target=_spin, daemon=True)
    neighbour.start()
    try:
        yield
    finally:
        neighbour.terminate()
        neighbour.join()


def _spin() -> None:
    while True:
        pass


def show(result: dict[str, Any]) -> None:
    facts = result["machine"]
    table = Table(title=f"a fit: {facts['cores']} cores, load average {facts['load_average']}")
    for name in HEADER:
        table.add_column(name, justify="left" if name == "what" else "right")
    for row in result["rows"]:
        table.add_row(*cells(row))
    Console(width=130).print(table)
    for sentence in result["left_out"]:
        say(sentence)


def cells(row: dict[str, Any]) -> list[str]:
    """By `HEADER`."""
    times = [f"{row[name]:.2f} x" for name in ("times_seconds", "times_cpu_seconds")]
    return [row["what"], f"{row['seconds']:.1f} s", times[0], f"{row['cpu_seconds']:.1f} s", times[1]]


if __name__ == "__main__":
    sys.exit(main())
