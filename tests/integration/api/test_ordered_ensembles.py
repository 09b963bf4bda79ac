"""A forecast on demand by a model that is averaged with the operator's own stands on that as it is stored."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.unit.data.series import KOREA
from tests.unit.model.series import ORIGIN, TINY, TRAIN_UNTIL, make_history
from trainer.api.forecasting import Artifact, Job, compute
from trainer.api.history import STORED_DAYS, Histories
from trainer.api.orders import Order
from trainer.database.actuals import upsert_actuals
from trainer.database.connection import connect
from trainer.model.artifact import load_artifact, save_artifact
from trainer.model.training.fitting import fit

pytestmark = pytest.mark.integration

REGION = replace(KOREA, weather=(), ensemble=("reference",))


@pytest.fixture(scope="module")
def told() -> pd.DataFrame:
    """With an operator's forecast that knows each day to half a percent."""
    history = make_history()[["demand"]]
    days = np.random.default_rng(1).normal(0.03, 0.005, len(history) // 24)
    return history.assign(reference=history["demand"] * np.exp(np.repeat(days, 24)))


@pytest.fixture(scope="module")
def artifact(told: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    model = fit(told, REGION, TINY, train_until=TRAIN_UNTIL, device="cpu", origin_hours=(0,))
    folder = tmp_path_factory.mktemp("model") / "KR-1"
    return Artifact(Path(folder), save_artifact(model, folder, {"version": "KR-1"}))


def test_it_says_what_the_model_says_of_the_stored_hours(
    database_url: str, told: pd.DataFrame, artifact: Artifact
) -> None:
    with connect(database_url) as connection:
        upsert_actuals(connection, told, region="KR", source="test")
    order = Order.model_validate({"region": "KR"})
    history = Histories(lambda: connect(database_url)).of(order, REGION, ORIGIN)
    job = Job(REGION, artifact, history, ORIGIN, horizon=48, allow_fallback=False)
    said = compute(job).frame["forecast"]
    model = load_artifact(artifact.folder)
    forecasts = model.forecasts(told.loc[ORIGIN - pd.Timedelta(days=STORED_DAYS) :], [ORIGIN], 48)
    pd.testing.assert_series_equal(said, forecasts.frame()["forecast"], check_freq=False)
    silent = replace(history, rows=history.rows.drop(columns="reference"), key=None)
    assert not np.allclose(compute(replace(job, history=silent)).frame["forecast"], said)
