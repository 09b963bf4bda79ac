"""From a published file to a forecast, as three commands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.unit.data.formats.published import smard
from trainer.contract import ExitCode

WORDS = ("region", "--csv", "smard.csv", "--region", "DE", "--country", "DE")
REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "smard.csv").write_bytes(smard().content)
    return tmp_path


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "XDG_CONFIG_HOME": str(folder / "config"), "PYTHONPATH": str(REPOSITORY)}
    command = [sys.executable, "-m", "trainer", *words]
    return subprocess.run(
        command, cwd=folder, env=environ, capture_output=True, text=True, timeout=300, check=False
    )


def test_it_says_what_it_understood_writes_the_entry_and_draws_the_series(folder: Path) -> None:
    made = run(
        folder, "region", "--csv", "smard.csv", "--region", "DE", "--country", "DE", "--json", "a.json"
    )
    assert made.returncode == ExitCode.DONE, made.stderr
    assert "read as a SMARD export" in made.stdout
    assert json.loads((folder / "a.json").read_text())["report"]["known_hours"] == 385
    assert (folder / "region-DE.png").read_bytes().startswith(b"\x89PNG")
    assert "[DE]" in (folder / "config/demand-forecast/regions.toml").read_text()


def test_a_file_with_the_operator_s_own_forecast_is_told_what_that_could_add(folder: Path) -> None:
    hours = pd.date_range("2024-01-01", periods=24 * 30, freq="h")
    demand = 5000 + 800 * np.sin(2 * np.pi * hours.hour / 24)
    pd.DataFrame({"time": hours, "demand": demand, "reference": demand + 50}).to_csv(
        folder / "own.csv", index=False
    )
    told = run(folder, "region", "--csv", "own.csv", "--region", "OWN", "--country", "DE")
    assert told.returncode == ExitCode.DONE, told.stderr
    assert 'ensemble = ["reference", "trees"]' in told.stdout
    assert "reference" not in run(folder, *WORDS).stdout


def test_a_second_time_it_says_where_the_region_is_and_changes_nothing(folder: Path) -> None:
    run(folder, *WORDS)
    entry = (folder / "config/demand-forecast/regions.toml").read_text()
    again = run(folder, *WORDS)
    assert again.returncode == ExitCode.USAGE
    assert "is in" in again.stderr
    assert (folder / "config/demand-forecast/regions.toml").read_text() == entry


def test_a_picture_of_somebody_else_is_not_drawn_over(folder: Path) -> None:
    (folder / "region-DE.png").write_bytes(b"\x89PNG of mine")
    refused = run(folder, *WORDS)
    assert refused.returncode == ExitCode.USAGE
    assert "--plot" in refused.stderr
    assert not (folder / "config").exists()


def test_a_region_that_is_not_configured_names_the_command_that_makes_it(folder: Path) -> None:
    refused = run(folder, "train", "--csv", "smard.csv", "--region", "DE")
    assert refused.returncode == ExitCode.USAGE
    assert "python -m trainer region --region DE --csv data.csv" in " ".join(refused.stderr.split())
