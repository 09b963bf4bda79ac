"""The wheel as a user installs it: whole, without PyTorch by default, and it forecasts there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from tests.unit.model.series import make_history
from trainer.contract import model_folder

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]

REPOSITORY = Path(__file__).parents[3]
ARTIFACT = REPOSITORY / "tests" / "unit" / "model" / "artifact" / "artifacts" / "schema_2"
UV = Path(sys.executable).with_name("uv")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    dist = tmp_path_factory.mktemp("dist")
    built = ["build", "--wheel", "--no-build-isolation", "--python", sys.executable, "--out-dir", str(dist)]
    subprocess.run([UV, *built, str(REPOSITORY)], check=True, capture_output=True)
    (found,) = dist.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment that has the wheel, without extras, and nothing else of ours."""
    place = tmp_path_factory.mktemp("environment") / "venv"
    subprocess.run([UV, "venv", "--quiet", "--python", sys.executable, place], check=True)
    lock = REPOSITORY / "constraints.txt"
    into = ["pip", "install", "--quiet", "--python", str(place / "bin" / "python"), "-c", str(lock)]
    subprocess.run([UV, *into, str(wheel)], check=True)
    return place / "bin"


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Known up to the kept forecast's origin, its weather to the end."""
    rows = make_history().reset_index().rename(columns={"demand": "demand_mw"})
    expected = pd.read_csv(ARTIFACT / "forecast.csv", parse_dates=["time"])
    rows.loc[rows["time"] >= expected["time"].iloc[0], "demand_mw"] = float("nan")
    path = tmp_path_factory.mktemp("data") / "history.csv"
    rows.to_csv(path, index=False)
    return path


def run(*words: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Without this checkout on the path."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [str(word) for word in words],
        cwd=folder,
        env={**environment, "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_wheel_holds_the_packages_with_their_data_and_nothing_else(wheel: Path) -> None:
    listed = set(zipfile.ZipFile(wheel).namelist())
    tracked = subprocess.run(
        [
            "git",
            "ls-files",
            "--cached",
            "--others",
            "--exclude-standard",
            "trainer",
            "plugins/demand_forecast",
            "dags",
        ],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    named = {
        path.removeprefix("plugins/").replace("dags/", "demand_forecast/dags/", 1)
        if not path.startswith("trainer/")
        else path
        for path in tracked
    }
    of_us = {name for name in listed if ".dist-info/" not in name}
    assert of_us == named | {"demand_forecast/airflow_plugin.py"}


def test_the_command_has_the_verbs(installed: Path, tmp_path: Path) -> None:
    done = run(installed / "demand-forecast", "--help", folder=tmp_path)
    assert done.returncode == 0
    assert all(verb in done.stdout for verb in ("region", "train", "forecast", "backtest", "serve"))


def test_without_pytorch_the_command_forecasts(installed: Path, history: Path, tmp_path: Path) -> None:
    assert run(installed / "python", "-c", "import torch", folder=tmp_path).returncode != 0
    shutil.copytree(ARTIFACT / "model", tmp_path / "store" / model_folder("KR", "KR-1"))
    words = ["forecast", "--csv", history, "--region", "KR", "--store", tmp_path / "store"]
    done = run(installed / "demand-forecast", *words, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    (made,) = (tmp_path / "store").rglob("forecast.csv")
    expected = pd.read_csv(ARTIFACT / "forecast.csv")
    assert pd.read_csv(made)["forecast"].to_numpy() == pytest.approx(
        expected["forecast"].to_numpy()[:24], rel=1e-3
    )


def test_without_pytorch_training_names_what_to_install(
    installed: Path, history: Path, tmp_path: Path
) -> None:
    words = ["train", "--csv", history, "--region", "KR", "--store", tmp_path / "store"]
    done = run(installed / "demand-forecast", *words, folder=tmp_path)
    assert done.returncode == 2
    assert "pip install 'demand-forecast[train]'" in done.stderr


def test_without_pytorch_a_loaded_model_predicts_from_python(
    installed: Path, history: Path, tmp_path: Path
) -> None:
    code = f"""
import pandas as pd
from trainer import DemandForecaster
frame = pd.read_csv({str(history)!r}, index_col="time", parse_dates=True)
forecaster = DemandForecaster.load({str(ARTIFACT / "model")!r})
print(len(forecaster.predict(24, frame=frame)))
"""
    done = run(installed / "python", "-c", code, folder=tmp_path)
    assert (done.returncode, done.stdout.strip()) == (0, "24"), done.stderr
