"""What becomes of a pod's task: by the verb's manifest when it ends well, by Kubernetes' words when not."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.sdk import DAG
from airflow.sdk.exceptions import AirflowException, AirflowFailException
from kubernetes.client import ApiException
from kubernetes.client import models as k8s

from demand_forecast.tasks.pod_operator import TrainerPodOperator
from demand_forecast.tasks.runtime import trainer_task
from tests.names import TRAINER_IMAGE
from tests.unit.plugins.tasks.built_pods import operator
from tests.unit.plugins.tasks.weekly_run import KR, RUN
from trainer.contract import Manifest, Verb, manifest_path
from trainer.store import Store

pytestmark = pytest.mark.usefixtures("on_kubernetes")


def ended(code: int, reason: str) -> k8s.V1Pod:
    terminated = k8s.V1ContainerStateTerminated(exit_code=code, reason=reason)
    status = k8s.V1ContainerStatus(
        name="base",
        image=TRAINER_IMAGE,
        image_id="",
        ready=False,
        restart_count=0,
        state=k8s.V1ContainerState(terminated=terminated),
    )
    return k8s.V1Pod(status=k8s.V1PodStatus(phase="Failed", container_statuses=[status]))


def cleanup_error(monkeypatch: pytest.MonkeyPatch, remote: k8s.V1Pod) -> AirflowException:
    """How a finished pod's task fails, where KubernetesPodOperator itself only says that it failed."""

    def failed(*_: object, **__: object) -> None:
        raise AirflowException("Pod returned a failure.")

    monkeypatch.setattr(KubernetesPodOperator, "cleanup", failed)
    with pytest.raises(AirflowException) as error:
        operator(Verb.TRAIN).cleanup(pod=remote, remote_pod=remote)
    return error.value


def test_bad_data_in_a_pod_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    error = cleanup_error(monkeypatch, ended(3, "Error"))
    assert isinstance(error, AirflowFailException)


@pytest.mark.parametrize(("code", "reason"), [(137, "OOMKilled"), (4, "Error"), (143, "Error")])
def test_a_pod_that_was_ended_is_tried_again(monkeypatch: pytest.MonkeyPatch, code: int, reason: str) -> None:
    error = cleanup_error(monkeypatch, ended(code, reason))
    assert not isinstance(error, AirflowFailException)
    assert reason in str(error)


@pytest.mark.parametrize("code", [None, 1, 3, 143])
def test_an_evicted_pod_is_tried_again_however_its_verb_ended(
    monkeypatch: pytest.MonkeyPatch, code: int | None
) -> None:
    evicted = k8s.V1Pod(status=k8s.V1PodStatus(phase="Failed")) if code is None else ended(code, "Error")
    evicted.status.reason = "Evicted"
    error = cleanup_error(monkeypatch, evicted)
    assert not isinstance(error, AirflowFailException)
    assert str(error) == "train was lost: Evicted"


def event(kind: str, reason: str, message: str, container: str = "base") -> SimpleNamespace:
    involved = SimpleNamespace(field_path=f"spec.containers{{{container}}}")
    return SimpleNamespace(type=kind, reason=reason, message=message, involved_object=involved)


def lost(monkeypatch: pytest.MonkeyPatch, *events: SimpleNamespace) -> str:
    """How the task of a pod fails that has no exit code, and that Kubernetes told these events of."""
    pod, deleted = k8s.V1Pod(status=k8s.V1PodStatus(phase="Pending")), []
    manager = SimpleNamespace(
        read_pod_events=lambda *_: SimpleNamespace(items=list(events)), delete_pod=deleted.append
    )
    monkeypatch.setattr(TrainerPodOperator, "pod_manager", manager)
    error = cleanup_error(monkeypatch, pod)
    assert not isinstance(error, AirflowFailException)
    assert deleted == [pod], "it would go on for nobody"
    return str(error)


def test_a_pod_that_no_node_took_says_why_and_how_long_it_may_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    why = "0/3 nodes are available: 3 Insufficient nvidia.com/gpu."
    said = lost(monkeypatch, *[event("Warning", "FailedScheduling", why)] * 2)
    assert said == (
        "train was lost: its pod did not start (it may wait 1800 s for a node, then 1800 s for its "
        f"containers): FailedScheduling: {why}"
    )


def test_a_verb_did_not_start_where_its_sidecar_alone_did(monkeypatch: pytest.MonkeyPatch) -> None:
    sidecar = event("Normal", "Started", "Started container airflow-xcom-sidecar", "airflow-xcom-sidecar")
    missing = event("Warning", "ErrImagePull", "no such image")
    assert lost(monkeypatch, sidecar, missing).endswith("its containers): ErrImagePull: no such image")


def test_a_pod_that_was_lost_at_work_is_not_called_late(monkeypatch: pytest.MonkeyPatch) -> None:
    started = event("Normal", "Started", "Started container base")
    assert lost(monkeypatch, started) == "train was lost; its log says why"
    drained = event("Warning", "NodeNotReady", "Node is not ready")
    assert lost(monkeypatch, started, drained) == "train was lost: NodeNotReady: Node is not ready"


def test_a_cluster_that_cannot_be_asked_hides_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise ApiException(status=403, reason="Forbidden")

    manager = SimpleNamespace(read_pod_events=away, delete_pod=away)
    monkeypatch.setattr(TrainerPodOperator, "pod_manager", manager)
    pending = k8s.V1Pod(metadata=k8s.V1ObjectMeta(name="p"), status=k8s.V1PodStatus(phase="Pending"))
    error = cleanup_error(monkeypatch, pending)
    assert str(error) == "train was lost; its log says why"


@pytest.fixture
def store(configure, tmp_path: Path) -> Store:
    configure(STORE_URL=tmp_path.as_uri(), POD__DEFERRABLE="false")
    return Store.at(tmp_path)


def leave_manifest(store: Store) -> None:
    run_id = "weekly_retrain_KR/manual__1"
    manifest = Manifest(
        step="train",
        region="KR",
        run_id=run_id,
        as_of="2026-01-01T00:00:00+00:00",
        parameters={},
        facts={"version": "v"},
    )
    store.write(manifest_path("KR", run_id, "train"), manifest.to_json().encode())


def after_a_false_success(monkeypatch: pytest.MonkeyPatch, way: str) -> Any:
    """What the task makes of KubernetesPodOperator's faults: success reported, and no result."""
    monkeypatch.setattr(KubernetesPodOperator, way, lambda *_, **__: None)
    with DAG("weekly_retrain_KR"):
        task: Any = trainer_task(Verb.TRAIN, KR, allow_nested_operators=True)
    if way == "trigger_reentry":
        return task.trigger_reentry({"dag_run": RUN}, {"status": "success"})
    return task.execute({"dag_run": RUN})


# apache/airflow 73006 and 71202: killed while it waited; 73117: the pod was gone when the trigger came back.
faults = pytest.mark.parametrize("way", ["execute_sync", "trigger_reentry"])


@faults
def test_a_success_without_a_manifest_is_none(
    store: Store, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    with pytest.raises(AirflowException, match="no result though it ended well"):
        after_a_false_success(monkeypatch, way)


@faults
def test_a_lost_xcom_is_made_good_by_the_manifest(
    store: Store, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    leave_manifest(store)
    assert after_a_false_success(monkeypatch, way)["facts"] == {"version": "v"}
