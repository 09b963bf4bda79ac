"""Pods that ran verbs of the trainer, as they were seen in the cluster."""

from __future__ import annotations

from typing import Any

from stack.release import Release
from tests.cluster.pods_seen import PodsSeen
from trainer.contract import Verb


def component(pod: Any) -> str:
    return str(pod.metadata.labels["app.kubernetes.io/component"])


def work(pod: Any) -> Any:
    """When the pod's verb began and ended."""
    (base,) = [status for status in pod.status.container_statuses if status.name == "base"]
    return base.state.terminated


def verbs(seen: PodsSeen, release: Release) -> list[Any]:
    """The pods that ran a verb of the trainer; there are some, or nothing would be shown by them."""
    pods = [pod for pod in seen.of(release.namespace) if component(pod) in {verb.value for verb in Verb}]
    assert {"search", "train"} <= {component(pod) for pod in pods}
    return pods
