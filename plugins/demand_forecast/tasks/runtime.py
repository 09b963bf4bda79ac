"""The only place that turns a trainer verb into a task of a DAG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from airflow.sdk import XComArg
from airflow.sdk.definitions.mappedoperator import MappedOperator

from demand_forecast.settings import settings
from demand_forecast.tasks.local import LocalTrainerOperator
from demand_forecast.tasks.run_arguments import command_line
from demand_forecast.tasks.verb_task import VerbTask, plain_environment
from trainer.contract import Region, Verb


def trainer_task(
    verb: Verb,
    region: Region,
    options: Mapping[str, str | None] | None = None,
    *,
    words: Sequence[str] = (),
    task_id: str | None = None,
    step: str | None = None,
    **task_options: Any,
) -> VerbTask:
    """The task that runs `verb` for `region`, as a pod or as a process of the worker.

    options: the verb's options, name to template, or to None where it takes no value; one that renders to
        nothing is left out.
    words: templates of what follows the verb and is no option.
    step: the name of the manifest that closes it, by default the verb's.
    task_options: further arguments of any Airflow task, such as trigger_rule, or of VerbTask.
    """
    operator, arguments = _operator(verb, region, options, words)
    named = {"task_id": task_id or verb.value, "step": step or verb.value}
    return operator(**{**arguments, **named, **task_options})


def mapped_trainer_task(
    verb: Verb, region: Region, steps: XComArg, options: Mapping[str, str | None] | None = None
) -> MappedOperator:
    """As `trainer_task`, once per manifest that `steps` names: at run time, in the order of the names.

    An option that differs from one to the next says so by `ti.map_index`.
    """
    operator, arguments = _operator(verb, region, options, ())
    mapped: MappedOperator = operator.partial(
        **arguments, task_id=verb.value, map_index_template="{{ task.step }}"
    ).expand(step=steps)
    return mapped


def _operator(
    verb: Verb, region: Region, options: Mapping[str, str | None] | None, words: Sequence[str]
) -> tuple[type[VerbTask], dict[str, Any]]:
    """The runtime's operator and all of its arguments but task_id and step."""
    config = settings()
    common: dict[str, Any] = {
        "verb": verb,
        "region": region,
        "store_url": config.store_url,
        "arguments": command_line(verb, region, config.store_url_of_verbs, options, words),
        "retries": config.retries,
        "retry_delay": timedelta(seconds=config.retry_delay_seconds),
    }
    if pool := config.pool_of(verb):
        common["pool"] = pool
    if config.runtime == "kubernetes":
        # Seconds of import that a deployment without pods is spared on every parse.
        from demand_forecast.tasks.pod_operator import TrainerPodOperator  # noqa: PLC0415
        from demand_forecast.tasks.pods import pod_options  # noqa: PLC0415

        return TrainerPodOperator, {**pod_options(verb, region, config), **common}
    study = config.study_conn_id if config.searches(verb) else None
    process = {
        "env": plain_environment(verb, region, config),
        "postgres_conn_id": study or config.postgres_conn_id if config.reads_database(verb) else None,
        "python": config.python,
        "execution_timeout": config.timeout_of(verb),
    }
    return LocalTrainerOperator, {**process, **common}
