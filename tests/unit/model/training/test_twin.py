"""The weatherless twin, and a model whose weather is too scarce."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.unit.model.series import ORIGIN
from trainer.contract import Region
from trainer.errors import DataError, WeatherUnknownError
from trainer.model.config import ModelConfig
from trainer.model.forecasting.forecaster import Forecaster
from trainer.model.training.twin import fit_twin, without_scarce_weather


def test_a_twin_forecasts_without_any_weather(
    history: pd.DataFrame, region: Region, tiny: ModelConfig, train_until: pd.Timestamp
) -> None:
    twin = fit_twin(history, region, tiny, train_until=train_until, device="cpu")
    assert twin is not None
    assert twin.region.weather == ()
    dark = history.assign(temperature=np.nan, humidity=np.nan)
    made = twin.forecast(dark, ORIGIN, 24)
    assert (made["q5"] < made["lower"]).all()
    assert twin.paths(dark, ORIGIN, 24) is not None
    assert made["forecast"].between(0.7 * history["demand"].min(), 1.3 * history["demand"].max()).all()


def test_a_region_without_weather_has_no_twin(
    history: pd.DataFrame, bare_region: Region, tiny: ModelConfig, train_until: pd.Timestamp
) -> None:
    assert fit_twin(history, bare_region, tiny, train_until=train_until, device="cpu") is None


def test_a_model_that_reads_weather_says_that_it_is_weather_it_lacks(
    forecaster: Forecaster, history: pd.DataFrame
) -> None:
    dark = history.copy()
    dark.loc[ORIGIN:, ["temperature", "humidity"]] = np.nan
    with pytest.raises(WeatherUnknownError, match="temperature, which is missing for 24 of the 24 hours"):
        forecaster.forecast(dark, ORIGIN, 24)


@pytest.mark.parametrize(("days", "weather"), [(69, ()), (71, ("temperature", "humidity"))])
def test_weather_that_is_known_for_under_70_days_is_done_without(
    days: int,
    weather: tuple[str, ...],
    history: pd.DataFrame,
    region: Region,
    train_until: pd.Timestamp,
) -> None:
    scarce = history.copy()
    scarce.loc[: train_until - pd.Timedelta(days=days, hours=1), "temperature"] = np.nan
    assert without_scarce_weather(scarce, region, train_until).weather == weather


def test_too_little_demand_is_left_to_be_refused(
    history: pd.DataFrame, region: Region, train_until: pd.Timestamp, tiny: ModelConfig
) -> None:
    short = history.loc[train_until - pd.Timedelta(days=60) :]
    assert without_scarce_weather(short, region, train_until) == region
    with pytest.raises(DataError, match="needs 70 days"):
        fit_twin(short, region, tiny, train_until=train_until, device="cpu")
