"""Weather in error stays weather that there could be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from trainer.contract import Region
from trainer.data.solar import solar_elevation_sine
from trainer.model.covariates.weather_error import with_daily_errors, with_errors


@pytest.fixture(scope="module")
def sunny(history: pd.DataFrame, region: Region) -> pd.DataFrame:
    """With radiation (W/m2), none by night, and wind (m/s)."""
    sine = solar_elevation_sine(pd.DatetimeIndex(history.index), region.latitude, region.longitude)
    random = np.random.default_rng(2)
    cloud = random.uniform(0.2, 1, len(history) // 24).repeat(24)
    wind = random.gamma(2, 2, len(history))
    return history.assign(radiation=900 * np.maximum(sine, 0) * cloud, wind=wind)


def in_error(sunny: pd.DataFrame, region: Region, *names: str) -> pd.DataFrame:
    place = replace(region, weather=names)
    return with_errors(sunny, place, sunny.index[0], np.random.default_rng(0), 1.0)


def test_it_stays_within_what_has_been_seen(sunny: pd.DataFrame, region: Region) -> None:
    noisy = in_error(sunny, region, "radiation", "wind")
    for name in ("radiation", "wind"):
        assert noisy[name].between(sunny[name].min(), sunny[name].max()).all()


def test_the_night_stays_without_sun_in_every_season(sunny: pd.DataFrame, region: Region) -> None:
    noisy = in_error(sunny, region, "radiation")
    hour = np.asarray(pd.DatetimeIndex(sunny.index).tz_convert(region.zone).hour)
    darkest = pd.Series(sunny["radiation"].to_numpy()).groupby(hour).transform("max") == 0
    assert (noisy["radiation"].to_numpy()[darkest] == 0).all()
    january = sunny.index < sunny.index[24 * 15]  # in June there is sun at 06:00, in January there is none
    assert (noisy["radiation"][january & (hour == 6)] == 0).all()


def test_by_day_it_errs_by_a_tenth_of_what_the_hour_varies(sunny: pd.DataFrame, region: Region) -> None:
    errors = in_error(sunny, region, "radiation")["radiation"] - sunny["radiation"]
    noon = np.asarray(pd.DatetimeIndex(sunny.index).tz_convert(region.zone).hour) == 12
    days = sunny["radiation"][noon].rolling(31, center=True, min_periods=1).std(ddof=0)
    assert errors[noon].std() == pytest.approx(0.1 * days.mean(), rel=0.2)


def test_places_err_as_the_mean_of_all_does(history: pd.DataFrame, region: Region) -> None:
    towns = {"temperature_busan": history["temperature"] + 2, "temperature_seoul": history["temperature"] - 2}
    noisy = in_error(history.assign(**towns), region, "temperature", "humidity")
    of_mean = noisy["temperature"] - history["temperature"]
    assert of_mean.abs().max() > 1
    for name, known in towns.items():
        pd.testing.assert_series_equal(noisy[name] - known, of_mean, check_names=False)


def test_temperature_errs_by_its_own_measure_whatever_stands_beside_it(
    sunny: pd.DataFrame, region: Region
) -> None:
    alone = in_error(sunny, region, "temperature", "humidity")
    together = in_error(sunny, region, "temperature", "humidity", "radiation")
    for name in ("temperature", "humidity"):
        pd.testing.assert_series_equal(alone[name], together[name])
    assert (alone["temperature"] - sunny["temperature"]).std() == pytest.approx(1.3, rel=0.15)


def test_forecast_day_by_day_a_date_errs_alike_in_every_frame(sunny: pd.DataFrame, region: Region) -> None:
    place = replace(region, weather_error=1.0)
    whole, later = (with_daily_errors(frame, place) for frame in (sunny, sunny.iloc[50:]))
    for name in region.weather:
        pd.testing.assert_series_equal(whole[name].iloc[50:], later[name])


def test_forecast_day_by_day_it_errs_as_much_as_the_region_says(sunny: pd.DataFrame, region: Region) -> None:
    errors = {
        size: with_daily_errors(sunny, replace(region, weather_error=size))["temperature"]
        - sunny["temperature"]
        for size in (1.0, 2.0)
    }
    assert errors[1.0].std() == pytest.approx(1.3, rel=0.1)
    np.testing.assert_allclose(errors[2.0], 2 * errors[1.0], atol=1e-9)
    from_midnight = errors[1.0][errors[1.0].index.hour.argmin() :]
    by_day = from_midnight[: len(from_midnight) // 24 * 24].to_numpy().reshape(-1, 24)
    assert np.corrcoef(by_day[:-1, -1], by_day[1:, 0])[0, 1] == pytest.approx(0, abs=0.2)
    assert np.corrcoef(by_day[:, 10], by_day[:, 11])[0, 1] == pytest.approx(0.9, abs=0.05)
