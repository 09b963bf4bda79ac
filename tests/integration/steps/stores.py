"""What the two stores hold, PostgreSQL and InfluxDB."""

from __future__ import annotations

from typing import Any

from tests.integration.influx.published import stored
from trainer.database import connect
from trainer.influx import InfluxSettings


def values(database: str, query: str) -> list[tuple[Any, ...]]:
    with connect(database) as connection:
        return connection.execute(query.encode()).fetchall()


def settings_of(influxdb: Any) -> InfluxSettings:
    """The server that the suite starts, as the trainer is told of it."""
    settings = InfluxSettings.from_environ(influxdb.environ)
    assert settings is not None
    return settings


def times(influxdb: Any, measurement: str) -> int:
    """How many points InfluxDB has, of all series together; a second one of an hour would count."""
    field = {"power_demand_forecast": "forecast", "power_demand_actual": "demand"}[measurement]
    return sum(record["_field"] == field for record in stored(settings_of(influxdb), measurement))
