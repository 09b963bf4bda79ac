"""By how much wider the band is where weather is carried on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.unit.model.series import ORIGIN
from trainer.model.arrays import Vector
from trainer.model.forecasting.forecaster import Forecaster
from trainer.model.training.carried_weather import carried_weather_widths


@pytest.fixture(scope="module")
def stormy(history: pd.DataFrame) -> pd.DataFrame:
    """Temperature that no day tells of the next: its own mean of each hour, and what each day draws."""
    random = np.random.default_rng(0)
    days = np.repeat(random.normal(0, 6, len(history) // 24), 24)
    return history.assign(temperature=history["temperature"] + days)


def cut(history: pd.DataFrame, hours: int) -> pd.DataFrame:
    """Without weather from so many hours after ORIGIN on."""
    gone = history.copy()
    gone.loc[ORIGIN + pd.Timedelta(hours=hours) :, ["temperature", "humidity"]] = np.nan
    return gone


def width(forecaster: Forecaster, history: pd.DataFrame, horizon: int = 24) -> Vector:
    found = forecaster.forecast(history, ORIGIN, horizon)
    return np.log(found["upper"] / found["lower"]).to_numpy()


def test_each_hour_since_the_last_known_weather_has_its_width(forecaster: Forecaster) -> None:
    widths = forecaster.carried_weather
    assert widths is not None
    assert widths.shape == (24,)
    assert (widths > 0).all()


def test_weather_that_changes_from_day_to_day_widens_it_more(
    forecaster: Forecaster, history: pd.DataFrame, stormy: pd.DataFrame
) -> None:
    calm, wild = (carried_weather_widths(forecaster, frame) for frame in (history, stormy))
    assert calm is not None
    assert wild is not None
    assert wild.mean() > 2 * calm.mean()


def test_the_band_is_wider_from_the_first_unknown_hour_on_and_the_same_before(
    forecaster: Forecaster, history: pd.DataFrame
) -> None:
    known = 10
    carried = cut(history, known)
    unaware = replace(forecaster, carried_weather=None)
    found, before = width(forecaster, carried), width(unaware, carried)
    np.testing.assert_array_equal(found[:known], before[:known])
    assert (found[known:] > before[known:]).all()


def test_the_median_and_known_weather_are_left_as_they_are(
    forecaster: Forecaster, history: pd.DataFrame
) -> None:
    unaware = replace(forecaster, carried_weather=None)
    pd.testing.assert_frame_equal(
        forecaster.forecast(history, ORIGIN, 24), unaware.forecast(history, ORIGIN, 24)
    )
    one, other = (model.forecast(cut(history, 10), ORIGIN, 24) for model in (forecaster, unaware))
    np.testing.assert_allclose(one["forecast"], other["forecast"], rtol=1e-12)


def test_all_quantiles_and_the_day_s_figures_are_wider_with_it(
    forecaster: Forecaster, history: pd.DataFrame
) -> None:
    carried = cut(history, 10)
    unaware = replace(forecaster, carried_weather=None)
    one, other = (model.forecasts(carried, [ORIGIN], 24) for model in (forecaster, unaware))
    assert (one.frame()["q95"][10:] > other.frame()["q95"][10:]).all()
    (day,), (narrow,) = one.days() or [], other.days() or []
    assert day.energy_upper_mwh - day.energy_lower_mwh > narrow.energy_upper_mwh - narrow.energy_lower_mwh


def test_a_model_without_weather_knows_no_such_width(
    bare_forecaster: Forecaster, history: pd.DataFrame
) -> None:
    assert bare_forecaster.carried_weather is None
    assert carried_weather_widths(bare_forecaster, history) is None


def test_where_few_days_have_their_weather_nothing_is_said(
    forecaster: Forecaster, history: pd.DataFrame
) -> None:
    gone = history.copy()
    gone.loc[: forecaster.training.train_until - pd.Timedelta(days=20), "humidity"] = np.nan
    assert carried_weather_widths(forecaster, gone) is None
