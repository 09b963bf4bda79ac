"""A champion and its shadow, and what both are on record with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from tests.integration.steps.shadow_comparisons.record import Speak, crown, midnight
from tests.integration.steps.small_model import checksum
from trainer.contract import Shadow, ShadowKind, model_folder
from trainer.database import connect
from trainer.database.predictions import upsert_predictions
from trainer.database.shadows import store_shadow, upsert_shadow_predictions
from trainer.steps.ingest import ingest
from trainer.store import Run


@pytest.fixture
def run(make_run: Callable[..., Run], database: str) -> Run:
    """On the morning after DAYS, its demand ingested; T-1 is champion, and a shadow is live."""
    run = make_run("2024-03-15", "daily/15")
    ingest(run, source=None)
    crown(database, "T-1")
    with connect(database) as connection:
        shadow = Shadow(name="naive", kind=ShadowKind.BASELINE)
        store_shadow(connection, "T", shadow, added_by="Kim", reason="to compare")
    return run


@pytest.fixture
def speak(run: Run, demand: pd.Series, database: str) -> Speak:
    """What champion and shadow are on record with for a day, off by 4 and by 2 %."""

    def said(day: str, *, version: str = "T-1", shadow: bool = True) -> None:
        origin = midnight(day, run.region)
        index = pd.date_range(origin, periods=24, freq="h", name="time")
        actual = demand.tz_convert("UTC").reindex(index)
        common = pd.DataFrame({"lead_time": range(1, 25), "origin": index[0]}, index=index)
        served = common.assign(model_version=version, fallback="none", forecast=actual * 1.04)
        empty = dict.fromkeys(("trend", "seasonality", "residual", "lower", "upper"), float("nan"))
        beside = common.assign(
            model_version="seasonal-naive-168h",
            shadow="naive",
            forecast=actual * 1.02,
            lower=float("nan"),
            upper=float("nan"),
        )
        with connect(database) as connection:
            upsert_predictions(connection, served.assign(**empty), region="T", run_id=f"daily/{day}")
            if shadow:
                upsert_shadow_predictions(connection, beside, region="T", run_id=f"daily/{day}")

    return said


@pytest.fixture
def candidate(run: Run, artifact: Path, database: str) -> Shadow:
    """A version in shadow, with its files."""
    run.store.upload(artifact, model_folder("T", "T-2"))
    shadow = Shadow(name="candidate", kind=ShadowKind.VERSION, version="T-2", checksum=checksum(artifact))
    with connect(database) as connection:
        store_shadow(connection, "T", shadow, added_by="Kim", reason="to compare")
    return shadow
