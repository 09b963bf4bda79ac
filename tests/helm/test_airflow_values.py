"""helm/airflow-values.yaml: what it says of Airflow's pods fits a restricted namespace with a quota.

Airflow's chart is not here: these tests read the values, they render nothing.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from stack.node.layout import REPOSITORY

VALUES: dict[str, Any] = yaml.safe_load(
    (REPOSITORY / "helm" / "airflow-values.yaml").read_text(encoding="utf-8")
)
CONTAINERS = [
    *("workers", "scheduler", "triggerer", "dagProcessor", "apiServer"),
    *("scheduler.logGroomerSidecar", "triggerer.logGroomerSidecar", "dagProcessor.logGroomerSidecar"),
    *("migrateDatabaseJob", "createUserJob", "cleanup", "dags.gitSync"),
]
"""Where the chart's containers under KubernetesExecutor take their resources from; those that wait for the
migrations take their component's."""
CONTAINER_OF_RESTRICTED = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}


def value(path: str) -> Any:
    found: Any = VALUES
    for key in path.split("."):
        found = found[key]
    return found


def test_pods_are_such_as_restricted_namespaces_admit() -> None:
    pod = value("securityContexts.pod")
    assert pod["runAsNonRoot"] is True
    assert pod["runAsUser"] > 0, "the image names its user by name, which Kubernetes cannot tell from root"
    assert pod["seccompProfile"] == {"type": "RuntimeDefault"}
    assert value("securityContexts.containers") == CONTAINER_OF_RESTRICTED


def test_git_sync_which_has_a_security_context_of_its_own_is_admitted_too() -> None:
    assert value("dags.gitSync.securityContexts.container").items() >= CONTAINER_OF_RESTRICTED.items()


@pytest.mark.parametrize("path", CONTAINERS)
def test_a_quota_finds_the_figures_of_each_container(path: str) -> None:
    resources = value(f"{path}.resources")
    for side in ("requests", "limits"):
        assert set(resources[side]) == {"cpu", "memory"}


def test_the_result_s_sidecar_has_figures_too() -> None:
    (connection,) = [item for item in VALUES["env"] if item["name"] == "AIRFLOW_CONN_KUBERNETES_DEFAULT"]
    resources = json.loads(json.loads(connection["value"])["extra"]["xcom_sidecar_container_resources"])
    assert set(resources["limits"]) == {"cpu", "memory"}


def test_components_that_take_no_part_in_either_are_off() -> None:
    assert value("executor") == "KubernetesExecutor", "CeleryExecutor brings redis"
    assert value("statsd.enabled") is False
    assert value("postgresql.enabled") is False
