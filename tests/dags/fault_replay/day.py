"""One run of daily_forecast, its own tasks one after the other, in this process.

What Airflow adds to them is left to the tests that run whole DAGs by `dag.test()`: a process for each verb
alone would take sixty days ten minutes.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from airflow.sdk import DAG
from airflow.sdk.exceptions import AirflowException

from demand_forecast.tasks.local import LocalTrainerOperator
from demand_forecast.tasks.run_arguments import given
from trainer.commands.cli import main

OURS = ("DEMAND_FORECAST_", "INFLUXDB_", "MLFLOW_")
NOT_RUN = {"retrain"}
"""Airflow's own start of another DAG."""


@dataclass
class Ended:
    """How one day's run ended: by task its state, and what it handed on."""

    origin: pd.Timestamp
    states: dict[str, str] = field(default_factory=dict)
    results: dict[str, Any] = field(default_factory=dict)

    def facts(self, step: str) -> dict[str, Any]:
        found: dict[str, Any] = self.results[step]["facts"]
        return found


def run_day(dag: DAG, origin: pd.Timestamp, environ: Mapping[str, str]) -> Ended:
    """The run of half an hour after `origin`; `environ` goes before what the tasks tell their verbs, and what
    is empty there is not told."""
    moment = (origin + pd.Timedelta(minutes=30)).to_pydatetime()
    ended = Ended(origin)
    context = {
        "dag_run": SimpleNamespace(
            dag_id=dag.dag_id,
            run_id=f"scheduled__{moment.isoformat()}",
            logical_date=moment,
            run_after=moment,
        ),
        "params": {"as_of": None, "horizon": 24},
        "ti": SimpleNamespace(
            xcom_pull=lambda task_ids: ended.results[task_ids],
            get_dr_count=lambda **_: 0,
            get_dag=lambda _: SimpleNamespace(is_paused=False),
        ),
    }
    for task in dag.topological_sort():
        if task.task_id in NOT_RUN:
            continue
        before = {ended.states[name] for name in task.upstream_task_ids}
        if task.trigger_rule == "all_success" and before - {"success"}:
            ended.states[task.task_id] = "upstream_failed"
            continue
        try:
            ended.results[task.task_id] = _executed(task, context, environ)
            ended.states[task.task_id] = "success"
        except AirflowException as error:
            ended.states[task.task_id] = f"failed: {error}"
    return ended


def _executed(task: Any, context: dict[str, Any], environ: Mapping[str, str]) -> Any:
    ready = task.prepare_for_execution()
    ready.render_template_fields(context)
    if isinstance(ready, LocalTrainerOperator):
        told = {name: environ.get(name, value) for name, value in ready.env.items()}
        ready.env = {name: value for name, value in told.items() if value}
        return ready.execute(context)  # type: ignore[arg-type]
    wanted = inspect.signature(ready.python_callable).parameters
    told = {name: value for name, value in context.items() if name in wanted}
    return ready.python_callable(**ready.op_kwargs, **told)


def in_this_process(operator: LocalTrainerOperator, more: Mapping[str, str]) -> int:
    """In the place of `LocalTrainerOperator._run`: the same words and, of ours, the same environment."""
    environ = {**operator._environment(os.environ), **more}
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(OURS)]:
            patch.delenv(name)
        for name, value in environ.items():
            patch.setenv(name, value)
        return int(main(given(operator.arguments)))
