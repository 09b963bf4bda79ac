"""Each peer does what its name says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from benchmarks.peers.known import known_columns
from benchmarks.peers.lightgbm import LightGBM
from benchmarks.peers.nhits import NHITS
from benchmarks.peers.seasonal_naive import SeasonalNaive
from benchmarks.protocol import Peer, Window, known_days, run_peer
from tests.unit.benchmarks.conftest import NEEDS_NEURALFORECAST
from trainer.contract import Region, load_regions


@pytest.mark.parametrize("hours", [24, 168])
def test_the_naive_forecast_is_the_demand_of_so_many_hours_before(
    hours: int, history: pd.DataFrame, region: Region, window: Window
) -> None:
    days = known_days(history, region, window, "perfect", seed=0)
    forecast = SeasonalNaive(hours).forecast(days)
    index = pd.concat([day.frame.iloc[-day.hours :] for day in days]).index
    expected = history["demand"].reindex(index - pd.Timedelta(hours=hours))
    np.testing.assert_array_equal(forecast, expected)


def test_the_naive_forecast_goes_a_week_further_back_where_the_hour_is_unknown(
    history: pd.DataFrame, region: Region, window: Window
) -> None:
    gappy = history.copy()
    midnight = window.midnights(region)[0]
    hole = midnight - pd.Timedelta(hours=168)
    gappy.loc[hole, "demand"] = np.nan
    forecast = SeasonalNaive(168).forecast(known_days(gappy, region, window, "perfect", seed=0))
    assert forecast[0] == history.loc[hole - pd.Timedelta(hours=168), "demand"]


def test_the_25th_hour_of_a_day_is_not_taken_from_that_day() -> None:
    greece = load_regions({})["GR"]
    index = pd.date_range("2021-09-01", "2021-11-02", freq="h", tz="UTC", name="time")
    frame = pd.DataFrame({"demand": np.arange(len(index), dtype=float) + 1}, index=index)
    window = Window(date(2021, 10, 31), date(2021, 10, 31))
    forecast = SeasonalNaive(24).forecast(known_days(frame, greece, window, "none", seed=0))
    assert len(forecast) == 25
    assert forecast[24] == forecast[0] + 24 - 168


def test_trees_learn_more_than_last_week(history: pd.DataFrame, region: Region, window: Window) -> None:
    mape = {
        name: run_peer(peer, history, region, window, ["perfect"], seed=0)["perfect"]["mape"]
        for name, peer in {
            "naive": SeasonalNaive(168),
            "trees": LightGBM(region, derived=False, trials=1),
        }.items()
    }
    assert mape["trees"] < 0.8 * mape["naive"]


def test_trees_remember_the_settings_that_were_chosen(history: pd.DataFrame, region: Region) -> None:
    peer = LightGBM(region, derived=False, trials=2)
    peer.fit(history)
    assert peer.booster is not None
    assert peer.settings["trees"] == peer.booster.num_trees()
    assert 15 <= peer.settings["num_leaves"] <= 127


def test_trees_hindcast_only_days_that_they_were_not_fitted_to(
    history: pd.DataFrame, region: Region, window: Window
) -> None:
    peer = LightGBM(region, derived=False, trials=2)
    peer.fit(history[history.index < window.midnights(region)[0]])
    fitted = Window(date(2021, 3, 1), date(2021, 3, 3))
    unseen = Window(date(2021, 6, 1), date(2021, 6, 3))
    days = known_days(history, region, unseen, "perfect", seed=0)
    assert np.isnan(peer.hindcast(known_days(history, region, fitted, "perfect", seed=0))).all()
    assert np.isfinite(peer.hindcast(days)).all()
    assert (peer.hindcast(days) != peer.forecast(days)).any()


@pytest.mark.parametrize(
    "make",
    [
        lambda region: LightGBM(region, derived=False, trials=1),
        pytest.param(
            lambda region: NHITS(region, derived=False, steps=2, seeds=(1, 2)), marks=NEEDS_NEURALFORECAST
        ),
    ],
    ids=["trees", "network"],
)
@pytest.mark.parametrize(
    ("zone", "first", "hours"),
    [
        ("Europe/Athens", date(2021, 10, 30), 24 + 25 + 24),
        ("America/Santiago", date(2021, 9, 4), 24 + 23 + 24),
    ],
)
def test_a_peer_speaks_of_as_many_hours_as_the_day_has(
    make: Callable[[Region], Peer], zone: str, first: date, hours: int
) -> None:
    place = replace(load_regions({})["GR"], timezone=zone)
    index = pd.date_range("2021-03-01", "2021-11-05", freq="h", tz="UTC", name="time")
    hour = index.tz_convert(place.zone).hour.to_numpy()
    frame = pd.DataFrame({"demand": 5000 + 500 * np.sin(2 * np.pi * hour / 24)}, index=index)
    peer = make(place)
    peer.fit(frame)  # with the long day of autumn, so that the network is made for 25 hours
    days = known_days(frame, place, Window(first, first + timedelta(days=2)), "none", seed=0)
    forecast = peer.forecast(days)
    assert len(forecast) == hours
    assert np.isfinite(forecast).all()


def test_with_our_features_a_peer_knows_the_sun_and_the_signs_of_cloud(
    history: pd.DataFrame, region: Region
) -> None:
    frame = history.iloc[: 24 * 60]
    own, ours = (
        known_columns(frame, region, derived=derived, epoch=history.index[0]) for derived in (False, True)
    )
    assert {"temperature", "heating", "is_holiday", "is_day_before_holiday"} <= set(own)
    assert not [name for name in own if "sun" in name or "anomaly" in name]
    assert {"sun", "sun*years", "our_humidity_midday_anomaly"} <= set(ours)
    assert set(own) < set(ours)
    assert np.isfinite(ours.to_numpy()).all()


def test_without_weather_a_peer_knows_the_calendar_alone(history: pd.DataFrame, region: Region) -> None:
    bare = replace(region, weather=())
    known = known_columns(history[["demand"]].iloc[:480], bare, derived=False, epoch=history.index[0])
    assert not [name for name in known if "temperature" in name or "humidity" in name]


def test_what_is_known_does_not_depend_on_demand(history: pd.DataFrame, region: Region) -> None:
    doubled = history.assign(demand=2 * history["demand"])
    one, two = (
        known_columns(frame, region, derived=True, epoch=history.index[0]) for frame in (history, doubled)
    )
    pd.testing.assert_frame_equal(one, two)
