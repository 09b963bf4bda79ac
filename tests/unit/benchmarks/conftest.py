"""Half a year of synthetic hours, a window near its end, and peers that are quick to fit."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from datetime import date

import pandas as pd
import pytest
import torch

from benchmarks.peers.lightgbm import LightGBM
from benchmarks.peers.nhits import NHITS
from benchmarks.peers.seasonal_naive import SeasonalNaive
from benchmarks.protocol import Peer, Window
from tests.unit.data.series import KOREA
from tests.unit.model.series import make_history
from trainer.contract import Region

WINDOW = Window(date(2021, 6, 10), date(2021, 6, 22))
NEEDS_NEURALFORECAST = pytest.mark.skipif(
    importlib.util.find_spec("neuralforecast") is None,
    reason="neuralforecast is not installed (make bench-venv installs it)",
)


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Networks this small are slowed by a second thread, the more so on a busy machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def history() -> pd.DataFrame:
    return make_history()


@pytest.fixture(scope="session")
def region() -> Region:
    return KOREA


@pytest.fixture(scope="session")
def window() -> Window:
    return WINDOW


def naive_day(_: Region) -> Peer:
    return SeasonalNaive(24)


def naive_week(_: Region) -> Peer:
    return SeasonalNaive(168)


def trees(region: Region) -> Peer:
    return LightGBM(region, derived=False, trials=1)


def trees_with_ours(region: Region) -> Peer:
    return LightGBM(region, derived=True, trials=1)


def network(region: Region) -> Peer:
    return NHITS(region, derived=False, steps=3, seeds=(1,))


def network_with_ours(region: Region) -> Peer:
    return NHITS(region, derived=True, steps=3, seeds=(1,))


PEERS = [
    naive_day,
    naive_week,
    trees,
    trees_with_ours,
    pytest.param(network, marks=NEEDS_NEURALFORECAST),
    pytest.param(network_with_ours, marks=NEEDS_NEURALFORECAST),
]
