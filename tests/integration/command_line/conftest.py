"""One engineer, one file: a folder in which a model has been trained from it, and the command line there."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.integration.command_line.words import EFFORT, REGION
from trainer.commands.cli import main
from trainer.contract import Env, ExitCode


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """200 days of demand and temperature, and one more day of temperature alone."""
    hours = pd.date_range("2024-01-01", periods=24 * 201, freq="h", name="time")
    random = np.random.default_rng(3)
    temperature = 10 - 12 * np.cos(2 * np.pi * hours.day_of_year / 365) + random.normal(0, 1, len(hours))
    shape = 6000 + 900 * np.sin(2 * np.pi * (hours.hour - 7) / 24) - 400 * (hours.day_of_week >= 5)
    demand = pd.Series(shape + 20 * np.abs(temperature - 15) + random.normal(0, 30, len(hours)), hours)
    demand.iloc[-24:] = np.nan
    path = tmp_path_factory.mktemp("source") / "demand.csv"
    pd.DataFrame({"demand_mw": demand.round(1), "temperature": temperature.round(1)}).to_csv(path)
    return path


@pytest.fixture(scope="session")
def workplace(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which a model has been trained from the file."""
    folder = tmp_path_factory.mktemp("workplace")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(Env.REGIONS, json.dumps(REGION))
        patch.chdir(folder)
        code = main(["train", "--csv", str(source), "--region", "T", "--run-id", "first", *EFFORT])
    assert code == ExitCode.DONE
    return folder


@pytest.fixture
def trainer(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    monkeypatch.setenv(Env.REGIONS, json.dumps(REGION))
    monkeypatch.chdir(workplace)
    return lambda *arguments: main([str(argument) for argument in arguments])
