"""The DAG of an hourly product, hour by hour: the real task, databases and store; the source and the champion
fail where a region's name says so."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd
import psycopg
import pytest

from stack import influxdb
from stack.state import Service
from tests.dags.replay import Outcome, Replay, replay
from tests.dags.site import Site, crown
from tests.integration.influx.published import stored
from tests.integration.steps.small_model import (
    PLACE,
    TINY,
    TRAINED_UNTIL,
    ZONE,
    checksum,
    history_of,
    hundred_days,
)
from trainer.contract import Region, manifest_path, model_folder
from trainer.contract.products import product_dag_id
from trainer.database.actuals import upsert_actuals
from trainer.database.connection import connect
from trainer.influx import InfluxSettings
from trainer.model.artifact import save_artifact
from trainer.model.training.fitting import fit

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

FORECASTS: dict[str, Any] = {"intraday": {"every": "1h", "hours": 6}}
STORED_UNTIL = pd.Timestamp("2024-04-04 08:00", tz=ZONE)
"""Up to which raw_demand has what a failing source does not bring: more than a day before the runs."""
HOURS = ("2024-04-05T10:00:00+09:00", "2024-04-05T11:00:00+09:00", "2024-04-05T12:00:00+09:00")
RUNS = [
    *(("SOUND", hour) for hour in (*HOURS, HOURS[-1])),
    *((name, HOURS[0]) for name in ("BROKEN", "DEAD", "SILENT")),
    ("DEAD", HOURS[1]),
]


@dataclass(frozen=True)
class Made:
    outcomes: dict[tuple[str, str], Outcome]
    log: str
    rows: pd.DataFrame
    """Of `predictions`, by region, origin and time."""
    points: pd.DataFrame
    """InfluxDB's forecasts: region, time, product and value (MW)."""
    site: Site
    alerts: list[dict[str, Any]]

    def rows_of(self, region: str) -> pd.DataFrame:
        return self.rows[self.rows["region"] == region]

    def titles_of(self, region: str) -> list[str]:
        told = (one["title"] for one in self.alerts if f"forecast_{region}_intraday/" in one["message"])
        return sorted(told)


def run_at(region: str, moment: str) -> Replay:
    return Replay(dag_id=product_dag_id(region, "intraday"), logical_date=moment, run_after=moment)


@pytest.fixture(scope="module")
def bucket(influxdb_service: Service) -> Iterator[dict[str, str]]:
    """The environment of an empty bucket of the module's own."""
    influxdb.make_bucket(influxdb_service, "hourly")
    details = influxdb_service.details
    yield {
        "INFLUXDB_URL": influxdb_service.url,
        "INFLUXDB_TOKEN": details["token"],
        "INFLUXDB_ORG": details["org"],
        "INFLUXDB_BUCKET": "hourly",
    }
    influxdb.drop_bucket(influxdb_service, "hourly")


@pytest.fixture(scope="module")
def silent_source() -> Iterator[str]:
    """An address that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/demand.csv"


@pytest.fixture(scope="module")
def made(
    site: Site,
    alerts: tuple[str, list[dict[str, Any]]],
    bucket: dict[str, str],
    silent_source: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Made:
    folder = tmp_path_factory.mktemp("hourly")
    demand = hundred_days()
    demand.to_csv(folder / "demand.csv")
    history = history_of(demand)
    sources = {
        "SOUND": str(folder / "demand.csv"),
        "BROKEN": str(folder / "demand.csv"),
        "DEAD": str(folder / "gone.csv"),
        "SILENT": silent_source,
    }
    regions = {name: {**PLACE, "source": source, "forecasts": FORECASTS} for name, source in sources.items()}
    until = TRAINED_UNTIL.tz_convert("UTC")
    model = fit(history, Region.parse("SOUND", regions["SOUND"]), TINY, train_until=until, origin_hours=(0,))
    artifact = folder / "artifact"
    save_artifact(model, artifact, {"version": "1"})
    with connect(site.database) as connection:
        for name in regions:
            for version in ("0", "1"):
                site.store.upload(artifact, model_folder(name, version))
            if name in ("DEAD", "SILENT"):
                upsert_actuals(
                    connection, history[history.index < STORED_UNTIL], region=name, source="before"
                )
    site.store.write(f"{model_folder('BROKEN', '1')}/trend.json", b"{}")
    with psycopg.connect(site.database) as connection:
        trained = ("2024-01-01T00:00:00+09:00", TRAINED_UNTIL.isoformat())
        for name in regions:
            for version in ("0", "1"):
                crown(connection, name, version, trained=trained, checksum=checksum(artifact))
    environ = {
        **site.environ_of(regions, "product_forecast.py"),
        **bucket,
        "DEMAND_FORECAST_REGIONS": json.dumps(regions),
        "DEMAND_FORECAST_NOTIFY_URLS": json.dumps([alerts[0]]),
        "DEMAND_FORECAST_INTRADAY_INGEST_SECONDS": "5",
    }
    outcomes, log = replay([run_at(*run) for run in RUNS], environ)
    return Made(
        dict(zip(RUNS, outcomes, strict=True)), log, _rows(site.database), _points(bucket), site, alerts[1]
    )


def _rows(database: str) -> pd.DataFrame:
    with psycopg.connect(database) as connection:
        cursor = connection.execute(
            "SELECT region, product, origin, time, lead_time, model_version, fallback, forecast_mw, run_id "
            "FROM predictions ORDER BY region, origin, time"
        )
        return pd.DataFrame(cursor.fetchall(), columns=[one.name for one in cursor.description or []])


def _points(bucket: dict[str, str]) -> pd.DataFrame:
    settings = InfluxSettings.from_environ(bucket)
    assert settings is not None
    told = [one for one in stored(settings, "power_demand_forecast") if one["_field"] == "forecast"]
    return pd.DataFrame(
        {
            "region": [one["region"] for one in told],
            "product": [one["product"] for one in told],
            "time": pd.to_datetime([one["_time"] for one in told], utc=True),
            "forecast_mw": [one["_value"] for one in told],
        }
    )


def test_each_run_is_one_task_that_succeeds(made: Made) -> None:
    for run, outcome in made.outcomes.items():
        assert (outcome.state, outcome.tasks) == ("success", {"intraday": "success"}), (run, made.log[-5000:])


def test_each_hour_s_forecast_is_published_from_the_last_measured_hour_and_a_rerun_doubles_nothing(
    made: Made,
) -> None:
    sound = made.rows_of("SOUND")
    assert sound.groupby("origin")["lead_time"].apply(list).to_dict() == {
        pd.Timestamp(hour): [1, 2, 3, 4, 5, 6] for hour in HOURS
    }
    assert set(zip(sound["product"], sound["model_version"], sound["fallback"], strict=True)) == {
        ("intraday", "1", "none")
    }
    assert set(sound["run_id"]) == {run_at("SOUND", hour).run_id for hour in HOURS}
    assert made.titles_of("SOUND") == []


def test_influxdb_has_of_each_hour_what_was_said_last(made: Made) -> None:
    points = made.points[made.points["region"] == "SOUND"].sort_values("time")
    last = made.rows_of("SOUND").groupby("time").last()
    assert set(points["product"]) == {"intraday"}
    assert points["time"].tolist() == last.index.tolist()
    assert points["forecast_mw"].tolist() == pytest.approx(last["forecast_mw"].tolist())


def test_the_store_holds_but_the_last_run_s_manifest_and_the_tables_no_snapshot(made: Made) -> None:
    kept = manifest_path("SOUND", product_dag_id("SOUND", "intraday"), "intraday")
    assert [file.path for file in made.site.store.files("SOUND") if "/models/" not in file.path] == [kept]
    manifest = json.loads(made.site.store.read(kept))
    last = run_at("SOUND", HOURS[-1]).run_id
    assert manifest["run_id"] == last
    assert manifest["facts"]["kept"]["run_id"] == last, "the moment is long past when it is run again"
    with psycopg.connect(made.site.database) as connection:
        assert connection.execute("SELECT count(*) FROM snapshots").fetchone() == (0,)


def test_a_broken_champion_gives_way_to_the_one_before_it_and_alerts_under_the_product_s_name(
    made: Made,
) -> None:
    rows = made.rows_of("BROKEN")
    assert set(zip(rows["model_version"], rows["fallback"], strict=True)) == {("0", "previous")}
    assert made.titles_of("BROKEN") == ["Test, intraday: the forecast is a fallback (previous)"]


@pytest.mark.parametrize(("region", "why"), [("DEAD", "gone.csv"), ("SILENT", "not been taken in after 5 s")])
def test_a_source_that_fails_or_is_silent_costs_its_new_hours_alone_and_alerts_once_a_day(
    made: Made, region: str, why: str
) -> None:
    rows = made.rows_of(region)
    assert (set(rows.groupby("origin").size()), set(rows["fallback"])) == ({6}, {"none"})
    assert made.titles_of(region) == [
        "Test, intraday: the forecast is made from old actuals",
        "Test, intraday: the source brought nothing",
    ]
    (told,) = [
        one["message"] for one in made.alerts if region in one["message"] and "brought" in one["title"]
    ]
    assert why in told
