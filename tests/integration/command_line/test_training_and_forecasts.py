"""One engineer, one file: train, forecast, backtest."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.integration.command_line.words import EFFORT, result
from trainer.contract import ExitCode
from trainer.model.artifact import load_artifact

pytestmark = pytest.mark.integration


def test_training_from_a_file_publishes_a_model_with_its_scores(workplace: Path) -> None:
    models = list((workplace / "out/T/models").iterdir())
    assert len(models) == 1
    run = next((workplace / "out/T/runs").glob("first-*"))
    steps = {"snapshot.json", "search.json", "train.json", "evaluate.json", "promote.json"}
    assert steps <= {path.name for path in run.iterdir()}
    scored = json.loads((run / "evaluate.json").read_text())
    # Of eight days, the first would have been forecast at 10:00 of a day that was trained on.
    assert scored["facts"]["hours"] == 7 * 24
    assert scored["metrics"]["challenger"]["mape"] > 0


def test_the_model_has_a_regression_of_each_hour_asked_for_of_products_and_of_midnight_where_it_is_judged(
    workplace: Path,
) -> None:
    (model,) = (workplace / "out/T/models").iterdir()
    assert load_artifact(model).residual.regression.own.tolist() == [0, 10, 12]


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
    assert facts["fallback_from"] == 49  # after a day whose weather is known, and one of weather carried on
    assert not facts["version"].endswith("-weatherless")
    assert "temperature" in facts["fallback_reasons"][0]
    assert "48 of the 72 hours from 2024-07-18T15:00:00" in facts["fallback_reasons"][0]


def test_weather_whose_column_vanished_costs_no_forecast_and_makes_no_model(
    trainer: Callable[..., int],
    source: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    without = tmp_path / "demand.csv"
    pd.read_csv(source).drop(columns="temperature").to_csv(without, index=False)
    assert trainer("forecast", "--csv", without, "--region", "T", "--json") == ExitCode.DONE
    told, log = capsys.readouterr()
    assert json.loads(told)["facts"]["fallback"] == "weatherless"
    assert "no column for 'temperature', which the region's" in log
    assert trainer("train", "--csv", without, "--region", "T", *EFFORT) == ExitCode.DATA
    assert "no column for 'temperature' (also accepted: " in capsys.readouterr().err


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


def test_a_product_is_forecast_and_backtested_by_its_name(
    trainer: Callable[..., int], source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at_ten = ["--as-of", "2024-07-17T10:00", "--product", "day_ahead"]
    assert trainer("forecast", "--csv", source, "--region", "T", *at_ten, "--json") == ExitCode.DONE
    facts = result(capsys)["facts"]
    assert (facts["product"], facts["fallback"]) == ("day_ahead", "none")
    assert (facts["origin"], facts["first_lead_time"]) == ("2024-07-17T01:00:00+00:00", 15)
    out = tmp_path / "result.json"
    window = ["--test-start", "2024-07-10", "--test-end", "2024-07-11", "--product", "day_ahead"]
    code = trainer("backtest", "--csv", source, "--region", "T", *window, *EFFORT[:4], "--json", out)
    assert code == ExitCode.DONE
    figures = json.loads(out.read_text())
    assert figures["product"] == {"name": "day_ahead", "at": "10:00", "covers": "tomorrow"}
    assert list(figures["mape_by_horizon"]) == [str(lead) for lead in range(15, 39)]
    assert figures["hours"] == 48


def test_the_hours_that_a_product_covers_are_told(
    trainer: Callable[..., int], source: Path, workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at_ten = ["--as-of", "2024-07-17T10:00", "--product", "day_ahead", "--no-plot"]
    assert trainer("forecast", "--csv", source, "--region", "T", *at_ten) == ExitCode.DONE
    told = capsys.readouterr().out
    assert "24 from 2024-07-17T15:00:00+00:00" in told
    assert "made at" in told


def test_a_product_that_the_region_has_not_is_bad_usage(
    trainer: Callable[..., int], source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = trainer("forecast", "--csv", source, "--region", "T", "--product", "week")
    assert code == ExitCode.USAGE
    assert "no product 'week'; its `forecasts` are day_ahead" in capsys.readouterr().err


def test_a_store_lies_in_the_folder_that_was_named(
    trainer: Callable[..., int], source: Path, tmp_path: Path
) -> None:
    store = tmp_path / "100% 전력 수요"
    code = trainer("snapshot", "--csv", source, "--region", "T", "--store", store, "--run-id", "a")
    assert code == ExitCode.DONE
    assert [path.name for path in tmp_path.iterdir()] == [store.name]
    assert len(list(store.glob("T/runs/a-*/snapshot.parquet"))) == 1
