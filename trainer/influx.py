"""Publishes forecasts, actuals and metrics to InfluxDB 2, where dashboards read them.

A point's key is its measurement, its tags and its time, so a rerun overwrites it. Every write is read
back and compared before it counts.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self

import pandas as pd
from influxdb_client.client.exceptions import InfluxDBError
from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.client.write_api import SYNCHRONOUS
from influxdb_client.domain.write_precision import WritePrecision
from urllib3.exceptions import HTTPError

from trainer.contract import Env
from trainer.database.decisions import Decision
from trainer.database.metrics import ALL_LEAD_TIMES, MetricsRow
from trainer.errors import InfrastructureError, UsageError

FORECAST: Final = "power_demand_forecast"
ACTUAL: Final = "power_demand_actual"
METRICS: Final = "forecast_metrics"
DECISIONS: Final = "model_decisions"

_FORECAST_FIELDS: Final = ("forecast", "trend", "seasonality", "residual", "lower", "upper")
_METRIC_FIELDS: Final = ("mae", "mse", "rmse", "r2", "mape", "smape")
_DAY: Final = 24
_BATCH: Final = 5_000
"""Points per request, the size that InfluxDB's documentation advises."""
_TIMEOUT_MS: Final = 30_000

Point = dict[str, Any]
Key = tuple[int | str, ...]
"""Seconds, field, and the values of the tags in the order of their names."""


@dataclass(frozen=True, kw_only=True)
class InfluxSettings:
    """One bucket of one server."""

    url: str
    token: str = field(repr=False)
    org: str
    bucket: str

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Raises UsageError naming the variables that are not set."""
        environ = os.environ if environ is None else environ
        names = (Env.INFLUXDB_URL, Env.INFLUXDB_TOKEN, Env.INFLUXDB_ORG, Env.INFLUXDB_BUCKET)
        if missing := [str(name) for name in names if not environ.get(name)]:
            raise UsageError(f"InfluxDB is not configured: set {', '.join(missing)}")
        url, token, org, bucket = (environ[name] for name in names)
        return cls(url=url, token=token, org=org, bucket=bucket)


def publish_forecast(settings: InfluxSettings, frame: pd.DataFrame, *, region: str) -> int:
    """Publish one forecast, indexed by UTC hour: lead_time, model_version, the forecast in MW and its
    components and band (a NaN is left out). Returns the points read back.

    Lead times up to 24 h are of horizon class `day`, the others of `week`: a dashboard shows one of them.
    Points that another model left for the same class and hours are removed after the write, so that a
    reader always finds at least one. Raises InfrastructureError.
    """
    classes = frame["lead_time"].le(_DAY).map({True: "day", False: "week"})
    written = 0
    with _client(settings) as client:
        for (horizon_class, version), part in frame.groupby([classes, "model_version"]):
            tags = {"region": region, "model_version": str(version), "horizon_class": str(horizon_class)}
            written += _write(client, settings, FORECAST, tags, part[list(_FORECAST_FIELDS)])
            _remove_other_versions(client, settings, tags, part.index)
    return written


def publish_actuals(settings: InfluxSettings, frame: pd.DataFrame, *, region: str) -> int:
    """Publish the known hours of `demand` (MW), indexed by UTC hour. Returns the points read back.

    Raises InfrastructureError.
    """
    with _client(settings) as client:
        return _write(client, settings, ACTUAL, {"region": region}, frame[["demand"]].dropna())


def publish_metrics(settings: InfluxSettings, rows: Sequence[MetricsRow]) -> int:
    """Publish mae, mse, rmse, r2, mape, smape of each scored window as one point at the window's end.

    The tag lead_time is `all` or the hours ahead, 1, 2, ... A figure that is None or not finite is left
    out, and a row without any. Returns the points read back. Raises InfrastructureError.
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
            seconds = int(row.window_end.timestamp())
            points.append({"measurement": METRICS, "tags": tags, "fields": fields, "time": seconds})
    with _client(settings) as client:
        return _write_points(client, settings, METRICS, points)


def publish_decisions(settings: InfluxSettings, decisions: Sequence[Decision], *, region: str) -> int:
    """Publish which models became champion or were turned away, each as one point at its decision's second.

    Fields: version, run_id, outcome (`promoted` or `rejected`), reason, and where they are known
    trained_to (seconds since 1970), challenger_mape and champion_mape (percent). Returns the points read
    back. Raises InfrastructureError.
    """
    points: list[Point] = [
        {
            "measurement": DECISIONS,
            "tags": {"region": region},
            "fields": {name: value for name, value in decision.fields().items() if value is not None},
            "time": int(decision.decided_at.timestamp()),
        }
        for decision in decisions
    ]
    with _client(settings) as client:
        return _write_points(client, settings, DECISIONS, points)


@contextmanager
def _client(settings: InfluxSettings) -> Iterator[InfluxDBClient]:
    place = f"InfluxDB at {settings.url}"
    try:
        with InfluxDBClient(
            url=settings.url, token=settings.token, org=settings.org, timeout=_TIMEOUT_MS
        ) as client:
            yield client
    except InfluxDBError as error:
        status = error.response.status if error.response is not None else None
        mends = {
            401: f"it does not know the token; correct {Env.INFLUXDB_TOKEN}",
            403: f"the token may not write and read bucket {settings.bucket}; give it that right",
            404: f"it has no organisation {settings.org} or no bucket {settings.bucket}; create them, or "
            f"correct {Env.INFLUXDB_ORG} and {Env.INFLUXDB_BUCKET}",
        }
        mend = mends.get(status or 0, f"its answer: {error.message}; run again once it is well")
        raise InfrastructureError(f"{place} refuses (HTTP status {status}): {mend}") from error
    except HTTPError as error:
        raise InfrastructureError(
            f"{place} cannot be reached: {error}; start it or correct {Env.INFLUXDB_URL}, then run again"
        ) from error


def _write(
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
    return _write_points(client, settings, measurement, points)


def _write_points(
    client: InfluxDBClient, settings: InfluxSettings, measurement: str, points: Sequence[Point]
) -> int:
    """Write points that bear the same tag names, read them back, return their number."""
    for batch in _batches(points):
        with client.write_api(write_options=SYNCHRONOUS) as writer:
            writer.write(bucket=settings.bucket, record=batch, write_precision=WritePrecision.S)
        _check(settings, measurement, batch, _read(client, settings, measurement, batch))
    return len(points)


def _batches(points: Sequence[Point]) -> Iterator[Sequence[Point]]:
    for start in range(0, len(points), _BATCH):
        yield points[start : start + _BATCH]


def _read(
    client: InfluxDBClient, settings: InfluxSettings, measurement: str, batch: Sequence[Point]
) -> dict[Key, float | str]:
    """What the server has for the tags and within the hours of the batch."""
    names = sorted(batch[0]["tags"])
    wanted = {name: sorted({point["tags"][name] for point in batch}) for name in names}
    same_tags = " and ".join(f"contains(value: r.{name}, set: params_{name})" for name in names)
    kept = ", ".join(f'"{name}"' for name in names)
    times = [point["time"] for point in batch]
    tables = client.query_api().query(
        f"""
        from(bucket: params_bucket) |> range(start: params_start, stop: params_stop)
        |> filter(fn: (r) => r._measurement == params_measurement)
        |> filter(fn: (r) => {same_tags})
        |> keep(columns: ["_time", "_field", "_value", {kept}])
        """,
        params={
            **{f"params_{name}": values for name, values in wanted.items()},
            "params_bucket": settings.bucket,
            "params_measurement": measurement,
            **_range(min(times), max(times)),
        },
    )
    return {
        (int(record["_time"].timestamp()), record["_field"], *(record[name] for name in names)): record[
            "_value"
        ]
        for table in tables
        for record in table.records
    }


def _check(
    settings: InfluxSettings, measurement: str, batch: Sequence[Point], stored: Mapping[Key, float | str]
) -> None:
    lost = [
        point["time"]
        for point in batch
        for tags in [tuple(point["tags"][name] for name in sorted(point["tags"]))]
        if any(stored.get((point["time"], name, *tags)) != value for name, value in point["fields"].items())
    ]
    if lost:
        first = datetime.fromtimestamp(min(lost), UTC).isoformat()
        raise InfrastructureError(
            f"InfluxDB at {settings.url} took {len(batch)} points of {measurement} and gives back "
            f"{len(batch) - len(lost)} of them, the first lost one at {first}; is it older than the "
            f"retention period of bucket {settings.bucket}?"
        )


def _remove_other_versions(
    client: InfluxDBClient, settings: InfluxSettings, tags: Mapping[str, str], hours: pd.Index[Any]
) -> None:
    first, last = int(hours[0].timestamp()), int(hours[-1].timestamp())
    tables = client.query_api().query(
        """
        from(bucket: params_bucket) |> range(start: params_start, stop: params_stop)
        |> filter(fn: (r) => r._measurement == params_measurement and r._field == "forecast"
            and r.region == params_region and r.horizon_class == params_horizon_class
            and r.model_version != params_model_version)
        |> group(columns: ["model_version"]) |> first() |> keep(columns: ["model_version"])
        """,
        params={
            **{f"params_{name}": value for name, value in tags.items()},
            "params_bucket": settings.bucket,
            "params_measurement": FORECAST,
            **_range(first, last),
        },
    )
    span = _range(first, last)
    for version in sorted({record["model_version"] for table in tables for record in table.records}):
        # The delete API knows neither `!=` nor parameters: one call per version, quoted by hand.
        wanted = {**tags, "_measurement": FORECAST, "model_version": version}
        predicate = " AND ".join(f"{name}={_quoted(value)}" for name, value in wanted.items())
        client.delete_api().delete(
            span["params_start"], span["params_stop"], predicate, bucket=settings.bucket
        )


def _range(first: int, last: int) -> dict[str, datetime]:
    """Both hours included, whether an end counts or not: Flux leaves it out, the delete API takes it in."""
    return {
        "params_start": datetime.fromtimestamp(first, UTC),
        "params_stop": datetime.fromtimestamp(last, UTC) + timedelta(seconds=1),
    }


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
