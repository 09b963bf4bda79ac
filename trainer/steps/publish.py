"""publish: the run's forecast to PostgreSQL, read back, and from there to InfluxDB, where there is one."""

from __future__ import annotations

import io
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import psycopg

from trainer.contract import FileRef, Manifest
from trainer.contract.quantiles import quantile_levels
from trainer.database.connection import Connection, connect
from trainer.database.deliveries import ALL_DECISIONS, owe, owe_actuals
from trainer.database.forecast_days import ForecastDay, read_days, replace_days
from trainer.database.predictions import read_predictions, upsert_predictions
from trainer.database.shadows import upsert_shadow_predictions
from trainer.environment import require_database_url
from trainer.errors import DemandForecastError, InfrastructureError
from trainer.influx import InfluxSettings, deliver
from trainer.steps.shadow_forecasts import SHADOWS
from trainer.store import Run

log = logging.getLogger(__name__)

_RECENT = timedelta(days=14)
"""Actuals owed besides those that ingest changed: of a region whose table others fill, all that there are."""


def publish(run: Run) -> Manifest:
    """Facts: postgres_rows as read back and, where there is an InfluxDB, what `deliver` says of it; where
    shadows forecast too, shadow_rows, and shadow_error where theirs could not be written.

    The forecast, what it says of whole days, and that InfluxDB is owed it, are one transaction: killed after
    it, this run again or the next one delivers. Writing again converges to the same rows and points. Raises
    InfrastructureError when PostgreSQL refuses or does not hold what was written.
    """
    made = run.require("forecast")
    parquet = made.outputs["forecast.parquet"]
    inputs = {name: made.outputs[name] for name in ("forecast.parquet", SHADOWS) if name in made.outputs}
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
    days = [ForecastDay.of_fact(fact) for fact in made.facts.get("days") or []]
    with connect(url) as connection:
        with connection.transaction():
            upsert_predictions(connection, frame, region=region, run_id=run.run_id, product=product)
            replace_days(connection, days, region=region, origin=origin, product=product)
            if influxdb is not None:
                owe(connection, region, "forecast", [origin], product)
                owe_actuals(connection, region, since=origin - _RECENT)
                owe(connection, region, "decisions", [ALL_DECISIONS])
        rows = _read_back(connection, region, origin, product, frame, days)
        log.info("published %d rows to PostgreSQL", rows)
        facts: dict[str, Any] = {"postgres_rows": rows}
        if SHADOWS in inputs:
            facts |= _publish_shadows(connection, run, inputs[SHADOWS], product, owed=influxdb is not None)
        facts |= deliver(connection, influxdb, run.region) if influxdb is not None else {}
    return run.close(
        "publish",
        started=started,
        parameters=parameters,
        inputs=inputs,
        facts=facts,
    )


def _read_back(
    connection: Connection,
    region: str,
    origin: datetime,
    product: str,
    frame: pd.DataFrame,
    days: list[ForecastDay],
) -> int:
    """The rows that PostgreSQL holds of the forecast. Raises InfrastructureError where they are not what was
    written."""
    kept = read_predictions(connection, region, origin, product)
    written = frame[list(quantile_levels(frame.columns))].dropna(axis=1, how="all").astype("float64")
    read = kept[list(quantile_levels(kept.columns))]
    held = read_days(connection, region, origin, product)
    if len(kept) != len(frame) or not read.equals(written.set_axis(read.index)) or held != days:
        raise InfrastructureError(
            f"PostgreSQL holds {len(kept)} of the {len(frame)} rows and {len(held)} of the {len(days)} days "
            f"just written for origin {origin}, or other figures; run publish again"
        )
    return len(kept)


def _publish_shadows(
    connection: Connection, run: Run, parquet: FileRef, product: str, *, owed: bool
) -> dict[str, Any]:
    """The champion's forecast is there by now, and no shadow's rows fail it."""
    region = run.region.name
    try:
        frame = pd.read_parquet(io.BytesIO(run.store.read_checked(parquet)))
        origin = frame["origin"].iloc[0].to_pydatetime()
        with connection.transaction():
            rows = upsert_shadow_predictions(
                connection, frame, region=region, run_id=run.run_id, product=product
            )
            if owed:
                owe(connection, region, "forecast", [origin], product)
    except (DemandForecastError, psycopg.Error) as error:
        log.warning("what the shadows forecast was not published: %s", error)
        return {"shadow_rows": 0, "shadow_error": str(error)}
    log.info("published %d rows of shadows to PostgreSQL", rows)
    return {"shadow_rows": rows}
