"""How well models did and which of them serves, as which measurement, tags and fields."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Final

from trainer.database.decisions import Decision
from trainer.database.metrics import ALL_LEAD_TIMES, MetricsRow
from trainer.influx.points import Point, quoted, span, write_points
from trainer.influx.server import InfluxSettings, influx_client

METRICS: Final = "forecast_metrics"
DECISIONS: Final = "model_decisions"

_TAGS: Final = ("region", "model_version", "lead_time", "product")
_METRIC_FIELDS: Final = (
    *("mae", "mse", "rmse", "r2", "mape", "smape", "rmae", "crps"),
    *("common_hours", "common_mae", "common_mape", "reference_mae", "reference_mape"),
)


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
            seconds = int(row.window_end.timestamp())
            points.append({"measurement": METRICS, "tags": _tags(row), "fields": fields, "time": seconds})
    points.sort(key=lambda point: "product" in point["tags"])
    with influx_client(settings) as client:
        return sum(
            write_points(client, settings, METRICS, list(alike))
            for _, alike in groupby(points, key=lambda point: "product" in point["tags"])
        )


def remove_other_scores(
    settings: InfluxSettings, rows: Sequence[MetricsRow], *, region: str, window_end: datetime
) -> None:
    """Removes the points of the window that ends then but for those of `rows`, which `publish_metrics` is to
    write after it: one of a model that forecast it no more takes others of that model along. Raises
    InfrastructureError."""
    wanted = {tuple(sorted(_tags(row).items())) for row in rows}
    between = span(int(window_end.timestamp()), int(window_end.timestamp()))
    with influx_client(settings) as client:
        tables = client.query_api().query(
            """
            from(bucket: params_bucket) |> range(start: params_start, stop: params_stop)
            |> filter(fn: (r) => r._measurement == params_measurement and r.region == params_region)
            """,
            params={
                "params_bucket": settings.bucket,
                "params_measurement": METRICS,
                "params_region": region,
                **between,
            },
        )
        records = [record.values for table in tables for record in table.records]
        stored = [{name: record[name] for name in _TAGS if record.get(name)} for record in records]
        others = {tags["model_version"] for tags in stored if tuple(sorted(tags.items())) not in wanted}
        for version in sorted(others):
            # The delete API cannot ask for points without a tag, such as those of no product.
            of_version = {"_measurement": METRICS, "region": region, "model_version": version}
            predicate = " AND ".join(f"{name}={quoted(value)}" for name, value in of_version.items())
            client.delete_api().delete(
                between["params_start"], between["params_stop"], predicate, bucket=settings.bucket
            )


def _tags(row: MetricsRow) -> dict[str, str]:
    lead = "all" if row.lead_time == ALL_LEAD_TIMES else str(row.lead_time)
    of_product = {"product": row.product} if row.product else {}
    return {"region": row.region, "model_version": row.model_version, "lead_time": lead, **of_product}


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
