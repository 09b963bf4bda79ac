"""Pods as Kubernetes would get them. No cluster: the object is built, not sent."""

from __future__ import annotations

from typing import Any

from airflow.sdk import DAG
from kubernetes.client import ApiClient

from demand_forecast.tasks.pod_operator import TrainerPodOperator
from demand_forecast.tasks.runtime import trainer_task
from tests.unit.plugins.tasks.weekly_run import KR
from trainer.contract import Verb


def operator(verb: Verb, options: dict[str, str] | None = None) -> TrainerPodOperator:
    with DAG("weekly_retrain_KR"):
        task = trainer_task(verb, KR, options)
    assert isinstance(task, TrainerPodOperator)
    return task


def pod(verb: Verb, options: dict[str, str] | None = None) -> dict[str, Any]:
    """As JSON, the way it travels to the API server."""
    built: dict[str, Any] = ApiClient().sanitize_for_serialization(
        operator(verb, options).build_pod_request_obj(dry_run=True)
    )
    return built


def base(spec: dict[str, Any]) -> dict[str, Any]:
    return next(c for c in spec["spec"]["containers"] if c["name"] == "base")


def variables(spec: dict[str, Any]) -> dict[str, Any]:
    return {v["name"]: v.get("value", v.get("valueFrom")) for v in base(spec)["env"]}
