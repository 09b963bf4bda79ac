"""publish: the run's forecast to InfluxDB and PostgreSQL, read back before it counts."""

from __future__ import annotations

import io
import logging
from datetime import UTC, datetime

import pandas as pd

from trainer.contract import Manifest
from trainer.database.connection import connect
from trainer.database.decisions import read_decisions
from trainer.database.predictions import read_predictions, upsert_predictions
from trainer.environment import require_database_url
from trainer.errors import InfrastructureError
from trainer.influx import InfluxSettings, publish_actuals, publish_decisions, publish_forecast
from trainer.run import Run
from trainer.steps.snapshot import read_snapshot

log = logging.getLogger(__name__)

_RECENT = pd.Timedelta(days=14)
"""Actuals sent along: enough to mend what late or corrected meter readings changed."""


def publish(run: Run) -> Manifest:
    """Facts: postgres_rows and influxdb_points as read back, influxdb_actuals, influxdb_decisions.

    Writing again converges to the same rows and points, so a killed publish is simply run again. Raises
    InfrastructureError when a server refuses or does not hold what was written.
    """
    made = run.require("forecast")
    parquet = made.outputs["forecast.parquet"]
    inputs = {"forecast.parquet": parquet}
    if done := run.finished("publish", {}, inputs):
        return done
    started = datetime.now(UTC)
    url = require_database_url("publish")
    influxdb = InfluxSettings.from_environ()
    frame = pd.read_parquet(io.BytesIO(run.store.read_checked(parquet)))
    history, _ = read_snapshot(run)
    region = run.region.name
    with connect(url) as connection:
        upsert_predictions(connection, frame, region=region, run_id=run.run_id)
        origin = frame["origin"].iloc[0].to_pydatetime()
        rows = len(read_predictions(connection, region, origin))
        decisions = read_decisions(connection, region)
    if rows != len(frame):
        raise InfrastructureError(
            f"PostgreSQL holds {rows} of the {len(frame)} rows just written for origin {origin}; "
            "run publish again"
        )
    points = publish_forecast(influxdb, frame, region=region)
    actuals = publish_actuals(influxdb, history.loc[frame.index[0] - _RECENT :], region=region)
    told = publish_decisions(influxdb, decisions, region=region)
    log.info("published %d rows to PostgreSQL and %d points to InfluxDB", rows, points)
    return run.close(
        "publish",
        started=started,
        parameters={},
        inputs=inputs,
        facts={
            "postgres_rows": rows,
            "influxdb_points": points,
            "influxdb_actuals": actuals,
            "influxdb_decisions": told,
        },
    )
