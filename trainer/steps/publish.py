"""publish: the run's forecast to PostgreSQL and, where there is one, InfluxDB; read back before it counts."""

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
    """Facts: postgres_rows and influxdb_points as read back, influxdb_actuals, influxdb_decisions; without
    InfluxDB the last three are not there.

    Writing again converges to the same rows and points, so a killed publish is simply run again. Raises
    InfrastructureError when a server refuses or does not hold what was written.
    """
    made = run.require("forecast")
    parquet = made.outputs["forecast.parquet"]
    inputs = {"forecast.parquet": parquet}
    influxdb = InfluxSettings.from_environ()
    parameters = {"influxdb": influxdb is not None}  # one that comes later gets the points when run again
    if done := run.finished("publish", parameters, inputs):
        return done
    started = datetime.now(UTC)
    url = require_database_url("publish")
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
    facts = {"postgres_rows": rows}
    log.info("published %d rows to PostgreSQL", rows)
    if influxdb is not None:
        recent = history.loc[frame.index[0] - _RECENT :]
        facts["influxdb_points"] = publish_forecast(influxdb, frame, region=run.region)
        facts["influxdb_actuals"] = publish_actuals(influxdb, recent, region=region)
        facts["influxdb_decisions"] = publish_decisions(influxdb, decisions, region=region)
        log.info("published %d points to InfluxDB", facts["influxdb_points"])
    return run.close(
        "publish",
        started=started,
        parameters=parameters,
        inputs=inputs,
        facts=facts,
    )
