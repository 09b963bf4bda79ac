"""Airflow on one machine: the four processes of `airflow standalone`, each with a log and a pid of its own.

They are started here and not by `airflow standalone` because that one binds servers beyond loopback, goes on
without a component that died, and starts its children one import of Airflow later than need be.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from collections.abc import Mapping
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import httpx

from stack import process
from stack.process import LOOPBACK
from stack.state import REPOSITORY, Service, State
from trainer.errors import InfrastructureError

NAME: Final = "airflow"
PORT: Final = 18080
USER: Final = "admin"
CONNECTION_VARIABLE: Final = "AIRFLOW_CONN_DEMAND_FORECAST_POSTGRES"
API_SERVER: Final = "airflow-api-server"
COMMAND: Final = (sys.executable, "-m", "airflow")
COMPONENTS: Final = {
    API_SERVER: ("api-server", "--host", LOOPBACK),
    # Their log servers would listen on every address; one machine reads the log files themselves.
    "airflow-scheduler": ("scheduler", "--skip-serve-logs"),
    "airflow-dag-processor": ("dag-processor",),
    "airflow-triggerer": ("triggerer", "--skip-serve-logs"),
}
"""Name on record -> the `airflow` command."""

OURS: Final = ("AIRFLOW", "DEMAND_FORECAST_", "INFLUXDB_", "MLFLOW_")
"""Prefixes of the variables that make one environment another one."""


def environment(
    state: State, *, metadata_url: str, port: int, variables: Mapping[str, str], dags: Path | None = None
) -> dict[str, str]:
    """The environment of every Airflow process of `state`, `airflow` commands of tests included.

    `metadata_url` is the PostgreSQL database of Airflow itself; `variables` what the DAGs read
    (DEMAND_FORECAST_*, INFLUXDB_*, MLFLOW_TRACKING_URI, AIRFLOW_CONN_*). Settings of the caller's own
    Airflow (AIRFLOW__*) do not leak in.
    """
    inherited = {
        key: value for key, value in os.environ.items() if not key.startswith(("AIRFLOW_", "PYTEST_"))
    }
    fernet = base64.urlsafe_b64encode(sha256(state.secret("airflow-fernet").encode()).digest()).decode()
    url = f"http://{LOOPBACK}:{port}"
    settings = {
        "CORE__DAGS_FOLDER": str(dags or REPOSITORY / "dags"),
        "CORE__PLUGINS_FOLDER": str(REPOSITORY / "plugins"),
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__EXECUTOR": "LocalExecutor",
        "CORE__PARALLELISM": str(max(2, os.cpu_count() or 2)),
        "CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "CORE__FERNET_KEY": fernet,
        "CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(_password_file(state)),
        "API__HOST": LOOPBACK,
        "API__PORT": str(port),
        "API__BASE_URL": url,
        "API__WORKERS": "1",
        "API__SECRET_KEY": state.secret("airflow-api"),
        "API_AUTH__JWT_SECRET": state.secret("airflow-jwt") * 2,  # HS512 wants 64 bytes
        "DATABASE__SQL_ALCHEMY_CONN": _sqlalchemy(metadata_url),
        "DATABASE__LOAD_DEFAULT_CONNECTIONS": "False",
        "LOGGING__BASE_LOG_FOLDER": str(state.make("airflow", "logs")),
        "SCHEDULER__SCHEDULER_HEARTBEAT_SEC": "1",
        "USAGE_DATA_COLLECTION__ENABLED": "False",
    }
    return {
        **inherited,
        "AIRFLOW_HOME": str(state.make("airflow")),
        **{f"AIRFLOW__{key}": value for key, value in settings.items()},
        # Tasks and the DAG processor start by name what lies beside this Python.
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PYTHONPATH": os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "plugins")]),
        "PYTHONUNBUFFERED": "1",
        **variables,
    }


def migrate(state: State, environ: Mapping[str, str]) -> None:
    """Makes or upgrades Airflow's tables (some 15 s on two cores when new).

    Raises InfrastructureError with the end of the log.
    """
    url = _without_password(environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"])
    service = process.start(
        state, "airflow-db-migrate", [*COMMAND, "db", "migrate"], url=url, environ=environ
    )
    try:
        if (code := process.result(service)) != 0:
            raise InfrastructureError(
                f"`airflow db migrate` ended with {code} for {url}.\n{process.log_tail(service)}"
            )
    finally:
        process.stop(service)
        state.forget(service.name)


def running(state: State, environ: Mapping[str, str]) -> bool:
    """Whether any component runs with this very environment: then the tables are as they must be."""
    known = [state.service(name) for name in COMPONENTS]
    mark = _fingerprint(environ)
    return any(s and process.process_of(s) and s.details["environment"] == mark for s in known)


def start(state: State, environ: Mapping[str, str]) -> list[Service]:
    """Starts those of the four that do not run; `wait` says when they answer.

    A component that runs with another environment (another database, another InfluxDB) is started anew. What
    one that was killed has left behind ends first: a scheduler's workers would wait for ever.
    """
    url = environ["AIRFLOW__API__BASE_URL"]
    mark = _fingerprint(environ)
    services: list[Service] = []
    for name, words in COMPONENTS.items():
        known = state.service(name)
        if known:
            if process.process_of(known) and known.details["environment"] == mark:
                services.append(known)
                continue
            process.stop(known)
        details = {"environment": mark, "user": USER, "password": state.secret("airflow-password")}
        services.append(
            process.start(state, name, [*COMMAND, *words], url=url, environ=environ, details=details)
        )
    return services


def wait(services: list[Service], timeout: float = 240) -> None:
    """Waits till the API answers and every component has told it that it is well.

    Raises InfrastructureError with the log of the component that ended or stayed silent.
    """
    for service in services:
        process.wait_until(partial(healthy, service), service, timeout=timeout, pause=0.5)


def healthy(service: Service) -> bool:
    """What the API says of one component on record."""
    return health(service.url).get(service.name.removeprefix("airflow-").replace("-", "_")) == "healthy"


def health(url: str) -> dict[str, str]:
    """Component (api_server, metadatabase, scheduler, triggerer, dag_processor) -> its status."""
    try:
        answer = httpx.get(f"{url}/api/v2/monitor/health", timeout=10).raise_for_status().json()
    except (httpx.HTTPError, ValueError):
        return {}
    return {"api_server": "healthy", **{name: str(part["status"]) for name, part in answer.items()}}


def password(state: State) -> str:
    return state.secret("airflow-password")


def connection_uri(postgres_url: str) -> str:
    """The value of AIRFLOW_CONN_...: a PostgreSQL URL as Airflow spells connections."""
    return urlunsplit(urlsplit(postgres_url)._replace(scheme="postgres"))


def _fingerprint(environ: Mapping[str, str]) -> str:
    ours = {key: value for key, value in sorted(environ.items()) if key.startswith(OURS)}
    return sha256(json.dumps(ours).encode()).hexdigest()


def _sqlalchemy(url: str) -> str:
    return urlunsplit(urlsplit(url)._replace(scheme="postgresql+psycopg"))


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rsplit("@", 1)[-1]))


def _password_file(state: State) -> Path:
    """Where SimpleAuthManager reads log-ins; it would print a password of its own making otherwise."""
    return state.write("airflow/passwords.json", json.dumps({USER: password(state)}))
