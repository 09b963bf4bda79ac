"""Each way out of a trainer pod is one that the code takes, and each that it takes is there."""

from __future__ import annotations

from typing import Any

import pytest

from tests.helm.chart import Render, named, of_kind
from trainer.contract import DATABASE_VERBS, INFLUXDB_VERBS, MLFLOW_VERBS, Verb

OTHERS = {"migrate", "test", "api"}
"""Components of the chart itself that reach PostgreSQL."""


@pytest.fixture
def policies(render: Render) -> list[dict[str, Any]]:
    return render("maximal")


def components(policies: list[dict[str, Any]], name: str) -> set[str]:
    policy = named(policies, "NetworkPolicy", f"demand-forecast-to-{name}")
    (expression,) = policy["spec"]["podSelector"]["matchExpressions"]
    assert expression["key"] == "app.kubernetes.io/component"
    return set(expression["values"])


def test_nothing_is_open_by_default(policies: list[dict[str, Any]]) -> None:
    deny = named(policies, "NetworkPolicy", "demand-forecast-default-deny")["spec"]
    assert deny["policyTypes"] == ["Ingress", "Egress"]
    assert "egress" not in deny
    assert "ingress" not in deny


@pytest.mark.parametrize(
    ("server", "verbs"),
    [
        ("postgres", {verb.value for verb in DATABASE_VERBS} | {Verb.TRAIN.value} | OTHERS),
        ("influxdb", {verb.value for verb in INFLUXDB_VERBS}),
        ("mlflow", {verb.value for verb in MLFLOW_VERBS}),
        ("sources", {Verb.INGEST.value, Verb.INTRADAY.value}),
    ],
)
def test_a_server_is_reached_by_the_verbs_that_talk_to_it(
    policies: list[dict[str, Any]], server: str, verbs: set[str]
) -> None:
    assert components(policies, server) == verbs


def test_train_reaches_the_database_only_where_it_makes_the_search(render: Render) -> None:
    policies = render("maximal", {"settings": {"searchWithTrain": False}})
    assert components(policies, "postgres") == {verb.value for verb in DATABASE_VERBS} | OTHERS


@pytest.mark.parametrize("server", ["dns", "store"])
def test_names_and_models_are_for_every_pod(policies: list[dict[str, Any]], server: str) -> None:
    spec = named(policies, "NetworkPolicy", f"demand-forecast-to-{server}")["spec"]
    assert "matchExpressions" not in spec["podSelector"]


def test_a_way_without_a_place_is_no_way(render: Render) -> None:
    postgres = {"to": [{"ipBlock": {"cidr": "10.0.0.5/32"}}], "ports": [5432]}
    objects = render("default", {"networkPolicy": {"enabled": True, "postgres": postgres}})
    names = {item["metadata"]["name"] for item in of_kind(objects, "NetworkPolicy")}
    assert names == {f"demand-forecast-{name}" for name in ("default-deny", "to-dns", "to-postgres")}
