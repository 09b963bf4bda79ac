"""The chart renders objects that Kubernetes knows, under few and under many values."""

from __future__ import annotations

import subprocess

import kubernetes_validate  # type: ignore[import-untyped]
import pytest

from stack.node.layout import KUBERNETES
from tests.helm.chart import CHART, VALUES, Render

MINORS = ["1.33", "1.34", "1.35"]
"""The test cluster's and the two before."""
FOREIGN = {"ServiceMonitor", "LocalQueue"}
"""Kinds of other projects, whose schemas Kubernetes does not carry."""


def test_the_test_cluster_s_minor_is_among_them() -> None:
    assert KUBERNETES.rpartition(".")[0] in MINORS


@pytest.mark.parametrize("values", VALUES)
def test_lint_finds_nothing(helm: str, values: str) -> None:
    done = subprocess.run(
        [helm, "lint", "--strict", str(CHART), "--values", str(VALUES[values])],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("values", VALUES)
@pytest.mark.parametrize("minor", MINORS)
def test_every_object_fits_the_schema_of_each_kubernetes_minor(
    render: Render, values: str, minor: str
) -> None:
    objects = [item for item in render(values) if item["kind"] not in FOREIGN]
    assert objects
    for item in objects:
        kubernetes_validate.validate(item, minor, strict=True)


def test_the_maximal_values_render_every_template(render: Render) -> None:
    kinds = {item["kind"] for item in render("maximal")}
    assert kinds == {
        *("ConfigMap", "ServiceAccount", "Role", "RoleBinding", "PersistentVolumeClaim"),
        *("ResourceQuota", "LimitRange", "NetworkPolicy", "PriorityClass", "LocalQueue"),
        *("Job", "Pod", "Deployment", "Service", "HorizontalPodAutoscaler", "PodDisruptionBudget"),
        *("Ingress", "ServiceMonitor"),
    }


@pytest.mark.parametrize("values", VALUES)
def test_every_object_carries_the_common_labels(render: Render, values: str) -> None:
    for item in render(values):
        labels = item["metadata"]["labels"]
        assert labels["app.kubernetes.io/name"] == "demand-forecast"
        assert labels["app.kubernetes.io/managed-by"] == "Helm"


@pytest.mark.parametrize("values", VALUES)
def test_every_pod_is_one_that_restricted_namespaces_admit(render: Render, values: str) -> None:
    for item in render(values):
        spec = item["spec"] if item["kind"] == "Pod" else item.get("spec", {}).get("template", {}).get("spec")
        if spec is None:
            continue
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert spec["automountServiceAccountToken"] is False
        for container in spec["containers"]:
            context = container["securityContext"]
            assert context["allowPrivilegeEscalation"] is False
            assert context["readOnlyRootFilesystem"] is True
            assert context["capabilities"] == {"drop": ["ALL"]}
            assert "memory" in container["resources"]["limits"], "a quota refuses pods without limits"
