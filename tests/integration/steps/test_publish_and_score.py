"""Forecasts reach both stores and converge there; what came is scored by day and by lead time."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd
import pytest

from tests.integration.influx.published import stored
from trainer.contract import Env
from trainer.database import connect
from trainer.errors import ArtifactError
from trainer.influx import InfluxSettings
from trainer.steps.ingest import ingest
from trainer.steps.publish import publish
from trainer.steps.score import score
from trainer.steps.snapshot import snapshot
from trainer.store import Run

pytestmark = pytest.mark.integration
MakeRun = Callable[..., Run]
CloseForecast = Callable[..., None]


@pytest.fixture
def published(
    make_run: MakeRun, close_forecast: CloseForecast, database: str, buckets: Any
) -> Callable[..., Run]:
    def make(day: str, run_id: str, **forecast: Any) -> Run:
        run = make_run(day, run_id)
        ingest(run, source=None)
        snapshot(run, lookback_days=30, source=None)
        close_forecast(run, **forecast)
        publish(run)
        return run

    return make


def values(database: str, query: str) -> list[tuple[Any, ...]]:
    with connect(database) as connection:
        return connection.execute(query.encode()).fetchall()


def times(influxdb: Any, measurement: str) -> int:
    """How many points InfluxDB has, of all series together; a second one of an hour would count."""
    settings = InfluxSettings.from_environ(influxdb.environ)
    assert settings is not None
    field = {"power_demand_forecast": "forecast", "power_demand_actual": "demand"}[measurement]
    return sum(record["_field"] == field for record in stored(settings, measurement))


def test_a_forecast_is_read_back_from_both_stores(
    published: Callable[..., Run], buckets: Any, database: str
) -> None:
    facts = published("2024-03-15", "daily/1").require("publish").facts
    assert (facts["postgres_rows"], facts["influxdb_owed"], facts["influxdb_error"]) == (24, 0, None)
    assert times(buckets, "power_demand_forecast") == 24
    assert values(database, "SELECT count(*), min(lead_time), max(lead_time) FROM predictions") == [
        (24, 1, 24)
    ]


def test_an_hour_that_was_never_measured_is_published_as_no_actual(
    make_run: MakeRun, published: Callable[..., Run], buckets: Any
) -> None:
    rows = pd.read_csv(make_run().region.source, index_col="time")
    rows.drop(["2024-03-10 05:00:00", "2024-03-10 06:00:00"]).to_csv(make_run().region.source)
    published("2024-03-15", "daily/1")
    assert times(buckets, "power_demand_actual") == 14 * 24 - 2


def test_publishing_again_after_a_kill_converges(
    published: Callable[..., Run], buckets: Any, database: str
) -> None:
    run = published("2024-03-15", "daily/1")
    manifest = run.store.locate(f"{run.folder}/publish.json")
    from pathlib import Path

    Path(manifest).unlink()  # killed after both writes, before the manifest
    assert publish(run).facts["postgres_rows"] == 24
    assert times(buckets, "power_demand_forecast") == 24
    assert values(database, "SELECT count(*) FROM predictions") == [(24,)]


@pytest.fixture
def silent_server() -> Iterator[socket.socket]:
    """Takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(120)
        yield server


def test_killed_between_its_two_stores_it_is_run_again_to_the_same_rows_and_points(
    make_run: MakeRun,
    close_forecast: CloseForecast,
    database: str,
    buckets: Any,
    silent_server: socket.socket,
) -> None:
    run = make_run()
    ingest(run, source=None)
    snapshot(run, lookback_days=30, source=None)
    close_forecast(run)
    words = ["publish", "--region", "T", "--run-id", run.run_id, "--as-of", run.as_of.isoformat()]
    with subprocess.Popen(
        [sys.executable, "-m", "trainer", *words, "--store", run.store.url],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(sys.path),
            Env.REGIONS: json.dumps({"T": run.region.to_dict()}),
            Env.INFLUXDB_URL: f"http://127.0.0.1:{silent_server.getsockname()[1]}",
        },
    ) as victim:
        connection, _ = silent_server.accept()  # PostgreSQL comes first: its rows are there by now
        victim.kill()
        connection.close()
    assert victim.returncode == -signal.SIGKILL
    assert values(database, "SELECT count(*) FROM predictions") == [(24,)]
    assert run.manifest("publish") is None

    assert publish(run).facts["postgres_rows"] == 24
    assert times(buckets, "power_demand_forecast") == 24
    assert values(database, "SELECT count(*) FROM predictions") == [(24,)]


def test_killed_after_postgresql_what_it_owed_is_delivered_by_the_next_ingestion(
    make_run: MakeRun,
    close_forecast: CloseForecast,
    database: str,
    buckets: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = make_run()
    ingest(run, source=None)
    snapshot(run, lookback_days=30, source=None)
    close_forecast(run)
    with monkeypatch.context() as down:
        down.setenv(Env.INFLUXDB_URL, "http://127.0.0.1:9")
        assert publish(run).facts["influxdb_owed"] > 0
    assert ingest(make_run("2024-03-15", "hourly/1"), source=None).facts["influxdb_owed"] == 0
    assert times(buckets, "power_demand_forecast") == 24


def test_a_damaged_forecast_is_not_published(
    make_run: MakeRun, close_forecast: CloseForecast, database: str, buckets: Any
) -> None:
    run = make_run()
    ingest(run, source=None)
    snapshot(run, lookback_days=30, source=None)
    close_forecast(run)
    run.store.write(f"{run.folder}/forecast.parquet", b"half a file")
    with pytest.raises(ArtifactError, match="is damaged"):
        publish(run)
    assert values(database, "SELECT count(*) FROM predictions") == [(0,)]


def test_a_forecast_is_scored_once_its_actuals_are_there(
    published: Callable[..., Run], make_run: MakeRun, database: str
) -> None:
    published("2024-03-15", "daily/1", off=0.02)
    assert score(make_run("2024-03-15", "daily/1"), days=7).facts["hours"] == 0
    later = make_run("2024-03-16", "daily/2")
    ingest(later, source=None)
    scored = score(later, days=7)
    assert scored.facts["hours"] == 24
    assert scored.metrics["2024-03-15"]["mape"] == pytest.approx(2.0)
    by_lead_time = values(
        database, "SELECT lead_time, hours, mape FROM model_metrics WHERE lead_time > 0 ORDER BY 1"
    )
    assert [row[0] for row in by_lead_time] == list(range(1, 25))
    assert all(row[2] == pytest.approx(2.0) for row in by_lead_time)


def test_an_hour_that_was_never_measured_is_not_scored(
    published: Callable[..., Run], make_run: MakeRun
) -> None:
    published("2024-03-15", "daily/1")
    later = make_run("2024-03-16", "daily/2")
    rows = pd.read_csv(later.region.source, index_col="time")
    rows.drop(["2024-03-15 05:00:00", "2024-03-15 06:00:00"]).to_csv(later.region.source)
    ingest(later, source=None)
    assert score(later, days=1).facts["hours"] == 22


def test_the_figure_of_a_day_counts_its_day_ahead_forecast_alone(
    published: Callable[..., Run], make_run: MakeRun, database: str
) -> None:
    published("2024-03-14", "daily/1", off=0.10, horizon=48)
    published("2024-03-15", "daily/2", off=0.02)
    later = make_run("2024-03-16", "daily/3")
    ingest(later, source=None)
    assert score(later, days=1).metrics["2024-03-15"]["mape"] == pytest.approx(2.0)


def test_scoring_again_replaces_the_figures(
    published: Callable[..., Run], make_run: MakeRun, database: str
) -> None:
    published("2024-03-15", "daily/1")
    later = make_run("2024-03-16", "daily/2")
    ingest(later, source=None)
    score(later, days=7)
    once = values(database, "SELECT count(*) FROM model_metrics")
    score(later, days=7)
    assert values(database, "SELECT count(*) FROM model_metrics") == once


WITHOUT_INFLUXDB = "INFLUXDB_URL is not set: nothing goes to InfluxDB, PostgreSQL alone"


@pytest.fixture
def without_influxdb(
    make_run: MakeRun, close_forecast: CloseForecast, database: str, caplog: pytest.LogCaptureFixture
) -> Run:
    """A run that has its forecast, on a machine that knows PostgreSQL alone."""
    caplog.set_level("INFO")
    run = make_run()
    ingest(run, source=None)
    snapshot(run, lookback_days=30, source=None)
    close_forecast(run)
    caplog.clear()
    return run


def test_without_influxdb_a_forecast_is_published_to_postgresql_alone(
    without_influxdb: Run, database: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert publish(without_influxdb).facts == {"postgres_rows": 24}
    assert values(database, "SELECT count(*) FROM predictions") == [(24,)]
    assert caplog.messages.count(WITHOUT_INFLUXDB) == 1


def test_without_influxdb_it_is_scored_in_postgresql_alone(
    without_influxdb: Run,
    make_run: MakeRun,
    database: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    publish(without_influxdb)
    later = make_run("2024-03-16", "daily/2")
    ingest(later, source=None)
    caplog.clear()
    assert score(later, days=7).facts["hours"] == 24
    assert values(database, "SELECT count(*) FROM model_metrics WHERE lead_time = 0") == [(1,)]
    assert caplog.messages.count(WITHOUT_INFLUXDB) == 1


def test_an_influxdb_that_is_set_up_later_gets_what_was_published_without_it(
    without_influxdb: Run, influxdb: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(without_influxdb)
    for name, value in influxdb.environ.items():
        monkeypatch.setenv(name, value)
    assert publish(without_influxdb).facts["influxdb_owed"] == 0
    assert times(influxdb, "power_demand_forecast") == 24
    assert times(influxdb, "power_demand_actual") == 14 * 24
