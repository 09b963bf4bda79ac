"""Who may do what in the trainer's namespace, and what is left of the chart where there is no database."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from stack.node.kubectl import helm, kubectl
from stack.release import RELEASE, RUNNER, Release

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(600)]

ANYONE = {"selfsubjectaccessreviews", "selfsubjectrulesreviews", "selfsubjectreviews"}
"""What Kubernetes lets every account do: ask what it may do."""


@pytest.fixture(scope="module")
def release(make_release: Callable[..., Release]) -> Release:
    made = make_release("postgresql://nobody@127.0.0.1:1/none")
    made.helm("install", migration={"enabled": False})
    return made


def granted(release: Release, account: str) -> dict[str, set[str]]:
    """Resource -> verbs, as the API server tells the account itself."""
    listed = kubectl(
        *("auth", "can-i", "--list", "--no-headers", "--namespace", release.namespace),
        f"--as=system:serviceaccount:{release.namespace}:{account}",
    )
    rights = {}
    for line in listed.splitlines():
        resource, _, verbs = line.partition(" ")
        if not line.startswith(" "):  # the others are URLs such as /healthz
            rights[resource.partition(".")[0]] = set(verbs.rpartition("[")[2].rstrip("]").split())
    return {resource: verbs for resource, verbs in rights.items() if resource not in ANYONE}


def test_the_trainer_may_do_nothing(release: Release) -> None:
    assert granted(release, "demand-forecast-trainer") == {}


def test_airflow_may_run_pods_and_nothing_else(release: Release) -> None:
    assert granted(release, RUNNER) == {
        "pods": {"create", "get", "list", "patch", "delete"},
        "pods/log": {"get"},
        "pods/exec": {"create", "get"},
        "events": {"list", "watch"},
    }


def test_airflow_may_not_run_pods_elsewhere(release: Release) -> None:
    asked = ("auth", "can-i", "create", "pods", "--namespace", "default")
    with pytest.raises(RuntimeError, match="no"):
        kubectl(*asked, f"--as=system:serviceaccount:{release.namespace}:{RUNNER}")


def test_the_namespace_refuses_a_pod_that_is_not_restricted(release: Release) -> None:
    with pytest.raises(RuntimeError, match='violates PodSecurity "restricted'):
        kubectl("run", "loose", "--image=localhost/pause:1", "-n", release.namespace)


def test_a_release_without_a_database_is_upgraded_rolled_back_and_taken_away(release: Release) -> None:
    """On a cluster that the user named too: nothing of it needs a server or a folder of this machine."""
    before = release.settings()
    release.helm("upgrade", migration={"enabled": False}, settings={"trials": 33})
    assert release.settings() == {**before, "DEMAND_FORECAST_TRIALS": "33"}
    helm("rollback", RELEASE, "1", "--namespace", release.namespace, "--wait", "--timeout", "5m")
    assert release.settings() == before
    helm("uninstall", RELEASE, "--namespace", release.namespace, "--wait", "--timeout", "3m")
    assert "demand-forecast-settings" not in kubectl("get", "configmap", "-n", release.namespace)
