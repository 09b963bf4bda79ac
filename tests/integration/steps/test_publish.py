"""Forecasts reach both stores and converge there, whenever the step was killed."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.integration.steps.stores import times, values
from trainer.contract import Env
from trainer.errors import ArtifactError
from trainer.steps.ingest import ingest
from trainer.steps.publish import publish
from trainer.steps.snapshot import snapshot
from trainer.store import Run

pytestmark = pytest.mark.integration
MakeRun = Callable[..., Run]
CloseForecast = Callable[..., None]


def test_a_forecast_is_read_back_from_both_stores(
    make_published_run: Callable[..., Run], buckets: Any, database: str
) -> None:
    facts = make_published_run("2024-03-15", "daily/1").require("publish").facts
    assert (facts["postgres_rows"], facts["influxdb_owed"], facts["influxdb_error"]) == (24, 0, None)
    assert times(buckets, "power_demand_forecast") == 24
    assert values(database, "SELECT count(*), min(lead_time), max(lead_time) FROM predictions") == [
        (24, 1, 24)
    ]


DAY = {
    "date": "2024-03-15",
    "hours": 24,
    "peak_mw": 6500.5,
    "peak_time": "2024-03-15T04:00:00+00:00",
    "peak_lower_mw": 6400.0,
    "peak_upper_mw": 6600.0,
    "energy_mwh": 144_000.5,
    "energy_lower_mwh": 142_000.0,
    "energy_upper_mwh": 146_000.0,
}


def test_its_quantiles_and_its_days_are_published_with_it_and_again_by_a_rerun(
    make_published_run: Callable[..., Run], buckets: Any, database: str
) -> None:
    run = make_published_run("2024-03-15", "daily/1", quantiles={"q5": 0.96, "q95": 1.04}, days=[DAY])
    Path(run.store.locate(f"{run.folder}/publish.json")).unlink()
    publish(run)
    query = "SELECT count(*) FROM predictions WHERE (quantiles -> '5') < (quantiles -> '95')"
    assert values(database, query) == [(24,)]
    assert values(database, "SELECT date::text, peak_mw, energy_upper_mwh FROM forecast_days") == [
        ("2024-03-15", 6500.5, 146_000.0)
    ]


def test_an_hour_that_was_never_measured_is_published_as_no_actual(
    make_run: MakeRun, make_published_run: Callable[..., Run], buckets: Any
) -> None:
    rows = pd.read_csv(make_run().region.source, index_col="time")
    rows.drop(["2024-03-10 05:00:00", "2024-03-10 06:00:00"]).to_csv(make_run().region.source)
    make_published_run("2024-03-15", "daily/1")
    assert times(buckets, "power_demand_actual") == 14 * 24 - 2


def test_publishing_again_after_a_kill_converges(
    make_published_run: Callable[..., Run], buckets: Any, database: str
) -> None:
    run = make_published_run("2024-03-15", "daily/1")
    manifest = run.store.locate(f"{run.folder}/publish.json")
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
