"""publish: the run's forecast to PostgreSQL, read back, and from there to InfluxDB, where there is one."""

from __future__ import annotations

import io
import logging
from collections.abc import Mapping
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
    """Writes the run's forecast to PostgreSQL, reads it back, and delivers it to InfluxDB where there is one.

    The forecast, what it says of whole days, and that InfluxDB is owed it, are one transaction: killed after
    it, this run again or the next one delivers. Writing again converges to the same rows and points.

    Facts: postgres_rows as read back and, where there is an InfluxDB, what `deliver` says of it; where
    shadows forecast too, shadow_rows, and shadow_error where theirs could not be written.
    Raises InfrastructureError when PostgreSQL refuses or does not hold what was written.
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
    owed = influxdb is not None
    with connect(url) as connection:
        facts = publish_forecast(connection, run, frame, made.facts, owed=owed)
        if SHADOWS in inputs:
            facts |= _publish_frozen_shadows(connection, run, inputs[SHADOWS], made.facts, owed=owed)
        facts |= deliver(connection, influxdb, run.region) if influxdb is not None else {}
    return run.close(
        "publish",
        started=started,
        parameters=parameters,
        inputs=inputs,
        facts=facts,
    )


def publish_forecast(
    connection: Connection, run: Run, frame: pd.DataFrame, made: Mapping[str, Any], *, owed: bool
) -> dict[str, Any]:
    """Writes the forecast and what it says of whole days to PostgreSQL, with `owed` also that InfluxDB is
    owed them, in one transaction, and reads them back. made: the facts of the forecast.

    Facts: postgres_rows as read back. Raises InfrastructureError where PostgreSQL does not hold what was
    written.
    """
    region, product = run.region.name, str(made.get("product", ""))
    origin = frame["origin"].iloc[0].to_pydatetime()
    days = [ForecastDay.of_fact(fact) for fact in made.get("days") or []]
    with connection.transaction():
        upsert_predictions(connection, frame, region=region, run_id=run.run_id, product=product)
        replace_days(connection, days, region=region, origin=origin, product=product)
        if owed:
            owe(connection, region, "forecast", [origin], product)
            owe_actuals(connection, region, since=origin - _RECENT)
            owe(connection, region, "decisions", [ALL_DECISIONS])
    rows = _read_back(connection, region, origin, product, frame, days)
    log.info("published %d rows to PostgreSQL", rows)
    return {"postgres_rows": rows}


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


def publish_shadows(
    connection: Connection, run: Run, frame: pd.DataFrame, product: str, *, owed: bool
) -> dict[str, Any]:
    """Writes what shadows forecast (`shadow_rows`). The champion's forecast is there by now, and no shadow's
    rows fail it. Facts: shadow_rows, and shadow_error where they could not be written."""
    region = run.region.name
    try:
        origin = frame["origin"].iloc[0].to_pydatetime()
        with connection.transaction():
            rows = upsert_shadow_predictions(
                connection, frame, region=region, run_id=run.run_id, product=product
            )
            if owed:
                owe(connection, region, "forecast", [origin], product)
    except (DemandForecastError, psycopg.Error) as error:
        return _unpublished(error)
    log.info("published %d rows of shadows to PostgreSQL", rows)
    return {"shadow_rows": rows}


def _publish_frozen_shadows(
    connection: Connection, run: Run, parquet: FileRef, made: Mapping[str, Any], *, owed: bool
) -> dict[str, Any]:
    try:
        frame = pd.read_parquet(io.BytesIO(run.store.read_checked(parquet)))
    except DemandForecastError as error:
        return _unpublished(error)
    return publish_shadows(connection, run, frame, str(made.get("product", "")), owed=owed)


def _unpublished(error: Exception) -> dict[str, Any]:
    log.warning("what the shadows forecast was not published: %s", error)
    return {"shadow_rows": 0, "shadow_error": str(error)}
