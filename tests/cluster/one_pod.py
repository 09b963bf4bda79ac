"""One small pod, run as Airflow's worker and triggerer run a trainer's, each with its own account."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.providers.cncf.kubernetes.triggers.pod import KubernetesPodTrigger
from airflow.sdk import DAG
from airflow.sdk.exceptions import TaskDeferred

from demand_forecast.settings import settings
from demand_forecast.tasks.runtime import trainer_task
from stack.node.kubectl import get
from stack.release import Release
from trainer.contract import Manifest, Region, Verb, manifest_path
from trainer.store import Store

WORKER = "worker"
TRIGGERER = "triggerer"
"""Accounts of these pods alone: what they may not do is no finding about the scenarios' account."""
DAG_ID = "weekly_retrain_GR"
VERB = Verb.EVALUATE
"""One that needs no server's address and no Secret."""
IN_VAIN: dict[str, Any] = {"node_selector": {"no": "node"}, "schedule_timeout_seconds": 5}
"""Options of a pod that no node takes."""


class OnePod:
    """A task instance whose pod writes the result that the verb would, in a run of its own.

    The verb's manifest lies ready in a store on Airflow's side.
    """

    def __init__(self, release: Release, region: Region, store: Store, watcher: Path) -> None:
        self._release = release
        self._region = region
        self._store = store
        self._watcher = watcher
        self.run_id = f"one-pod-{uuid.uuid4().hex[:8]}"
        run_id = f"{DAG_ID}/{self.run_id}"
        manifest = Manifest(
            step=VERB, region=region.name, run_id=run_id, as_of="2026-01-01T00:00:00+00:00", parameters={}
        )
        self.checksum = manifest.checksum
        store.write(manifest_path(region.name, run_id, VERB), manifest.to_json().encode())

    def run(self, script: str = "", *, attempt: int = 1, **options: Any) -> dict[str, Any]:
        """What the task hands on when the worker itself waits for the pod."""
        task = self._task(script, deferrable=False, **options)
        result: dict[str, Any] = task.execute(self._context(attempt))
        return result

    def defer(self, script: str = "", **options: Any) -> KubernetesPodTrigger:
        """Starts the pod and gives it to the triggerer, whose trigger this is."""
        self._deferred = self._task(script, deferrable=True, **options)
        with pytest.raises(TaskDeferred) as deferred:
            self._deferred.execute(self._context(1))
        trigger = deferred.value.trigger
        assert isinstance(trigger, KubernetesPodTrigger)
        trigger.connection_extras = {"kube_config_path": str(self._watcher)}
        return trigger

    def watched(self, trigger: KubernetesPodTrigger) -> dict[str, Any]:
        """What the triggerer says of the pod in the end."""

        async def first() -> dict[str, Any]:
            event = await anext(aiter(trigger.run()))
            return dict(event.payload)

        return asyncio.run(first())

    def resume(self, event: dict[str, Any]) -> dict[str, Any]:
        """What the task hands on when the worker goes on after the triggerer's event."""
        result: dict[str, Any] = self._deferred.trigger_reentry(self._context(1), event)
        return result

    def pods(self) -> list[dict[str, Any]]:
        """Those of this task that are there and are not on their way out."""
        found = get("pods", "-n", self._release.namespace, "-l", f"run_id={self.run_id}")["items"]
        return [pod for pod in found if "deletionTimestamp" not in pod["metadata"]]

    def _task(self, script: str, **options: Any) -> Any:
        result = json.dumps({"checksum": self.checksum})
        with DAG(DAG_ID):
            return trainer_task(
                VERB,
                self._region,
                cmds=["sh", "-c"],
                arguments=[script or f"echo working; echo '{result}' > $DEMAND_FORECAST_RESULT_FILE"],
                startup_check_interval_seconds=1,
                allow_nested_operators=True,
                **options,
            )

    def _context(self, attempt: int) -> Any:
        ti = SimpleNamespace(
            dag_id=DAG_ID,
            task_id=VERB.value,
            run_id=self.run_id,
            try_number=attempt,
            map_index=-1,
            start_date=datetime.now(UTC),
            xcom_push=lambda *_, **__: None,
        )
        dag_run = SimpleNamespace(dag_id=DAG_ID, run_id=self.run_id)
        return {"ti": ti, "dag": SimpleNamespace(), "dag_run": dag_run, "run_id": self.run_id}


@contextmanager
def pods_of(release: Release, region: Region, folder: Path, **changes: str) -> Iterator[Any]:
    """A function that makes such pods in the release's namespace, under changed settings."""
    store = Store.at(folder)
    variables = {
        **release.airflow_variables(folder, WORKER),
        "DEMAND_FORECAST_STORE_URL": folder.as_uri(),
        **changes,
    }
    watcher = release.kubeconfig(folder, TRIGGERER)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("KUBECONFIG", raising=False)  # one place names the cluster, and that is the connection
        for name, value in variables.items():
            patch.setenv(name, value)
        settings.cache_clear()
        yield lambda: OnePod(release, region, store, watcher)
    settings.cache_clear()
