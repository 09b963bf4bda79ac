"""Watches the suite's namespaces, so that pods can be looked at after they are gone."""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from kubernetes import client, config, watch  # type: ignore[import-untyped]

from stack.node.layout import KUBECONFIG

OUR_PREFIX = "df-"
"""Namespaces of the suite begin with it."""


class PodsSeen:
    """Every pod of the suite's namespaces from now on, as it was last seen."""

    def __init__(self) -> None:
        self.since = datetime.now(UTC)
        self._pods: dict[str, Any] = {}
        self._end = False
        config.load_kube_config(str(KUBECONFIG))
        self._api = client.CoreV1Api()
        threading.Thread(target=self._watch, daemon=True).start()

    def count(self) -> int:
        return len(self._pods)

    def of(self, namespace: str) -> list[Any]:
        """Kubernetes' pod objects (V1Pod), in the order in which they came."""
        return [pod for pod in self._pods.values() if pod.metadata.namespace == namespace]

    def close(self) -> None:
        self._end = True

    def _watch(self) -> None:
        while not self._end:
            with suppress(Exception):  # a watch ends now and then, and is begun again with all that is there
                for event in watch.Watch().stream(self._api.list_pod_for_all_namespaces, timeout_seconds=60):
                    pod = event["object"]
                    if pod.metadata.namespace.startswith(OUR_PREFIX):
                        self._pods[pod.metadata.uid] = pod
