"""publish: the run's forecast to PostgreSQL, read back, and from there to InfluxDB, where there is one."""

from __future__ import annotations

import io
import logging
from datetime import UTC, datetime, timedelta

import pandas as pd

from trainer.contract import Manifest
from trainer.database.connection import connect
from trainer.database.deliveries import ALL_DECISIONS, owe, owe_actuals
from trainer.database.predictions import read_predictions, upsert_predictions
from trainer.environment import require_database_url
from trainer.errors import InfrastructureError
from trainer.influx import InfluxSettings, deliver
from trainer.store import Run

log = logging.getLogger(__name__)

_RECENT = timedelta(days=14)
"""Actuals owed besides those that ingest changed: of a region whose table others fill, all that there are."""


def publish(run: Run) -> Manifest:
    """Facts: postgres_rows as read back and, where there is an InfluxDB, what `deliver` says of it.

    The forecast, and that InfluxDB is owed it, are one transaction: killed after it, this run again or the
    next one delivers. Writing again converges to the same rows and points. Raises InfrastructureError when
    PostgreSQL refuses or does not hold what was written.
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
    region = run.region.name
    product = str(made.facts.get("product", ""))
    origin = frame["origin"].iloc[0].to_pydatetime()
    with connect(url) as connection:
        with connection.transaction():
            upsert_predictions(connection, frame, region=region, run_id=run.run_id, product=product)
            if influxdb is not None:
                owe(connection, region, "forecast", [origin], product)
                owe_actuals(connection, region, since=origin - _RECENT)
                owe(connection, region, "decisions", [ALL_DECISIONS])
        rows = len(read_predictions(connection, region, origin, product))
        if rows != len(frame):
            raise InfrastructureError(
                f"PostgreSQL holds {rows} of the {len(frame)} rows just written for origin {origin}; "
                "run publish again"
            )
        log.info("published %d rows to PostgreSQL", rows)
        delivery = deliver(connection, influxdb, run.region) if influxdb is not None else {}
    facts = {"postgres_rows": rows, **delivery}
    return run.close(
        "publish",
        started=started,
        parameters=parameters,
        inputs=inputs,
        facts=facts,
    )
