"""helm/airflow-values.yaml: Airflow's pods fit a restricted namespace with a quota; docs make what it names.

Airflow's chart is not here: these tests read the values, they render nothing.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml

from stack.node.layout import REPOSITORY
from tests.unit.docs.shell import PAGES, Command, blocks, commands

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


def page_commands(name: str) -> list[Command]:
    (page,) = [page for page in PAGES if page.name == name]
    return [command for block in blocks(page) for command in commands(block)]


SECRETS = {
    value("data.metadataSecretName"): "connection",
    value("fernetKeySecretName"): "fernet-key",
    value("apiSecretKeySecretName"): "api-secret-key",
    value("jwtSecretName"): "jwt-secret",
    **{secret["secretName"]: secret["secretKey"] for secret in VALUES["secret"]},
}
"""Names of the Secrets that the values refer to, and the key that Airflow's chart reads in each."""


@pytest.mark.parametrize("name", SECRETS)
def test_the_documentation_makes_each_secret_with_its_key(name: str) -> None:
    (made,) = [
        command.words
        for command in page_commands("kubernetes.md")
        if command.words[3:6] == ("create", "secret", "generic") and command.words[6] == name
    ]
    assert made[:3] == ("kubectl", "-n", "demand-forecast")
    assert made[7].startswith(f"--from-literal={SECRETS[name]}=")


@pytest.mark.parametrize("page", ["kubernetes.md", "quick-start.md"])
def test_the_chart_s_repository_is_added_before_its_chart_is_installed(page: str) -> None:
    said = [" ".join(command.words) for command in page_commands(page) if command.words[0] == "helm"]
    (installed,) = [place for place, words in enumerate(said) if "apache-airflow/airflow" in words]
    assert "helm repo add apache-airflow https://airflow.apache.org" in said[:installed]


def test_the_documentation_installs_the_version_whose_keys_the_values_are() -> None:
    text = (REPOSITORY / "helm" / "airflow-values.yaml").read_text(encoding="utf-8")
    (version,) = re.findall(r"keys are those of version (\d+\.\d+\.\d+)", text)
    for page in ("kubernetes.md", "quick-start.md"):
        (words,) = [found.words for found in page_commands(page) if "apache-airflow/airflow" in found.words]
        assert words[words.index("--version") + 1] == version
