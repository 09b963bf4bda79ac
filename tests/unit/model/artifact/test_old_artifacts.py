"""Artifacts of every schema version ever published stay loadable and forecast what they did.

Schema 1 was never published: it is refused by name.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from trainer.contract.quantiles import stated_quantiles
from trainer.model.artifact import load_artifact

KEPT = Path(__file__).parent / "artifacts"


@pytest.mark.parametrize("schema", [2])
def test_a_kept_artifact_forecasts_as_on_the_day_it_was_made(schema: int, history: pd.DataFrame) -> None:
    """Tolerance: processors differ in the last bits of a sum."""
    folder = KEPT / f"schema_{schema}"
    expected = pd.read_csv(folder / "forecast.csv", index_col="time", parse_dates=True)
    forecast = load_artifact(folder / "model").forecast(history, expected.index[0], len(expected))
    for name in ("forecast", "trend", "seasonality", "residual", "lower", "upper"):
        np.testing.assert_allclose(forecast[name], expected[name], rtol=1e-3, atol=5, err_msg=name)


@pytest.mark.parametrize("schema", [2])
def test_one_of_before_states_the_three_quantiles_of_its_band(schema: int, history: pd.DataFrame) -> None:
    model = load_artifact(KEPT / f"schema_{schema}" / "model")
    origin = pd.read_csv(KEPT / f"schema_{schema}" / "forecast.csv", parse_dates=["time"])["time"][0]
    assert list(stated_quantiles(model.forecast(history, origin, 24).columns).values()) == [10, 50, 90]
    assert model.paths(history, origin, 24) is None
