"""The values.yaml of docs/kubernetes.md, as an operator would copy it."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from demand_forecast.settings import load_settings
from stack.node.layout import REPOSITORY
from tests.helm.chart import Objects, Render, named, of_kind
from trainer.contract import load_regions


@pytest.fixture(scope="module")
def values() -> dict[str, Any]:
    text = (REPOSITORY / "docs" / "kubernetes.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```yaml\n# values.yaml\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    return dict(yaml.safe_load(block))


@pytest.fixture
def objects(render: Render, values: dict[str, Any]) -> Objects:
    return render("default", values)


def test_the_limit_range_gives_no_pod_a_cpu_limit_below_what_it_asks_for(
    objects: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in named(objects, "ConfigMap", "demand-forecast-settings")["data"].items():
        monkeypatch.setenv(name, value)
    (limit_range,) = of_kind(objects, "LimitRange")
    pod = load_settings().pod
    assert pod.training.cpu == "8"
    assert pod.training.cpu_limit is pod.light.cpu_limit is None
    assert "cpu" not in limit_range["spec"]["limits"][0]["default"]


def test_data_comes_in_from_a_url_that_ingest_may_reach(
    objects: Objects, values: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in named(objects, "ConfigMap", "demand-forecast-settings")["data"].items():
        monkeypatch.setenv(name, value)
    assert load_regions()["KR"].source.startswith("https://")
    (way,) = named(objects, "NetworkPolicy", "demand-forecast-to-sources")["spec"]["egress"]
    assert way["to"] == values["networkPolicy"]["sources"]["to"]
