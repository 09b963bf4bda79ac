"""The band is as wide as what it held since training asks for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.unit.model.series import TINY
from trainer.contract import Region
from trainer.model.forecasting.band import width_factors
from trainer.model.forecasting.forecaster import Forecaster
from trainer.model.forecasting.hindcasts import HINDCAST_DAYS, Hindcasts
from trainer.model.regressions.origin_features import DAY
from trainer.model.training.fitting import fit, update

_DAY = pd.Timedelta(days=1)


def width(forecast: pd.DataFrame) -> float:
    return float(np.log(forecast["upper"] / forecast["lower"]).mean())


def without_hindcasts(forecaster: Forecaster) -> Forecaster:
    """As if training had seen all there is, so that its band stays as calibrated."""
    ages_hence = replace(forecaster.training, train_until=pd.Timestamp("2100-01-01", tz="UTC"))
    return replace(forecaster, training=ages_hence)


def erratic(history: pd.DataFrame, since: pd.Timestamp, until: pd.Timestamp) -> pd.DataFrame:
    """With days of which each is 6 % off its usual one, now above and now below."""
    changed = history.copy()
    days = np.asarray((changed.index - since) // _DAY)
    within = (changed.index >= since) & (changed.index < until)
    changed.loc[within, "demand"] *= np.where(days[within] % 2, 1.06, 0.94)
    return changed


def test_on_the_day_of_training_it_is_as_calibrated(
    forecaster: Forecaster, history: pd.DataFrame, train_until: pd.Timestamp
) -> None:
    np.testing.assert_array_equal(forecaster.calibrated_at(history, train_until)[0], forecaster.band_scale)


def test_it_grows_when_the_days_since_training_were_missed(
    forecaster: Forecaster, history: pd.DataFrame, train_until: pd.Timestamp
) -> None:
    origin = train_until + 8 * _DAY
    usual = forecaster.forecast(history, origin, 24)
    after_misses = forecaster.forecast(erratic(history, train_until, origin), origin, 24)
    assert width(after_misses) > 1.3 * width(usual)


def test_it_shrinks_when_they_were_met_too_well(
    forecaster: Forecaster, history: pd.DataFrame, train_until: pd.Timestamp
) -> None:
    wide = replace(forecaster, band_scale=3 * forecaster.band_scale)
    band_scale = wide.calibrated_at(history, train_until + 10 * _DAY)[0]
    assert (band_scale < 0.8 * wide.band_scale).all()


def test_the_forecast_itself_does_not_depend_on_it(
    forecaster: Forecaster, history: pd.DataFrame, train_until: pd.Timestamp
) -> None:
    origin = train_until + 10 * _DAY
    wide = replace(forecaster, band_scale=3 * forecaster.band_scale)
    pd.testing.assert_series_equal(
        wide.forecast(history, origin, 24)["forecast"], forecaster.forecast(history, origin, 24)["forecast"]
    )


def test_days_that_training_saw_do_not_count(
    forecaster: Forecaster, history: pd.DataFrame, train_until: pd.Timestamp
) -> None:
    origin = train_until - 20 * _DAY
    np.testing.assert_array_equal(forecaster.calibrated_at(history, origin)[0], forecaster.band_scale)


def test_it_follows_the_scores_of_the_days_between_one_after_the_other(
    forecaster: Forecaster, history: pd.DataFrame, train_until: pd.Timestamp
) -> None:
    """With one of them half unknown."""
    origin = train_until + 6 * _DAY
    gap = history.copy()
    gap.loc[train_until + 2 * _DAY : train_until + 2.4 * _DAY, "demand"] = np.nan
    days = [train_until + day * _DAY for day in range(6)]
    bands = without_hindcasts(forecaster).forecast_many(gap, days, 24)
    quantiles = np.log(bands[["lower", "forecast", "upper"]].to_numpy()).reshape(1, 6, 24, 3)
    actual = np.log(gap["demand"].reindex(bands["time"]).to_numpy()).reshape(1, 6, 24)
    expected = width_factors(actual, quantiles, forecaster.config.coverage)[:, -1]
    found = forecaster.calibrated_at(gap, origin)[0] / forecaster.band_scale
    np.testing.assert_allclose(found, expected[0], rtol=1e-12)
    assert expected[0] != 1


def test_it_needs_nothing_of_the_hours_ahead(
    forecaster: Forecaster, history: pd.DataFrame, train_until: pd.Timestamp
) -> None:
    origin = train_until + 6 * _DAY
    np.testing.assert_array_equal(
        forecaster.calibrated_at(history[history.index < origin], origin)[0],
        forecaster.calibrated_at(history, origin)[0],
    )


def test_days_that_had_little_history_behind_them_do_not_count(
    forecaster: Forecaster, history: pd.DataFrame, train_until: pd.Timestamp
) -> None:
    origin = train_until + 10 * _DAY
    month = history[history.index >= origin - 30 * _DAY]
    only_last_days = replace(forecaster, training=replace(forecaster.training, train_until=origin - 2 * _DAY))
    np.testing.assert_allclose(
        forecaster.calibrated_at(month, origin)[0], only_last_days.calibrated_at(month, origin)[0]
    )


def test_at_an_hour_without_a_regression_of_its_own_it_is_that_of_the_last_hour_that_has_one(
    forecaster: Forecaster, history: pd.DataFrame, train_until: pd.Timestamp
) -> None:
    midnight = train_until + 8 * _DAY
    found = forecaster.calibrated_at(history, midnight + pd.Timedelta(hours=5))[0]
    np.testing.assert_allclose(found, forecaster.calibrated_at(history, midnight)[0], rtol=1e-6)
    assert (found != forecaster.band_scale).any()


def test_a_model_brought_up_to_date_goes_on_with_it(
    forecaster: Forecaster, history: pd.DataFrame, train_until: pd.Timestamp
) -> None:
    later = train_until + 7 * _DAY
    changed = erratic(history, train_until, later)
    updated = update(forecaster, changed, train_until=later, origin_hours=(0,))
    band_scale, errors = forecaster.calibrated_at(changed, later)
    np.testing.assert_array_equal(updated.band_scale, band_scale)
    assert updated.errors is not None
    assert forecaster.errors is not None
    assert errors is not None
    for kept, asked, before in zip(
        updated.errors.tensors().values(),
        errors.tensors().values(),
        forecaster.errors.tensors().values(),
        strict=True,
    ):
        np.testing.assert_array_equal(kept, asked)
        assert (kept is before) or (kept != before).any()  # the past errors stay, factors and scales follow
    assert (updated.band_scale > forecaster.band_scale).all()


def test_in_a_region_of_uncertain_weather_it_is_judged_by_such_though_the_past_is_certain(
    history: pd.DataFrame, region: Region, train_until: pd.Timestamp
) -> None:
    closely = history.assign(demand=history["demand"] * np.exp(0.02 * history["temperature"]))
    model = fit(closely, region, TINY, train_until=train_until, device="cpu", origin_hours=(0,))
    uncertain = replace(model, region=replace(region, weather_error=4.0))
    origin = train_until + 10 * _DAY
    assert (uncertain.calibrated_at(closely, origin)[0] > 1.2 * model.calibrated_at(closely, origin)[0]).all()


def test_each_day_is_made_again_once_however_many_forecasts_look_back_on_it() -> None:
    now = 1000 + DAY * np.arange(5)
    hindcasts = Hindcasts.before(now, np.ones(2000, dtype=bool))
    assert hindcasts.origins.tolist() == list(range(1000 - HINDCAST_DAYS * DAY, 1000 + 4 * DAY, DAY))
    assert hindcasts.counts.all()


@pytest.mark.parametrize(("days", "counted"), [(0, 0), (1, 1), (5, 5), (40, HINDCAST_DAYS)])
def test_only_whole_days_that_tell_count(days: int, counted: int) -> None:
    hindcasts = Hindcasts.before(np.array([2000]), np.arange(2500) >= 2000 - days * DAY)
    assert hindcasts.counts.sum() == len(hindcasts.origins) == counted
    assert hindcasts.counts[0, HINDCAST_DAYS - counted :].all()


def test_no_day_before_the_first_hour_counts() -> None:
    hindcasts = Hindcasts.before(np.array([3 * DAY]), np.ones(200, dtype=bool))
    assert hindcasts.origins.tolist() == [0, DAY, 2 * DAY]
