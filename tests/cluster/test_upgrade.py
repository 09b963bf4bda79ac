"""From the last release of the chart to this one, back, and up again, in a namespace where all of it runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from stack import postgres
from stack.node.kubectl import get, helm, kubectl
from stack.release import CHART, GPU_TAINT, RELEASE, Release

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]

LAST = Path(__file__).parent / "releases" / "demand-forecast-0.1.0.tgz"
API = {
    "enabled": True,
    "replicas": 1,
    "processes": 1,
    "disruptionBudget": {"enabled": False},
    "resources": {"requests": {"cpu": "50m", "memory": "1Gi"}, "limits": {"memory": "2Gi"}},
    "tolerations": [GPU_TAINT],
}


@pytest.fixture(scope="module")
def release(postgres_url: str, lent: Callable[[str], str], make_release: Callable[..., Release]) -> Release:
    """The last release of the chart, its tables made, its API up."""
    made = make_release(lent(postgres.create_database(postgres_url, "upgrade")), api=API)
    kubectl(
        *("create", "secret", "generic", "demand-forecast-api", "-n", made.namespace),
        "--from-literal=token=a-token-of-this-test-alone-0123456789",
    )
    made.helm("install", chart=LAST)
    return made


@pytest.fixture(scope="module")
def before(release: Release) -> dict[str, Any]:
    return state(release)


def state(release: Release) -> dict[str, Any]:
    """What an upgrade may change and what it must not."""
    (listed,) = json.loads(helm("list", "--namespace", release.namespace, "-o", "json"))
    found = get("pods", "-n", release.namespace, "-l", "app.kubernetes.io/component=api")["items"]
    pods = [pod for pod in found if "deletionTimestamp" not in pod["metadata"]]
    policy = get("networkpolicy", "demand-forecast-to-postgres", "-n", release.namespace)
    (expression,) = policy["spec"]["podSelector"]["matchExpressions"]
    return {
        "chart": listed["chart"],
        "status": listed["status"],
        "claim": get("pvc", "demand-forecast-store", "-n", release.namespace)["metadata"]["uid"],
        "settings": release.settings(),
        "ready APIs": sum(status["ready"] for pod in pods for status in pod["status"]["containerStatuses"]),
        "way to PostgreSQL": sorted(expression["values"]),
    }


def upgraded(before: dict[str, Any]) -> dict[str, Any]:
    """This release, in the place of the last: a search shares its trials by PostgreSQL now, and housekeeping
    asks it what is still named."""
    version = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))["version"]
    verbs = sorted([*before["way to PostgreSQL"], "search", "intraday", "housekeeping", "shadow"])
    return {**before, "chart": f"demand-forecast-{version}", "way to PostgreSQL": verbs}


def test_the_last_release_is_one_of_its_own(before: dict[str, Any]) -> None:
    assert before["chart"] == "demand-forecast-0.1.0" != upgraded(before)["chart"]
    assert (before["status"], before["ready APIs"]) == ("deployed", 1)


def test_an_upgrade_keeps_the_models_and_what_airflow_was_told(
    release: Release, before: dict[str, Any]
) -> None:
    release.helm("upgrade")
    assert state(release) == upgraded(before)


def test_a_rollback_is_the_last_release_again(release: Release, before: dict[str, Any]) -> None:
    helm("rollback", RELEASE, "1", "--namespace", release.namespace, "--wait", "--timeout", "5m")
    assert state(release) == before


def test_it_can_be_upgraded_once_more_and_reaches_its_database_and_store(
    release: Release, before: dict[str, Any]
) -> None:
    release.helm("upgrade")
    assert state(release) == upgraded(before)
    assert "Succeeded" in helm("test", RELEASE, "--namespace", release.namespace, "--timeout", "5m")
