"""What Grafana reads when it starts: data source, dashboards, alerts."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from demand_forecast.settings import Settings
from trainer.contract import Env

REPOSITORY = Path(__file__).parents[3]
PROVISIONING = REPOSITORY / "grafana" / "provisioning"
FILES = sorted(PROVISIONING.glob("*/*.yaml"))
DASHBOARD = json.loads((REPOSITORY / "grafana/dashboards/power-demand.json").read_text())


def load(name: str) -> dict[str, Any]:
    content = yaml.safe_load((PROVISIONING / name).read_text(encoding="utf-8"))
    assert isinstance(content, dict)
    return content


def rules() -> list[dict[str, Any]]:
    (group,) = load("alerting/forecast.yaml")["groups"]
    return list(group["rules"])


def test_every_environment_variable_that_the_files_name_is_one_of_the_project_s() -> None:
    named = {name for path in FILES for name in re.findall(r"\$\{?(\w+)", path.read_text(encoding="utf-8"))}
    assert named == {Env.INFLUXDB_URL, Env.INFLUXDB_ORG, Env.INFLUXDB_BUCKET, Env.INFLUXDB_TOKEN}


def test_the_data_source_speaks_flux_and_its_token_is_no_text_of_a_file() -> None:
    (source,) = load("datasources/influxdb.yaml")["datasources"]
    assert source["jsonData"]["version"] == "Flux"
    assert source["secureJsonData"] == {"token": f"${{{Env.INFLUXDB_TOKEN}}}"}


def test_the_data_source_leaves_the_default_to_a_grafana_that_has_one() -> None:
    (source,) = load("datasources/influxdb.yaml")["datasources"]
    assert source["isDefault"] is False


def test_dashboard_and_alerts_ask_the_data_source_that_is_provisioned() -> None:
    (source,) = load("datasources/influxdb.yaml")["datasources"]
    asked = set(re.findall(r'"uid": "(demand-forecast-[\w-]+)"', json.dumps(DASHBOARD)))
    asked |= {step["datasourceUid"] for rule in rules() for step in rule["data"]}
    assert asked == {source["uid"], "__expr__"}


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: str(rule["uid"]))
def test_an_alert_leads_to_a_panel_that_shows_what_it_is_about(rule: dict[str, Any]) -> None:
    assert rule["annotations"]["__dashboardUid__"] == DASHBOARD["uid"]
    panels = {str(panel["id"]): panel["title"] for panel in DASHBOARD["panels"]}
    shown = {
        "demand-forecast-stale": "Forecast left",
        "demand-forecast-drift": "Error by day",
        "demand-forecast-drift-relative": "Error beside the naive forecast",
    }
    assert panels[rule["annotations"]["__panelId__"]] == shown[rule["uid"]]


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: str(rule["uid"]))
def test_an_alert_s_steps_lead_from_the_query_to_its_condition(rule: dict[str, Any]) -> None:
    query, reduction, threshold = rule["data"]
    assert reduction["model"]["expression"] == query["refId"]
    assert threshold["model"]["expression"] == reduction["refId"]
    assert threshold["refId"] == rule["condition"]


def test_the_drift_alert_and_the_retraining_share_one_limit() -> None:
    (drift,) = [rule for rule in rules() if rule["uid"] == "demand-forecast-drift"]
    (condition,) = drift["data"][-1]["model"]["conditions"]
    assert condition["evaluator"] == {"type": "gt", "params": [Settings.model_fields["drift_mape"].default]}
