"""A forecast by the model for as long as its weather is known, and by its twin from there on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.unit.model.series import ORIGIN
from trainer.contract import Region
from trainer.errors import WeatherUnknownError
from trainer.model.forecasting.forecast_with_twin import ForecastWithTwin
from trainer.model.forecasting.forecaster import Forecaster
from trainer.model.forecasting.needed_hours import hours_with_weather

HORIZON = 96


def without_weather_from(history: pd.DataFrame, hours: int) -> pd.DataFrame:
    """`history`, its temperature unknown from so many hours after ORIGIN on."""
    cut = history.copy()
    cut.loc[ORIGIN + pd.Timedelta(hours=hours) :, "temperature"] = np.nan
    return cut


@pytest.fixture
def cut(history: pd.DataFrame) -> pd.DataFrame:
    """Weather for 30 hours: enough for two days, the rest of the second carried on."""
    return without_weather_from(history, 30)


@pytest.fixture
def made(forecaster: Forecaster, bare_forecaster: Forecaster, cut: pd.DataFrame) -> ForecastWithTwin:
    return ForecastWithTwin.of(forecaster, lambda _: bare_forecaster, cut, ORIGIN, HORIZON)


def test_the_model_has_the_days_with_weather_and_the_twin_those_after(
    made: ForecastWithTwin, forecaster: Forecaster, bare_forecaster: Forecaster, cut: pd.DataFrame
) -> None:
    found = made.frame()
    assert made.by_model == 48
    assert found["lead_time"].tolist() == list(range(1, HORIZON + 1))
    pd.testing.assert_frame_equal(found[:48], forecaster.forecast(cut, ORIGIN, 48))
    pd.testing.assert_frame_equal(found[48:], bare_forecaster.forecast(cut, ORIGIN, HORIZON)[48:])
    assert made.reason
    assert "temperature, which is missing for 66 of the 96 hours" in made.reason


def test_each_day_s_peak_is_one_of_its_hours(made: ForecastWithTwin) -> None:
    hours, days = made.frame()["forecast"], made.days()
    assert days is not None
    assert [day.date for day in days] == ["2021-06-10", "2021-06-11", "2021-06-12", "2021-06-13"]
    for day in days:
        assert hours[day.peak_time] == pytest.approx(day.peak_mw)


def test_days_begin_where_the_forecast_is_asked_for(made: ForecastWithTwin) -> None:
    for first, count in ((25, 3), (49, 2), (73, 1)):
        assert len(made.days(first) or []) == count


def test_sample_paths_run_over_both(made: ForecastWithTwin) -> None:
    paths = made.paths(40)
    assert paths is not None
    assert paths.shape == (40, HORIZON)
    middle = np.median(paths, axis=0)
    np.testing.assert_allclose(middle, made.frame()["forecast"], rtol=0.05)


def test_a_model_that_has_all_weather_never_asks_for_its_twin(
    forecaster: Forecaster, history: pd.DataFrame
) -> None:
    def none(_: WeatherUnknownError) -> Forecaster:
        raise AssertionError

    made = ForecastWithTwin.of(forecaster, none, history, ORIGIN, HORIZON)
    assert (made.twin, made.by_model, made.reason) == (None, HORIZON, None)
    pd.testing.assert_frame_equal(made.frame(), forecaster.forecast(history, ORIGIN, HORIZON))


def test_without_any_weather_ahead_the_twin_has_all_hours(
    forecaster: Forecaster, bare_forecaster: Forecaster, history: pd.DataFrame
) -> None:
    dark = without_weather_from(history, 0)
    made = ForecastWithTwin.of(forecaster, lambda _: bare_forecaster, dark, ORIGIN, HORIZON)
    assert (made.model, made.by_model) == (None, 0)
    pd.testing.assert_frame_equal(made.frame(), bare_forecaster.forecast(dark, ORIGIN, HORIZON))


def test_without_a_twin_the_lack_of_weather_is_raised(forecaster: Forecaster, cut: pd.DataFrame) -> None:
    with pytest.raises(WeatherUnknownError, match="missing for 66 of the 96 hours"):
        ForecastWithTwin.of(forecaster, lambda _: None, cut, ORIGIN, HORIZON)


@pytest.mark.parametrize(
    ("known", "horizon", "reached"),
    [(0, 96, 0), (1, 96, 24), (23, 96, 24), (24, 96, 48), (71, 96, 72), (0, 20, 0)],
)
def test_weather_is_carried_on_for_a_day_at_most_and_to_the_end_of_one(
    known: int, horizon: int, reached: int, history: pd.DataFrame, region: Region
) -> None:
    cut = without_weather_from(history, known)
    assert hours_with_weather(cut, region, ORIGIN, horizon) == reached


def test_days_end_by_the_clock_of_the_region(history: pd.DataFrame, region: Region) -> None:
    """At 15:00 UTC it is 20:30 in Kolkata; its midnight lies within the fourth hour, which begins the day."""
    kolkata = replace(region, timezone="Asia/Kolkata")
    assert hours_with_weather(without_weather_from(history, 20), kolkata, ORIGIN, 96) == 27


def test_weather_that_is_no_column_reaches_nowhere(history: pd.DataFrame, region: Region) -> None:
    assert hours_with_weather(history.drop(columns="humidity"), region, ORIGIN, 96) == 0
