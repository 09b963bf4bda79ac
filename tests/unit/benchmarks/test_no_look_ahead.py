"""No peer's forecast moves when the future does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from benchmarks.peers.lightgbm import LightGBM
from benchmarks.protocol import Day, Peer, Window, known_days, run_peer
from tests.unit.benchmarks.conftest import PEERS, naive_day, naive_week
from trainer.contract import Region
from trainer.model.arrays import Vector

MakePeer = Callable[[Region], Peer]
TURN = pd.Timestamp("2021-06-13 15:00", tz="UTC")
"""Midnight before 14 June, within the window."""


def forecasts(
    peer: Peer, history: pd.DataFrame, region: Region, window: Window
) -> dict[pd.Timestamp, np.ndarray]:
    days = known_days(history, region, window, "perfect", seed=0)
    values = np.split(peer.forecast(days), np.cumsum([day.hours for day in days])[:-1])
    return {day.origin: of_day for day, of_day in zip(days, values, strict=True)}


@pytest.fixture(scope="module")
def another_future(history: pd.DataFrame) -> pd.DataFrame:
    """Demand doubled from TURN on, the weather of the days after that one changed too."""
    changed = history.copy()
    changed.loc[changed.index >= TURN, "demand"] *= 2
    later = changed.index >= TURN + pd.Timedelta(days=1)
    changed.loc[later, "temperature"] += 20
    changed.loc[later, "humidity"] /= 2
    return changed


@pytest.mark.parametrize("make", PEERS)
def test_forecasts_up_to_a_midnight_know_nothing_of_what_comes(
    make: MakePeer, history: pd.DataFrame, another_future: pd.DataFrame, region: Region, window: Window
) -> None:
    peer = make(region)
    peer.fit(history[history.index < window.midnights(region)[0]])
    before = forecasts(peer, history, region, window)
    after = forecasts(peer, another_future, region, window)
    for origin in before:
        if origin <= TURN:
            np.testing.assert_array_equal(after[origin], before[origin])
    last = max(before)  # by then what has come is known, so that the test could fail
    assert (after[last] != before[last]).all()


@pytest.mark.parametrize("make", PEERS)
def test_the_fit_knows_nothing_of_the_window(
    make: MakePeer, history: pd.DataFrame, region: Region, window: Window
) -> None:
    doubled = history.copy()
    start = window.midnights(region)[0]
    doubled.loc[doubled.index >= start, "demand"] *= 2
    first_day = Window(window.first, window.first)
    peers = [make(region), make(region)]
    for peer, frame in zip(peers, (history, doubled), strict=True):
        run_peer(peer, frame, region, first_day, ["perfect"], seed=0)
    one, two = (peer.forecast(known_days(history, region, first_day, "perfect", 0)) for peer in peers)
    np.testing.assert_allclose(one, two, rtol=1e-6)


AT_TEN = 10
MARKET_PEERS = [
    naive_day,
    naive_week,
    lambda region: LightGBM(region, derived=False, trials=1, origin_hour=AT_TEN),
]


@pytest.mark.parametrize("make", MARKET_PEERS, ids=["24 h", "168 h", "trees"])
def test_tomorrow_at_ten_is_forecast_from_what_ten_o_clock_knows(
    make: MakePeer, history: pd.DataFrame, region: Region, window: Window
) -> None:
    days = known_days(history, region, window, "perfect", seed=0, origin_hour=AT_TEN)
    assert {str(day.origin.tz_convert(region.zone))[11:16] for day in days} == {"10:00"}
    assert all(day.lead_times.tolist() == list(range(15, 39)) for day in days)
    unmasked = [
        replace(day, frame=day.frame.assign(demand=history["demand"].reindex(day.frame.index)))
        for day in days
    ]
    peer = make(region)
    peer.fit(history[history.index < days[0].origin])
    if isinstance(peer, LightGBM):  # of the others the mask alone keeps them from looking ahead
        np.testing.assert_array_equal(peer.forecast(unmasked), peer.forecast(days))
        at_midnight = LightGBM(region, derived=False, trials=1)
        at_midnight.fit(history[history.index < days[0].origin])
        assert (at_midnight.forecast(unmasked) != at_midnight.forecast(days)).any()
    assert np.isfinite(peer.forecast(days)).all()


def test_the_day_s_forecast_of_a_day_ago_takes_a_week_further_back_what_ten_o_clock_lacks(
    history: pd.DataFrame, region: Region, window: Window
) -> None:
    day = known_days(history, region, window, "perfect", seed=0, origin_hour=AT_TEN)[0]
    hours = pd.DatetimeIndex(day.frame.index[-24:])
    lags = np.where(np.arange(24) < AT_TEN, 24, 24 + 168)
    expected = history["demand"].reindex(hours - pd.to_timedelta(lags, unit="h"))
    np.testing.assert_array_equal(naive_day(region).forecast([day]), expected)


def test_a_peer_at_ten_is_fitted_on_what_lies_before_the_first_ten_o_clock(
    history: pd.DataFrame, region: Region, window: Window
) -> None:
    fitted: list[pd.Timestamp] = []

    class Recorder:
        def fit(self, history: pd.DataFrame) -> None:
            fitted.append(history.index[-1])

        def forecast(self, days: Sequence[Day]) -> Vector:
            return np.concatenate([np.full(day.hours, 6000.0) for day in days])

        def hindcast(self, days: Sequence[Day]) -> None:
            assert all(day.frame.index[-1] < fitted[0] for day in days)

    figures = run_peer(Recorder(), history, region, window, ["perfect"], seed=0, origin_hour=AT_TEN)
    assert fitted == [window.midnights(region)[0] - pd.Timedelta(hours=15)]
    assert list(figures["perfect"]["mape_by_horizon"]) == [str(lead) for lead in range(15, 39)]
