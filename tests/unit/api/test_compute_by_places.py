"""A forecast that is ordered of a model that weighs places."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.data.series import KOREA
from tests.unit.model.series import ORIGIN, TINY, TRAIN_UNTIL, make_history
from trainer.api.forecasting import Artifact, History, Job, compute
from trainer.model.artifact import artifact_checksum, save_artifact
from trainer.model.covariates.places import PlaceWeights
from trainer.model.training.fitting import fit


def test_temperatures_of_places_reach_the_model(tmp_path: Path) -> None:
    rows = make_history()
    model = fit(rows, KOREA, TINY, train_until=TRAIN_UNTIL, device="cpu", origin_hours=(0,))
    weights = PlaceWeights({"temperature_busan": 1.0}, {"temperature_busan": 0.0})
    save_artifact(replace(model, places=weights), tmp_path / "model", {})
    artifact = Artifact(tmp_path / "model", artifact_checksum(tmp_path / "model"))
    rows["temperature_busan"] = rows["temperature"] + 5
    found = compute(Job(KOREA, artifact, History(rows, "the table", None), ORIGIN, 24, False)).frame
    warm = rows.assign(temperature=rows["temperature_busan"])
    expected = model.forecast(warm, ORIGIN, 24)["forecast"].to_numpy()
    assert found["forecast"].to_numpy() == pytest.approx(expected)
