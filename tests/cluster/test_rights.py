"""Who may do what in the trainer's namespace."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from stack.node.kubectl import kubectl
from stack.release import RUNNER, Release

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
