"""What every caller relies on: components that add up, no look into the future, the same answer twice."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from trainer.contract import Region
from trainer.errors import DataError, UsageError
from trainer.model.config import ModelConfig
from trainer.model.forecasting.forecaster import COLUMNS, Forecaster
from trainer.model.metrics import scores
from trainer.model.progress import EpochReport, Silent
from trainer.model.training.fitting import fit, training_series, update

ORIGIN = pd.Timestamp("2021-06-09 15:00", tz="UTC")


def test_a_forecast_has_the_agreed_form(forecaster: Forecaster, history: pd.DataFrame) -> None:
    frame = forecaster.forecast(history, ORIGIN, 24)
    assert set(frame.columns) == set(COLUMNS)
    assert frame.index.equals(pd.date_range(ORIGIN, periods=24, freq="h", name="time"))
    assert frame["lead_time"].tolist() == list(range(1, 25))
    assert np.isfinite(frame.to_numpy()).all()


def test_the_components_add_up_in_mw(forecaster: Forecaster, history: pd.DataFrame) -> None:
    frame = forecaster.forecast(history, ORIGIN, 48)
    total = frame["trend"] + frame["seasonality"] + frame["residual"]
    np.testing.assert_allclose(total, frame["forecast"], rtol=1e-12)


def test_the_forecast_lies_within_its_band(forecaster: Forecaster, history: pd.DataFrame) -> None:
    frame = forecaster.forecast(history, ORIGIN, 168)
    assert (frame["lower"] < frame["forecast"]).all()
    assert (frame["forecast"] < frame["upper"]).all()


def test_it_follows_the_demand(forecaster: Forecaster, history: pd.DataFrame) -> None:
    frame = forecaster.forecast_many(history, pd.date_range(ORIGIN, periods=14, freq="D"), 24)
    found = scores(history["demand"].reindex(frame["time"]), frame["forecast"])
    assert found["mape"] < 3
    assert found["r2"] > 0.9


def test_demand_from_the_origin_on_changes_no_forecast(forecaster: Forecaster, history: pd.DataFrame) -> None:
    changed = history.copy()
    changed.loc[changed.index >= ORIGIN, "demand"] *= 5
    pd.testing.assert_frame_equal(
        forecaster.forecast(changed, ORIGIN, 72), forecaster.forecast(history, ORIGIN, 72)
    )


def test_nothing_after_train_until_enters_a_fit(
    history: pd.DataFrame,
    region: Region,
    tiny: ModelConfig,
    train_until: pd.Timestamp,
    forecaster: Forecaster,
) -> None:
    changed = history.copy()
    changed.loc[changed.index >= train_until, :] = [1e6, 45.0, 3.0]
    again = fit(changed, region, tiny, train_until=train_until, device="cpu", origin_hours=(0,))
    assert again.decomposition.trend == forecaster.decomposition.trend
    assert again.training.data_checksum == forecaster.training.data_checksum
    np.testing.assert_array_equal(again.band_scale, forecaster.band_scale)
    for name, weights in forecaster.residual.networks.weights.items():
        np.testing.assert_array_equal(again.residual.networks.weights[name], weights, name)


def test_many_origins_at_once_give_what_each_gives_alone(
    forecaster: Forecaster, history: pd.DataFrame
) -> None:
    origins = [ORIGIN, ORIGIN + pd.Timedelta(hours=31)]
    many = forecaster.forecast_many(history, origins, 30)
    for origin in origins:
        alone = forecaster.forecast(history, origin, 30)
        together = many[many["origin"] == origin].drop(columns="origin").set_index("time")
        # In MW, on some 1,000 of them: single precision sums in another order for another batch.
        pd.testing.assert_frame_equal(together, alone, check_freq=False, rtol=1e-5, atol=1e-2)


def test_a_longer_forecast_begins_as_the_shorter_one(forecaster: Forecaster, history: pd.DataFrame) -> None:
    day, week = (forecaster.forecast(history, ORIGIN, hours) for hours in (24, 168))
    pd.testing.assert_frame_equal(week.iloc[:24], day, check_freq=False, rtol=1e-5, atol=1e-2)


@pytest.mark.parametrize(("block", "horizon"), [(48, 72), (16, 1)])
def test_a_network_may_look_more_or_less_than_a_day_ahead_in_one_pass(
    block: int,
    horizon: int,
    history: pd.DataFrame,
    bare_region: Region,
    tiny: ModelConfig,
    train_until: pd.Timestamp,
) -> None:
    model = fit(
        history,
        bare_region,
        replace(tiny, horizon=block, epochs=1),
        train_until=train_until,
        device="cpu",
        origin_hours=(0,),
    )
    assert len(model.forecast(history, ORIGIN, horizon)) == horizon


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
    _same_megawatts(forecaster.forecast(cut, morning, 24), forecaster.forecast(steady, morning, 24))


def test_hours_not_known_yet_are_forecast_with_those_ahead(
    bare_forecaster: Forecaster, history: pd.DataFrame, train_until: pd.Timestamp
) -> None:
    of_each_hour = update(bare_forecaster, history, train_until=train_until)
    late = _unknown(history, ORIGIN - pd.Timedelta(hours=3), ORIGIN)
    found = of_each_hour.forecast(late, ORIGIN, 168)
    begun_before = of_each_hour.forecast(history, ORIGIN - pd.Timedelta(hours=3), 168)
    assert found["lead_time"].tolist() == list(range(1, 169))
    _same_megawatts(found.iloc[:165], begun_before.iloc[3:])


def test_without_a_regression_of_each_hour_it_begins_at_the_same_hour_of_an_earlier_day(
    forecaster: Forecaster, history: pd.DataFrame
) -> None:
    begun_before = forecaster.forecast(history, ORIGIN - pd.Timedelta(days=1), 48)
    for hours in (3, 24):
        late = _unknown(history, ORIGIN - pd.Timedelta(hours=hours), ORIGIN)
        _same_megawatts(forecaster.forecast(late, ORIGIN, 24), begun_before.iloc[24:])


def test_origins_of_different_lateness_do_not_disturb_each_other(
    forecaster: Forecaster, history: pd.DataFrame
) -> None:
    late = _unknown(history, ORIGIN - pd.Timedelta(hours=30), ORIGIN)
    origins = [ORIGIN - pd.Timedelta(days=2), ORIGIN, ORIGIN + pd.Timedelta(days=1)]
    many = forecaster.forecast_many(late, origins, 24).set_index("time")
    for origin in origins:
        _same_megawatts(many[many["origin"] == origin], forecaster.forecast(late, origin, 24))


def test_a_hole_further_back_is_bridged(forecaster: Forecaster, history: pd.DataFrame) -> None:
    gappy = _unknown(history, ORIGIN - pd.Timedelta(hours=8), ORIGIN - pd.Timedelta(hours=5))
    found = forecaster.forecast(gappy, ORIGIN, 24)
    usual = forecaster.forecast(history, ORIGIN, 24)
    np.testing.assert_allclose(found["forecast"], usual["forecast"], rtol=0.02)


def _unknown(history: pd.DataFrame, first: pd.Timestamp, after: pd.Timestamp) -> pd.DataFrame:
    return history.assign(demand=history["demand"].mask((history.index >= first) & (history.index < after)))


def _same_megawatts(one: pd.DataFrame, other: pd.DataFrame) -> None:
    names = ["forecast", "trend", "seasonality", "residual", "lower", "upper"]
    pd.testing.assert_frame_equal(one[names], other[names], check_freq=False, rtol=1e-5, atol=1e-2)


@pytest.mark.parametrize("hours", [60, 24 * 20])
def test_demand_that_is_late_by_days_withholds_nothing(
    forecaster: Forecaster, history: pd.DataFrame, hours: int
) -> None:
    late = _unknown(history, ORIGIN - pd.Timedelta(hours=hours), ORIGIN)
    found, whole = (forecaster.forecast(frame, ORIGIN, 24)["forecast"] for frame in (late, history))
    np.testing.assert_allclose(found, whole, rtol=0.1)


def test_a_gap_takes_what_the_model_forecast_for_it(forecaster: Forecaster, history: pd.DataFrame) -> None:
    start, end = ORIGIN - pd.Timedelta(hours=48), ORIGIN - pd.Timedelta(hours=24)
    gappy = _unknown(history, start, end)
    forecast_then = forecaster.forecast(history, start, 24)["forecast"]
    filled = history.copy()
    filled.loc[start : end - pd.Timedelta(hours=1), "demand"] = forecast_then.to_numpy()
    found = forecaster.forecast(gappy, ORIGIN, 24)["forecast"]
    np.testing.assert_allclose(found, forecaster.forecast(filled, ORIGIN, 24)["forecast"], rtol=1e-3)


def test_the_band_is_wider_where_much_of_the_last_day_is_unknown(
    forecaster: Forecaster, history: pd.DataFrame
) -> None:
    gappy = _unknown(history, ORIGIN - pd.Timedelta(hours=23), ORIGIN - pd.Timedelta(hours=1))
    found, whole = (forecaster.forecast(frame, ORIGIN, 24) for frame in (gappy, history))
    width = [float(np.log(frame["upper"] / frame["lower"]).mean()) for frame in (found, whole)]
    assert width[0] > 1.05 * width[1]


def test_no_hour_after_an_origin_fills_a_gap_before_it(forecaster: Forecaster, history: pd.DataFrame) -> None:
    gappy = _unknown(history, ORIGIN - pd.Timedelta(hours=40), ORIGIN - pd.Timedelta(hours=20))
    changed = gappy.copy()
    changed.loc[changed.index >= ORIGIN, "demand"] *= 3
    origins = [ORIGIN, ORIGIN + pd.Timedelta(days=1)]
    found, other = (forecaster.forecast_many(frame, origins, 24) for frame in (gappy, changed))
    pd.testing.assert_frame_equal(found[found["origin"] == ORIGIN], other[other["origin"] == ORIGIN])


def test_a_history_that_begins_too_late_is_refused(forecaster: Forecaster, history: pd.DataFrame) -> None:
    with pytest.raises(DataError, match="the history begins 100 hours before"):
        forecaster.forecast(history, history.index[100], 24)


@pytest.mark.parametrize("horizon", [0, 169])
def test_a_horizon_out_of_range_is_refused(
    forecaster: Forecaster, history: pd.DataFrame, horizon: int
) -> None:
    with pytest.raises(UsageError, match=f"horizon {horizon}"):
        forecaster.forecast(history, ORIGIN, horizon)


def test_too_little_history_is_refused(history: pd.DataFrame, region: Region, tiny: ModelConfig) -> None:
    with pytest.raises(DataError, match=r"needs 70 days of measured hours .* demand in 30"):
        fit(history, region, tiny, train_until=history.index[24 * 30], device="cpu", origin_hours=(0,))


def test_a_history_below_a_year_is_fitted_with_one_wave_of_the_year(
    history: pd.DataFrame, bare_region: Region, tiny: ModelConfig
) -> None:
    until, config = history.index[24 * 75], replace(tiny, epochs=1)
    wavy, plain = (
        fit(history, bare_region, replace(config, ky=ky), train_until=until, device="cpu", origin_hours=(0,))
        for ky in (13, 1)
    )
    assert wavy.config.ky == wavy.decomposition.seasonality.orders.yearly == 1
    pd.testing.assert_frame_equal(wavy.forecast(history, ORIGIN, 24), plain.forecast(history, ORIGIN, 24))


def test_hours_without_weather_are_left_out_of_training(
    history: pd.DataFrame, region: Region, train_until: pd.Timestamp
) -> None:
    gappy = history.copy()
    gappy.iloc[:100, 1] = np.nan
    gappy.iloc[2000:2200, 2] = np.nan
    series = training_series(gappy, region, train_until)
    assert series.frame.index[0] == history.index[100]
    assert np.flatnonzero(np.isnan(series.transformed)).tolist() == [*range(1900, 2100)]
    assert series.frame[["temperature", "humidity"]].notna().all(axis=None)


def test_a_model_is_trained_across_months_without_demand(
    history: pd.DataFrame, region: Region, tiny: ModelConfig, train_until: pd.Timestamp
) -> None:
    gappy = _unknown(history, history.index[24 * 40], history.index[24 * 75])
    made = fit(gappy, region, tiny, train_until=train_until, device="cpu", origin_hours=(0,))
    actual = history["demand"].loc[ORIGIN:].iloc[:24]
    np.testing.assert_allclose(made.forecast(gappy, ORIGIN, 24)["forecast"], actual, rtol=0.08)


def test_what_was_never_measured_does_not_count_as_history(
    history: pd.DataFrame, region: Region, tiny: ModelConfig, train_until: pd.Timestamp
) -> None:
    gappy = _unknown(history, history.index[24 * 40], history.index[24 * 140])
    with pytest.raises(DataError, match="needs 70 days of measured hours"):
        fit(gappy, region, tiny, train_until=train_until, device="cpu", origin_hours=(0,))


def test_gaps_in_training_demand_are_trained_around(
    history: pd.DataFrame, bare_region: Region, tiny: ModelConfig, train_until: pd.Timestamp
) -> None:
    gappy = history.copy()
    gappy.iloc[1000:1010, 0] = np.nan
    model = fit(
        gappy, bare_region, replace(tiny, epochs=1), train_until=train_until, device="cpu", origin_hours=(0,)
    )
    assert np.isfinite(model.forecast(gappy, ORIGIN, 24).to_numpy()).all()


def test_progress_tells_every_epoch_of_every_member(
    history: pd.DataFrame, bare_region: Region, tiny: ModelConfig, train_until: pd.Timestamp
) -> None:
    reports: list[EpochReport] = []

    class Listener(Silent):
        def on_epoch(self, report: EpochReport) -> None:
            reports.append(report)

    fit(
        history,
        bare_region,
        replace(tiny, members=2),
        train_until=train_until,
        device="cpu",
        origin_hours=(0,),
        progress=Listener(),
    )
    assert len(reports) == reports[0].epochs
    assert reports[-1].seconds_left == 0
    assert {report.trial for report in reports} == {-1}
    assert all(report.validation_loss for report in reports[:4])
