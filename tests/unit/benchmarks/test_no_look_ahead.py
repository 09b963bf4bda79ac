"""No peer's forecast moves when the future does."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from benchmarks.protocol import Peer, Window, known_days, run_peer
from tests.unit.benchmarks.conftest import PEERS
from trainer.contract import Region

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
