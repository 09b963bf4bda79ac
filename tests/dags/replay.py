"""Runs DAGs through Airflow's own `dag.test()` in a process of its own: what an operator's command does.

As a program it reads runs as JSON from standard input and prints how each ended: one import of Airflow and
one parse of the DAGs for all of them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from stack.state import REPOSITORY

MARK = "OUTCOMES "


@dataclass(frozen=True, kw_only=True)
class Replay:
    """One run. `done` is a pattern of task ids that are marked successful without running."""

    dag_id: str
    logical_date: str | None
    run_after: str
    conf: dict[str, Any] = field(default_factory=dict)
    done: str | None = None

    @property
    def run_id(self) -> str:
        """The trainer's run id; Airflow's follows from run_after where there is a logical date."""
        return f"{self.dag_id}/manual__{datetime.fromisoformat(self.run_after).isoformat()}"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a run ended, as Airflow's database has it."""

    state: str
    tasks: dict[str, str]
    """State by task id; of a mapped task, `search[0]`, `search[1]`, ..."""


def replay(
    runs: Sequence[Replay], environ: Mapping[str, str], *, timeout: float = 570
) -> tuple[list[Outcome], str]:
    """How the runs ended, one after the other, and the log of them all."""
    try:
        log = subprocess.run(
            [sys.executable, "-m", "tests.dags.replay"],
            input=json.dumps([asdict(run) for run in runs]),
            env=dict(environ),
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout,
            check=False,
        ).stdout
    except subprocess.TimeoutExpired as error:
        log = (error.stdout or b"").decode()  # bytes, whatever was asked for
    for line in log.splitlines():
        if line.startswith(MARK):
            return [Outcome(**outcome) for outcome in json.loads(line.removeprefix(MARK))], log
    raise AssertionError(f"the runs did not end:\n{log[-5000:]}")


def _name(ti: Any) -> str:
    return ti.task_id if ti.map_index < 0 else f"{ti.task_id}[{ti.map_index}]"


def main() -> None:
    from airflow.dag_processing.dagbag import DagBag

    dags = DagBag(os.environ["AIRFLOW__CORE__DAGS_FOLDER"]).dags
    outcomes = []
    for run in (Replay(**values) for values in json.load(sys.stdin)):
        ended = dags[run.dag_id].test(
            logical_date=datetime.fromisoformat(run.logical_date) if run.logical_date else None,
            run_after=datetime.fromisoformat(run.run_after),
            run_conf=run.conf,
            mark_success_pattern=run.done,
        )
        tasks = {_name(ti): str(ti.state) for ti in ended.get_task_instances()}
        outcomes.append(asdict(Outcome(state=str(ended.state), tasks=tasks)))
    print(MARK + json.dumps(outcomes))


if __name__ == "__main__":
    main()
