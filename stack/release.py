"""One installed release of the chart in a namespace of its own, as a site would have it, and what Airflow
outside the cluster needs to run pods in it."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stack.node.kubectl import apply, get, helm, kubectl
from stack.node.layout import GPU_RESOURCE, HOST_ADDRESS, REPOSITORY, TRAINER_IMAGE
from trainer.store import folder_url

CHART = REPOSITORY / "helm" / "demand-forecast"
RELEASE = "forecast"
RUNNER = "airflow-worker"
TOKEN_LIFE = "720h"
"""Of Airflow's account, as long as the cluster's own certificates."""
SIDECAR = {"requests": {"cpu": "10m", "memory": "32Mi"}, "limits": {"memory": "64Mi"}}
GPU_TAINT = {"key": GPU_RESOURCE, "operator": "Exists", "effect": "NoSchedule"}
"""The cluster's only node is a GPU node, so every pod has to tolerate it."""


@dataclass
class Release:
    """A restricted namespace with a quota, a volume that both sides see, Secrets, and the chart on top."""

    namespace: str
    store: Path | None
    """The model store as this machine, and so its node, sees it; None where the nodes are elsewhere, and then
    the chart is told of an object store."""
    postgres_url: str
    """As pods reach it."""
    values: dict[str, Any] = field(default_factory=dict)
    """What differs from `default_values`; nested mappings are merged."""
    influxdb_token: str = "none"

    def prepare(self) -> None:
        """Everything that the chart takes for granted: namespace, volume, Secrets, Airflow's accounts."""
        levels = ("enforce", "audit", "warn")
        labels = {f"pod-security.kubernetes.io/{level}": "restricted" for level in levels}
        apply(
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.namespace, "labels": labels}}
        )
        if self.store:
            self._make_volume(self.store)
        self.add_secret("demand-forecast-postgres", url=self.postgres_url)
        self.add_secret("demand-forecast-influxdb", token=self.influxdb_token)
        accounts = self._all_values()["airflow"]
        for name in {*accounts["runners"], *accounts["watchers"]}:
            metadata = {"name": name, "namespace": self.namespace}
            apply({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata})

    def add_secret(self, name: str, **values: str) -> None:
        """In the release's namespace, in the place of one of that name."""
        metadata = {"name": name, "namespace": self.namespace}
        apply({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": values})

    def _make_volume(self, store: Path) -> None:
        store.mkdir(parents=True, exist_ok=True)
        store.chmod(0o777)  # pods write into it under their own account
        apply(
            {
                "apiVersion": "v1",
                "kind": "PersistentVolume",
                "metadata": {"name": self.namespace},
                "spec": {
                    "capacity": {"storage": "1Gi"},
                    "accessModes": ["ReadWriteMany"],
                    "persistentVolumeReclaimPolicy": "Retain",
                    "hostPath": {"path": str(store), "type": "Directory"},
                },
            },
        )

    def default_values(self) -> dict[str, Any]:
        repository, _, tag = TRAINER_IMAGE.rpartition(":")
        small = {"cpu": "50m", "memory": "2Gi", "ephemeral_storage": "1Gi"}
        host = [{"ipBlock": {"cidr": f"{HOST_ADDRESS}/32"}}]
        return {
            "image": {"repository": repository, "tag": tag, "pullPolicy": pull_policy()},
            "airflow": {
                "runners": [RUNNER],
                "watchers": [RUNNER],  # outside the cluster one kubeconfig serves both
                "settings": {"storeUrl": folder_url(self.store) if self.store else ""},
            },
            "store": self._store_values(),
            "pods": {
                "gpuTolerations": [GPU_TAINT],
                "tolerations": [GPU_TAINT],
                "training": small,
                "light": small,
                "shmSize": "64Mi",
                "env": {"OMP_NUM_THREADS": "1"},
                "startupTimeoutSeconds": 240,
                "scheduleTimeoutSeconds": 240,
                "terminationGracePeriodSeconds": 5,
                "pollIntervalSeconds": 1,
            },
            "settings": {"retries": 2, "retryDelaySeconds": 1, "device": "cpu"},
            "quota": {
                "enabled": True,
                "hard": {"pods": "10", f"requests.{GPU_RESOURCE}": "2", "limits.memory": "16Gi"},
            },
            "limitRange": {"enabled": True},
            "networkPolicy": {
                "enabled": True,
                **{
                    name: {"to": host, "ports": [5432]}
                    for name in ("postgres", "influxdb", "mlflow", "store")
                },
            },
        }

    def _store_values(self) -> dict[str, Any]:
        if not self.store:
            return {"url": "s3://models/demand-forecast", "claim": {"create": False, "name": ""}}
        claim = {"size": "1Gi", "storageClass": "-", "volumeName": self.namespace, "mountPath": "/models"}
        return {"url": "file:///models", "claim": claim}

    def _all_values(self) -> dict[str, Any]:
        return _merged(self.default_values(), self.values)

    def helm(self, verb: str, *arguments: str, chart: Path = CHART, **changes: Any) -> str:
        """`helm install` or `helm upgrade` with the release's values and `changes`; by default of the chart
        in this repository."""
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(_merged(self._all_values(), changes), file)
            file.flush()
            return helm(
                *(verb, RELEASE, str(chart), "--namespace", self.namespace, "--values", file.name),
                *("--wait", "--timeout", "5m", *arguments),
            )

    def settings(self) -> dict[str, str]:
        """What the chart tells Airflow."""
        found = get("configmap", "demand-forecast-settings", "--namespace", self.namespace)
        return dict(found["data"])

    def airflow_variables(self, folder: Path, account: str = RUNNER) -> dict[str, str]:
        """What Airflow outside the cluster reads: the chart's ConfigMap as it is, and the connection to the
        cluster, whose kubeconfig is written into `folder`."""
        extra = {
            "kube_config_path": str(self.kubeconfig(folder, account)),
            "xcom_sidecar_container_image": TRAINER_IMAGE,
            "xcom_sidecar_container_resources": json.dumps(SIDECAR),
        }
        connection = json.dumps({"conn_type": "kubernetes", "extra": extra})
        return {**self.settings(), "AIRFLOW_CONN_KUBERNETES_DEFAULT": connection}

    def kubeconfig(self, folder: Path, account: str = RUNNER) -> Path:
        """A kubeconfig with the rights of one of Airflow's service accounts, no others."""
        admin = json.loads(kubectl("config", "view", "--raw", "--minify", "--output", "json"))
        life = f"--duration={TOKEN_LIFE}"
        token = kubectl("create", "token", account, "--namespace", self.namespace, life).strip()
        content = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "c", "cluster": admin["clusters"][0]["cluster"]}],
            "users": [{"name": account, "user": {"token": token}}],
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": account}}],
            "current-context": "c",
        }
        path = folder / f"{self.namespace}-{account}.conf"
        path.touch(mode=0o600)
        path.write_text(json.dumps(content), encoding="utf-8")
        return path

    def remove(self) -> None:
        """Everything of it in the cluster; the files of the volume stay."""
        kubectl("delete", "namespace", self.namespace, "--wait=false", "--ignore-not-found")
        kubectl("delete", "persistentvolume", self.namespace, "--wait=false", "--ignore-not-found")


def pull_policy() -> str:
    """Of the trainer's image: nothing gives what was built here but the node itself."""
    return "Never" if TRAINER_IMAGE.startswith("localhost/") else "IfNotPresent"


def _merged(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    both = dict(base)
    for key, value in changes.items():
        old = both.get(key)
        both[key] = _merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return both
