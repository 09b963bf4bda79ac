"""What was measured and what is thought of it, as which measurement, tags and fields."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
from influxdb_client.client.influxdb_client import InfluxDBClient

from trainer.influx.points import Point, quoted, span, write_points, write_rows
from trainer.influx.server import InfluxSettings, influx_client

ACTUAL: Final = "power_demand_actual"
QUALITY: Final = "power_demand_quality"


def publish_actuals(settings: InfluxSettings, frame: pd.DataFrame, *, region: str) -> int:
    """Publish the known hours of `demand` and `reference`, the grid operator's own forecast (MW), indexed by
    UTC hour; demand that is NaN, because it is not what it was taken for, is removed. Returns the points
    read back.

    Raises InfrastructureError.
    """
    unknown = frame.index[frame["demand"].isna()]
    with influx_client(settings) as client:
        # Before the write: the delete API takes whole points, the operator's forecast with them.
        _remove_actuals(client, settings, region, unknown)
        return write_rows(client, settings, ACTUAL, {"region": region}, frame[["demand", "reference"]])


def publish_quality(settings: InfluxSettings, judged: pd.DataFrame, *, region: str) -> int:
    """Publish what is thought of each hour of demand, indexed by UTC hour: `verdict` (measured, missing or
    suspect) and, of suspect hours, `reason`. Returns the points read back. Raises InfrastructureError.

    A point keeps the reason of an hour that is suspect no more: the verdict tells whether it holds.
    """
    points: list[Point] = [
        {
            "measurement": QUALITY,
            "tags": {"region": region},
            # InfluxDB gives an empty text back as none.
            "fields": {name: row[name] for name in ("verdict", "reason") if row[name]},
            "time": int(time.timestamp()),
        }
        for time, row in zip(judged.index, judged.to_dict("records"), strict=True)
    ]
    with influx_client(settings) as client:
        return write_points(client, settings, QUALITY, points)


def _remove_actuals(
    client: InfluxDBClient, settings: InfluxSettings, region: str, hours: pd.Index[Any]
) -> None:
    if hours.empty:
        return
    tables = client.query_api().query(
        """
        from(bucket: params_bucket) |> range(start: params_start, stop: params_stop)
        |> filter(fn: (r) => r._measurement == params_measurement and r.region == params_region
            and r._field == "demand")
        |> keep(columns: ["_time"])
        """,
        params={
            "params_bucket": settings.bucket,
            "params_measurement": ACTUAL,
            "params_region": region,
            **span(int(hours[0].timestamp()), int(hours[-1].timestamp())),
        },
    )
    there = {int(record["_time"].timestamp()) for table in tables for record in table.records}
    predicate = f"_measurement={quoted(ACTUAL)} AND region={quoted(region)}"
    for second in sorted(there & {int(hour.timestamp()) for hour in hours}):
        between = span(second, second)
        client.delete_api().delete(
            between["params_start"], between["params_stop"], predicate, bucket=settings.bucket
        )
