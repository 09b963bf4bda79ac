"""A model in its folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from trainer.model.artifact import save_artifact
from trainer.model.forecasting.forecaster import Forecaster


@pytest.fixture
def saved(forecaster: Forecaster, tmp_path: Path) -> Path:
    save_artifact(forecaster, tmp_path / "model", {"version": "KR-1"}, {"mape": 1.5})
    return tmp_path / "model"
