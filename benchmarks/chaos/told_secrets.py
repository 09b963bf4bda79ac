"""Passwords and tokens of a site where others can read them: in logs, the store, MLflow, what Airflow keeps
of its runs, and the list of processes."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

import psutil
import psycopg

from benchmarks.airflow_runs import METADATA
from benchmarks.chaos.background import beside_the_run
from benchmarks.year.site import Site

_FOLDERS: Final = ("logs", "airflow/logs", "store", "mlflow")
"""Of the site's state folder. MLflow's database is a file there, with its tags and params."""
_TABLES: Final = ("xcom", "rendered_task_instance_fields", "dag_run", "serialized_dag", "log")
_PAUSE: Final = 0.5
"""Seconds between two looks at the list of processes; a verb lives for longer."""


def told_secrets(here: Site) -> Iterator[str]:
    """One line for each place that tells one."""
    for what, secret in _secrets(here).items():
        for name in _FOLDERS:
            for path in sorted((here.state.folder / name).rglob("*")):
                if path.is_file() and secret.encode() in path.read_bytes():
                    yield f"{what} in {path.relative_to(here.state.folder)}"
        for table, rows in _airflow_rows(here, secret).items():
            yield f"{what} in {rows} rows of Airflow's table {table}"


@contextmanager
def watched_processes(here: Site) -> Iterator[set[str]]:
    """What the arguments of a process told meanwhile; whoever reads it empties it."""
    secrets, told = _secrets(here), set[str]()

    def go_on(over: threading.Event) -> None:
        while not over.wait(_PAUSE):
            told.update(_in_arguments(secrets))

    with beside_the_run(go_on):
        yield told


def _secrets(here: Site) -> dict[str, str]:
    secrets = {}
    if password := psycopg.conninfo.conninfo_to_dict(here.database).get("password"):
        secrets["the database's password"] = str(password)
    if here.influx:
        secrets["InfluxDB's token"] = here.influx.details["token"]
    return secrets


def _in_arguments(secrets: Mapping[str, str]) -> Iterator[str]:
    for process in psutil.process_iter(["name", "cmdline"]):
        words = " ".join(process.info["cmdline"] or ())
        yield from (
            f"{what} in the arguments of {process.info['name']}"
            for what, secret in secrets.items()
            if secret in words
        )


def _airflow_rows(here: Site, secret: str) -> dict[str, int]:
    """By table how many rows tell it; none where Airflow has not run."""
    with psycopg.connect(here.database) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (METADATA,)).fetchone():
            return {}
    found = {}
    with psycopg.connect(here.database, dbname=METADATA) as connection:
        for table in _TABLES:
            query = f"SELECT count(*) FROM {table} AS told WHERE strpos(told::text, %s) > 0".encode()
            row = connection.execute(query, (secret,)).fetchone()
            if row and row[0]:
                found[table] = int(row[0])
    return found
