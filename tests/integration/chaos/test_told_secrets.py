"""Where `make chaos` looks for passwords and tokens."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import psycopg
import pytest

from benchmarks.chaos import told_secrets as places
from benchmarks.chaos.told_secrets import told_secrets, watched_processes
from benchmarks.year.site import Site
from stack.state import Service, State
from tests.unit.data.series import KOREA
from trainer.database.connection import connect

pytestmark = pytest.mark.integration

TOKEN = "a-token-that-nobody-may-read"


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Site:
    influx = Service(name="influxdb", url="http://127.0.0.1:1", details={"token": TOKEN})
    return Site(State(tmp_path), KOREA, pd.DataFrame(), database_url, influx, tmp_path / "source.csv")


def write(site: Site, name: str, text: str) -> None:
    path = site.state.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_a_site_that_tells_none_is_silent(site: Site) -> None:
    write(site, "logs/chaos.log", "the token is somebody else's")
    assert list(told_secrets(site)) == []


@pytest.mark.parametrize(
    "name",
    [
        "logs/airflow-scheduler.log",
        "airflow/logs/run/attempt=1.log",
        "store/KR/facts.json",
        "mlflow/mlflow.db",
    ],
)
def test_a_file_that_others_read(site: Site, name: str) -> None:
    write(site, name, f"Bearer {TOKEN}")
    assert list(told_secrets(site)) == [f"InfluxDB's token in {name}"]


def test_the_databases_password(site: Site) -> None:
    password = psycopg.conninfo.conninfo_to_dict(site.database)["password"]
    write(site, "logs/chaos.log", f"connecting with {password}")
    assert list(told_secrets(site)) == ["the database's password in logs/chaos.log"]


def test_what_airflow_keeps_of_its_runs(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "METADATA", psycopg.conninfo.conninfo_to_dict(site.database)["dbname"])
    monkeypatch.setattr(places, "_TABLES", ("xcom",))
    with connect(site.database) as connection:
        connection.execute("CREATE TABLE xcom (value json)")
        connection.execute("INSERT INTO xcom VALUES (%s)", (f'{{"url": "http://x?token={TOKEN}"}}',))
    assert list(told_secrets(site)) == ["InfluxDB's token in 1 rows of Airflow's table xcom"]


def test_the_arguments_of_a_process(site: Site) -> None:
    with watched_processes(site) as told:
        process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", TOKEN])
        deadline = time.monotonic() + 20
        while not told and time.monotonic() < deadline:
            time.sleep(0.05)
        process.kill()
        process.wait()
    (found,) = told
    assert found.startswith("InfluxDB's token in the arguments of ")
