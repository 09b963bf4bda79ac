"""A region with two champions and a forecast, a place for its backup, and the loss of all else."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from demand_forecast.promotion import deployments
from stack import postgres
from tests.integration.steps.backups.content import daily
from tests.integration.steps.small_model import DAYS, checksum
from trainer.contract import Env, Region, model_folder
from trainer.steps.forecast import forecast
from trainer.steps.ingest import ingest
from trainer.steps.pinned_models import PinnedModel
from trainer.steps.publish import publish
from trainer.steps.snapshot import snapshot
from trainer.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.at(tmp_path / "store")


@pytest.fixture
def target(tmp_path: Path) -> Store:
    return Store.at(tmp_path / "backup")


@pytest.fixture
def site(place: Region, artifact: Path, store: Store, database: str) -> Store:
    """Two champions, one after the other, and a day's forecast by the second."""
    for version, champion in (("T-1", None), ("T-2", "T-1")):
        folder = model_folder("T", version)
        store.upload(artifact, folder)
        values = deployments.parameters(
            region="T",
            version=version,
            run_id=f"weekly/{version}",
            reason="Better.",
            metrics={},
            champion_version=champion,
            artifact_path=folder,
            artifact_checksum=checksum(artifact),
            trained_from="2024-01-01T00:00:00+09:00",
            trained_to="2024-03-31T00:00:00+09:00",
        )
        with psycopg.connect(database) as connection:
            deployments.record(connection, values)
    run = daily("daily/1", place, store)
    ingest(run, source=None)
    snapshot(run, lookback_days=DAYS, source=None)
    forecast(run, horizon=24, model=PinnedModel("T-2", checksum(artifact)), previous=None)
    publish(run)
    return store


@pytest.fixture
def lose_everything(
    postgres_url: str, site: Store, store: Store, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], str]]:
    """Afterwards there is an empty store, and an empty database under another URL, which it returns."""
    name = f"restored_{uuid.uuid4().hex}"

    def lose() -> str:
        shutil.rmtree(store.locate(""))
        url = postgres.create_database(postgres_url, name)
        monkeypatch.setenv(Env.POSTGRES_URL, url)
        return url

    yield lose
    postgres.drop_database(postgres_url, name)
