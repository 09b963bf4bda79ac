"""Two regions that differ only in what befalls one of them, each with a champion and the one before."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psycopg
import pytest
from airflow.dag_processing.dagbag import DagBag

from benchmarks.year.dag_run import in_this_process
from demand_forecast.settings import regions, settings
from demand_forecast.tasks.local import LocalTrainerOperator
from stack import influxdb, postgres
from stack.airflow import connection_uri
from stack.process import free_port
from stack.state import REPOSITORY, Service
from tests.dags.fault_replay.faults import Where
from tests.dags.fault_replay.meter import Meter
from tests.dags.fault_replay.replayed import Replayed, own_days, replay
from tests.dags.fault_replay.schedule import DAYS, Occurrence, draw
from tests.dags.site import crown
from tests.integration.steps.small_model import checksum
from tests.unit.data.series import KOREA
from tests.unit.model.series import TINY, make_history
from trainer.contract import Env, model_folder
from trainer.database.schema import migrate
from trainer.model.artifact.artifact import save_artifact
from trainer.model.training.fitting import fit
from trainer.model.training.twin import fit_twin
from trainer.store import Store

SEED = 13
LEARNT_DAYS = 120
VERSIONS = ("before", "champion")
"""In the order of their promotion."""


@dataclass(frozen=True)
class World:
    clean: Replayed
    faulty: Replayed
    faults: list[Occurrence]
    away: list[int]
    """Days on which InfluxDB is away; all of them where none can be had."""
    influxdb: dict[str, str]
    database: str

    def occurrence(self, name: str) -> Occurrence:
        (found,) = [one for one in self.faults if one.fault.name == name]
        return found


@pytest.fixture(scope="module")
def series() -> pd.DataFrame:
    return make_history(LEARNT_DAYS + DAYS + 1)


@pytest.fixture(scope="module")
def artifact(series: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    until = series.index[24 * LEARNT_DAYS]
    model = fit(series, KOREA, TINY, train_until=until, device="cpu", origin_hours=(0,))
    twin = fit_twin(series, KOREA, TINY, train_until=until, device="cpu")
    folder = tmp_path_factory.mktemp("model") / "artifact"
    save_artifact(model, folder, {"version": "champion"}, twin=twin)
    return folder


@pytest.fixture(scope="module")
def influx(influxdb_where_possible: Service | str) -> Iterator[dict[str, str]]:
    """Variables of a bucket of the module's own; of a port where nobody listens where none can be had."""
    names = (Env.INFLUXDB_URL, Env.INFLUXDB_TOKEN, Env.INFLUXDB_ORG, Env.INFLUXDB_BUCKET)
    if isinstance(influxdb_where_possible, str):
        yield dict(zip(names, (nowhere(), "none", "none", "none"), strict=True))
        return
    service, bucket = influxdb_where_possible, "fault_replay"
    influxdb.make_bucket(service, bucket)
    details = service.details
    yield dict(zip(names, (service.url, details["token"], details["org"], bucket), strict=True))
    influxdb.drop_bucket(service, bucket)


@pytest.fixture(scope="module")
def world(
    series: pd.DataFrame,
    artifact: Path,
    influx: dict[str, str],
    influxdb_where_possible: Service | str,
    postgres_url: str,
    alerts: tuple[str, list[dict[str, Any]]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("fault_replay")
    database = postgres.create_database(postgres_url, "fault_replay")
    migrate(database)
    store = Store.at(folder / "store")
    start = series.index[24 * LEARNT_DAYS]
    faults = draw(start, SEED)
    meters = {
        name: Meter(series, befallen, folder / f"{name}.csv")
        for name, befallen in (("CLEAN", []), ("FAULTY", faults))
    }
    with psycopg.connect(database) as connection:
        for name in meters:
            for version in VERSIONS:
                place = f"{name}-{version}"
                store.upload(artifact, model_folder(name, place))
                trained = (series.index[0].isoformat(), start.isoformat())
                crown(connection, name, place, trained=trained, checksum=checksum(artifact))
                connection.execute("UPDATE model_deployments SET decided_at = decided_at - interval '1 day'")
    (folder / "dags").mkdir()
    (folder / "dags" / "daily_forecast.py").symlink_to(REPOSITORY / "dags" / "daily_forecast.py")
    places = {
        name: replace(KOREA, name=name, title=name, source=str(meter.path)).to_dict()
        for name, meter in meters.items()
    }
    first = int(np.random.default_rng(SEED).integers(DAYS - 20))
    none_at_all = isinstance(influxdb_where_possible, str)
    away = list(range(DAYS)) if none_at_all else [first, first + 1, first + 2]
    with pytest.MonkeyPatch.context() as patch:
        variables = {
            "DEMAND_FORECAST_REGIONS": json.dumps(places),
            "DEMAND_FORECAST_STORE_URL": store.url,
            "DEMAND_FORECAST_DEVICE": "cpu",
            "DEMAND_FORECAST_NOTIFY_URLS": json.dumps([alerts[0]]),
            "AIRFLOW_CONN_DEMAND_FORECAST_POSTGRES": connection_uri(database),
            **influx,
        }
        for variable, value in variables.items():
            patch.setenv(variable, value)
        patch.setattr(LocalTrainerOperator, "_run", in_this_process)
        settings.cache_clear()
        regions.cache_clear()
        dags = DagBag(str(folder / "dags")).dags

        def lost(day: int) -> list[Path]:
            found = [one for one in faults if one.fault.where is Where.MODELS]
            (count,) = [one.hours for one in found if day in own_days(one, start)] or [0]
            newest = reversed(VERSIONS)
            paths = [store.locate(model_folder("FAULTY", f"FAULTY-{version}")) for version in newest]
            return [Path(path) for path in paths[:count]]

        def environ_of(name: str, day: int) -> dict[str, str]:
            if name == "CLEAN":
                return {Env.INFLUXDB_URL: ""}
            return {Env.INFLUXDB_URL: nowhere()} if day in away else {}

        def run(name: str) -> Replayed:
            return replay(
                dags[f"daily_forecast_{name}"],
                name,
                meters[name],
                start,
                database=database,
                arrived=alerts[1],
                environ_of=lambda day: environ_of(name, day),
                models=lost if name == "FAULTY" else lambda _: [],
            )

        yield World(run("CLEAN"), run("FAULTY"), faults, away, influx, database)
    settings.cache_clear()
    regions.cache_clear()


def nowhere() -> str:
    return f"http://127.0.0.1:{free_port()}"
