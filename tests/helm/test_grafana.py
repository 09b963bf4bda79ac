"""What Grafana's sidecars find in the chart: a dashboard that is fed, and its alerts."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml

from stack.node.layout import REPOSITORY
from tests.helm.chart import Render, named
from trainer.contract import Env

GRAFANA = REPOSITORY / "grafana"
LABELS = {"dashboards": "grafana_dashboard", "datasource": "grafana_datasource", "alerts": "grafana_alert"}
INFLUXDB = {"url": "http://influxdb:8086", "org": "grid", "bucket": "forecasts"}


@pytest.fixture(scope="module")
def files(render: Render) -> dict[str, str]:
    """The one file of each ConfigMap, by the ConfigMap's name."""
    objects = render("default", {"dashboards": {"enabled": True}, "influxdb": INFLUXDB})
    maps = {name: named(objects, "ConfigMap", f"demand-forecast-{name}")["data"] for name in LABELS}
    return {name: content for name, data in maps.items() for content in data.values()}


def source(files: dict[str, str]) -> dict[str, Any]:
    (only,) = yaml.safe_load(files["datasource"])["datasources"]
    return dict(only)


def test_the_dashboard_is_the_one_that_compose_mounts(files: dict[str, str]) -> None:
    mounted = (GRAFANA / "dashboards/power-demand.json").read_text(encoding="utf-8")
    assert json.loads(files["dashboards"]) == json.loads(mounted)


def test_the_alerts_are_those_that_compose_mounts(files: dict[str, str]) -> None:
    mounted = (GRAFANA / "provisioning/alerting/forecast.yaml").read_text(encoding="utf-8")
    assert yaml.safe_load(files["alerts"]) == yaml.safe_load(mounted)


def test_dashboard_and_alerts_ask_the_data_source_that_the_chart_makes(files: dict[str, str]) -> None:
    asked = set(re.findall(r'"uid": "(demand-forecast-[\w-]+)"', files["dashboards"]))
    asked |= set(re.findall(r"datasourceUid: (demand-forecast-[\w-]+)", files["alerts"]))
    assert asked == {source(files)["uid"]}


def test_the_data_source_reads_the_influxdb_that_trainer_pods_write_to(files: dict[str, str]) -> None:
    found = source(files)
    assert found["url"] == INFLUXDB["url"]
    assert found["jsonData"]["organization"] == INFLUXDB["org"]
    assert found["jsonData"]["defaultBucket"] == INFLUXDB["bucket"]


def test_the_token_is_left_to_grafana_s_own_environment(files: dict[str, str]) -> None:
    assert source(files)["secureJsonData"] == {"token": f"${{{Env.INFLUXDB_TOKEN}}}"}
    assert set(re.findall(r"\$\{?(\w+)", files["datasource"])) == {Env.INFLUXDB_TOKEN}


def test_an_organisation_that_looks_like_a_number_stays_text(render: Render) -> None:
    numbered = {"dashboards": {"enabled": True}, "influxdb": {**INFLUXDB, "org": "42"}}
    made = named(render("default", numbered), "ConfigMap", "demand-forecast-datasource")
    (content,) = made["data"].values()
    assert source({"datasource": content})["jsonData"]["organization"] == "42"


@pytest.mark.parametrize(("name", "label"), LABELS.items())
@pytest.mark.parametrize(("values", "value"), [("default", "1"), ("maximal", "demand")])
def test_each_sidecar_finds_its_map_by_the_label_it_is_given(
    render: Render, name: str, label: str, values: str, value: str
) -> None:
    objects = render(values, {"dashboards": {"enabled": True}, "influxdb": INFLUXDB})
    labels = named(objects, "ConfigMap", f"demand-forecast-{name}")["metadata"]["labels"]
    assert {key: text for key, text in labels.items() if key.startswith("grafana_")} == {label: value}


@pytest.mark.parametrize("name", ["datasource", "alerts"])
def test_a_file_has_the_project_s_name_in_the_folder_that_all_share(render: Render, name: str) -> None:
    objects = render("default", {"dashboards": {"enabled": True}, "influxdb": INFLUXDB})
    (file,) = named(objects, "ConfigMap", f"demand-forecast-{name}")["data"]
    assert file.startswith("demand-forecast-")
