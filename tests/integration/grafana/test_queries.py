"""Every query of the dashboard and the alerts, run on a real InfluxDB that holds what the trainer writes."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from influxdb_client.client.flux_table import FluxRecord
from influxdb_client.client.influxdb_client import InfluxDBClient

from stack import influxdb as influxdb_server
from stack.state import Service
from trainer.contract import load_regions
from trainer.database.decisions import Decision
from trainer.database.metrics import MetricsRow
from trainer.influx import (
    InfluxSettings,
    publish_actuals,
    publish_decisions,
    publish_forecast,
    publish_metrics,
    publish_quality,
)

pytestmark = pytest.mark.integration

REPOSITORY = Path(__file__).parents[3]
REGIONS = load_regions({})
DASHBOARD: dict[str, Any] = json.loads((REPOSITORY / "grafana/dashboards/power-demand.json").read_text())
PANELS = {panel["title"]: panel for panel in DASHBOARD["panels"] if panel["type"] != "row"}
ALERTS = {
    rule["uid"]: rule["data"][0]["model"]["query"]
    for rule in yaml.safe_load((REPOSITORY / "grafana/provisioning/alerting/forecast.yaml").read_text())[
        "groups"
    ][0]["rules"]
}
NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
"""Staleness and age are asked of the clock, so the points lie around it."""


@pytest.fixture(scope="module")
def influxdb(influxdb_service: Service) -> Iterator[InfluxSettings]:
    """Region KR: a week of day-ahead forecasts up to 24 h from now, actuals up to now and verdicts on them,
    six scored days, two decisions. Region GR: one forecast that ended two days ago, and its first model."""
    bucket = f"test_{uuid.uuid4().hex}"
    influxdb_server.make_bucket(influxdb_service, bucket)
    settings = InfluxSettings(
        url=influxdb_service.url,
        token=influxdb_service.details["token"],
        org=influxdb_service.details["org"],
        bucket=bucket,
    )
    publish_forecast(settings, forecast(NOW - timedelta(days=6), 7 * 24), region=REGIONS["KR"])
    publish_forecast(settings, forecast(NOW - timedelta(days=3), 24), region=REGIONS["GR"])
    hours = pd.date_range(NOW - timedelta(days=6), NOW - timedelta(hours=1), freq="h")
    publish_actuals(
        settings, pd.DataFrame({"demand": 60_500.0, "reference": 61_500.0}, index=hours), region="KR"
    )
    publish_quality(
        settings, judged().assign(verdict="suspect", reason="before a person accepted"), region="KR"
    )
    publish_quality(settings, judged(), region="KR")
    publish_metrics(
        settings,
        [scored(NOW - timedelta(days=day), lead_time) for day in range(6) for lead_time in range(25)],
    )
    publish_decisions(
        settings, [decision("rejected", 2, "KR-2"), decision("promoted", 9, "KR-1")], region="KR"
    )
    publish_decisions(settings, [decision("promoted", 9, "GR-1", champion_mape=None)], region="GR")
    yield settings
    influxdb_server.drop_bucket(influxdb_service, bucket)


def forecast(origin: datetime, hours: int) -> pd.DataFrame:
    index = pd.date_range(origin, periods=hours, freq="h", name="time")
    values = np.full(hours, 60_000.0)
    return pd.DataFrame(
        {
            "lead_time": np.arange(hours) % 24 + 1,
            "model_version": "KR-1",
            "forecast": values,
            "trend": values - 300,
            "seasonality": 200.0,
            "residual": 100.0,
            "lower": values - 900,
            "upper": values + 900,
        },
        index=index,
    )


def judged() -> pd.DataFrame:
    """Four days up to now: hours 10 and 11 a spike, 12 kW, 50 a spike again, 60 missing, and of 61 nothing at
    all is stored."""
    hours = pd.date_range(NOW - timedelta(days=4), periods=96, freq="h", name="time")
    frame = pd.DataFrame({"verdict": "measured", "reason": ""}, index=hours)
    frame.loc[hours[[10, 11, 12, 50]], "verdict"] = "suspect"
    frame.loc[hours[[10, 11, 12, 50]], "reason"] = ["spike", "spike", "kW?", "spike"]
    frame.loc[hours[60], "verdict"] = "missing"
    return frame.drop(hours[61])


def scored(window_end: datetime, lead_time: int) -> MetricsRow:
    return MetricsRow(
        region="KR",
        model_version="KR-1",
        scope="score",
        window_start=window_end - timedelta(days=1),
        window_end=window_end,
        lead_time=lead_time,
        hours=24 if lead_time == 0 else 1,
        mae=900.0,
        mse=1e6,
        rmse=1000.0,
        r2=0.97 if lead_time == 0 else None,
        mape=1.5 + lead_time / 10,
        smape=1.5,
        run_id="score",
        common_hours=20 if lead_time == 0 else 1,
        common_mae=850.0,
        common_mape=1.4,
        reference_mae=1200.0,
        reference_mape=2.0,
    )


def decision(outcome: Any, days_ago: int, version: str, champion_mape: float | None = 2.0) -> Decision:
    return Decision(
        version=version,
        run_id="weekly_retrain_KR/manual__2026-11-01T03:00:00+00:00",
        outcome=outcome,
        reason='MAPE 1.9 % against "2.0 %"',
        decided_at=NOW - timedelta(days=days_ago),
        point_at=NOW - timedelta(days=days_ago),
        trained_to=NOW - timedelta(days=days_ago + 1) if outcome == "promoted" else None,
        challenger_mape=1.9,
        champion_mape=champion_mape,
        mlflow_run_id=f"run-of-{version}" if champion_mape else None,
    )


def run(
    settings: InfluxSettings, query: str, *, region: str = "KR", horizon: str = "day"
) -> list[FluxRecord]:
    """The query as Grafana sends it, its variables and macros replaced, over the dashboard's range."""
    for name, value in {
        "${region}": region,
        "${horizon}": horizon,
        "v.defaultBucket": f'"{settings.bucket}"',
        "v.timeRangeStart": (NOW - timedelta(days=7)).isoformat().replace("+00:00", "Z"),
        "v.timeRangeStop": (NOW + timedelta(days=2)).isoformat().replace("+00:00", "Z"),
    }.items():
        query = query.replace(name, value)
    with InfluxDBClient(url=settings.url, token=settings.token, org=settings.org) as client:
        return [record for table in client.query_api().query(query) for record in table.records]


def targets() -> list[Any]:
    return [
        pytest.param(target["query"], id=f"{name} {target['refId']}")
        for name, panel in PANELS.items()
        for target in panel["targets"]
    ]


@pytest.mark.parametrize("query", targets())
def test_every_query_of_a_panel_returns_rows(influxdb: InfluxSettings, query: str) -> None:
    assert run(influxdb, query)


def figures(settings: InfluxSettings, title: str, ref: int = 0, **asked: str) -> list[dict[str, Any]]:
    return [record.values for record in run(settings, PANELS[title]["targets"][ref]["query"], **asked)]


def test_the_forecast_comes_as_one_series_with_its_band(influxdb: InfluxSettings) -> None:
    rows = figures(influxdb, "Forecast against actual")
    assert len(rows) == 7 * 24
    assert {(row["forecast"], row["lower"], row["upper"]) for row in rows} == {(60_000.0, 59_100.0, 60_900.0)}
    assert [row["_time"] for row in rows] == sorted(row["_time"] for row in rows)


def test_the_other_region_s_hours_stay_out(influxdb: InfluxSettings) -> None:
    assert len(figures(influxdb, "Forecast against actual", region="GR")) == 24
    assert figures(influxdb, "Forecast against actual", 1, region="GR") == []


def test_components_add_up_to_the_forecast(influxdb: InfluxSettings) -> None:
    sums = {row["trend"] + row["seasonality"] + row["residual"] for row in figures(influxdb, "Components")}
    assert sums == {60_000.0}


def test_the_error_by_horizon_runs_from_1_to_24_hours_in_order(influxdb: InfluxSettings) -> None:
    rows = figures(influxdb, "Error by horizon")
    assert [row["lead_time"] for row in rows] == [f"{lead} h" for lead in range(1, 25)]
    assert [row["mape"] for row in rows] == pytest.approx([1.5 + lead / 10 for lead in range(1, 25)])


def test_the_accuracy_figures_are_those_of_all_lead_times(influxdb: InfluxSettings) -> None:
    values = {name: figures(influxdb, name)[-1]["_value"] for name in ("MAPE", "MAE", "RMSE", "R²")}
    assert values == {"MAPE": 1.5, "MAE": 900.0, "RMSE": 1000.0, "R²": 0.97}


def test_errors_in_mw_are_judged_against_mean_demand(influxdb: InfluxSettings) -> None:
    for name in ("MAE", "RMSE"):
        assert [row["demand"] for row in figures(influxdb, name, 1)] == [60_500.0]


def test_the_error_is_told_only_of_hours_that_have_both(influxdb: InfluxSettings) -> None:
    rows = figures(influxdb, "Forecast minus actual")
    assert len(rows) == 6 * 24
    assert {row["error"] for row in rows} == {-500.0}


def test_a_rejected_candidate_is_no_champion(influxdb: InfluxSettings) -> None:
    assert [row["version"] for row in figures(influxdb, "Champion")] == ["KR-1"]


def test_the_age_of_the_model_counts_from_the_end_of_its_training(influxdb: InfluxSettings) -> None:
    (row,) = figures(influxdb, "Model age")
    assert 10 <= row["_value"] < 10.1


def test_decisions_come_newest_first_with_their_runs_in_airflow_and_mlflow(influxdb: InfluxSettings) -> None:
    rows = figures(influxdb, "Decisions on models")
    assert [(row["version"], row["outcome"]) for row in rows] == [("KR-2", "rejected"), ("KR-1", "promoted")]
    assert {(row["dag"], row["run"]) for row in rows} == {
        ("weekly_retrain_KR", "manual__2026-11-01T03:00:00+00:00")
    }
    assert [row["mlflow_run_id"] for row in rows] == ["run-of-KR-2", "run-of-KR-1"]


def test_a_first_model_had_no_champion_to_be_compared_with_and_perhaps_no_mlflow(
    influxdb: InfluxSettings,
) -> None:
    (row,) = figures(influxdb, "Decisions on models", region="GR")
    assert row.get("mlflow_run_id") is None
    assert (row["version"], row["challenger_mape"], row.get("champion_mape")) == ("GR-1", 1.9, None)


def test_promotions_are_annotated_with_their_reason(influxdb: InfluxSettings) -> None:
    (annotation,) = DASHBOARD["annotations"]["list"]
    a_month = annotation["target"]["query"].replace("v.timeRangeStart", "-30d")
    (point,) = run(influxdb, a_month)
    assert point["title"] == "Promoted KR-1"
    assert point["text"] == 'MAPE 1.9 % against "2.0 %" Model age: 1 d.'


def test_the_regions_to_choose_from_are_those_with_points(influxdb: InfluxSettings) -> None:
    (variable,) = [v for v in DASHBOARD["templating"]["list"] if v["name"] == "region"]
    assert sorted(point["_value"] for point in run(influxdb, variable["query"]["query"])) == ["GR", "KR"]


def test_staleness_counts_the_hours_of_forecast_that_are_left(influxdb: InfluxSettings) -> None:
    left = {point["region"]: point["_value"] for point in run(influxdb, ALERTS["demand-forecast-stale"])}
    assert 22 <= left["KR"] <= 24  # NOW is the hour in which the suite began
    assert left["GR"] < 1
    (shown,) = figures(influxdb, "Forecast left")
    assert shown["_value"] == pytest.approx(left["KR"], abs=0.1)


def test_drift_is_the_mean_of_the_last_days(influxdb: InfluxSettings) -> None:
    mapes = {point["region"]: point["_value"] for point in run(influxdb, ALERTS["demand-forecast-drift"])}
    assert mapes == pytest.approx({"KR": 1.5})


def test_the_operator_s_own_forecast_stands_beside_ours_on_the_same_hours(influxdb: InfluxSettings) -> None:
    (record,) = run(influxdb, PANELS["Operator's own forecast"]["targets"][0]["query"])
    assert (record["operator"], record["ours"]) == (pytest.approx(2.0), pytest.approx(1.4))
    line = run(influxdb, PANELS["Forecast against actual"]["targets"][2]["query"])
    assert {point["reference"] for point in line} == {61_500.0}


def test_the_share_of_hours_measured_counts_those_of_which_nothing_came(influxdb: InfluxSettings) -> None:
    (row,) = figures(influxdb, "Demand measured")
    assert row["_value"] == pytest.approx(100 * 90 / 96)
    assert figures(influxdb, "Demand measured", region="GR") == []


def test_suspect_hours_come_in_stretches_of_one_reason_the_newest_first(influxdb: InfluxSettings) -> None:
    hours = judged().index
    told = [
        (row["first"], row["last"], row["hours"], row["reason"])
        for row in figures(influxdb, "Suspect stretches")
    ]
    assert told == [
        (hours[50], hours[50], 1, "spike"),
        (hours[12], hours[12], 1, "kW?"),
        (hours[10], hours[11], 2, "spike"),
    ]
    assert figures(influxdb, "Suspect stretches", region="GR") == []
