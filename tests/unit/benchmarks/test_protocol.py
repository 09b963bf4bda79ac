"""What a peer is shown, and how it is judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from benchmarks.protocol import PAST_DAYS, Day, Window, judged, known_days, run_peer
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
    figures = judged(forecast, days, history, region)
    for name, value in scores(hours["demand"], forecast).items():
        assert figures[name] == pytest.approx(value)
    assert figures["mape"] == pytest.approx(2.0)
    assert figures["hours"] == 13 * 24


def test_a_point_forecast_has_no_figures_of_a_band(
    history: pd.DataFrame, region: Region, window: Window
) -> None:
    figures = run_peer(Recorder(), history, region, window, ["none"], seed=0)["none"]
    assert figures["coverage"] is None
    assert figures["pinball"] is None


def test_a_region_without_weather_can_be_judged(
    history: pd.DataFrame, region: Region, window: Window
) -> None:
    bare = replace(region, weather=())
    figures = run_peer(Recorder(), history[["demand"]], bare, window, ["none"], seed=0)["none"]
    assert figures["mape_coldest_decile"] is None
