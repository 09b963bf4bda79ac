"""What is published, and as which measurement, tags and fields."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, Final

import pandas as pd
from influxdb_client.client.influxdb_client import InfluxDBClient

from trainer.contract import Region
from trainer.contract.local_days import day_ahead_hours
from trainer.contract.quantiles import quantile_levels
from trainer.database.decisions import Decision
from trainer.database.metrics import ALL_LEAD_TIMES, MetricsRow
from trainer.influx.points import Point, span, write_points
from trainer.influx.server import InfluxSettings, influx_client

FORECAST: Final = "power_demand_forecast"
SHADOW_FORECAST: Final = "power_demand_shadow_forecast"
ACTUAL: Final = "power_demand_actual"
QUALITY: Final = "power_demand_quality"
METRICS: Final = "forecast_metrics"
DECISIONS: Final = "model_decisions"

_FORECAST_FIELDS: Final = ("forecast", "trend", "seasonality", "residual", "lower", "upper")
_METRIC_FIELDS: Final = (
    *("mae", "mse", "rmse", "r2", "mape", "smape", "rmae", "crps"),
    *("common_hours", "common_mae", "common_mape", "reference_mae", "reference_mape"),
)


def publish_forecast(
    settings: InfluxSettings, frame: pd.DataFrame, *, region: Region, product: str = ""
) -> int:
    """Publish one forecast, indexed by UTC hour: lead_time, model_version, the forecast in MW and its
    components, band and further quantiles, q5, q25 and so on (a NaN is left out). Returns the points read
    back.

    Lead times up to 24 h, 25 h where clocks go back, are of horizon class `day`, the others of `week`: a
    dashboard shows one of them. A named `product` is of the class `product` whatever its lead times, and
    bears the tag `product`, which the daily forecast is without.
    Points that another model left for the same class and hours are removed after the write, so that a
    reader always finds at least one. Raises InfrastructureError.
    """
    fields = [*_FORECAST_FIELDS, *quantile_levels(frame.columns)]
    day = day_ahead_hours(frame.index[0].to_pydatetime(), region)
    classes = frame["lead_time"].le(day).map({True: "day", False: "week"})
    if product:
        classes = pd.Series("product", index=frame.index)
    written = 0
    with influx_client(settings) as client:
        for (horizon_class, version), part in frame.groupby([classes, "model_version"]):
            tags = {
                "region": region.name,
                "model_version": str(version),
                "horizon_class": str(horizon_class),
                **({"product": product} if product else {}),
            }
            written += _write_rows(client, settings, FORECAST, tags, part[fields])
            _remove_other_versions(client, settings, tags, part.index)
    return written


def publish_shadows(
    settings: InfluxSettings, frame: pd.DataFrame, *, region: Region, product: str = ""
) -> int:
    """Publish what shadows forecast from one origin, indexed by UTC hour: shadow, lead_time, and forecast,
    lower and upper in MW. Returns the points read back.

    A measurement of their own, with the tags region, shadow, role (`shadow`) and, of a named `product`,
    product: no panel of what is served can take them in. Of the daily forecast the first day's hours, so
    that an hour has one point of each shadow. Raises InfrastructureError.
    """
    if not product:
        frame = frame[frame["lead_time"] <= day_ahead_hours(frame["origin"].iloc[0].to_pydatetime(), region)]
    written = 0
    with influx_client(settings) as client:
        for shadow, part in frame.groupby("shadow"):
            tags = {"region": region.name, "shadow": str(shadow), "role": "shadow"}
            tags |= {"product": product} if product else {}
            figures = part[["forecast", "lower", "upper"]]
            written += _write_rows(client, settings, SHADOW_FORECAST, tags, figures)
    return written


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
        return _write_rows(client, settings, ACTUAL, {"region": region}, frame[["demand", "reference"]])


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


def publish_metrics(settings: InfluxSettings, rows: Sequence[MetricsRow]) -> int:
    """Publish mae, mse, rmse, r2, mape, smape, rmae, crps of each scored window as one point at its end, and
    what the operator's own forecast and ours have on the hours of both.

    The tag lead_time is `all` or the hours ahead, 1, 2, ...; rows of named products bear the tag product too.
    A figure that is None or not finite is left out, and a row without any. Returns the points read back.
    Raises InfrastructureError.
    """
    points: list[Point] = []
    for row in rows:
        figures = {name: getattr(row, name) for name in _METRIC_FIELDS}
        fields = {
            name: value for name, value in figures.items() if value is not None and math.isfinite(value)
        }
        if fields:
            lead = "all" if row.lead_time == ALL_LEAD_TIMES else str(row.lead_time)
            tags = {"region": row.region, "model_version": row.model_version, "lead_time": lead}
            if row.product:
                tags["product"] = row.product
            seconds = int(row.window_end.timestamp())
            points.append({"measurement": METRICS, "tags": tags, "fields": fields, "time": seconds})
    points.sort(key=lambda point: "product" in point["tags"])
    with influx_client(settings) as client:
        return sum(
            write_points(client, settings, METRICS, list(alike))
            for _, alike in groupby(points, key=lambda point: "product" in point["tags"])
        )


def publish_decisions(settings: InfluxSettings, decisions: Sequence[Decision], *, region: str) -> int:
    """Publish which models became champion or were turned away, each as one point at a second of its own.

    Fields: version, run_id, outcome (`promoted`, `rejected`, `refitted`), reason, and where they are known
    trained_to (seconds since 1970), challenger_mape and champion_mape (percent), mlflow_run_id. Returns the
    points read back. Raises InfrastructureError.
    """
    points: list[Point] = [
        {
            "measurement": DECISIONS,
            "tags": {"region": region},
            "fields": {name: value for name, value in decision.fields().items() if value is not None},
            "time": int(decision.point_at.timestamp()),
        }
        for decision in decisions
    ]
    with influx_client(settings) as client:
        return write_points(client, settings, DECISIONS, points)


def _write_rows(
    client: InfluxDBClient,
    settings: InfluxSettings,
    measurement: str,
    tags: Mapping[str, str],
    frame: pd.DataFrame,
) -> int:
    """Write one point per row of `frame` (UTC time -> fields), read them back, return their number."""
    points: list[Point] = []
    for time, row in zip(frame.index, frame.to_dict("records"), strict=True):
        fields = {str(name): float(value) for name, value in row.items() if math.isfinite(value)}
        if fields:
            seconds = int(time.timestamp())
            points.append({"measurement": measurement, "tags": tags, "fields": fields, "time": seconds})
    return write_points(client, settings, measurement, points)


def _remove_other_versions(
    client: InfluxDBClient, settings: InfluxSettings, tags: Mapping[str, str], hours: pd.Index[Any]
) -> None:
    between = span(int(hours[0].timestamp()), int(hours[-1].timestamp()))
    tables = client.query_api().query(
        """
        from(bucket: params_bucket) |> range(start: params_start, stop: params_stop)
        |> filter(fn: (r) => r._measurement == params_measurement and r._field == "forecast"
            and r.region == params_region and r.horizon_class == params_horizon_class
            and r.model_version != params_model_version
            and (if exists r.product then r.product else "") == params_product)
        |> group(columns: ["model_version"]) |> first() |> keep(columns: ["model_version"])
        """,
        params={
            **{f"params_{name}": value for name, value in tags.items()},
            "params_bucket": settings.bucket,
            "params_measurement": FORECAST,
            "params_product": tags.get("product", ""),
            **between,
        },
    )
    for version in sorted({record["model_version"] for table in tables for record in table.records}):
        # The delete API knows neither `!=` nor parameters: one call per version, quoted by hand.
        wanted = {**tags, "_measurement": FORECAST, "model_version": version}
        predicate = " AND ".join(f"{name}={_quoted(value)}" for name, value in wanted.items())
        client.delete_api().delete(
            between["params_start"], between["params_stop"], predicate, bucket=settings.bucket
        )


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
    predicate = f"_measurement={_quoted(ACTUAL)} AND region={_quoted(region)}"
    for second in sorted(there & {int(hour.timestamp()) for hour in hours}):
        between = span(second, second)
        client.delete_api().delete(
            between["params_start"], between["params_stop"], predicate, bucket=settings.bucket
        )


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
