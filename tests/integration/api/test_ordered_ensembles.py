"""A forecast on demand by a model that is averaged with the operator's own is what the daily run says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from tests.integration.api.orders import AS_OF
from tests.integration.api.running import Models, Running, starter
from tests.integration.api.sample import KR, LAST_MIDNIGHT, actuals, of_operator
from trainer.database.actuals import upsert_actuals
from trainer.database.connection import connect
from trainer.model.artifact import artifact_checksum, load_artifact, save_artifact
from trainer.model.config import ModelConfig
from trainer.model.training.fitting import fit

pytestmark = pytest.mark.integration


def told(days: int, days_ahead: int = 0) -> pd.DataFrame:
    frame = actuals(days, days_ahead=days_ahead)
    return frame.assign(reference=of_operator(days)["reference"].reindex(frame.index))


@pytest.fixture
def averaged(tmp_path: Path) -> Models:
    config = ModelConfig(kd=3, kw=1, ky=1, hidden=4, epochs=1, stride=24, validation_days=28)
    region = replace(KR, ensemble=("reference",))
    until = pd.Timestamp(LAST_MIDNIGHT) - pd.Timedelta(days=5)
    model = fit(told(80), region, config, train_until=until, device="cpu", origin_hours=(0,))

    def of(version: str) -> tuple[Path, str]:
        place = tmp_path / version
        if not place.exists():
            save_artifact(model, place, {"version": version})
        return place, artifact_checksum(place)

    return of


def test_it_stands_on_the_stored_forecast_of_the_operator(
    database_url: str, tmp_path: Path, averaged: Models
) -> None:
    with starter(database_url, tmp_path / "store", averaged) as start:
        with connect(database_url) as connection:
            upsert_actuals(connection, of_operator(70), region="KR", source="test")
        api: Running = start()
        answer = api.client.post("/api/predict", json={"region": "KR", "as_of": AS_OF})
    model = load_artifact(averaged("KR-v1")[0])
    outlook = model.outlook(told(63, days_ahead=8), [pd.Timestamp(LAST_MIDNIGHT)], 24)
    shares = outlook.shares()
    assert shares is not None
    assert shares["reference"] > 0.1
    said = [hour["forecast_mw"] for hour in answer.json()["hours"]]
    assert said == pytest.approx(list(outlook.frame()["forecast"]))
