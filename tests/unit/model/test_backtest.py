"""A backtest tells what would have been forecast, and nothing that could not have been known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from tests.unit.data.series import KOREA
from tests.unit.model.series import make_history
from trainer.contract import Region
from trainer.contract.local_days import day_of, midnights
from trainer.contract.quantiles import stated_quantiles
from trainer.errors import DataError, UsageError
from trainer.model.backtest import BacktestResult, backtest, with_weather_errors
from trainer.model.config import ModelConfig
from trainer.model.metrics import crps, scores
from trainer.model.training.training_series import training_series

FIRST, LAST = date(2021, 6, 1), date(2021, 6, 14)


@pytest.fixture(scope="module")
def result(history: pd.DataFrame, region: Region, tiny: ModelConfig) -> BacktestResult:
    return backtest(history, region, tiny, test_start=FIRST, test_end=LAST, device="cpu")


def test_every_hour_of_the_window_is_forecast_from_its_own_midnight(result: BacktestResult) -> None:
    local = result.hourly.index.tz_convert("Asia/Seoul")
    assert local[0] == pd.Timestamp("2021-06-01", tz="Asia/Seoul")
    assert len(result.hourly) == 14 * 24
    assert (result.hourly["lead_time"].to_numpy() == local.hour + 1).all()


def test_the_figures_are_those_of_its_hours(result: BacktestResult) -> None:
    expected = scores(result.hourly["actual"], result.hourly["forecast"])
    for name, value in expected.items():
        assert result.metrics[name] == pytest.approx(value)
    assert result.metrics["hours"] == 336
    assert len(result.metrics["mape_by_horizon"]) == 24
    assert result.metrics["mape_holidays"] > 0  # 6 June, Memorial Day
    assert 0 < result.metrics["coverage"] <= 100
    assert result.metrics["mape_coldest_decile"] != result.metrics["mape_hottest_decile"]


def test_its_quantiles_are_scored_each_and_all_together(result: BacktestResult) -> None:
    hourly, columns = result.hourly, stated_quantiles(result.hourly.columns)
    assert list(columns) == ["q5", "lower", "q25", "forecast", "q75", "upper", "q95"]
    expected = {
        f"{level:g}": 100 * (hourly["actual"] <= hourly[name]).mean() for name, level in columns.items()
    }
    assert result.metrics["coverage_by_quantile"] == pytest.approx(expected)
    whole = {level: hourly[name] for name, level in columns.items()}
    assert result.metrics["crps"] == pytest.approx(crps(hourly["actual"], whole))
    assert result.metrics["crps"] < result.metrics["mae"]


def test_the_days_figures_are_scored_too(result: BacktestResult) -> None:
    days = result.metrics["days"]
    assert days["days"] == 14
    assert 0 < days["energy_mape"] < days["peak_mape"] < 5
    assert 50 < days["peak_coverage"] <= 100
    assert 50 < days["energy_coverage"] <= 100


def test_unknown_hours_are_forecast_but_not_scored(
    history: pd.DataFrame, region: Region, tiny: ModelConfig, result: BacktestResult
) -> None:
    unknown = pd.DatetimeIndex(["2021-06-14 03:00", "2021-06-14 04:00"], tz="UTC")
    holed = history.copy()
    holed.loc[unknown, "demand"] = np.nan
    found = backtest(holed, region, tiny, test_start=FIRST, test_end=LAST, device="cpu")
    assert found.metrics["hours"] == result.metrics["hours"] - 2
    assert found.metrics["days"]["days"] == 13
    assert found.hourly.loc[unknown, "actual"].isna().all()
    pd.testing.assert_series_equal(found.hourly["forecast"], result.hourly["forecast"])


def test_a_static_backtest_knows_nothing_of_the_window(
    history: pd.DataFrame, region: Region, tiny: ModelConfig, result: BacktestResult
) -> None:
    changed = history.copy()
    last_day = changed.index >= pd.Timestamp("2021-06-13 15:00", tz="UTC")
    changed.loc[last_day, "demand"] *= 2
    again = backtest(changed, region, tiny, test_start=FIRST, test_end=LAST, device="cpu")
    pd.testing.assert_series_equal(again.hourly["forecast"], result.hourly["forecast"])


def test_weekly_refits_learn_from_the_window_as_it_passes(
    history: pd.DataFrame, bare_region: Region, tiny: ModelConfig
) -> None:
    config = replace(tiny, epochs=1)
    still, weekly = (
        backtest(
            history, bare_region, config, test_start=FIRST, test_end=LAST, refit=refit, device="cpu"
        ).hourly["forecast"]
        for refit in (None, "weekly")
    )
    np.testing.assert_allclose(still.iloc[: 7 * 24], weekly.iloc[: 7 * 24])
    assert (still.iloc[7 * 24 :] != weekly.iloc[7 * 24 :]).all()


def test_without_weather_the_weather_does_not_matter(
    history: pd.DataFrame, region: Region, tiny: ModelConfig
) -> None:
    config = replace(tiny, epochs=1)
    warmer = history.assign(temperature=history["temperature"] + 9)
    one, two = (
        backtest(frame, region, config, test_start=FIRST, test_end=LAST, weather="none", device="cpu").hourly[
            "forecast"
        ]
        for frame in (history, warmer)
    )
    pd.testing.assert_series_equal(one, two)


def test_weather_errors_begin_with_the_day_and_are_those_of_a_forecast(
    history: pd.DataFrame, region: Region
) -> None:
    days = pd.date_range("2021-02-28 15:00", periods=90, freq="D", tz="UTC")
    errors = []
    for day in days:
        noisy = with_weather_errors(history, region, day, seed=0)
        assert noisy.index[-1] == day + pd.Timedelta(hours=23)
        before = noisy.index < day
        pd.testing.assert_frame_equal(noisy[before], history[history.index < day])
        errors.append((noisy["temperature"] - history["temperature"].reindex(noisy.index))[~before])
    errors = np.array(errors)
    assert errors.std() == pytest.approx(1.3, rel=0.15)
    assert np.corrcoef(errors[:, 5], errors[:, 6])[0, 1] > 0.8


def test_a_region_of_uncertain_weather_is_trained_on_weather_as_uncertain(
    history: pd.DataFrame, region: Region, train_until: pd.Timestamp
) -> None:
    uncertain = replace(region, weather_error=2.0)
    true, noisy = (training_series(history, place, train_until) for place in (region, uncertain))
    errors = noisy.frame["temperature"] - true.frame["temperature"]
    assert errors.std() == pytest.approx(2 * 1.3, rel=0.15)
    assert noisy.frame["humidity"].between(0, 100).all()
    pd.testing.assert_series_equal(noisy.frame["demand"], true.frame["demand"])


def test_a_day_without_midnight_is_forecast_from_its_first_hour(tiny: ModelConfig) -> None:
    santiago = replace(KOREA, timezone="America/Santiago", weather=())
    winter = make_history(days=180, start="2024-03-15")
    days = {"test_start": date(2024, 9, 7), "test_end": date(2024, 9, 9)}
    hourly = backtest(winter, santiago, replace(tiny, epochs=1), **days, device="cpu").hourly
    local = hourly.index.tz_convert(santiago.timezone)
    assert pd.Series(local.date).value_counts(sort=False).tolist() == [24, 23, 24]
    assert [f"{hour:%d %H:%M}" for hour in local[hourly["lead_time"] == 1]] == [
        "07 00:00",
        "08 01:00",
        "09 00:00",
    ]


def test_a_day_whose_midnight_lies_within_an_hour_of_utc_is_forecast_from_that_hour(
    history: pd.DataFrame, tiny: ModelConfig
) -> None:
    kolkata = replace(KOREA, timezone="Asia/Kolkata", weather=())
    days = {"test_start": FIRST, "test_end": FIRST}
    result = backtest(history, kolkata, replace(tiny, epochs=1), **days, device="cpu")
    assert result.hourly.index[0] == pd.Timestamp("2021-05-31 18:00", tz="UTC")  # 23:30 in Kolkata
    assert result.metrics["hours"] == 24
    assert result.metrics["mape"] < 10


@pytest.mark.parametrize("zone", ["America/Santiago", "America/Havana"])
def test_weather_errors_end_with_a_day_whose_clocks_change_at_midnight(zone: str) -> None:
    region = replace(KOREA, timezone=zone)
    year = make_history(days=366, start="2024-01-01")
    for day in midnights(date(2024, 2, 1), date(2024, 12, 1), region):
        noisy = with_weather_errors(year, region, pd.Timestamp(day), seed=0)
        assert day_of(noisy.index[-1], region) == day_of(day, region)
        assert day_of(noisy.index[-1] + pd.Timedelta(hours=1), region) > day_of(day, region)


def test_a_window_that_is_not_covered_is_refused(
    history: pd.DataFrame, region: Region, tiny: ModelConfig
) -> None:
    with pytest.raises(DataError, match="not covered"):
        backtest(history, region, tiny, test_start=FIRST, test_end=date(2022, 1, 1))
    with pytest.raises(UsageError, match="ends"):
        backtest(history, region, tiny, test_start=LAST, test_end=FIRST)


def test_the_operator_s_own_forecast_stands_beside_ours_and_teaches_nothing(
    history: pd.DataFrame, region: Region, tiny: ModelConfig, result: BacktestResult
) -> None:
    reference = (history["demand"] * 1.05).where(pd.DatetimeIndex(history.index).hour < 6)
    beside = backtest(
        history.assign(reference=reference), region, tiny, test_start=FIRST, test_end=LAST, device="cpu"
    )
    pd.testing.assert_series_equal(beside.hourly["forecast"], result.hourly["forecast"])
    found = beside.metrics["beside_reference"]
    assert (found["hours"], found["reference"]["mape"]) == (14 * 6, pytest.approx(5))
    at_night = beside.hourly[beside.hourly["reference"].notna()]
    assert found["model"]["mape"] == pytest.approx(scores(at_night["actual"], at_night["forecast"])["mape"])
    assert result.metrics["beside_reference"] is None
