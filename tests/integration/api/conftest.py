"""Filled databases, and the API over them on ports of their own."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pandas as pd
import pytest
from fastapi import Depends, FastAPI, Header, HTTPException

from stack import postgres
from tests.integration.api.live import serving
from tests.integration.api.running import Models, Running, starter
from tests.integration.api.sample import KR, LAST_MIDNIGHT, actuals, decide, forecast, of_operator, scores
from trainer.api.read import ROUTES, Database, add_problem_handlers, read_router
from trainer.contract import Product, load_regions
from trainer.database.actuals import upsert_actuals
from trainer.database.connection import connect
from trainer.database.metrics import upsert_metrics
from trainer.database.predictions import upsert_predictions
from trainer.model.artifact import artifact_checksum, save_artifact
from trainer.model.config import ModelConfig
from trainer.model.training.fitting import fit
from trainer.model.training.twin import fit_twin

PRODUCTS = (
    Product.parse("KR", "day_ahead", {"at": "10:00", "covers": "tomorrow"}),
    Product.parse("KR", "week", {"at": "00:30", "hours": 168}),
)


@pytest.fixture(scope="module")
def module_database_url(postgres_url: str, _migrated: str) -> Iterator[str]:
    """As `database_url`, for the tests of a module that change nothing."""
    name = f"test_{uuid.uuid4().hex}"
    yield postgres.create_database(postgres_url, name, template=_migrated)
    postgres.drop_database(postgres_url, name)


def fill(url: str) -> str:
    """Ten days of actuals, a forecast at each local midnight, the last of them for two days ahead, and one
    of a product for the first of these."""
    with connect(url) as connection:
        upsert_actuals(connection, actuals(10), region="KR", source="test")
        upsert_actuals(connection, of_operator(2), region="KR", source="test")
        for day in range(10, 0, -1):
            origin = LAST_MIDNIGHT - timedelta(days=day)
            upsert_predictions(connection, forecast(origin), region="KR", run_id=f"daily-{day}")
        upsert_predictions(connection, forecast(LAST_MIDNIGHT, 48), region="KR", run_id="daily-0")
        upsert_metrics(
            connection, [scores(day, error=100.0 * (day + 1), common=12 * (day < 2)) for day in range(9)]
        )
        upsert_metrics(connection, [scores(0, error=50.0 * lead, lead_time=lead) for lead in (1, 2)])
        upsert_metrics(connection, [scores(1, error=150.0 * lead, lead_time=lead) for lead in (1, 2)])
        upsert_predictions(
            connection,
            forecast(LAST_MIDNIGHT - timedelta(hours=14), 38, version="KR-v2").iloc[14:],
            region="KR",
            run_id="day-ahead-0",
            product="day_ahead",
        )
        upsert_metrics(connection, [replace(scores(0, error=600.0), product="day_ahead")])
        decide(connection, "first")
        decide(connection, "second")
        decide(connection, "third", "rejected", artifact_path=None, artifact_checksum=None)
    return url


def guard(authorization: str = Header("")) -> None:
    if not authorization:
        raise HTTPException(401, "no token")
    if authorization != "reader":
        raise HTTPException(403, "not for you")


@contextmanager
def read_clients() -> Iterator[Callable[[str], httpx.Client]]:
    with ExitStack() as stack:

        def of(url: str) -> httpx.Client:
            database = Database(url, size=2)
            stack.callback(database.close)
            app = FastAPI()
            add_problem_handlers(app)
            app.include_router(
                read_router(
                    connect=database.connect,
                    regions=lambda: load_regions({}) | {"KR": replace(KR, forecasts=PRODUCTS)},
                    guards={name: [Depends(guard)] for name in ROUTES},
                )
            )
            base_url = stack.enter_context(serving(app))
            return stack.enter_context(
                httpx.Client(base_url=base_url, headers={"Authorization": "reader"}, timeout=30)
            )

        yield of


@pytest.fixture
def read_client() -> Iterator[Callable[[str], httpx.Client]]:
    """A client of the read routes over a database's URL, as a caller that may read all of them."""
    with read_clients() as of:
        yield of


@pytest.fixture(scope="module")
def reader(module_database_url: str) -> Iterator[httpx.Client]:
    """Of a filled database that the tests leave as it is."""
    with read_clients() as of:
        yield of(fill(module_database_url))


@pytest.fixture
def filled_url(database_url: str) -> str:
    """A filled database of the test's own."""
    return fill(database_url)


@pytest.fixture
def own_reader(filled_url: str, read_client: Callable[[str], httpx.Client]) -> httpx.Client:
    return read_client(filled_url)


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    """One fit serves all versions: their manifests differ, and so do their checksums."""
    config = ModelConfig(kd=3, kw=1, ky=1, hidden=4, epochs=1, stride=24, validation_days=28)
    until = pd.Timestamp(LAST_MIDNIGHT)
    forecaster = fit(actuals(80), KR, config, train_until=until, device="cpu", origin_hours=(0,))
    twin = fit_twin(actuals(80), KR, config, train_until=until, device="cpu")
    folder = tmp_path_factory.mktemp("models")

    def of(version: str) -> tuple[Path, str]:
        place = folder / version
        if not place.exists():
            save_artifact(forecaster, place, {"version": version}, twin=twin)
        return place, artifact_checksum(place)

    return of


@pytest.fixture
def start(database_url: str, tmp_path: Path, models: Models) -> Iterator[Callable[..., Running]]:
    """Starts a service of the test's own."""
    with starter(database_url, tmp_path / "store", models) as of:
        yield of


@pytest.fixture(scope="module")
def api(
    module_database_url: str, tmp_path_factory: pytest.TempPathFactory, models: Models
) -> Iterator[Running]:
    """A service with the champion KR-v1 that the tests leave as it is."""
    with starter(module_database_url, tmp_path_factory.mktemp("store"), models) as start:
        yield start()
