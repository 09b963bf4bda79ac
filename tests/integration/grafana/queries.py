"""The queries of the dashboard and of the alerts, and how Grafana sends them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import yaml
from influxdb_client.client.flux_table import FluxRecord
from influxdb_client.client.influxdb_client import InfluxDBClient

from stack.state import REPOSITORY
from tests.integration.grafana.points import NOW
from trainer.influx import InfluxSettings

DASHBOARD: dict[str, Any] = json.loads((REPOSITORY / "grafana/dashboards/power-demand.json").read_text())
PANELS = {panel["title"]: panel for panel in DASHBOARD["panels"] if panel["type"] != "row"}
ALERTS = {
    rule["uid"]: rule["data"][0]["model"]["query"]
    for rule in yaml.safe_load((REPOSITORY / "grafana/provisioning/alerting/forecast.yaml").read_text())[
        "groups"
    ][0]["rules"]
}


def run(
    settings: InfluxSettings,
    query: str,
    *,
    region: str = "KR",
    horizon: str = "day",
    product: str = "(daily)",
) -> list[FluxRecord]:
    """The query as Grafana sends it, its variables and macros replaced, over the dashboard's range."""
    for name, value in {
        "${region}": region,
        "${horizon}": horizon,
        "${product}": product,
        "v.defaultBucket": f'"{settings.bucket}"',
        "v.timeRangeStart": (NOW - timedelta(days=7)).isoformat().replace("+00:00", "Z"),
        "v.timeRangeStop": (NOW + timedelta(days=2)).isoformat().replace("+00:00", "Z"),
    }.items():
        query = query.replace(name, value)
    with InfluxDBClient(url=settings.url, token=settings.token, org=settings.org) as client:
        return [record for table in client.query_api().query(query) for record in table.records]


def figures(settings: InfluxSettings, title: str, ref: int = 0, **asked: str) -> list[dict[str, Any]]:
    """What the panel of that title shows: of its query number `ref`, one dict per row."""
    return [record.values for record in run(settings, PANELS[title]["targets"][ref]["query"], **asked)]
