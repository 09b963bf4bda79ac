"""What the chart refuses, each in a sentence that names the value to change."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.helm.chart import CHART, RefusedError, Render

POSTGRES = {"to": [{"ipBlock": {"cidr": "10.0.0.5/32"}}], "ports": [5432]}
CONTRADICTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "an image that says nothing": ({"image": {"tag": "latest"}}, "image.tag is `latest`"),
    "a folder without a volume": (
        {"store": {"claim": {"create": False, "name": ""}}},
        "store.claim.name is empty",
    ),
    "a volume for an object store": ({"store": {"url": "s3://b/p"}}, "store.claim.create=false"),
    "a store beside its volume": ({"store": {"url": "file:///elsewhere"}}, "not under store.claim.mountPath"),
    "GPUs without a selector": ({"pods": {"gpuNodeSelector": {}}}, "pods.gpuNodeSelector is empty"),
    "a GPU queue without GPUs": (
        {"pods": {"gpuCount": 0}, "kueue": {"localQueue": "q"}},
        "pods.gpuCount is 0",
    ),
    "a queue without a name": ({"kueue": {"clusterQueue": "gpus"}}, "without kueue.localQueue"),
    "a priority without a name": ({"priorityClass": {"create": True}}, "priorityClass.name is empty"),
    "a quota of nothing": ({"quota": {"enabled": True}}, "quota.hard is empty"),
    "half an InfluxDB": ({"influxdb": {"url": "http://influxdb:8086"}}, "influxdb.org and influxdb.bucket"),
    "a dashboard of nothing": ({"dashboards": {"enabled": True}}, "influxdb.url is empty"),
    "a policy that cuts off PostgreSQL": (
        {"networkPolicy": {"enabled": True}},
        "networkPolicy.postgres.to is empty",
    ),
    "a policy that cuts off MLflow": (
        {
            "networkPolicy": {"enabled": True, "postgres": POSTGRES},
            "mlflow": {"trackingUri": "http://mlflow:5000"},
        },
        "networkPolicy.mlflow.to is empty",
    ),
    "a policy that cuts off InfluxDB": (
        {
            "networkPolicy": {"enabled": True, "postgres": POSTGRES},
            "influxdb": {"url": "http://influxdb:8086", "org": "o", "bucket": "b"},
        },
        "networkPolicy.influxdb.to is empty",
    ),
    "a policy that cuts off the data": (
        {
            "networkPolicy": {"enabled": True, "postgres": POSTGRES},
            "regions": {
                "GR": {
                    **{"title": "Greece", "timezone": "Europe/Athens", "country": "GR"},
                    **{"latitude": 38, "longitude": 23.7, "source": "https://example.org/load.csv"},
                }
            },
        },
        "networkPolicy.sources.to is empty",
    ),
    "a policy that cuts off the store": (
        {
            "networkPolicy": {"enabled": True, "postgres": POSTGRES},
            "store": {"url": "s3://b/p", "claim": {"create": False, "name": ""}},
        },
        "networkPolicy.store.to is empty",
    ),
    "a budget that blocks every drain": (
        {"api": {"enabled": True, "replicas": 1, "disruptionBudget": {"minAvailable": 1}}},
        "a node could never be drained",
    ),
    "more replicas at least than at most": (
        {"api": {"enabled": True, "autoscaling": {"enabled": True, "minReplicas": 9, "maxReplicas": 2}}},
        "is above maxReplicas",
    ),
    "a monitor that is not let in": (
        {"api": {"enabled": True, "serviceMonitor": {"enabled": True}}},
        "api.serviceMonitor.tokenSecret is empty",
    ),
    "an ingress without a host": (
        {"api": {"enabled": True, "ingress": {"enabled": True}}},
        "api.ingress.host is empty",
    ),
    "an ingress to nothing": ({"api": {"ingress": {"enabled": True}}}, "api.enabled is false"),
}
UNKNOWN = [
    {"gpus": 2},
    {"pods": {"gpuCuont": 2}},
    {"store": {"claim": {"sise": "1Gi"}}},
    {"api": {"autoscaling": {"max": 3}}},
    {
        "regions": {
            "KR": {
                "title": "x",
                "timezone": "Asia/Seoul",
                "country": "KR",
                "latitude": 1,
                "longitude": 2,
                "lat": 3,
            }
        }
    },
]


@pytest.mark.parametrize(("changes", "sentence"), CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_contradictory_values_are_refused(render: Render, changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(RefusedError) as refused:
        render("default", changes)
    assert sentence in str(refused.value)


@pytest.mark.parametrize("changes", UNKNOWN, ids=str)
def test_unknown_keys_are_refused(render: Render, changes: dict[str, Any]) -> None:
    with pytest.raises(RefusedError, match=r"additional properties .* not allowed"):
        render("default", changes)


def test_every_level_that_names_keys_refuses_others() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    assert [place for place, level in levels(schema) if level["additionalProperties"] is not False] == []


def levels(schema: dict[str, Any], place: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """The values' own tables; what Kubernetes writes (tolerations, ...) and maps of labels name no keys."""
    if "properties" in schema:
        yield place, {"additionalProperties": True, **schema}
    for key in ("properties", "patternProperties"):
        for name, inner in schema.get(key, {}).items():
            yield from levels(inner, f"{place}.{name}")


@pytest.mark.parametrize("gpus", [-1, "two", 1.5])
def test_values_of_the_wrong_kind_are_refused(render: Render, gpus: object) -> None:
    with pytest.raises(RefusedError, match="gpuCount"):
        render("default", {"pods": {"gpuCount": gpus}})
