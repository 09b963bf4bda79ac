"""What is owed to InfluxDB, delivered from PostgreSQL's rows, oldest first."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from trainer.contract import Region
from trainer.contract.local_days import day_of, midnight
from trainer.database.actuals import read_measured
from trainer.database.connection import Connection
from trainer.database.decisions import read_decisions
from trainer.database.deliveries import Unit, backlog, claimed, put_off, settle
from trainer.database.forecast_days import read_days
from trainer.database.judgements import read_verdicts
from trainer.database.metrics import DAY_AHEAD, MetricsRow, read_metrics
from trainer.database.predictions import read_predictions
from trainer.database.shadows import read_shadow_predictions
from trainer.errors import InfrastructureError
from trainer.influx.actuals import publish_actuals, publish_quality
from trainer.influx.forecasts import publish_days, publish_forecast, publish_shadows
from trainer.influx.points import PointsLostError
from trainer.influx.scores import publish_decisions, publish_metrics, remove_other_scores
from trainer.influx.server import InfluxSettings, kept_since

log = logging.getLogger(__name__)

_EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)

UNITS_PER_RUN: Final = 200
"""Sixteen years of actuals, or a month of daily runs."""
SECONDS_PER_RUN: Final = 120.0
"""After which no further unit is begun."""


def deliver(connection: Connection, settings: InfluxSettings, region: Region) -> dict[str, Any]:
    """Facts: influxdb_points (written and read back), influxdb_owed (units), influxdb_owed_since (the moment
    that the oldest of them came to be owed, or None), influxdb_error (why something was not delivered).

    An InfluxDB that is away, too slow or refuses costs a warning, never a run: what was not delivered stays
    owed, and the next run begins with it. Points that the server took and does not give back put off their
    own unit alone. Raises InfrastructureError for PostgreSQL.
    """
    points, last, error = 0, 0, None
    began = time.monotonic()
    for _ in range(UNITS_PER_RUN):
        if time.monotonic() - began > SECONDS_PER_RUN:
            break
        with claimed(connection, region.name, after=last) as unit:
            if unit is None:
                break
            last = unit.id
            try:
                points += _points(connection, settings, region, unit)
            except InfrastructureError as refused:
                error = str(refused)
                put_off(connection, unit, error)
                away = not isinstance(refused, PointsLostError)
            else:
                settle(connection, unit)
                away = False
        if away:
            break
    left = backlog(connection, region.name)
    if left.since is not None:
        log.warning(
            "InfluxDB is owed %d deliveries, the oldest since %s; the next run tries again%s",
            left.owed,
            left.since.isoformat(timespec="seconds"),
            f": {error}" if error else "",
        )
    log.info("delivered %d points to InfluxDB", points)
    return {
        "influxdb_points": points,
        "influxdb_owed": left.owed,
        "influxdb_owed_since": left.since.isoformat() if left.since else None,
        "influxdb_error": error,
    }


def _points(connection: Connection, settings: InfluxSettings, region: Region, unit: Unit) -> int:
    """Points older than the bucket keeps are left out: owing them would be for ever."""
    kept = kept_since(settings) or _EVER
    match unit.kind:
        case "forecast":
            # Shadows have no kind of their own: a release that does not know them would fail to deliver it.
            points = 0
            for read, told in (
                (read_predictions, publish_forecast),
                (read_shadow_predictions, publish_shadows),
            ):
                frame = read(connection, region.name, unit.starts, unit.product)
                frame = frame[frame.index >= kept]
                points += 0 if frame.empty else told(settings, frame, region=region, product=unit.product)
            days = read_days(connection, region.name, unit.starts, unit.product)
            days = [day for day in days if midnight(day.date, region) >= kept]
            return points + publish_days(settings, days, region=region, product=unit.product)
        case "actuals":
            end = (unit.starts + timedelta(days=31)).replace(day=1)
            start = max(unit.starts, kept)
            hours = read_measured(connection, region.name, start, end)
            judged = read_verdicts(connection, region.name, start, end)
            return publish_actuals(settings, hours, region=region.name) + publish_quality(
                settings, judged, region=region.name
            )
        case "metrics":
            rows = read_metrics(connection, region.name, unit.starts)
            wanted = [row for row in rows if _is_told(row) and row.window_end >= kept]
            end = midnight(day_of(unit.starts, region) + timedelta(days=1), region)
            remove_other_scores(settings, wanted, region=region.name, window_end=end)
            return publish_metrics(settings, wanted)
        case "decisions":
            decisions = read_decisions(connection, region.name)
            of_now = [decision for decision in decisions if decision.decided_at >= kept]
            return publish_decisions(settings, of_now, region=region.name)


def _is_told(row: MetricsRow) -> bool:
    """Whether a dashboard has its lead time: of products, tomorrow's hours seen from any of today's."""
    return row.lead_time <= (2 * DAY_AHEAD if row.product else DAY_AHEAD)
