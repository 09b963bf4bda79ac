"""How long a training takes, and how much memory, beside the way it once was: python -m benchmarks.training

Five years of hours, each figure in a process of its own, one after another on an otherwise idle machine.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import torch
from rich.console import Console
from rich.table import Table

from benchmarks import original
from benchmarks.child import Measured, in_a_process
from benchmarks.machine import Stopwatch, machine
from benchmarks.original import Extrapolated
from benchmarks.report import add_json_option, keep, say
from benchmarks.series import Source, add_options, five_years
from trainer.contract import ORIGIN_HOURS
from trainer.model.arrays import Matrix, Vector
from trainer.model.config import ModelConfig
from trainer.model.covariates.features import flags
from trainer.model.decomposition import Series, best_orders
from trainer.model.training.fitting import fit
from trainer.model.training.search.search import search
from trainer.model.training.training_series import training_series
from trainer.model.training.twin import fit_twin

QUICK: Final = (5, 10)
PRODUCTION: Final = (50, 100)
"""Trials, and epochs of each at most."""
FIT_THREADS: Final = 2
GRID_SAMPLE: Final = 40
BATCH_SAMPLE: Final = 30
_YEAR: Final = 8760


@dataclass(frozen=True)
class Row:
    """Seconds of ours and of the original's way of doing the same; None where it was not measured."""

    key: str
    what: str
    ours: float | None
    original: float | None
    note: str

    @property
    def ratio(self) -> float | None:
        return self.original / self.ours if self.ours and self.original else None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    add_options(parser)
    parser.add_argument("--quick", action="store_true", help="the Fourier grid alone")
    add_json_option(parser)
    options = parser.parse_args()
    rows, memory = measure(Source.of(options), quick=options.quick)
    result = {
        "machine": machine(),
        "quick": options.quick,
        "rows": [{**asdict(row), "ratio": row.ratio} for row in rows],
        "peak_memory_mb": memory,
    }
    show(result)
    keep(result, options.json)
    return 0


def measure(source: Source, *, quick: bool) -> tuple[list[Row], int | None]:
    """Rows, and the peak memory (MB) of a quick training on the CPU."""
    say("Fourier grid, ours and the original's")
    grid = in_a_process(our_grid, source, threads=1).result
    grid_then = in_a_process(original_grid, source, GRID_SAMPLE, threads=1).result
    rows = [
        Row("grid", "Fourier grid, 14 x 14 x 14, one core", grid, grid_then.seconds, extrapolation(grid_then))
    ]
    if quick:
        return rows, None
    cores = os.cpu_count() or 1
    say(f"quick training, {QUICK[0]} trials x {QUICK[1]} epochs, {cores} cores: ours, then the original's")
    ours = in_a_process(our_training, source, *QUICK, "cpu", threads=cores)
    then = original_at_its_best(source, *QUICK, "cpu")
    rows.append(training_row("quick", f"quick training, {QUICK[0]} x {QUICK[1]}, CPU", ours, grid_then, then))
    rows += fits(source)
    rows.append(production(source, grid_then))
    return rows, ours.peak_memory_mb


def fits(source: Source) -> list[Row]:
    """A fit alone, for every hour of the day and for the one that the daily forecast is made at."""
    rows = []
    for key, hours, text in (
        ("fit_all_hours", None, "all 24 origin hours"),
        ("fit_one_hour", (0,), "one origin hour"),
    ):
        say(f"a fit alone, {text}, {FIT_THREADS} threads")
        ours = in_a_process(our_fit, source, hours, threads=FIT_THREADS)
        note = f"{ours.result.cpu_seconds:.1f} s of processor time"
        what = f"fit alone, {ModelConfig().epochs} epochs, {text}, {FIT_THREADS} threads"
        rows.append(Row(key, what, ours.result.seconds, None, note))
    return rows


def production(source: Source, grid_then: Extrapolated) -> Row:
    what = f"production training, {PRODUCTION[0]} x {PRODUCTION[1]}, GPU"
    if not torch.cuda.is_available():
        return Row("production", what, None, None, "no GPU here")
    say(f"{what}: ours, then the original's")
    cores = os.cpu_count() or 1
    ours = in_a_process(our_training, source, *PRODUCTION, "cuda", threads=cores)
    then = original_at_its_best(source, *PRODUCTION, "cuda")
    return training_row("production", what, ours, grid_then, then)


def training_row(
    key: str, what: str, ours: Measured[float], grid_then: Extrapolated, trials_then: Extrapolated
) -> Row:
    """The original's grid is part of its training as ours is of ours."""
    note = f"grid {grid_then.seconds:.0f} s and trials {trials_then.seconds:.0f} s, " + extrapolation(
        trials_then, "batches"
    )
    return Row(key, what, ours.result, grid_then.seconds + trials_then.seconds, note)


def extrapolation(done: Extrapolated, of: str = "combinations") -> str:
    return f"original's extrapolated from {done.measured} of {done.units:,} {of}"


def our_grid(source: Source) -> float:
    """Seconds from a series to the orders that win."""
    series = _series(source)
    clock = Stopwatch()
    best_orders(series, len(series) - _YEAR)
    return clock.seconds


def our_training(source: Source, trials: int, epochs: int, device: str) -> float:
    """Seconds from a history to a model: search, fit and twin, as `python -m trainer train` has them."""
    history, region = source.read()
    history = five_years(history)
    until = history.index[-1] + pd.Timedelta(hours=1)
    clock = Stopwatch()
    found = search(history, region, trials=trials, epochs=epochs, seed=42, train_until=until, device=device)
    fit(history, region, found.best, train_until=until, device=device, origin_hours=ORIGIN_HOURS)
    fit_twin(history, region, found.best, train_until=until, device=device)
    return clock.seconds


@dataclass(frozen=True)
class Spent:
    seconds: float
    cpu_seconds: float


def our_fit(source: Source, origin_hours: Sequence[int] | None) -> Spent:
    """What a fit takes from a history to a model, without a search and without a twin."""
    history, region = source.read()
    history = five_years(history)
    until = history.index[-1] + pd.Timedelta(hours=1)
    clock = Stopwatch()
    fit(history, region, ModelConfig(), train_until=until, device="cpu", origin_hours=origin_hours)
    return Spent(clock.seconds, clock.cpu_seconds)


def original_grid(source: Source, sample: int) -> Extrapolated:
    series = _series(source)
    local, target, _ = _original_data(series)
    return original.grid(local, target, len(series) - _YEAR, sample)


def original_at_its_best(source: Source, trials: int, epochs: int, device: str) -> Extrapolated:
    """With one thread or with one per core, whichever is faster: small steps gain little from a second core,
    and lose much where another process wants it."""
    found = [
        in_a_process(original_trials, source, trials, epochs, device, threads=threads).result
        for threads in sorted({1, os.cpu_count() or 1})
    ]
    return min(found, key=lambda done: done.seconds)


def original_trials(source: Source, trials: int, epochs: int, device: str) -> Extrapolated:
    series = _series(source)
    _, target, known = _original_data(series)
    return original.trials(target, known, trials, epochs, BATCH_SAMPLE, device)


def _series(source: Source) -> Series:
    history, region = source.read()
    history = five_years(history)
    return training_series(history, region, history.index[-1] + pd.Timedelta(hours=1))


def _original_data(series: Series) -> tuple[pd.DatetimeIndex, Vector, Matrix]:
    """Local time, log demand less its mean with holes at 0, and the calendar's columns. What the numbers are
    does not change how long a pass takes."""
    target = series.transformed - np.nanmean(series.transformed)
    calendar = series.covariates.calendar
    return calendar.local, np.nan_to_num(target), flags(calendar)


def show(result: dict[str, Any]) -> None:
    facts = result["machine"]
    device = facts["gpu"] or "no GPU here"
    table = Table(title=f"training on five years of hours: {facts['cores']} cores, {device}")
    for name in ("what", "ours", "original", "ratio", "note"):
        table.add_column(name, justify="left" if name in ("what", "note") else "right")
    for row in result["rows"]:
        table.add_row(*cells(row))
    if result["peak_memory_mb"]:
        table.add_row("peak memory of the quick training", f"{result['peak_memory_mb']:,} MB", "", "", "")
    Console(width=150).print(table)


def cells(row: dict[str, Any]) -> list[str]:
    def seconds(value: float | None) -> str:
        return "-" if value is None else f"{value:,.1f} s"

    ratio = "-" if row["ratio"] is None else f"{row['ratio']:,.0f} x"
    return [row["what"], seconds(row["ours"]), seconds(row["original"]), ratio, row["note"]]


if __name__ == "__main__":
    sys.exit(main())
