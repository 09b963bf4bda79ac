"""A forecast to publish, and what the server then holds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from influxdb_client.client.influxdb_client import InfluxDBClient

from trainer.contract import load_regions
from trainer.influx import InfluxSettings

REGIONS = load_regions({})
ORIGIN = pd.Timestamp("2023-10-30T15:00Z")


def forecast(
    version: str = "GR-1", *, hours: int = 24, level: float = 5000.0, origin: pd.Timestamp = ORIGIN
) -> pd.DataFrame:
    index = pd.date_range(origin, periods=hours, freq="h", name="time")
    values = level + 10 * np.arange(hours, dtype="float64")
    return pd.DataFrame(
        {
            "origin": origin,
            "lead_time": np.arange(1, hours + 1),
            "model_version": version,
            "fallback": "none",
            "forecast": values,
            "trend": values - 300,
            "seasonality": 200.0,
            "residual": 100.0,
            "lower": values - 50,
            "upper": values + 50,
        },
        index=index,
    )


def stored(settings: InfluxSettings, measurement: str) -> list[dict[str, Any]]:
    """Every series' points, one dict per point and field."""
    query = f"""
        from(bucket: "{settings.bucket}") |> range(start: 2020-01-01T00:00:00Z, stop: 2030-01-01T00:00:00Z)
        |> filter(fn: (r) => r._measurement == "{measurement}")
    """
    with InfluxDBClient(url=settings.url, token=settings.token, org=settings.org) as client:
        return [record.values for table in client.query_api().query(query) for record in table.records]
