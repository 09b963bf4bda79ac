"""What a peer is shown, and how it is judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from benchmarks.peers.seasonal_naive import SeasonalNaive
from benchmarks.protocol import (
    PAST_DAYS,
    Day,
    Window,
    hourly_of,
    judged,
    known_days,
    origin_for,
    run_peer,
    with_quantiles,
    year_before,
)
from trainer.contract import Region, load_regions
from trainer.errors import UsageError
from trainer.model.backtest import with_weather_errors
from trainer.model.metrics import scores


class Recorder:
    """A peer that keeps what it is shown, and forecasts the mean of it."""

    def __init__(self) -> None:
        self.fitted: pd.DataFrame | None = None
        self.days: list[Day] = []

    def fit(self, history: pd.DataFrame) -> None:
        self.fitted = history

    def forecast(self, days: Sequence[Day]) -> np.ndarray:
        self.days += days
        return np.concatenate([np.full(day.hours, day.frame["demand"].mean()) for day in days])

    def hindcast(self, days: Sequence[Day]) -> None:
        pass


def test_a_peer_is_fitted_on_what_lies_before_the_window(
    history: pd.DataFrame, region: Region, window: Window
) -> None:
    recorder = Recorder()
    run_peer(recorder, history, region, window, ["perfect"], seed=0)
    assert recorder.fitted is not None
    assert recorder.fitted.index[-1] == pd.Timestamp("2021-06-09 14:00", tz="UTC")
    assert list(recorder.fitted) == ["demand", "temperature", "humidity"]


def test_demand_is_masked_from_each_midnight_on_and_the_weather_ends_with_the_day(
    history: pd.DataFrame, region: Region, window: Window
) -> None:
    days = known_days(history, region, window, "perfect", seed=0)
    assert len(days) == 13
    for day in days:
        ahead = day.frame[day.frame.index >= day.origin]
        assert ahead["demand"].isna().all()
        assert day.frame["demand"].notna().sum() == 24 * PAST_DAYS
        assert ahead["temperature"].notna().all()
        assert len(ahead) == day.hours == 24


def test_a_peer_without_weather_is_shown_none(history: pd.DataFrame, region: Region, window: Window) -> None:
    recorder = Recorder()
    run_peer(recorder, history, region, window, ["none"], seed=0)
    assert recorder.fitted is not None
    assert list(recorder.fitted) == ["demand"]
    assert all(list(day.frame) == ["demand"] for day in recorder.days)


def test_a_peer_with_and_without_weather_are_two_peers(
    history: pd.DataFrame, region: Region, window: Window
) -> None:
    with pytest.raises(UsageError, match="another peer"):
        run_peer(Recorder(), history, region, window, ["perfect", "none"], seed=0)


def test_forecast_like_weather_has_the_errors_that_our_backtests_meet(
    history: pd.DataFrame, region: Region, window: Window
) -> None:
    for day in known_days(history, region, window, "forecast-like", seed=3):
        ours = with_weather_errors(history, region, day.origin, 3)
        expected = ours.loc[day.frame.index, ["temperature", "humidity"]]
        pd.testing.assert_frame_equal(day.frame[["temperature", "humidity"]], expected)


def test_days_on_which_clocks_change_have_23_and_25_hours(history: pd.DataFrame) -> None:
    greece = load_regions({})["GR"]
    index = pd.date_range("2021-01-01", "2021-12-31", freq="h", tz="UTC", name="time")
    frame = pd.DataFrame({"demand": 5000.0}, index=index)
    spring = known_days(frame, greece, Window(date(2021, 3, 28), date(2021, 3, 29)), "none", seed=0)
    autumn = known_days(frame, greece, Window(date(2021, 10, 31), date(2021, 10, 31)), "none", seed=0)
    assert [day.hours for day in (*spring, *autumn)] == [23, 24, 25]


def test_days_whose_clocks_change_at_midnight_are_shown_whole() -> None:
    santiago = replace(load_regions({})["GR"], timezone="America/Santiago")
    index = pd.date_range("2024-01-01", "2024-12-31", freq="h", tz="UTC", name="time")
    frame = pd.DataFrame({"demand": 5000.0}, index=index)
    spring = known_days(frame, santiago, Window(date(2024, 9, 7), date(2024, 9, 8)), "none", seed=0)
    autumn = known_days(frame, santiago, Window(date(2024, 4, 6), date(2024, 4, 6)), "none", seed=0)
    assert [day.hours for day in (*spring, *autumn)] == [24, 23, 25]


def test_the_latest_window_ends_also_on_a_day_without_midnight() -> None:
    santiago = replace(load_regions({})["GR"], timezone="America/Santiago")
    index = pd.date_range("2024-06-01", "2024-09-08T15:00", freq="h", tz="UTC", name="time")
    history = pd.DataFrame({"demand": 5000.0}, index=index)
    assert Window.latest(history, santiago, days=7).last == date(2024, 9, 7)


def test_the_latest_window_ends_with_the_last_whole_local_day(history: pd.DataFrame, region: Region) -> None:
    assert history.index[-1] == pd.Timestamp("2021-06-29 14:00", tz="UTC")  # 23:00 in Seoul
    assert Window.latest(history, region, days=7) == Window(date(2021, 6, 23), date(2021, 6, 29))
    cut_off = history.iloc[:-1]
    assert Window.latest(cut_off, region, days=7).last == date(2021, 6, 28)


def test_figures_are_those_of_the_window_s_hours(
    history: pd.DataFrame, region: Region, window: Window
) -> None:
    days = known_days(history, region, window, "perfect", seed=0)
    hours = history[(history.index >= days[0].origin) & (history.index <= days[-1].frame.index[-1])]
    forecast = hours["demand"].to_numpy() * 1.02
    figures = judged(hourly_of(days, forecast, history), history, region)
    for name, value in scores(hours["demand"], forecast).items():
        assert figures[name] == pytest.approx(value)
    assert figures["mape"] == pytest.approx(2.0)
    assert figures["hours"] == 13 * 24


def test_a_peer_without_hindcasts_has_no_figures_of_a_band(
    history: pd.DataFrame, region: Region, window: Window
) -> None:
    figures = run_peer(Recorder(), history, region, window, ["none"], seed=0)["none"]
    for name in ("coverage", "pinball", "crps", "coverage_by_quantile"):
        assert figures[name] is None


def hours_of(errors: list[float], lead_times: list[int]) -> pd.DataFrame:
    """Forecasts of 1,000 MW that turned out to be off by `errors`."""
    index = pd.date_range("2020-01-01", periods=len(errors), freq="h", tz="UTC")
    actual = 1000 + np.asarray(errors)
    return pd.DataFrame({"actual": actual, "forecast": 1000.0, "lead_time": lead_times}, index=index)


def test_a_peer_s_quantiles_are_those_of_its_own_errors_at_the_same_hour_ahead() -> None:
    spread = np.linspace(-100, 100, 101)
    past = hours_of([*spread, *(3 * spread)], [1] * 101 + [2] * 101)
    found = with_quantiles(hours_of([0.0, 0.0], [1, 2]), past, (5, 10, 25, 50, 75, 90, 95))
    columns = ["q5", "lower", "q25", "forecast", "q75", "upper", "q95"]
    assert found[columns].to_numpy().tolist() == pytest.approx(
        np.array([[910, 920, 950, 1000, 1050, 1080, 1090], [730, 760, 850, 1000, 1150, 1240, 1270]])
    )


def test_an_hour_ahead_that_no_error_is_known_of_has_the_quantiles_of_all() -> None:
    past = hours_of([*np.linspace(-100, 100, 101)], [1] * 101)
    found = with_quantiles(hours_of([0.0], [25]), past, (10, 50, 90))
    assert found[["lower", "upper"]].to_numpy().tolist() == [pytest.approx([920, 1080])]


def test_a_peer_that_was_always_too_low_keeps_its_forecast_as_the_median() -> None:
    past = hours_of([*np.linspace(50, 100, 101)], [1] * 101)
    found = with_quantiles(hours_of([0.0], [1]), past, (10, 25, 50, 90))
    assert found[["lower", "q25", "forecast"]].to_numpy().tolist() == [[1000.0] * 3]
    assert found["upper"].tolist() == [pytest.approx(1095)]


def test_the_naive_forecast_has_a_crps_below_its_mae_and_a_band_that_holds(
    history: pd.DataFrame, region: Region, window: Window
) -> None:
    figures = run_peer(SeasonalNaive(168), history, region, window, ["perfect"], seed=0)["perfect"]
    assert 0 < figures["crps"] < figures["mae"]
    assert 60 < figures["coverage"] < 98
    assert list(figures["coverage_by_quantile"]) == ["5", "10", "25", "50", "75", "90", "95"]


def test_errors_are_taken_from_days_that_are_over_when_the_window_is_first_forecast(
    history: pd.DataFrame, region: Region, window: Window
) -> None:
    at_midnight = year_before(origin_for(window.first, region, None), history, region)
    at_ten = year_before(origin_for(window.first, region, 10), history, region)
    assert at_midnight == Window(date(2021, 2, 13), date(2021, 6, 9))
    assert at_ten == Window(date(2021, 2, 13), date(2021, 6, 8))


def test_a_history_of_few_days_gives_a_peer_no_quantiles(history: pd.DataFrame, region: Region) -> None:
    start = origin_for(date(2021, 3, 1), region, None)
    assert year_before(start, history, region) is None


def test_a_region_without_weather_can_be_judged(
    history: pd.DataFrame, region: Region, window: Window
) -> None:
    bare = replace(region, weather=())
    figures = run_peer(Recorder(), history[["demand"]], bare, window, ["none"], seed=0)["none"]
    assert figures["mape_coldest_decile"] is None
