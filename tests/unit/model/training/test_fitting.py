"""What a fit takes from a history: nothing after its end, what was measured, and no less than it needs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from tests.unit.model.forecasting.late_demand import unknown
from tests.unit.model.series import ORIGIN
from trainer.contract import Region
from trainer.errors import DataError
from trainer.model.arrays import Matrix
from trainer.model.config import ModelConfig
from trainer.model.forecasting.forecaster import Forecaster
from trainer.model.forecasting.residual import Residual
from trainer.model.progress import EpochReport, Silent
from trainer.model.training.fitting import fit
from trainer.model.training.training_series import training_series


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


def test_the_validation_days_are_forecast_with_one_thread_so_that_the_band_is_the_same_on_any_number(
    history: pd.DataFrame,
    bare_region: Region,
    tiny: ModelConfig,
    train_until: pd.Timestamp,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    used: list[int] = []
    forecast = Residual.parts

    def noted(*arguments: Any) -> tuple[Matrix, Matrix, Matrix]:
        used.extend(one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas")
        return forecast(*arguments)

    monkeypatch.setattr(Residual, "parts", noted)
    config = replace(tiny, epochs=1)
    with threadpool_limits(2, user_api="blas"):
        fit(history, bare_region, config, train_until=train_until, device="cpu", origin_hours=(0,))
    assert set(used) == {1}


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


def test_too_little_history_is_refused(history: pd.DataFrame, region: Region, tiny: ModelConfig) -> None:
    with pytest.raises(DataError, match=r"needs 70 days of measured hours .* demand in 30"):
        fit(history, region, tiny, train_until=history.index[24 * 30], device="cpu", origin_hours=(0,))


def test_a_refusal_of_a_short_history_tells_what_is_held_out_and_no_weather_where_there_is_none(
    history: pd.DataFrame, bare_region: Region, tiny: ModelConfig
) -> None:
    short = history.iloc[: 24 * 75]
    with pytest.raises(DataError, match=r"in 47 days, and 28 held out .*--holdout-days\)$") as refused:
        fit(short, bare_region, tiny, train_until=short.index[24 * 47], device="cpu", origin_hours=(0,))
    assert "weather" not in str(refused.value)


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
    gappy = unknown(history, history.index[24 * 40], history.index[24 * 75])
    made = fit(gappy, region, tiny, train_until=train_until, device="cpu", origin_hours=(0,))
    actual = history["demand"].loc[ORIGIN:].iloc[:24]
    np.testing.assert_allclose(made.forecast(gappy, ORIGIN, 24)["forecast"], actual, rtol=0.08)


def test_what_was_never_measured_does_not_count_as_history(
    history: pd.DataFrame, region: Region, tiny: ModelConfig, train_until: pd.Timestamp
) -> None:
    gappy = unknown(history, history.index[24 * 40], history.index[24 * 140])
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
