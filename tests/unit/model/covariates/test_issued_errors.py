"""Weather as models are trained for, where it was kept as it was issued."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.unit.data.issues import issue_of, true_issues
from trainer.contract import Region
from trainer.contract.products import market_product
from trainer.data.weather.issued import IssuedWeather
from trainer.model.covariates.issued_errors import (
    FEWEST_DAYS,
    weighted_by_place,
    with_day_ahead,
    with_issued_errors,
)
from trainer.model.covariates.places import PlaceWeights
from trainer.model.covariates.weather_as_issued import as_issued
from trainer.model.forecasting.forecaster import Forecaster
from trainer.model.training.training_series import training_series

WEATHER = ["temperature", "humidity"]
MIDNIGHT = pd.Timestamp("2021-03-09 15:00", tz="UTC")
"""In Seoul, as is the beginning of the history."""


def issued_with(history: pd.DataFrame, warmer: np.ndarray | float) -> IssuedWeather:
    """Issues of each midnight, of 48 hours, too warm by what `warmer` says of each hour of the history."""
    told = history.assign(temperature=history["temperature"] + warmer)
    return IssuedWeather.of(true_issues(told, WEATHER, hours=48))


def test_an_hour_s_day_ahead_weather_is_that_of_its_midnight(history: pd.DataFrame, region: Region) -> None:
    rows = [
        issue_of(
            MIDNIGHT + pd.Timedelta(hours=hours), MIDNIGHT, temperature=[figure] * 24, humidity=[50.0] * 24
        )
        for hours, figure in ((-14, 1.0), (-1, 2.0), (1, 3.0))
    ]
    issued = IssuedWeather.of(pd.concat(rows))
    day = slice(MIDNIGHT, MIDNIGHT + pd.Timedelta(hours=23))
    seen = with_day_ahead(history, issued, region, None)
    assert (seen.loc[day, "day_ahead:temperature"] == 2.0).all()
    assert seen["day_ahead:temperature"].notna().sum() == 24
    at_ten = with_day_ahead(history, issued, region, market_product(10))
    assert (at_ten.loc[day, "day_ahead:temperature"] == 1.0).all()
    pd.testing.assert_frame_equal(seen[history.columns], history)


def test_a_model_is_trained_on_the_weather_as_it_was_issued(
    history: pd.DataFrame, region: Region, train_until: pd.Timestamp
) -> None:
    seen = with_day_ahead(history, issued_with(history, 2.0), region, None)
    true, trained = (training_series(frame, region, train_until) for frame in (history, seen))
    np.testing.assert_allclose(trained.frame["temperature"], true.frame["temperature"] + 2)
    pd.testing.assert_series_equal(trained.frame["humidity"], true.frame["humidity"])
    pd.testing.assert_series_equal(trained.frame["demand"], true.frame["demand"])


def test_issues_that_come_true_train_as_perfect_weather_does(
    history: pd.DataFrame, region: Region, train_until: pd.Timestamp
) -> None:
    seen = with_day_ahead(history, issued_with(history, 0.0), region, None)
    uncertain = replace(region, weather_error=1.0)
    true, trained = (
        training_series(history, region, train_until),
        training_series(seen, uncertain, train_until),
    )
    pd.testing.assert_frame_equal(trained.frame, true.frame)


def test_days_without_issues_have_the_errors_of_whole_days_that_have_them(
    history: pd.DataFrame, region: Region
) -> None:
    """Of each day the error is a line that begins where that of no other day does."""
    begun = np.repeat(np.random.default_rng(1).normal(0, 2, len(history) // 24), 24)
    warmer = begun + 0.1 * np.tile(np.arange(24), len(history) // 24)
    issued = issued_with(history, warmer)
    half = IssuedWeather(issued.rows[issued.rows["issued_at"] >= history.index[90 * 24]])
    frame = with_issued_errors(with_day_ahead(history, half, region, None), region)
    assert frame is not None
    errors = (frame["temperature"] - history["temperature"]).to_numpy().reshape(-1, 24)
    np.testing.assert_allclose(errors[90:], warmer.reshape(-1, 24)[90:])
    lent = errors[:90]
    np.testing.assert_allclose(np.diff(lent, axis=1), 0.1)
    assert np.isin(lent[:, 0].round(6), errors[90:, 0].round(6)).all()
    assert len(np.unique(lent[:, 0].round(6))) > 20
    again = with_issued_errors(with_day_ahead(history, half, region, None), region)
    pd.testing.assert_frame_equal(frame, again)


def test_too_few_issues_leave_the_errors_that_the_region_says(
    history: pd.DataFrame, region: Region, train_until: pd.Timestamp
) -> None:
    uncertain = replace(region, weather_error=1.0)
    issued = issued_with(history, 2.0)
    first_missing = history.index[(FEWEST_DAYS - 2) * 24]  # 48 hours of the last one make two days
    few = IssuedWeather(issued.rows[issued.rows["issued_at"] < first_missing])
    enough = IssuedWeather(issued.rows[issued.rows["issued_at"] <= first_missing])
    as_told = training_series(history, uncertain, train_until).frame
    with_few, with_enough = (
        training_series(with_day_ahead(history, some, region, None), uncertain, train_until).frame
        for some in (few, enough)
    )
    pd.testing.assert_frame_equal(with_few, as_told)
    assert not with_enough.equals(as_told)


def test_issues_of_after_the_training_teach_nothing(
    history: pd.DataFrame, region: Region, train_until: pd.Timestamp
) -> None:
    issued = issued_with(history, 2.0)
    before = IssuedWeather(issued.rows[issued.rows["issued_at"] < train_until])
    one, other = (
        training_series(with_day_ahead(history, some, region, None), region, train_until).frame
        for some in (issued, before)
    )
    pd.testing.assert_frame_equal(one, other)


def test_the_band_follows_what_the_issued_weather_of_the_last_days_cost(
    forecaster: Forecaster, history: pd.DataFrame, region: Region
) -> None:
    origin = pd.Timestamp("2021-06-22 15:00", tz="UTC")
    random = np.random.default_rng(2)
    wrong = np.repeat(random.normal(0, 12, len(history) // 24), 24)

    def width(frame: pd.DataFrame) -> float:
        made = forecaster.forecast(frame, origin, 24)
        return float((made["upper"] - made["lower"]).mean())

    true, warm = (
        with_day_ahead(history, issued_with(history, error), region, None) for error in (0.0, wrong)
    )
    assert width(true) == pytest.approx(width(history), rel=1e-6)
    assert width(warm) > 1.5 * width(history)


def test_what_was_issued_at_later_origins_is_not_seen_from_an_earlier_one(
    history: pd.DataFrame, region: Region
) -> None:
    issued = issued_with(history, 2.0)
    seen = as_issued(with_day_ahead(history, issued, region, None), issued, MIDNIGHT, region)
    assert seen.loc[MIDNIGHT:, "day_ahead:temperature"].isna().all()
    assert seen.loc[: MIDNIGHT - pd.Timedelta(hours=1), "day_ahead:temperature"].notna().all()


def test_issues_of_humidity_alone_leave_the_temperature_of_places_as_it_was_measured(
    history: pd.DataFrame, region: Region
) -> None:
    placed = history.assign(temperature_busan=history["temperature"] + 3)
    weights = PlaceWeights({"temperature_busan": 1.0}, {"temperature_busan": 0.0})
    issued = IssuedWeather.of(true_issues(history, ["humidity"]))
    found = weighted_by_place(with_day_ahead(placed, issued, region, None), weights)
    pd.testing.assert_series_equal(found["temperature"], placed["temperature_busan"], check_names=False)
    assert found["day_ahead:humidity"].notna().any()


def test_issues_of_the_region_alone_depart_as_usual_and_no_place_is_called_silent(
    history: pd.DataFrame, region: Region, caplog: pytest.LogCaptureFixture
) -> None:
    placed = history.assign(temperature_busan=history["temperature"] + 3)
    weights = PlaceWeights({"temperature_busan": 1.0}, {"temperature_busan": 3.0})
    seen = with_day_ahead(placed, issued_with(history, 2.0), region, None)
    found = weighted_by_place(seen, weights)
    np.testing.assert_allclose(found["day_ahead:temperature"], history["temperature"] + 5)
    assert "no hour has" not in caplog.text
