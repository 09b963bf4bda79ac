"""A DAG run as it goes: a live table on a terminal, one line per change elsewhere."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from stack.airflow_api import FINISHED, AirflowApi, Task
from trainer.errors import DemandForecastError

PAUSE: Final = 1.5
"""Seconds between two looks; each costs the api-server time that the training could use."""
QUIET: Final = 20.0
"""Seconds after which a running task is heard of again where there is no live table."""
STYLES: Final = {
    "success": "green",
    "failed": "red",
    "upstream_failed": "red",
    "running": "cyan",
    "skipped": "dim",
}
_VERB_PREFIX: Final = re.compile(r"^\d{4}-\d\d-\d\dT[\d:]+Z [A-Z]+ ")
"""The time and level that a trainer verb puts before its lines."""


class RunFailedError(DemandForecastError):
    """The DAG run failed; the message has the failed task's last lines and how to go on."""


class Watch:
    """Follows DAG runs of one Airflow. `logs` is its log folder, `check` raises when a server has died."""

    def __init__(self, api: AirflowApi, console: Console, logs: Path, check: Callable[[], None]) -> None:
        self._api = api
        self._console = console
        self._logs = logs
        self._check = check

    def follow(self, dag_id: str, run_id: str) -> None:
        """Returns when the run has succeeded. Raises RunFailedError when it has failed."""
        shown: dict[str, str] = {}
        began = heard = time.monotonic()
        live = Live(console=self._console, refresh_per_second=2) if self._console.is_terminal else None
        with live or nullcontext():
            while True:
                state = self._api.run_state(dag_id, run_id)
                tasks = self._api.tasks(dag_id, run_id)
                if live:
                    live.update(self._table(dag_id, run_id, tasks, time.monotonic() - began))
                else:
                    heard = self._lines(dag_id, run_id, tasks, shown, heard)
                if state in FINISHED:
                    break
                self._check()
                time.sleep(PAUSE)
        if state != "success":
            raise RunFailedError(self._failure(dag_id, run_id, tasks))

    def _table(self, dag_id: str, run_id: str, tasks: list[Task], seconds: float) -> Table:
        table = Table(title=f"{dag_id}  {seconds:.0f} s", title_justify="left", expand=True)
        table.add_column("task", no_wrap=True)
        table.add_column("state", no_wrap=True)
        table.add_column("seconds", justify="right")
        table.add_column("last line", overflow="ellipsis", no_wrap=True, ratio=1)
        for task in tasks:
            style = STYLES.get(task.state or "", "")
            line = self._last_line(dag_id, run_id, task) if task.state == "running" else ""
            table.add_row(task.name, Text(task.state or "", style), _seconds(task), Text(line))
        return table

    def _lines(
        self, dag_id: str, run_id: str, tasks: list[Task], shown: dict[str, str], heard: float
    ) -> float:
        """Prints what changed since `shown`; the moment of the last line."""
        for task in tasks:
            if task.state and shown.get(task.name) != task.state:
                shown[task.name] = task.state
                if task.state not in {"scheduled", "queued"}:
                    heard = time.monotonic()
                    self._say(f"{dag_id} {task.name} {task.state} {_seconds(task)}".rstrip())
        if time.monotonic() - heard > QUIET:
            for task in tasks:
                if task.state == "running":
                    self._say(f"{dag_id} {task.name}: {self._last_line(dag_id, run_id, task)}")
            heard = time.monotonic()
        return heard

    def _say(self, text: str) -> None:
        self._console.print(f"{time.strftime('%H:%M:%S')} {escape(text)}", soft_wrap=True, highlight=False)

    def _last_line(self, dag_id: str, run_id: str, task: Task) -> str:
        events = self._events(dag_id, run_id, task)
        return events[-1] if events else ""

    def _failure(self, dag_id: str, run_id: str, tasks: list[Task]) -> str:
        failed = next((task for task in tasks if task.state == "failed"), None)
        parts = [f"{dag_id} failed, run {run_id}" + (f", in task {failed.name}." if failed else ".")]
        if failed:
            parts += [f"--- {self._log(dag_id, run_id, failed)}", *self._events(dag_id, run_id, failed)[-25:]]
        parts.append(
            "To go on: mend what the last lines name, then run `make demo` again; servers, series and "
            "champion are kept. The servers still run: `make status` shows where, `make demo-down` stops "
            "them."
        )
        return "\n".join(parts)

    def _log(self, dag_id: str, run_id: str, task: Task) -> Path:
        folder = self._logs / f"dag_id={dag_id}" / f"run_id={run_id}" / f"task_id={task.task_id}"
        if task.map_index >= 0:
            folder /= f"map_index={task.map_index}"
        return folder / f"attempt={max(task.attempt, 1)}.log"

    def _events(self, dag_id: str, run_id: str, task: Task) -> list[str]:
        """The task's log, one message per line, without Airflow's own wrapping."""
        path = self._log(dag_id, run_id, task)
        if not path.is_file():
            return []
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 32_768))
            lines = file.read().decode(errors="replace").splitlines()
        return [text for line in lines if (text := _message(line))]


def _message(line: str) -> str:
    try:
        record = json.loads(line)
    except json.JSONDecodeError:
        return ""
    if not isinstance(record, dict):
        return ""
    said = [_VERB_PREFIX.sub("", str(record.get("event", "")))]
    errors = record.get("error_detail") or ()
    said += [f"{error.get('exc_type')}: {error.get('exc_value')}" for error in errors]
    return "  ".join(part for part in said if part)


def _seconds(task: Task) -> str:
    return "" if task.seconds is None else f"{task.seconds:.0f} s"
