"""Weather that ends before the horizon does: carried on for a day, refused by name beyond it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.unit.model.forecasting.late_demand import assert_same_megawatts
from tests.unit.model.series import ORIGIN
from trainer.errors import DataError
from trainer.model.forecasting.forecaster import Forecaster


def test_a_region_without_weather_forecasts_beyond_the_end_of_its_history(
    bare_forecaster: Forecaster, history: pd.DataFrame
) -> None:
    past = history.loc[history.index < ORIGIN, ["demand"]]
    assert len(bare_forecaster.forecast(past, ORIGIN, 168)) == 168


def test_weather_that_ends_before_the_horizon_is_carried_on_for_a_day(
    forecaster: Forecaster, history: pd.DataFrame
) -> None:
    gone = history.copy()
    gone.loc[gone.index >= ORIGIN + pd.Timedelta(hours=20), "humidity"] = np.nan
    found, whole = (forecaster.forecast(frame, ORIGIN, 44)["forecast"] for frame in (gone, history))
    np.testing.assert_allclose(found, whole, rtol=0.02)


def test_more_than_a_day_without_weather_ahead_is_refused_by_name(
    forecaster: Forecaster, history: pd.DataFrame
) -> None:
    gone = history.copy()
    gone.loc[gone.index >= ORIGIN + pd.Timedelta(hours=20), "humidity"] = np.nan
    with pytest.raises(DataError, match=r"humidity, which is missing for 25 of the 45 hours"):
        forecaster.forecast(gone, ORIGIN, 45)


def test_no_weather_at_all_for_the_horizon_is_refused(forecaster: Forecaster, history: pd.DataFrame) -> None:
    gone = history.copy()
    gone.loc[gone.index >= ORIGIN, "humidity"] = np.nan
    with pytest.raises(DataError, match=r"humidity, which is missing for 24 of the 24 hours"):
        forecaster.forecast(gone, ORIGIN, 24)


def test_weather_missing_in_the_past_withholds_nothing(forecaster: Forecaster, history: pd.DataFrame) -> None:
    gone = history.copy()
    gone.loc[ORIGIN - pd.Timedelta(days=40) : ORIGIN - pd.Timedelta(days=30), "temperature"] = np.nan
    found, whole = (forecaster.forecast(frame, ORIGIN, 24)["forecast"] for frame in (gone, history))
    np.testing.assert_allclose(found, whole, rtol=0.02)


def test_weather_that_ends_within_a_day_counts_as_that_of_a_whole_day(
    forecaster: Forecaster, history: pd.DataFrame
) -> None:
    morning = ORIGIN + pd.Timedelta(hours=9)
    yesterday = history[history.index < ORIGIN].iloc[-24:]
    steady = history.copy()
    for name in ("temperature", "humidity"):
        steady[name] = np.resize(yesterday[name].to_numpy(), len(history))
    cut = steady[steady.index < morning + pd.Timedelta(hours=24)]
    assert_same_megawatts(forecaster.forecast(cut, morning, 24), forecaster.forecast(steady, morning, 24))
