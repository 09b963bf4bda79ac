"""A store and a database with two champions of an hourly product's region, and runs of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import psycopg
import pytest

from tests.dags.site import crown
from tests.integration.steps.intraday.hourly import BEFORE, HOURLY, KEPT_UNDER, UNTIL
from tests.integration.steps.small_model import checksum
from trainer.contract import Region, model_folder
from trainer.store import Run, Store


@pytest.fixture
def store(tmp_path: Path, artifact: Path) -> Store:
    store = Store.at(tmp_path / "store")
    for version in ("T-0", "T-1"):
        store.upload(artifact, model_folder("T", version))
    return store


@pytest.fixture
def champions(artifact: Path, database: str) -> None:
    """T-1, and before it T-0."""
    with psycopg.connect(database) as connection:
        for version, until in (("T-0", BEFORE), ("T-1", UNTIL)):
            trained = ("2024-01-01T00:00:00+09:00", until)
            crown(connection, "T", version, trained=trained, checksum=checksum(artifact))


@pytest.fixture
def run_at(place: Region, store: Store) -> Callable[..., Run]:
    def make(moment: str, **region: Any) -> Run:
        as_of = pd.Timestamp(moment, tz=place.timezone).tz_convert("UTC").to_pydatetime()
        return Run(
            region=replace(place, forecasts=(HOURLY,), **region),
            run_id=f"{KEPT_UNDER}/{moment}",
            as_of=as_of,
            store=store,
            kept_under=KEPT_UNDER,
        )

    return make
