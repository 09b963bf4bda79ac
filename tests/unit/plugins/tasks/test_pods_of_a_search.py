"""The pods that share a search: made as one that trains alone, each told its part."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import DAG
from kubernetes.client import ApiClient

from demand_forecast.promotion.search_plan import SHARD
from demand_forecast.tasks.pod_operator import TrainerPodOperator
from demand_forecast.tasks.runtime import mapped_trainer_task
from tests.unit.plugins.tasks.built_pods import base, operator, pod
from tests.unit.plugins.tasks.weekly_run import KR, RUN
from trainer.contract import Verb, search_step

pytestmark = pytest.mark.usefixtures("on_kubernetes")


def instance(index: int, pods: int) -> tuple[TrainerPodOperator, dict[str, Any]]:
    """One of the mapped search's tasks as a worker makes it, and its pod."""
    with DAG("weekly_retrain_KR", user_defined_macros={"trainer_run_id": str, "as_of": lambda *_: "now"}):
        plan: Any = PythonOperator(task_id="plan_search", python_callable=list)
        mapped = mapped_trainer_task(Verb.SEARCH, KR, plan.output, SHARD)
    task: Any = mapped.unmap({"step": search_step(index, pods)})
    ti = SimpleNamespace(
        dag_id="weekly_retrain_KR",
        task_id="search",
        run_id="manual__1",
        try_number=1,
        map_index=index,
        xcom_pull=lambda *, task_ids: [search_step(part, pods) for part in range(pods)],
    )
    dag_run = SimpleNamespace(**vars(RUN), logical_date=None)
    context: Any = {"ti": ti, "dag": task.dag, "dag_run": dag_run, "run_id": RUN.run_id, "params": {}}
    task.render_template_fields({**context, "task": task})
    built = task.build_pod_request_obj(context, dry_run=True)
    return task, ApiClient().sanitize_for_serialization(built)


def test_each_pod_of_a_search_is_told_its_part_and_can_be_told_apart() -> None:
    for index in range(2):
        task, built = instance(index, 2)
        assert base(built)["args"][-1] == f"--shard={index}/2"
        assert built["metadata"]["labels"]["map_index"] == str(index)
        assert task.step == f"search-{index}of2"


def test_a_pod_of_a_search_is_made_as_any_other_that_trains() -> None:
    (mapped, built), alone = instance(0, 2), operator(Verb.TRAIN)
    assert base(built)["resources"] == base(pod(Verb.TRAIN))["resources"]
    for name in ("retries", "retry_delay", "durable", "deferrable", "pool", "do_xcom_push"):
        assert getattr(mapped, name) == getattr(alone, name), name
    assert mapped.on_kill_action.value == "delete_pod"
    assert mapped.execution_timeout is not None
    assert mapped.active_deadline_seconds > mapped.execution_timeout.total_seconds()
