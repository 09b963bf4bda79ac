"""The DAGs as Airflow parses them, and a place to run them in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG

from demand_forecast.settings import regions, settings
from stack import postgres
from stack.state import REPOSITORY
from tests.dags.site import Site
from trainer.database.schema import migrate
from trainer.store import Store


@pytest.fixture(scope="session")
def dagbag() -> DagBag:
    settings.cache_clear()
    regions.cache_clear()
    return DagBag(str(REPOSITORY / "dags"))


@pytest.fixture(scope="session")
def dags(dagbag: DagBag) -> dict[str, DAG]:
    return dict(dagbag.dags)


@pytest.fixture(scope="module")
def site(
    request: pytest.FixtureRequest,
    airflow_environment: dict[str, str],
    postgres_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Site:
    """A database and a store of the module's own."""
    database = postgres.create_database(postgres_url, request.module.__name__.rpartition(".")[2])
    migrate(database)
    store = Store.at(tmp_path_factory.mktemp("store"))
    return Site(database, store, airflow_environment, tmp_path_factory.mktemp("dags"))


@pytest.fixture(scope="module")
def alerts() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A real HTTP server that alerts go to, and what arrived there."""
    arrived: list[dict[str, Any]] = []

    class Inbox(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            arrived.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Inbox)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"json://127.0.0.1:{server.server_address[1]}/", arrived
    server.shutdown()
    thread.join()
    server.server_close()
