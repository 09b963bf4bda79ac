"""A region with a retraining whose candidate nobody published, and a run to put models into shadow with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from tests.integration.steps.small_model import leave_candidate
from trainer.contract import Region
from trainer.store import Run, Store

AS_OF = pd.Timestamp("2024-04-10", tz="Asia/Seoul").tz_convert("UTC").to_pydatetime()


@pytest.fixture
def run(place: Region, tmp_path: Path, database: str) -> Run:
    """Of who adds and removes, in a store without a model."""
    with_weather = replace(place, weather=("temperature",))
    return Run(region=with_weather, run_id="shadow/1", as_of=AS_OF, store=Store.at(tmp_path / "store"))


@pytest.fixture
def retrain(run: Run, artifact: Path) -> Run:
    """A retraining whose candidate nobody published."""
    weekly = replace(run, run_id="weekly/1")
    leave_candidate(weekly, artifact)
    return weekly
