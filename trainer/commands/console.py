"""What a person sees on the terminal: training as it goes, and the summary at the end.

Results go to standard output, everything else to standard error, so that `--json` can be piped.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from trainer.model.progress import EpochReport
from trainer.store import write_whole

log = logging.getLogger(__name__)
_METRICS = {"mae": "MAE (MW)", "mse": "MSE (MW²)", "rmse": "RMSE (MW)", "r2": "R²", "mape": "MAPE (%)"}
_OF_SOME = {"crps": "CRPS (MW)", "rmae": "MAE / seasonal naive's"}
METRIC_NAMES = {**_METRICS, "smape": "SMAPE (%)", **_OF_SOME}
"""Metric key -> how a table spells it, in the order of every table."""


class TrainingDisplay:
    """Training as it goes: a bar on a terminal, a line every few seconds elsewhere."""

    _EVERY = 5.0

    def __init__(self) -> None:
        console = Console(stderr=True)
        self._live = console.is_terminal
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[losses]}"),
            TimeElapsedColumn(),
            console=console,
            disable=not self._live,
        )
        self._task = self._progress.add_task("", total=None, losses="")
        self._said = 0.0

    def __enter__(self) -> TrainingDisplay:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def on_stage(self, stage: str, detail: str) -> None:
        log.info("%s: %s", stage, detail)

    def on_trial_start(self, trial: int, trials: int, parameters: dict[str, Any]) -> None:
        log.info("trial %d of %d: %s", trial + 1, trials, _compact(parameters))

    def on_epoch(self, report: EpochReport) -> None:
        what = f"trial {report.trial + 1}/{report.trials}" if report.trial >= 0 else "final fit"
        losses = f"train {report.train_loss:.4f}"
        if report.validation_loss is not None:
            losses += f"  validation {report.validation_loss:.4f}"
        if report.best is not None:
            losses += f"  best {report.best:.4f}"
        losses += f"  about {report.seconds_left:.0f} s left"
        self._progress.update(
            self._task, description=what, completed=report.epoch, total=report.epochs, losses=losses
        )
        now = time.monotonic()
        if not self._live and (now - self._said >= self._EVERY or report.epoch == report.epochs):
            self._said = now
            log.info("%s, epoch %d of %d: %s", what, report.epoch, report.epochs, losses)

    def on_trial_end(self, trial: int, trials: int, value: float | None, state: str) -> None:
        outcome = "" if value is None else f", validation loss {value:.4f}"
        log.info("trial %d of %d %s%s", trial + 1, trials, state, outcome)

    def on_message(self, message: str) -> None:
        log.warning("%s", message)


def metrics_table(title: str, columns: Mapping[str, Mapping[str, Any]]) -> Table:
    """One row per metric, one column per model."""
    table = Table(title=title, title_justify="left")
    table.add_column("metric")
    for name in columns:
        table.add_column(name, justify="right")
    for key, label in METRIC_NAMES.items():
        if key in _OF_SOME and not any(key in values for values in columns.values()):
            continue
        table.add_row(label, *(_number(values.get(key)) for values in columns.values()))
    return table


def facts_table(title: str, rows: Sequence[tuple[str, object]]) -> Table:
    table = Table(title=title, title_justify="left", show_header=False)
    table.add_column("what", style="bold")
    table.add_column("value", overflow="fold")
    for name, value in rows:
        table.add_row(name, str(value))
    return table


def write_json(result: Mapping[str, Any], place: str | None) -> None:
    """Writes `result` to standard output where `place` is `-`, to the file `place`, or nowhere for None."""
    if place is None:
        return
    text = json.dumps(result, ensure_ascii=False, indent=1, allow_nan=False)
    if place == "-":
        sys.stdout.write(text + "\n")
    else:
        write_whole(Path(place), text.encode())


def show(*tables: Table) -> None:
    # What people wrote is shown as they wrote it: brackets and colons are no markup.
    console = Console(markup=False, emoji=False)
    for table in tables:
        console.print(table)


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.3f}"


def _compact(parameters: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{key} {value:.3g}" if isinstance(value, float) else f"{key} {value}"
        for key, value in parameters.items()
    )
