"""What Airflow asked the API server for in all the scenarios before, beside what the chart lets it ask."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime

import kubernetes  # type: ignore[import-untyped]
import pytest

from stack.node.kubectl import get
from stack.node.layout import AUDIT_LOG
from stack.release import RUNNER, Release
from tests.cluster.pods_seen import OUR_PREFIX, PodsSeen

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(600)]

Rights = set[tuple[str, str]]
"""(resource, verb)"""

WORKERS = (None, f"OpenAPI-Generator/{kubernetes.__version__}/python")
"""User agents of the synchronous client, exec's websocket without one; the triggerer has another client."""
ASKED_INSIDE = ("pods/exec", "create")
"""Kubernetes 1.35 and later ask for it while they serve the request to get pods/exec."""


@pytest.fixture(scope="module")
def asked(pods_seen: PodsSeen) -> dict[str, Rights]:
    """Role -> what was asked for, in this session, by those who have it."""
    rights: dict[str, Rights] = {"runner": set(), "watcher": set()}
    if not AUDIT_LOG.exists():
        pytest.skip("the API server's audit log is not at hand")
    for line in AUDIT_LOG.read_text(encoding="utf-8").splitlines():
        event = json.loads(line)
        if datetime.fromisoformat(event["requestReceivedTimestamp"]) < pods_seen.since:
            continue
        account = event["user"]["username"].split(":")
        if account[-1] != RUNNER or not account[-2].startswith(OUR_PREFIX):
            continue
        target = event["objectRef"]
        if target.get("namespace", "").startswith(OUR_PREFIX) and target["namespace"] != account[-2]:
            continue  # a task of the scenario before, which a slow machine ends after its Airflow
        assert event["responseStatus"]["code"] != 403, event
        resource = "/".join(filter(None, (target["resource"], target.get("subresource"))))
        role = "runner" if event.get("userAgent") in WORKERS else "watcher"
        rights[role].add((resource, event["verb"]))
    if ("events", "list") not in rights["runner"] or not rights["watcher"]:
        pytest.skip("the scenarios that make Airflow ask for everything were not run before")
    return rights


@pytest.fixture(scope="module")
def granted(make_release: Callable[..., Release]) -> dict[str, Rights]:
    release = make_release("postgresql://nobody@127.0.0.1:1/none")
    release.helm("install", migration={"enabled": False})
    return {
        role: {
            (resource, verb)
            for rule in get("role", f"demand-forecast-pod-{role}", "-n", release.namespace)["rules"]
            for resource in rule["resources"]
            for verb in rule["verbs"]
        }
        for role in ("runner", "watcher")
    }


def test_workers_use_each_right_that_they_have(asked: dict[str, Rights], granted: dict[str, Rights]) -> None:
    assert asked["runner"] == granted["runner"] - {ASKED_INSIDE}


def test_the_triggerer_uses_each_right_that_it_has(
    asked: dict[str, Rights], granted: dict[str, Rights]
) -> None:
    assert asked["watcher"] == granted["watcher"]
