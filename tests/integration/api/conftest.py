"""A filled database, and the API on a port of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta

import httpx
import pytest
from fastapi import Depends, FastAPI, Header, HTTPException

from tests.integration.api.live import serving
from tests.integration.api.sample import LAST_MIDNIGHT, actuals, decide, forecast, scores
from trainer.api.read import ROUTES, Database, add_problem_handlers, read_router
from trainer.contract import load_regions
from trainer.database.actuals import upsert_actuals
from trainer.database.connection import connect
from trainer.database.metrics import upsert_metrics
from trainer.database.predictions import upsert_predictions


@pytest.fixture
def filled_url(database_url: str) -> str:
    """Ten days of actuals, a forecast at each local midnight, the last of them for two days ahead."""
    with connect(database_url) as connection:
        upsert_actuals(connection, actuals(10), region="KR", source="test")
        for day in range(10, 0, -1):
            origin = LAST_MIDNIGHT - timedelta(days=day)
            upsert_predictions(connection, forecast(origin), region="KR", run_id=f"daily-{day}")
        upsert_predictions(connection, forecast(LAST_MIDNIGHT, 48), region="KR", run_id="daily-0")
        upsert_metrics(connection, [scores(day, error=100.0 * (day + 1)) for day in range(9)])
        upsert_metrics(connection, [scores(0, error=50.0 * lead, lead_time=lead) for lead in (1, 2)])
        upsert_metrics(connection, [scores(1, error=150.0 * lead, lead_time=lead) for lead in (1, 2)])
        decide(connection, "first")
        decide(connection, "second")
        decide(connection, "third", "rejected", artifact_path=None, artifact_checksum=None)
    return database_url


def guard(authorization: str = Header("")) -> None:
    if not authorization:
        raise HTTPException(401, "no token")
    if authorization != "reader":
        raise HTTPException(403, "not for you")


@pytest.fixture
def read_client() -> Iterator[Callable[[str], httpx.Client]]:
    """A client of the read routes over a database's URL, as a caller that may read all of them."""
    with ExitStack() as stack:

        def of(url: str) -> httpx.Client:
            database = Database(url, size=2)
            stack.callback(database.close)
            app = FastAPI()
            add_problem_handlers(app)
            app.include_router(
                read_router(
                    connect=database.connect,
                    regions=lambda: load_regions({}),
                    guards={name: [Depends(guard)] for name in ROUTES},
                )
            )
            base_url = stack.enter_context(serving(app))
            return stack.enter_context(
                httpx.Client(base_url=base_url, headers={"Authorization": "reader"}, timeout=30)
            )

        yield of


@pytest.fixture
def reader(filled_url: str, read_client: Callable[[str], httpx.Client]) -> httpx.Client:
    return read_client(filled_url)
