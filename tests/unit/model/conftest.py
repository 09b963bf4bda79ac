"""A small synthetic region: half a year of hours, and models fitted to it."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from tests.unit.data.series import KOREA
from tests.unit.model.series import TINY, TRAIN_UNTIL, make_history
from trainer.contract import Region
from trainer.model.config import ModelConfig
from trainer.model.forecasting.forecaster import Forecaster
from trainer.model.training.fitting import fit

ORIGIN_HOURS = (0,)
"""One regression instead of 24: the tests forecast from midnight."""


@pytest.fixture(scope="session")
def history() -> pd.DataFrame:
    return make_history()


@pytest.fixture(scope="session")
def region() -> Region:
    return KOREA


@pytest.fixture(scope="session")
def tiny() -> ModelConfig:
    return TINY


@pytest.fixture(scope="session")
def train_until() -> pd.Timestamp:
    return TRAIN_UNTIL


@pytest.fixture(scope="session")
def bare_region() -> Region:
    """Without weather."""
    return replace(KOREA, weather=())


@pytest.fixture(scope="session")
def forecaster(history: pd.DataFrame, region: Region) -> Forecaster:
    return fit(history, region, TINY, train_until=TRAIN_UNTIL, device="cpu", origin_hours=ORIGIN_HOURS)


@pytest.fixture(scope="session")
def bare_forecaster(history: pd.DataFrame, bare_region: Region) -> Forecaster:
    return fit(history, bare_region, TINY, train_until=TRAIN_UNTIL, device="cpu", origin_hours=ORIGIN_HOURS)
