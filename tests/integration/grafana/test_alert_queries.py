"""The queries of the alerts, run on a real InfluxDB that holds what the trainer writes."""

from __future__ import annotations

import pytest

from tests.integration.grafana.queries import ALERTS, figures, run
from trainer.influx import InfluxSettings

pytestmark = pytest.mark.integration


def test_staleness_counts_the_hours_of_forecast_that_are_left(influxdb: InfluxSettings) -> None:
    left = {point["region"]: point["_value"] for point in run(influxdb, ALERTS["demand-forecast-stale"])}
    assert 22 <= left["KR"] <= 24  # NOW is the hour in which the suite began
    assert left["GR"] < 1
    (shown,) = figures(influxdb, "Forecast left")
    assert shown["_value"] == pytest.approx(left["KR"], abs=0.1)


def test_drift_is_the_mean_of_the_last_days(influxdb: InfluxSettings) -> None:
    mapes = {point["region"]: point["_value"] for point in run(influxdb, ALERTS["demand-forecast-drift"])}
    assert mapes == pytest.approx({"KR": 1.5})


def test_where_a_day_has_no_percentage_drift_is_told_beside_the_naive_forecast(
    influxdb: InfluxSettings,
) -> None:
    told = {
        point["region"]: point["_value"] for point in run(influxdb, ALERTS["demand-forecast-drift-relative"])
    }
    assert told == pytest.approx({"FEEDER": 1.2})
