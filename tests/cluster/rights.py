"""The rights that the chart grants: which account has which, how one is taken away, how a refusal reads."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from stack.node.kubectl import get, kubectl
from stack.release import Release
from tests.cluster.one_pod import TRIGGERER, WORKER

ASKED_INSIDE = ("pods/exec", "create")
"""From 1.35 on Kubernetes asks for it as it serves a request to get pods/exec; the refusal names the pod."""
NO_RESULT_WITHOUT = (
    ("pods", "create"),
    ("pods", "get"),
    ("pods", "list"),
    ("pods/log", "get"),
    ("pods/exec", "get"),
    ASKED_INSIDE,
)
OF_WORKERS = (*NO_RESULT_WITHOUT, ("pods", "patch"), ("pods", "delete"), ("events", "list"))
OF_THE_TRIGGERER = (("pods", "get"), ("pods", "delete"), ("events", "watch"))
ACCOUNTS = {"runner": WORKER, "watcher": TRIGGERER}


@contextmanager
def without(release: Release, role: str, resource: str, verb: str) -> Iterator[None]:
    """The role lacks one right, and is whole again afterwards."""
    name = f"demand-forecast-pod-{role}"
    rules = get("role", name, "-n", release.namespace)["rules"]
    fewer = []
    for rule in rules:
        verbs = [v for v in rule["verbs"] if (rule["resources"], v) != ([resource], verb)]
        fewer += [{**rule, "verbs": verbs}] if verbs else []
    assert fewer != rules

    def grant(wanted: list[dict[str, Any]], allowed: bool) -> None:
        patch = json.dumps([{"op": "replace", "path": "/rules", "value": wanted}])
        kubectl("patch", "role", name, "-n", release.namespace, "--type=json", "-p", patch)
        until = time.monotonic() + 30
        # The authorizer hears of it in a moment.
        while may(release, ACCOUNTS[role], resource, verb) != allowed:
            assert time.monotonic() < until
            time.sleep(0.1)

    grant(fewer, False)
    try:
        yield
    finally:
        grant(rules, True)


def may(release: Release, account: str, resource: str, verb: str) -> bool:
    """What the API server's authorizer says."""
    name, _, subresource = resource.partition("/")
    asked = {"namespace": release.namespace, "resource": name, "subresource": subresource, "verb": verb}
    user = f"system:serviceaccount:{release.namespace}:{account}"
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SubjectAccessReview",
        "spec": {"user": user, "resourceAttributes": asked},
    }
    answer = kubectl("create", "-f", "-", "-o", "json", stdin=json.dumps(review))
    return bool(json.loads(answer)["status"]["allowed"])


def forbidden(text: str, resource: str, verb: str) -> bool:
    """Whether the API server's refusal is told, which may stand inside of JSON inside of a log line."""
    plain = text.replace("\\", "")
    if (resource, verb) == ASKED_INSIDE:
        return bool(re.search(r'pods "\S+" is forbidden', plain))
    return f'cannot {verb} resource "{resource}"' in plain
