"""A real InfluxDB with a bucket that holds what panels and alerts ask for."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pandas as pd
import pytest

from stack import influxdb as influxdb_server
from stack.state import Service
from tests.integration.grafana.points import NOW, REGIONS, decision, forecast, judged, said_of_day, scored
from trainer.influx import (
    InfluxSettings,
    publish_actuals,
    publish_days,
    publish_decisions,
    publish_forecast,
    publish_metrics,
    publish_quality,
)


@pytest.fixture(scope="session")
def influxdb(influxdb_service: Service) -> Iterator[InfluxSettings]:
    """Region KR: a week of day-ahead forecasts with all quantiles up to 24 h from now, a product beside them,
    two days' peaks and of the product one without a band, actuals up to now and verdicts on them, six scored
    days, two decisions. Region GR: one forecast with the band alone that ended two days ago, and its first
    model. Region FEEDER: two scored days, one of them without a MAPE."""
    bucket = f"test_{uuid.uuid4().hex}"
    influxdb_server.make_bucket(influxdb_service, bucket)
    settings = InfluxSettings(
        url=influxdb_service.url,
        token=influxdb_service.details["token"],
        org=influxdb_service.details["org"],
        bucket=bucket,
    )
    fan = forecast(NOW - timedelta(days=6), 7 * 24).assign(
        q5=58_500.0, q25=59_600.0, q75=60_400.0, q95=61_500.0
    )
    publish_forecast(settings, fan, region=REGIONS["KR"])
    publish_forecast(settings, forecast(NOW - timedelta(days=3), 24), region=REGIONS["GR"])
    tomorrow = forecast(NOW + timedelta(hours=12), 24).assign(forecast=70_000.0)
    publish_forecast(settings, tomorrow, region=REGIONS["KR"], product="day_ahead")
    publish_days(settings, [said_of_day(ahead) for ahead in (-1, 0)], region=REGIONS["KR"])
    publish_days(settings, [said_of_day(1, band=False)], region=REGIONS["KR"], product="day_ahead")
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
    zero_crossing = [
        replace(scored(NOW - timedelta(days=day), 0), region="FEEDER", mape=mape, rmae=1.2)
        for day, mape in enumerate((None, 80.0))
    ]
    publish_metrics(settings, zero_crossing)
    publish_metrics(
        settings, [replace(scored(NOW, lead_time), product="day_ahead", mape=9.0) for lead_time in (0, 15)]
    )
    publish_decisions(
        settings,
        [
            decision("rejected", 2, "KR-2"),
            decision("refitted", 4, "KR-1-refit"),
            decision("promoted", 9, "KR-1"),
        ],
        region="KR",
    )
    publish_decisions(settings, [decision("promoted", 9, "GR-1", champion_mape=None)], region="GR")
    yield settings
    influxdb_server.drop_bucket(influxdb_service, bucket)
