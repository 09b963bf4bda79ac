"""Points written, read back and compared; a point that did not arrive as it was sent is an error."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pandas as pd
from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.client.write_api import SYNCHRONOUS
from influxdb_client.domain.write_precision import WritePrecision

from trainer.errors import InfrastructureError
from trainer.influx.server import InfluxSettings

_BATCH: Final = 5_000
"""Points per request, the size that InfluxDB's documentation advises."""


class PointsLostError(InfrastructureError):
    """The server took points and does not give them back."""


Point = dict[str, Any]
Key = tuple[int | str, ...]
"""Seconds, field, and the values of the tags in the order of their names."""


def write_points(
    client: InfluxDBClient, settings: InfluxSettings, measurement: str, points: Sequence[Point]
) -> int:
    """Write points that bear the same tag names, read them back, return their number."""
    for batch in _batches(points):
        with client.write_api(write_options=SYNCHRONOUS) as writer:
            writer.write(bucket=settings.bucket, record=batch, write_precision=WritePrecision.S)
        _check(settings, measurement, batch, _read(client, settings, measurement, batch))
    return len(points)


def write_rows(
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


def _batches(points: Sequence[Point]) -> Iterator[Sequence[Point]]:
    for start in range(0, len(points), _BATCH):
        yield points[start : start + _BATCH]


def _read(
    client: InfluxDBClient, settings: InfluxSettings, measurement: str, batch: Sequence[Point]
) -> dict[Key, float | str]:
    """The values that the server holds for the batch's tags, within its hours, by the points' keys."""
    names = sorted(batch[0]["tags"])
    wanted = {name: sorted({point["tags"][name] for point in batch}) for name in names}
    same_tags = " and ".join(f"contains(value: r.{name}, set: params_{name})" for name in names)
    if "product" not in names:  # the same tags, and one more, are the points of a named forecast
        same_tags += " and not exists r.product"
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
            **span(min(times), max(times)),
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
        raise PointsLostError(
            f"InfluxDB at {settings.url} took {len(batch)} points of {measurement} and gives back "
            f"{len(batch) - len(lost)} of them, the first lost one at {first}; is it older than the "
            f"retention period of bucket {settings.bucket}?"
        )


def span(first: int, last: int) -> dict[str, datetime]:
    """Both hours included, whether an end counts or not: Flux leaves it out, the delete API takes it in."""
    return {
        "params_start": datetime.fromtimestamp(first, UTC),
        "params_stop": datetime.fromtimestamp(last, UTC) + timedelta(seconds=1),
    }


def quoted(text: str) -> str:
    """For a predicate of the delete API, which knows no parameters."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
