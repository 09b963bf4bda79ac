"""Where a year is replayed: servers, a store and a source of its own, started empty."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pandas as pd

from stack import airflow, influxdb, influxdb_binary, mlflow, postgres, servers
from stack.state import Service, State
from trainer.contract import Env, Region
from trainer.database.schema import migrate

_SOURCE_DAYS: Final = 21
"""Days that the source's file goes back, as an operator's daily export, once its history has been read."""


@dataclass(frozen=True)
class Site:
    state: State
    region: Region
    """Its source is `source`."""
    history: pd.DataFrame
    """UTC hours: demand (MW) and weather, all that will ever be known."""
    database: str
    """URL of the trainer's tables."""
    influx: Service | None
    """None where none can be had: forecasts go to PostgreSQL alone."""
    source: Path
    beside: Region | None = None
    """Another region of the same servers and history, if any; `other` is its site."""

    @property
    def store(self) -> Path:
        return self.state.folder / "store"

    @property
    def other(self) -> Site:
        """The site of the region beside this one, which has a source of its own."""
        assert self.beside is not None  # whoever asks has started it with one
        return replace(self, region=self.beside, beside=self.region, source=Path(self.beside.source))

    def write_source(self, moment: datetime) -> None:
        """The source's file as it is at `moment`: demand before it, weather up to two days after."""
        origin = pd.Timestamp(moment.astimezone(UTC)).floor("h")
        known = self.history
        first = origin - timedelta(days=_SOURCE_DAYS) if self.source.exists() else known.index[0]
        rows = known.loc[first : origin + timedelta(days=2)].copy()
        rows.loc[origin:, "demand"] = float("nan")
        rows.to_csv(self.source)


@contextmanager
def site(
    folder: Path, region: Region, history: pd.DataFrame, *, beside: Region | None = None
) -> Iterator[Site]:
    """Servers of the state folder `folder`, emptied first and stopped in the end; this process has the
    environment that Airflow's tasks would have. `beside`: a second region, which has the same history."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that servers are stopped
    state = State(folder)
    servers.stop(state, state.services())
    servers.purge(state)
    try:
        database = postgres.ensure(state, environ={}, port=0).details["url"]
        migrate(database)
        tracking = mlflow.ensure(state, environ={}, port=0)
        try:
            influx = influxdb.ensure(state, influxdb_binary.obtain(print), environ={}, port=0)
        except influxdb_binary.NotToBeHadError as error:
            print(f"without InfluxDB: {error}")
            influx = None
        region = _sourced(state, region)
        beside = beside and _sourced(state, beside)
        here = Site(state, region, history, database, influx, Path(region.source), beside)
        os.environ.update(_environment(here, tracking.url))
        yield here
    finally:
        servers.stop(state, state.services())


def _sourced(state: State, region: Region) -> Region:
    return replace(region, source=str(state.folder / f"{region.name}.csv"))


def _environment(here: Site, tracking_url: str) -> dict[str, str]:
    told = {
        "DEMAND_FORECAST_STORE_URL": here.store.as_uri(),
        "DEMAND_FORECAST_ORIGIN_HOURS": "0",
        "AIRFLOW_CONN_DEMAND_FORECAST_POSTGRES": airflow.connection_uri(here.database),
        Env.REGIONS: json.dumps(
            {region.name: region.to_dict() for region in (here.region, here.beside) if region is not None}
        ),
        Env.DEVICE: "cpu",
        Env.MLFLOW_TRACKING_URI: tracking_url,
    }
    if here.influx:
        details = here.influx.details
        names = (Env.INFLUXDB_URL, Env.INFLUXDB_TOKEN, Env.INFLUXDB_ORG, Env.INFLUXDB_BUCKET)
        values = (here.influx.url, details["token"], details["org"], details["bucket"])
        told |= {str(name): value for name, value in zip(names, values, strict=True)}
    # Airflow only parses DAG files here: its own tables are never asked.
    return airflow.environment(here.state, metadata_url=here.database, port=0, variables=told)
