"""Real servers for the suite, started when the first test asks, on free ports, ended by pid whatever happens.

Fixtures: `postgres_url`, `database_url`, `influxdb`, `mlflow_uri`, `airflow_environment`, `airflow_command`.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import hypothesis
import psutil
import pytest

from stack import airflow, influxdb_binary, mlflow, postgres, process
from stack import influxdb as influxdb_server
from stack.state import REPOSITORY, Service, State
from tests.names import AIRFLOW_TEMPLATE
from trainer.contract import Env
from trainer.errors import InfrastructureError

hypothesis.settings.register_profile("suite", deadline=None)  # a busy machine is no counterexample
hypothesis.settings.register_profile("fuzz", deadline=None, max_examples=50_000, database=None)
hypothesis.settings.load_profile("suite")

for _name in list(os.environ):
    # The suite must never meet the servers, the settings or the Airflow of whoever runs it.
    if _name.startswith(("DEMAND_FORECAST_", "INFLUXDB_", "MLFLOW_", "AIRFLOW_")):
        del os.environ[_name]

_PREFIX = "demand-forecast-tests-"
_FOLDER = Path(tempfile.mkdtemp(prefix=_PREFIX))
_FOLDER.chmod(0o711)  # root runs PostgreSQL as `nobody`, who must be able to walk in
(_FOLDER / "pytest.pid").write_text(str(os.getpid()))

# Importing Airflow reads these once, so they come before any test module.
os.environ["AIRFLOW_HOME"] = str(_FOLDER / "airflow")
os.environ["AIRFLOW__CORE__DAGS_FOLDER"] = str(REPOSITORY / "dags")
os.environ["AIRFLOW__CORE__PLUGINS_FOLDER"] = str(REPOSITORY / "plugins")
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["XDG_CONFIG_HOME"] = str(_FOLDER / "config")

_INFLUXD = pytest.StashKey[Path | str]()
"""The binary, or the reason why there is none."""


@dataclass(frozen=True)
class Influx:
    """One empty bucket of a real InfluxDB 2."""

    url: str
    token: str
    org: str
    bucket: str

    @property
    def environ(self) -> dict[str, str]:
        """The variables by which the trainer finds it."""
        return {
            Env.INFLUXDB_URL: self.url,
            Env.INFLUXDB_TOKEN: self.token,
            Env.INFLUXDB_ORG: self.org,
            Env.INFLUXDB_BUCKET: self.bucket,
        }


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-docs", action="store_true", help="write the pages that hold what a test found")


def pytest_configure(config: pytest.Config) -> None:
    def end(signum: int, frame: FrameType | None) -> None:
        pytest.exit(f"ended by {signal.Signals(signum).name}", returncode=128 + signum)

    _sweep()
    signal.signal(signal.SIGTERM, end)  # its default would skip the fixtures' ends and leave servers behind


def pytest_collection_finish(session: pytest.Session) -> None:
    """Gets an influxd before the first test: a build takes longer than any one test may."""
    if session.config.option.collectonly:
        return
    if any(
        "influxdb_where_possible" in getattr(item, "fixturenames", ()) and not item.get_closest_marker("skip")
        for item in session.items
    ):
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        try:
            found = influxdb_binary.obtain(reporter.write_line if reporter else print)
        except InfrastructureError as error:
            session.config.stash[_INFLUXD] = str(error)
        else:
            session.config.stash[_INFLUXD] = found


def pytest_unconfigure(config: pytest.Config) -> None:
    _end(_FOLDER)


def _end(folder: Path) -> None:
    state = State(folder)
    for service in state.services():
        process.stop(service, grace=5)
    shutil.rmtree(postgres.home(state), ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


def _sweep() -> None:
    """Ends the servers of suites that were killed outright and could not end them."""
    for owner in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*/pytest.pid"):
        if owner.stat().st_uid == os.geteuid() and not psutil.pid_exists(int(owner.read_text())):
            _end(owner.parent)


@pytest.fixture(scope="session")
def stack_state() -> State:
    """The state folder of the suite's servers; they end with the session."""
    return State(_FOLDER)


@pytest.fixture(scope="session")
def postgres_url(stack_state: State) -> str:
    """A superuser's URL on a real PostgreSQL, of a database without tables."""
    # Nothing here must survive a power cut, and waiting for the disk would be half of the suite's time.
    quick = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    return postgres.ensure(stack_state, settings=quick, environ={}, port=0).details["url"]


@pytest.fixture(scope="session")
def _migrated(postgres_url: str) -> str:
    from trainer.database.schema import migrate

    migrate(postgres.create_database(postgres_url, "migrated"))
    return "migrated"


@pytest.fixture
def database_url(postgres_url: str, _migrated: str) -> Iterator[str]:
    """A database of the test's own with the current tables, empty: a copy of a migrated one, some 50 ms."""
    name = f"test_{uuid.uuid4().hex}"
    yield postgres.create_database(postgres_url, name, template=_migrated)
    postgres.drop_database(postgres_url, name)


@pytest.fixture(scope="session")
def influxdb_where_possible(stack_state: State, request: pytest.FixtureRequest) -> Service | str:
    """A real InfluxDB 2, shared by the session, or why none can be had."""
    influxd = request.config.stash[_INFLUXD]
    if isinstance(influxd, str):
        return influxd
    return influxdb_server.ensure(stack_state, influxd, environ={}, port=0)


@pytest.fixture(scope="session")
def influxdb_service(influxdb_where_possible: Service | str) -> Service:
    """A real InfluxDB 2, shared by the session."""
    if isinstance(influxdb_where_possible, str):
        pytest.skip(influxdb_where_possible)
    return influxdb_where_possible


@pytest.fixture
def influxdb(influxdb_service: Service) -> Iterator[Influx]:
    """An empty bucket of the test's own on a real InfluxDB 2."""
    bucket = f"test_{uuid.uuid4().hex}"
    influxdb_server.make_bucket(influxdb_service, bucket)
    yield Influx(
        influxdb_service.url, influxdb_service.details["token"], influxdb_service.details["org"], bucket
    )
    influxdb_server.drop_bucket(influxdb_service, bucket)


@pytest.fixture(scope="session")
def mlflow_uri(stack_state: State) -> str:
    """A real MLflow server that serves its artifacts, shared by the session."""
    return mlflow.ensure(stack_state, environ={}, port=0).url


@pytest.fixture(scope="session")
def airflow_environment(stack_state: State, postgres_url: str) -> dict[str, str]:
    """The environment of `airflow` commands: this repository's DAGs, metadata in PostgreSQL, tables made.

    What DAGs read (store, connection, InfluxDB, ...) each test adds for itself.
    """

    def environment(metadata_url: str) -> dict[str, str]:
        return airflow.environment(
            stack_state, metadata_url=metadata_url, port=process.free_port(), variables={}
        )

    # Migrating takes long, so that a test that wants Airflow to itself copies what nobody has used.
    airflow.migrate(stack_state, environment(postgres.create_database(postgres_url, AIRFLOW_TEMPLATE)))
    return environment(postgres.create_database(postgres_url, "airflow", template=AIRFLOW_TEMPLATE))


@pytest.fixture
def airflow_command(
    airflow_environment: dict[str, str],
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs one `airflow` command, such as `airflow_command("dags", "test", dag_id, date, environ={...})`.

    Output and errors come back together; the exit code is the caller's to judge.
    """

    def run(
        *words: str, environ: Mapping[str, str] | None = None, timeout: float = 240
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*airflow.COMMAND, *words],
            env={**airflow_environment, **(environ or {})},
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout,
            check=False,
        )

    return run
