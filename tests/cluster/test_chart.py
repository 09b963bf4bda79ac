"""The chart's whole life on a real API server, in a namespace that admits only restricted pods."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest

from stack import postgres
from stack.node.kubectl import get, helm, kubectl
from stack.release import RELEASE, Release

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def release(postgres_url: str, lent: Callable[[str], str], make_release: Callable[..., Release]) -> Release:
    """The chart installed, its migration Job run on an empty database."""
    made = make_release(lent(postgres.create_database(postgres_url, "chart")))
    made.helm("install")
    return made


def test_an_install_creates_the_tables(release: Release, postgres_url: str) -> None:
    import psycopg

    with psycopg.connect(postgres_url.rsplit("/", 1)[0] + "/chart") as connection:
        found = connection.execute(
            "select table_name from information_schema.tables where table_schema = 'public'"
        ).fetchall()
    assert {"raw_demand", "snapshots", "model_deployments", "predictions", "model_metrics"} <= {
        name for (name,) in found
    }


def test_helm_test_reaches_the_database_and_the_store(release: Release) -> None:
    said = helm("test", RELEASE, "--namespace", release.namespace, "--timeout", "5m")
    assert "Succeeded" in said
    assert (release.store / ".helm-test").read_text() == "written by helm test"


def test_an_upgrade_changes_what_airflow_is_told_and_a_rollback_takes_it_back(release: Release) -> None:
    before = release.settings()
    release.helm("upgrade", settings={"trials": 33})
    assert release.settings() == {**before, "DEMAND_FORECAST_TRIALS": "33"}
    helm("rollback", RELEASE, "1", "--namespace", release.namespace, "--wait", "--timeout", "5m")
    assert release.settings() == before


def test_the_api_answers_behind_its_service(release: Release) -> None:
    kubectl(
        *("create", "secret", "generic", "demand-forecast-api", "-n", release.namespace),
        "--from-literal=token=a-token-of-this-test-alone-0123456789",
    )
    api = {"enabled": True, "replicas": 1, "processes": 1, "disruptionBudget": {"enabled": False}}
    small = {"requests": {"cpu": "50m", "memory": "1Gi"}, "limits": {"memory": "2Gi"}}
    tolerations = release.default_values()["pods"]["tolerations"]
    release.helm("upgrade", api={**api, "resources": small, "tolerations": tolerations})
    service = f"/api/v1/namespaces/{release.namespace}/services/demand-forecast-api:http/proxy"
    health = json.loads(kubectl("get", "--raw", f"{service}/api/health"))
    assert (health["database"], health["store"]) == ("ok", "ok"), health
    with pytest.raises(RuntimeError, match=r"[Uu]nauthorized|provide credentials"):
        kubectl("get", "--raw", f"{service}/api/regions")


def test_an_uninstall_leaves_the_models_and_nothing_else(release: Release) -> None:
    helm("uninstall", RELEASE, "--namespace", release.namespace, "--wait", "--timeout", "3m")
    kinds = (
        "configmap,role,rolebinding,serviceaccount,resourcequota,limitrange,networkpolicy,job,pod,pvc,service"
    )
    until = time.monotonic() + 60
    while len(left := _ours(kinds, release.namespace)) > 1 and time.monotonic() < until:
        time.sleep(1)  # pods of a deleted Deployment take a moment
    assert left == {("PersistentVolumeClaim", "demand-forecast-store")}
    assert (release.store / ".helm-test").exists()


def _ours(kinds: str, namespace: str) -> set[tuple[str, str]]:
    """Kind and name of what the chart made and is still there."""
    return {
        (item["kind"], item["metadata"]["name"])
        for item in get(kinds, "-n", namespace)["items"]
        if item["metadata"].get("labels", {}).get("app.kubernetes.io/name") == "demand-forecast"
    }
