"""What dashboards find in InfluxDB of forecasts, actuals and verdicts: on a real server."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.integration.influx.published import ORIGIN, REGIONS, forecast, stored
from trainer.influx import InfluxSettings, publish_actuals, publish_forecast, publish_quality

pytestmark = pytest.mark.integration


def versions_by_hour(settings: InfluxSettings, horizon_class: str) -> dict[pd.Timestamp, list[str]]:
    found: dict[pd.Timestamp, list[str]] = {}
    for point in stored(settings, "power_demand_forecast"):
        if point["_field"] == "forecast" and point["horizon_class"] == horizon_class:
            found.setdefault(pd.Timestamp(point["_time"]), []).append(point["model_version"])
    return found


def test_a_forecast_is_published_with_its_components_band_and_tags(settings: InfluxSettings) -> None:
    assert publish_forecast(settings, forecast(), region=REGIONS["GR"]) == 24

    points = stored(settings, "power_demand_forecast")
    first_hour = {point["_field"]: point["_value"] for point in points if point["_time"] == ORIGIN}
    assert first_hour == {
        "forecast": 5000.0,
        "trend": 4700.0,
        "seasonality": 200.0,
        "residual": 100.0,
        "lower": 4950.0,
        "upper": 5050.0,
    }
    assert {(p["region"], p["model_version"], p["horizon_class"]) for p in points} == {("GR", "GR-1", "day")}


def test_further_quantiles_are_fields_of_the_same_points_however_often_they_are_published(
    settings: InfluxSettings,
) -> None:
    frame = forecast().assign(q5=4925.0, q25=np.nan, **{"q97.5": 5090.0})
    for _ in range(2):
        assert publish_forecast(settings, frame, region=REGIONS["GR"]) == 24

    points = stored(settings, "power_demand_forecast")
    further = {(point["_field"], point["_value"]) for point in points if point["_field"].startswith("q")}
    assert further == {("q5", 4925.0), ("q97.5", 5090.0)}
    assert len([point for point in points if point["_field"] == "q5"]) == 24


def test_hours_beyond_the_first_day_are_of_the_class_week(settings: InfluxSettings) -> None:
    assert publish_forecast(settings, forecast(hours=168), region=REGIONS["GR"]) == 168

    assert len(versions_by_hour(settings, "day")) == 24
    assert len(versions_by_hour(settings, "week")) == 144


def test_the_25th_hour_of_a_day_whose_clocks_go_back_is_of_the_class_day(settings: InfluxSettings) -> None:
    publish_forecast(
        settings, forecast(hours=48, origin=pd.Timestamp("2020-10-25T00:00+03:00")), region=REGIONS["GR"]
    )

    assert len(versions_by_hour(settings, "day")) == 25


def test_publishing_again_leaves_the_same_points(settings: InfluxSettings) -> None:
    publish_forecast(settings, forecast(hours=48), region=REGIONS["GR"])
    once = stored(settings, "power_demand_forecast")

    publish_forecast(settings, forecast(hours=48), region=REGIONS["GR"])

    key = ["_time", "_field", "horizon_class", "_value"]
    assert sorted([p[k] for k in key] for p in stored(settings, "power_demand_forecast")) == sorted(
        [p[k] for k in key] for p in once
    )


def test_another_model_replaces_the_points_of_the_same_hours_and_no_others(settings: InfluxSettings) -> None:
    the_day_after = ORIGIN + pd.Timedelta(days=1)
    publish_forecast(settings, forecast("GR-1", hours=168), region=REGIONS["GR"])
    publish_forecast(settings, forecast("GR-1", origin=the_day_after), region=REGIONS["GR"])
    publish_forecast(settings, forecast("KR-1"), region=REGIONS["KR"])

    publish_forecast(settings, forecast("GR-2", level=6000.0), region=REGIONS["GR"])

    day = versions_by_hour(settings, "day")
    of_the_day = pd.date_range(ORIGIN, periods=24, freq="h")
    assert {tuple(sorted(day[hour])) for hour in of_the_day} == {("GR-2", "KR-1")}
    assert {tuple(day[hour + pd.Timedelta(days=1)]) for hour in of_the_day} == {("GR-1",)}
    assert {tuple(versions) for versions in versions_by_hour(settings, "week").values()} == {("GR-1",)}


def test_a_version_with_quotes_in_its_name_can_be_replaced(settings: InfluxSettings) -> None:
    publish_forecast(settings, forecast('by "hand" \\ old'), region=REGIONS["GR"])

    publish_forecast(settings, forecast("GR-2"), region=REGIONS["GR"])

    assert {tuple(v) for v in versions_by_hour(settings, "day").values()} == {("GR-2",)}


def test_a_baseline_without_components_is_published_with_its_forecast_alone(
    settings: InfluxSettings,
) -> None:
    frame = forecast("baseline")
    frame[["trend", "seasonality", "residual", "lower", "upper"]] = np.nan

    assert publish_forecast(settings, frame, region=REGIONS["GR"]) == 24

    assert {point["_field"] for point in stored(settings, "power_demand_forecast")} == {"forecast"}


def test_actuals_are_published_for_known_hours_only(settings: InfluxSettings) -> None:
    hours = pd.date_range(ORIGIN, periods=3, freq="h", name="time")
    frame = pd.DataFrame({"demand": [5000.0, np.nan, 5200.0], "reference": np.nan}, index=hours)

    assert publish_actuals(settings, frame, region="GR") == 2

    points = stored(settings, "power_demand_actual")
    assert {point["_time"]: point["_value"] for point in points} == {hours[0]: 5000.0, hours[2]: 5200.0}


def test_the_operator_s_own_forecast_outlives_demand_that_turned_out_suspect(
    settings: InfluxSettings,
) -> None:
    hours = pd.date_range(ORIGIN, periods=3, freq="h", name="time")
    frame = pd.DataFrame(
        {"demand": [5000.0, 5100.0, np.nan], "reference": [4900.0, 4950.0, 5300.0]}, index=hours
    )
    assert publish_actuals(settings, frame, region="GR") == 3

    publish_actuals(settings, frame.assign(demand=[5000.0, np.nan, np.nan]), region="GR")

    found = {(p["_time"], p["_field"]): p["_value"] for p in stored(settings, "power_demand_actual")}
    assert found == {
        (hours[0], "demand"): 5000.0,
        (hours[0], "reference"): 4900.0,
        (hours[1], "reference"): 4950.0,
        (hours[2], "reference"): 5300.0,
    }


def test_an_hour_s_verdict_is_overwritten_and_its_reason_stands_while_it_is_suspect(
    settings: InfluxSettings,
) -> None:
    hours = pd.date_range(ORIGIN, periods=3, freq="h", name="time")
    frame = pd.DataFrame(
        {"verdict": ["measured", "suspect", "missing"], "reason": ["", "spike", ""]}, index=hours
    )
    assert publish_quality(settings, frame, region="GR") == 3

    def found(field: str) -> list[str]:
        points = sorted(stored(settings, "power_demand_quality"), key=lambda point: point["_time"])
        return [point["_value"] for point in points if point["_field"] == field]

    assert (found("verdict"), found("reason")) == (["measured", "suspect", "missing"], ["spike"])
    publish_quality(settings, frame.assign(verdict="measured", reason=""), region="GR")
    assert found("verdict") == ["measured"] * 3


def test_a_year_of_actuals_goes_out_in_batches_and_comes_back_whole(settings: InfluxSettings) -> None:
    hours = pd.date_range("2022-01-01", periods=8760, freq="h", tz="UTC", name="time")
    frame = pd.DataFrame({"demand": 4000 + 0.1 * np.arange(8760), "reference": np.nan}, index=hours)

    assert publish_actuals(settings, frame, region="GR") == 8760

    assert len(stored(settings, "power_demand_actual")) == 8760
