"""One run of a DAG, its own tasks one after the other in this process.

What Airflow adds to them, a process for each and its records of them, is left out: a year of processes would
take a day. Branches, trigger rules and mapped tasks are followed as the DAG has them.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any, Final
from unittest.mock import patch

from airflow.providers.standard.operators.python import BranchPythonOperator, PythonOperator
from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import DAG, BaseOperator, XComArg
from airflow.sdk.definitions.mappedoperator import MappedOperator
from airflow.sdk.exceptions import AirflowSkipException

from demand_forecast.tasks.local import LocalTrainerOperator
from demand_forecast.tasks.run_arguments import without_empty_options
from trainer.commands.cli import main

SUCCESS: Final = "success"
SKIPPED: Final = "skipped"
_UPSTREAM_FAILED: Final = "upstream_failed"
_RETURNED: Final = "return_value"


@dataclass(frozen=True)
class Started:
    """A run of another DAG that a task asked for."""

    dag_id: str
    conf: dict[str, Any]


@dataclass
class Ended:
    """How a run ended: by task its state, and what it handed on."""

    moment: datetime
    states: dict[str, str] = field(default_factory=dict)
    results: dict[str, Any] = field(default_factory=dict)
    """By task, or by task and key."""
    started: list[Started] = field(default_factory=list)

    def facts(self, step: str) -> dict[str, Any]:
        found: dict[str, Any] = self.results[step]["facts"]
        return found

    @property
    def failures(self) -> dict[str, str]:
        return {name: state for name, state in self.states.items() if state not in (SUCCESS, SKIPPED)}


def run_dag(
    dag: DAG,
    moment: datetime,
    *,
    conf: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
    without: frozenset[str] = frozenset(),
) -> Ended:
    """The run scheduled for `moment` (aware), `conf` over its Params.

    environ: goes before what the tasks tell their verbs, and what is empty there is not told. without: tasks
    that are not run.
    """
    ended = Ended(moment)
    dag_run = SimpleNamespace(
        dag_id=dag.dag_id,
        run_id=f"scheduled__{moment.isoformat()}",
        logical_date=moment,
        run_after=moment,
    )
    params = {**dag.params.dump(), **(conf or {})}
    passed_over: set[str] = set()
    for task in dag.topological_sort():  # type: ignore[no-untyped-call]
        name = task.task_id
        if name in without:
            continue
        if state := SKIPPED if name in passed_over else _not_to_run(task, ended):
            ended.states[name] = state
            continue
        context = {"dag_run": dag_run, "run_id": dag_run.run_id, "params": params, "ti": _ti(ended, task)}
        try:
            ended.results[name] = _executed(task, context, ended, environ or {})
            ended.states[name] = SUCCESS
        except AirflowSkipException:
            ended.states[name] = SKIPPED
        except Exception as error:  # as Airflow does
            ended.states[name] = f"failed: {error}"
        if isinstance(task, BranchPythonOperator) and ended.states[name] == SUCCESS:
            passed_over |= _not_taken(dag, task, ended.results[name])
    return ended


def _not_to_run(task: Any, ended: Ended) -> str | None:
    """The state of a task whose trigger rule is not met; None for one that is to run."""
    before = [ended.states[name] for name in task.upstream_task_ids if name in ended.states]
    failed = [state for state in before if state not in (SUCCESS, SKIPPED)]
    if task.trigger_rule == "all_done":
        return None
    if failed:
        return _UPSTREAM_FAILED
    if task.trigger_rule == "none_failed_min_one_success":
        return None if SUCCESS in before else SKIPPED
    if task.trigger_rule == "none_failed":
        return None
    return SKIPPED if SKIPPED in before else None


def _not_taken(dag: DAG, branch: BaseOperator, chosen: str | list[str] | None) -> set[str]:
    taken = {chosen} if isinstance(chosen, str) else set(chosen or ())
    after = {name for one in taken for name in dag.get_task(one).get_flat_relative_ids(upstream=False)}
    return branch.downstream_task_ids - taken - after


def _ti(ended: Ended, task: Any) -> SimpleNamespace:
    def pull(task_ids: str, key: str = _RETURNED, **_: Any) -> Any:
        return ended.results.get(task_ids if key == _RETURNED else f"{task_ids}.{key}")

    def push(key: str, value: Any) -> None:
        ended.results[f"{task.task_id}.{key}"] = value

    return SimpleNamespace(
        map_index=-1,
        xcom_pull=pull,
        xcom_push=push,
        get_dr_count=lambda **_: 0,
        get_dag=lambda _: SimpleNamespace(is_paused=False),
    )


def _executed(task: Any, context: dict[str, Any], ended: Ended, environ: Mapping[str, str]) -> Any:
    if isinstance(task, MappedOperator):
        steps = _steps_of(task).resolve(context)
        if not steps:
            raise AirflowSkipException(f"{task.task_id} is mapped over nothing")
        context["ti"].map_index = 0
        return [_executed(task.unmap({"step": step}), context, ended, environ) for step in steps[:1]]
    ready = task.prepare_for_execution()
    ready.render_template_fields(context)
    if isinstance(ready, TriggerDagRunOperator):
        ended.started.append(Started(ready.trigger_dag_id, dict(ready.conf or {})))
        return None
    if isinstance(ready, PythonOperator):
        wanted = inspect.signature(ready.python_callable).parameters
        told = {name: value for name, value in context.items() if name in wanted}
        return ready.python_callable(**ready.op_kwargs, **told)
    if isinstance(ready, LocalTrainerOperator):
        told = {name: environ.get(name, value) for name, value in ready.env.items()}
        ready.env = {name: value for name, value in told.items() if value}
    ready.pre_execute(context)
    return ready.execute(context)


def _steps_of(task: MappedOperator) -> XComArg:
    """What a verb is mapped over: the names of the manifests that close its parts."""
    over: Any = task.expand_input.value
    steps: XComArg = over["step"]
    return steps


def in_this_process(operator: LocalTrainerOperator, more: Mapping[str, str]) -> int:
    """In the place of `LocalTrainerOperator._run`: the same words and the same environment, without a
    process of its own."""
    environ = {**operator._environment(os.environ), **more}
    with patch.dict(os.environ, environ, clear=True):
        return int(main(without_empty_options(operator.arguments)))
