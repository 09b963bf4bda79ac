"""The service under test: started over a database and a store, promoted to, waited for."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import httpx

from tests.integration.api.live import serving
from tests.integration.api.sample import EVERYTHING, TOKENS, actuals, decide
from trainer.api.app import Service, create_app
from trainer.api.tokens import Tokens
from trainer.contract import load_regions
from trainer.database.actuals import upsert_actuals
from trainer.database.connection import connect
from trainer.store import Store

Models: TypeAlias = Callable[[str], tuple[Path, str]]
"""By version: the folder of a small model of South Korea, and its checksum."""


@dataclass(frozen=True)
class Running:
    """A service, a client of it and the servers behind it."""

    url: str
    client: httpx.Client
    """With a token that may do everything."""
    database_url: str
    store: Path
    models: Models

    def publish(self, version: str) -> str:
        """Puts the version's files into the store; returns their checksum."""
        folder, checksum = self.models(version)
        shutil.copytree(folder, self.folder(version), dirs_exist_ok=True)
        return checksum

    def promote(self, version: str) -> None:
        """Publishes `version` and makes it the champion, as the DAG does."""
        checksum = self.publish(version)
        self.deploy(version, checksum)

    def deploy(self, version: str, checksum: str) -> None:
        """The row alone, whatever the store holds."""
        values = {"artifact_path": f"KR/models/{version}", "artifact_checksum": checksum}
        with connect(self.database_url) as connection:
            decide(connection, f"run-{version}", version=version, **values)

    def folder(self, version: str) -> Path:
        return self.store / "KR" / "models" / version

    def wait_for(self, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first body of /api/health that meets the condition."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            body: dict[str, Any] = self.client.get("/api/health").json()
            if condition(body):
                return body
            time.sleep(0.02)
        raise AssertionError(f"the service stayed {body}")


@contextmanager
def starter(database_url: str, store: Path, models: Models) -> Iterator[Callable[..., Running]]:
    """Starts services over ten weeks of actuals and the weather of the week after them.

    `champion` is promoted before the start; what else is given replaces the service's settings.
    """
    store.mkdir(parents=True, exist_ok=True)
    with connect(database_url) as connection:
        upsert_actuals(connection, actuals(70, days_ahead=8), region="KR", source="test")
    with ExitStack() as stack:

        def start(champion: str | None = "KR-v1", **settings: Any) -> Running:
            headers = {"Authorization": f"Bearer {EVERYTHING}"}
            client = stack.enter_context(httpx.Client(headers=headers, timeout=60))
            running = Running("", client, database_url, store, models)
            if champion:
                running.promote(champion)
            values = {
                "database_url": database_url,
                "store": Store.at(store),
                "regions": load_regions({}),
                "tokens": Tokens(TOKENS),
                "processes": 1,
                "connections": 2,
                "reload_seconds": 0.1,
                **settings,
            }
            url = stack.enter_context(serving(create_app(Service(**values))))
            client.base_url = httpx.URL(url)
            running = replace(running, url=url)
            running.wait_for(lambda body: body["status"] != "starting")
            return running

        yield start
