"""The suite's own servers are real, private to the test, and reachable from this machine only."""

from __future__ import annotations

import httpx
import psutil
import psycopg
import pytest

from stack import process
from stack.state import State
from tests.conftest import Influx

pytestmark = pytest.mark.integration


def test_a_test_gets_an_empty_migrated_database_of_its_own(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        tables = {
            row[0]
            for row in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        }
        rows = connection.execute("SELECT count(*) FROM raw_demand").fetchone()
    assert {"raw_demand", "snapshots", "model_deployments", "predictions", "model_metrics"} <= tables
    assert rows == (0,)


def test_a_test_gets_an_empty_bucket_that_takes_points_and_gives_them_back(influxdb: Influx) -> None:
    headers = {"Authorization": f"Token {influxdb.token}"}
    where = {"org": influxdb.org, "bucket": influxdb.bucket, "precision": "s"}
    httpx.post(
        f"{influxdb.url}/api/v2/write",
        params=where,
        headers=headers,
        content="demand,region=GR forecast=5000 1600000000",
    ).raise_for_status()
    answer = httpx.post(
        f"{influxdb.url}/api/v2/query",
        params={"org": influxdb.org},
        headers={**headers, "Content-Type": "application/vnd.flux"},
        content=f'from(bucket: "{influxdb.bucket}") |> range(start: 0)',
    ).raise_for_status()
    assert answer.text.count("5000") == 1


def test_mlflow_takes_an_experiment(mlflow_uri: str) -> None:
    made = httpx.post(
        f"{mlflow_uri}/api/2.0/mlflow/experiments/create", json={"name": "fixtures"}
    ).raise_for_status()
    assert made.json()["experiment_id"]


def test_airflow_finds_its_tables_made(airflow_environment: dict[str, str]) -> None:
    url = airflow_environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT to_regclass('dag_run') IS NOT NULL").fetchone() == (True,)


@pytest.mark.usefixtures("postgres_url", "influxdb_service", "mlflow_uri")
def test_nothing_listens_beyond_loopback(stack_state: State) -> None:
    running = [process.process_of(service) for service in stack_state.services()]
    family = [member for root in running if root for member in (root, *root.children(recursive=True))]
    addresses = {
        connection.laddr.ip
        for member in family
        for connection in member.net_connections(kind="inet")
        if connection.status == psutil.CONN_LISTEN
    }
    assert addresses == {"127.0.0.1"}
