"""A daily run of a region with a champion and three shadows, of which one is broken."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from tests.integration.steps.small_model import DAYS, checksum
from trainer.contract import Manifest, Region, Shadow, ShadowKind, model_folder
from trainer.database import connect
from trainer.database.shadows import store_shadow
from trainer.steps.forecast import forecast
from trainer.steps.pinned_models import PinnedModel
from trainer.steps.snapshot import snapshot
from trainer.store import Run, Store


@pytest.fixture
def run(place: Region, artifact: Path, tmp_path: Path, database: str, buckets: object) -> Run:
    """With its snapshot taken; the champion T-1, a sound T-2 and a T-3 that lacks a file are in the store."""
    as_of = pd.Timestamp("2024-04-10", tz=place.timezone).tz_convert("UTC").to_pydatetime()
    run = Run(region=place, run_id="daily/1", as_of=as_of, store=Store.at(tmp_path))
    snapshot(run, lookback_days=DAYS, source=place.source)
    for version in ("T-1", "T-2", "T-3"):
        run.store.upload(artifact, model_folder("T", version))
    run.store.remove(f"{model_folder('T', 'T-3')}/trend.json")
    return run


@pytest.fixture
def shadows(artifact: Path, run: Run, database: str) -> list[Shadow]:
    """Three live ones, of which one is broken."""
    of_version = {"kind": ShadowKind.VERSION, "checksum": checksum(artifact)}
    found = [
        Shadow(name="broken", version="T-3", **of_version),  # type: ignore[arg-type]
        Shadow(name="older", version="T-2", **of_version),  # type: ignore[arg-type]
        Shadow(name="naive", kind=ShadowKind.BASELINE),
    ]
    with connect(database) as connection:
        for shadow in found:
            store_shadow(connection, "T", shadow, added_by="Kim", reason="to compare")
    return found


@pytest.fixture
def make(run: Run, artifact: Path, shadows: list[Shadow]) -> Callable[[], Manifest]:
    def made() -> Manifest:
        pinned = PinnedModel("T-1", checksum(artifact))
        return forecast(run, horizon=24, model=pinned, previous=None, shadows=shadows)

    return made
