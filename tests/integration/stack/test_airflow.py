"""Airflow as four processes on PostgreSQL: triggered, followed and ended through its REST API."""

from __future__ import annotations

import io
import json
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import psycopg
import pytest
from rich.console import Console

from stack import airflow, postgres, process, servers
from stack.airflow_api import AirflowApi
from stack.state import REPOSITORY, Service, State
from stack.watch import RunFailedError, Watch
from tests.names import AIRFLOW_TEMPLATE
from trainer.contract import Env, manifest_path
from trainer.database.schema import migrate
from trainer.errors import InfrastructureError
from trainer.store import Store

pytestmark = pytest.mark.integration

SMALL = '''
from airflow.sdk import DAG, task

with DAG("small", schedule=None, params={"cold": False}):
    @task
    def warm_up():
        """Does nothing."""

    @task
    def run(params=None):
        if params["cold"]:
            raise ValueError("the reactor is cold")

    warm_up() >> run()
'''
BROKEN = "from airflow.sdk import DAG\nimport a_module_that_nobody_has\n"


REGION = {"title": "Test", "timezone": "UTC", "country": "GR", "latitude": 38, "longitude": 24}


def three_days() -> str:
    """72 hours of demand from 2024-03-01, UTC."""
    start = datetime(2024, 3, 1, tzinfo=UTC)
    rows = [f"{start + timedelta(hours=hour):%Y-%m-%d %H:%M},{5000 + 10 * hour}" for hour in range(72)]
    return "\n".join(["time,demand_mw", *rows, ""])


@dataclass(frozen=True)
class Running:
    """A whole Airflow with two small DAG files, one of them broken, and the project's own data_ingestion."""

    state: State
    environ: dict[str, str]
    services: list[Service]
    api: AirflowApi
    database: str
    """The URL of the project's own database, which the DAG of T fills."""

    def follow(self, run_id: str) -> str:
        """What is printed about the run of `small` till its end."""
        output = io.StringIO()
        logs = self.state.folder / "airflow" / "logs"
        Watch(self.api, Console(file=output), logs, lambda: None).follow("small", run_id)
        return output.getvalue()


@pytest.fixture(scope="module")
def running(airflow_environment: dict[str, str], postgres_url: str) -> Iterator[Running]:
    with tempfile.TemporaryDirectory(prefix="demand-forecast-airflow-") as folder:
        state = State(Path(folder) / "state")
        dags = state.make("dags")
        (dags / "small.py").write_text(SMALL)
        (dags / "broken.py").write_text(BROKEN)
        (dags / "data_ingestion.py").symlink_to(REPOSITORY / "dags" / "data_ingestion.py")
        (state.folder / "demand.csv").write_text(three_days())
        database = postgres.create_database(postgres_url, "of_airflow_small")
        migrate(database)
        environ = airflow.environment(
            state,
            # A copy of the tables that the session has made already.
            metadata_url=postgres.create_database(postgres_url, "airflow_small", template=AIRFLOW_TEMPLATE),
            port=process.free_port(),
            variables={
                Env.REGIONS: json.dumps({"T": {**REGION, "source": str(state.folder / "demand.csv")}}),
                Env.STORE_URL: (state.folder / "store").as_uri(),
                "AIRFLOW_CONN_DEMAND_FORECAST_POSTGRES": airflow.connection_uri(database),
            },
            dags=dags,
        )
        try:
            services = airflow.start(state, environ)
            airflow.wait(services)
            api = AirflowApi(services[0].url, airflow.USER, airflow.password(state))
            until(lambda: api.has_dag("small"))
            yield Running(state, environ, services, api, database)
            api.close()
        finally:
            servers.stop(state, state.services())


def until(check: Callable[[], bool], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.5)


def test_a_run_is_followed_to_its_good_end(running: Running) -> None:
    run_id = running.api.trigger("small", {}, run_after=datetime(2020, 11, 2, tzinfo=UTC))
    running.api.unpause("small")
    said = running.follow(run_id)
    assert running.api.run_state("small", run_id) == "success"
    assert [f"small {task} success" in said for task in ("warm_up", "run")] == [True, True]


def test_a_failed_run_ends_with_the_words_of_its_task(running: Running) -> None:
    run_id = running.api.trigger("small", {"cold": True}, run_after=datetime.now(UTC))
    running.api.unpause("small")
    with pytest.raises(RunFailedError, match="in task run") as caught:
        running.follow(run_id)
    assert "ValueError: the reactor is cold" in str(caught.value)


def test_a_dag_file_that_cannot_be_loaded_is_told_with_its_cause(running: Running) -> None:
    until(lambda: bool(running.api.import_errors()))
    (error,) = running.api.import_errors()
    assert "broken.py" in error
    assert "a_module_that_nobody_has" in error


def test_a_backfill_ingests_the_past_once_for_every_hour_and_nothing_later(running: Running) -> None:
    until(lambda: running.api.has_dag("data_ingestion_T"))
    period = ["--from-date", "2024-03-03T00:00:00", "--to-date", "2024-03-03T02:00:00"]
    created = subprocess.run(
        [*airflow.COMMAND, "backfill", "create", "--dag-id", "data_ingestion_T", *period],
        env=running.environ,
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    assert created.returncode == 0, created.stdout[-2000:]
    metadata = running.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].replace("+psycopg", "")

    def runs() -> list[tuple[str, str, str]]:
        with psycopg.connect(metadata) as db:
            return db.execute(
                """SELECT to_char(logical_date AT TIME ZONE 'UTC', 'MM-DD HH24:MI'), run_type, state
                   FROM dag_run WHERE dag_id = 'data_ingestion_T' AND run_type = 'backfill'
                   ORDER BY logical_date"""
            ).fetchall()

    running.api.unpause("data_ingestion_T")  # while it is paused, its backfill waits
    until(lambda: {state for *_, state in runs()} <= {"success", "failed"}, 180)
    assert runs() == [("03-03 00:10", "backfill", "success"), ("03-03 01:10", "backfill", "success")]
    store = Store(running.environ[Env.STORE_URL])
    moments = {"00:10": "2024-03-02T23:00:00+00:00", "01:10": "2024-03-03T00:00:00+00:00"}
    for moment, last_known in moments.items():
        run_id = f"data_ingestion_T/backfill__2024-03-03T{moment}:00+00:00"
        manifest = json.loads(store.read(manifest_path("T", run_id, "ingest")))
        assert manifest["facts"]["last_actual"] == last_known
    with psycopg.connect(running.database) as db:
        ingested = db.execute("SELECT count(*) FROM raw_demand WHERE time < '2024-03-03 01:00Z'").fetchone()
    assert ingested == (49,)


def test_a_wrong_password_is_refused(running: Running) -> None:
    stranger = AirflowApi(running.services[0].url, airflow.USER, "guessed")
    with (
        closing(stranger),
        pytest.raises(InfrastructureError, match="refused GET /api/v2/dags/small/details: 401"),
    ):
        stranger.has_dag("small")


def test_airflow_listens_on_loopback_only(running: Running) -> None:
    roots = [process.process_of(service) for service in running.services]
    family = [member for root in roots if root for member in (root, *root.children(recursive=True))]
    listening = {
        connection.laddr.ip
        for member in family
        for connection in member.net_connections(kind="inet")
        if connection.status == psutil.CONN_LISTEN
    }
    assert listening == {"127.0.0.1"}


def test_only_a_component_that_died_is_started_again(running: Running) -> None:
    triggerer = next(service for service in running.services if service.name == "airflow-triggerer")
    process.stop(triggerer)
    before = {service.name: service.pid for service in running.services}
    after = {service.name: service.pid for service in airflow.start(running.state, running.environ)}
    assert {name for name in before if before[name] != after[name]} == {"airflow-triggerer"}
