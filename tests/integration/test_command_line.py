"""One engineer, one file: train, forecast, backtest, and an exit code that tells what happened."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from trainer.commands.cli import main
from trainer.contract import Env, ExitCode

pytestmark = pytest.mark.integration

REGION = {
    "T": {
        "title": "Test",
        "timezone": "Asia/Seoul",
        "country": "KR",
        "latitude": 36.5,
        "longitude": 127.5,
        "weather": ["temperature"],
    }
}
EFFORT = ["--trials", "1", "--epochs", "1", "--holdout-days", "8", "--device", "cpu"]


@pytest.fixture(scope="module")
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


@pytest.fixture(scope="module")
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


def result(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(capsys.readouterr().out)
    return read


def test_training_from_a_file_publishes_a_model_with_its_scores(workplace: Path) -> None:
    models = list((workplace / "out/T/models").iterdir())
    assert len(models) == 1
    run = next((workplace / "out/T/runs").iterdir())
    steps = {"snapshot.json", "search.json", "train.json", "evaluate.json", "promote.json"}
    assert steps <= {path.name for path in run.iterdir()}
    scored = json.loads((run / "evaluate.json").read_text())
    assert scored["facts"]["hours"] == 8 * 24
    assert scored["metrics"]["challenger"]["mape"] > 0


def test_the_same_run_again_finds_everything_done(
    trainer: Callable[..., int], source: Path, workplace: Path
) -> None:
    run = next((workplace / "out/T/runs").glob("first-*"))
    before = {path.name: path.stat().st_mtime_ns for path in run.glob("*.json")}
    code = trainer("train", "--csv", source, "--region", "T", "--run-id", "first", *EFFORT)
    assert code == ExitCode.DONE
    assert {path.name: path.stat().st_mtime_ns for path in run.glob("*.json")} == before


def test_a_forecast_takes_the_newest_model_and_gives_hours_that_add_up(
    trainer: Callable[..., int], source: Path, workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = trainer("forecast", "--csv", source, "--region", "T", "--run-id", "tomorrow", "--json")
    assert code == ExitCode.DONE
    facts = result(capsys)["facts"]
    assert facts["fallback"] == "none"
    assert facts["origin"] == "2024-07-18T15:00:00+00:00"
    run = next((workplace / "out/T/runs").glob("tomorrow-*"))
    hours = pd.read_csv(run / "forecast.csv")
    assert len(hours) == 24
    parts = hours["trend"] + hours["seasonality"] + hours["residual"]
    np.testing.assert_allclose(parts, hours["forecast"], atol=0.02)
    assert (hours["lower"] < hours["forecast"]).all()
    assert (hours["forecast"] < hours["upper"]).all()
    assert hours["local_time"].iloc[0] == "2024-07-19 00:00+0900"
    assert (run / "forecast.png").read_bytes().startswith(b"\x89PNG")


def test_a_picture_that_nobody_looks_at_is_not_drawn(
    trainer: Callable[..., int], source: Path, workplace: Path
) -> None:
    assert (
        trainer("forecast", "--csv", source, "--region", "T", "--run-id", "plain", "--no-plot")
        == ExitCode.DONE
    )
    run = next((workplace / "out/T/runs").glob("plain-*"))
    assert (run / "forecast.csv").exists()
    assert not (run / "forecast.png").exists()


def test_a_file_that_can_be_read_but_once_will_do(
    trainer: Callable[..., int], source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pipe = tmp_path / "demand.csv"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(source.read_bytes()), daemon=True)
    writer.start()
    code = trainer("forecast", "--csv", pipe, "--region", "T", "--json")
    writer.join(10)
    assert code == ExitCode.DONE
    assert result(capsys)["facts"]["origin"] == "2024-07-18T15:00:00+00:00"


def test_an_origin_in_the_past_gives_a_forecast_for_that_day(
    trainer: Callable[..., int], source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = trainer(
        "forecast", "--csv", source, "--region", "T", "--as-of", "2024-07-01", "--horizon", 48, "--json"
    )
    assert code == ExitCode.DONE
    assert result(capsys)["facts"]["origin"] == "2024-06-30T15:00:00+00:00"


def test_weather_that_is_missing_ahead_is_told_and_the_weatherless_twin_forecasts(
    trainer: Callable[..., int], source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = trainer("forecast", "--csv", source, "--region", "T", "--horizon", 72, "--json")
    assert code == ExitCode.DONE
    facts = result(capsys)["facts"]
    assert facts["fallback"] == "weatherless"
    assert facts["version"].endswith("-weatherless")
    assert "temperature" in facts["fallback_reasons"][0]
    assert "48 of the 72 hours from 2024-07-18T15:00:00" in facts["fallback_reasons"][0]


def test_a_damaged_model_gives_way_to_the_baseline_and_says_why(
    trainer: Callable[..., int], source: Path, workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weights = next((workplace / "out/T/models").glob("*/lstm_model.safetensors"))
    content = weights.read_bytes()
    weights.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    try:
        code = trainer("forecast", "--csv", source, "--region", "T", "--json")
    finally:
        weights.write_bytes(content)
    assert code == ExitCode.DONE
    facts = result(capsys)["facts"]
    assert facts["fallback"] == "baseline"
    assert "lstm_model.safetensors" in facts["fallback_reasons"][0]


def test_a_backtest_leaves_figures_and_hours(
    trainer: Callable[..., int], source: Path, tmp_path: Path
) -> None:
    out = tmp_path / "result.json"
    window = ["--test-start", "2024-07-10", "--test-end", "2024-07-12"]
    code = trainer("backtest", "--csv", source, "--region", "T", *window, *EFFORT[:4], "--json", out)
    assert code == ExitCode.DONE
    figures = json.loads(out.read_text())
    promised = {"mape", "mae", "rmse", "r2", "smape", "mape_holidays", "mape_by_horizon"}
    assert promised | {"seconds_fit", "seconds_forecast", "hourly"} <= set(figures)
    assert figures["hours"] == len(pd.read_csv(figures["hourly"])) == 72


def test_a_region_that_is_not_configured_is_bad_usage(
    trainer: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert trainer("forecast", "--region", "NOWHERE") == ExitCode.USAGE
    assert "configured are T" in capsys.readouterr().err


def test_a_region_without_a_model_says_how_to_train_one(
    trainer: Callable[..., int], source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = trainer("forecast", "--csv", source, "--region", "T", "--store", tmp_path)
    assert code == ExitCode.USAGE
    assert "python -m trainer train --csv data.csv --region T" in capsys.readouterr().err


def test_too_little_data_is_bad_data_and_leaves_no_model(
    trainer: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "bad.csv"
    source.write_text("time,demand_mw,temperature\n2024-01-01 00:00,-5,1.0\n2024-01-01 01:00,5000,1.0\n")
    store = tmp_path / "store"
    code = trainer("train", "--csv", source, "--region", "T", "--store", store, "--as-of", "2024-01-01T02:00")
    assert code == ExitCode.DATA
    assert "needs 70 days of measured hours" in capsys.readouterr().err
    assert not (store / "T" / "models").exists()


def test_a_store_that_refuses_is_infrastructure(trainer: Callable[..., int], source: Path) -> None:
    code = trainer("snapshot", "--csv", source, "--region", "T", "--store", "/proc/nowhere")
    assert code == ExitCode.INFRASTRUCTURE


def test_a_store_lies_in_the_folder_that_was_named(
    trainer: Callable[..., int], source: Path, tmp_path: Path
) -> None:
    store = tmp_path / "100% 전력 수요"
    code = trainer("snapshot", "--csv", source, "--region", "T", "--store", store, "--run-id", "a")
    assert code == ExitCode.DONE
    assert [path.name for path in tmp_path.iterdir()] == [store.name]
    assert len(list(store.glob("T/runs/a-*/snapshot.parquet"))) == 1


def test_a_step_without_the_one_before_it_names_the_command(
    trainer: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert trainer("evaluate", "--region", "T", "--run-id", "unheard-of") == ExitCode.DATA
    assert "python -m trainer snapshot --region T --run-id unheard-of" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["forecast"],
        ["forecast", "--region", "T", "--horizon", "169"],
        ["search", "--region", "T", "--seed", "-1"],
        ["train", "--region", "T", "--seed", "4294967296"],
        ["nonsense"],
        [],
    ],
)
def test_words_that_make_no_command_are_bad_usage(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "trainer", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.returncode == ExitCode.USAGE
    assert "usage:" in done.stderr
