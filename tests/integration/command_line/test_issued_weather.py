"""A backtest by the weather as it was issued, from files alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from tests.integration.command_line.words import EFFORT, REGION
from trainer.contract import Env, ExitCode

pytestmark = pytest.mark.integration
WINDOW = ["--test-start", "2024-07-10", "--test-end", "2024-07-12"]


def issues_of(source: Path, first: str, last: str = "2024-07-18") -> pd.DataFrame:
    """An issue each local midnight, of the next 48 hours, three degrees too warm."""
    known = pd.read_csv(source, parse_dates=["time"]).set_index("time")["temperature"]
    parts = []
    for midnight in pd.date_range(first, last, freq="D"):
        hours = known[midnight : midnight + pd.Timedelta(hours=47)]
        parts.append((hours + 3).reset_index().assign(issued_at=midnight))
    return pd.concat(parts)[["issued_at", "time", "temperature"]]


@pytest.fixture
def issued(source: Path, tmp_path: Path) -> Path:
    """Of July alone."""
    path = tmp_path / "issued.csv"
    issues_of(source, "2024-07-01", "2024-07-12").to_csv(path, index=False, date_format="%Y-%m-%d %H:%M")
    return path


def backtest(trainer: Callable[..., int], source: Path, out: Path, *more: object) -> dict[str, object]:
    code = trainer("backtest", "--csv", source, "--region", "T", *WINDOW, *EFFORT[:4], "--json", out, *more)
    assert code == ExitCode.DONE
    figures: dict[str, object] = json.loads(out.read_text())
    return figures


def test_it_is_told_which_weather_was_read_and_of_how_many_hours(
    trainer: Callable[..., int],
    source: Path,
    issued: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("COLUMNS", "120")  # no sentence is folded
    out = tmp_path / "result.json"
    figures = backtest(trainer, source, out, "--weather", "as-issued", "--weather-issued", issued)
    assert figures["weather"] == "as-issued"
    assert figures["issued"] == {"hours": 72, "covered_share": 100.0, "weatherless": 0, "age_hours": 0.0}
    told = capsys.readouterr()
    assert "hours with issued weather (%)" in told.out
    assert "12 issues of the weather" in told.err
    named = {"T": {**REGION["T"], "weather_issued": str(issued)}}
    monkeypatch.setenv(Env.REGIONS, json.dumps(named))
    assert backtest(trainer, source, out, "--weather", "as-issued")["mape"] == figures["mape"]
    perfect = backtest(trainer, source, out)
    assert perfect["weather"] == "perfect"
    assert "issued" not in perfect
    assert perfect["mape"] != figures["mape"]


def test_what_was_ingested_is_what_a_backtest_of_the_table_reads(
    trainer: Callable[..., int],
    source: Path,
    issued: Path,
    tmp_path: Path,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(Env.POSTGRES_URL, database_url)
    words = ["--csv", source, "--weather-issued", issued, "--region", "T"]
    assert trainer("ingest", *words) == ExitCode.DONE
    out = tmp_path / "result.json"
    asked = ["backtest", "--region", "T", *WINDOW, *EFFORT[:4], "--weather", "as-issued", "--json", out]
    assert trainer(*asked) == ExitCode.DONE
    figures = json.loads(out.read_text())
    assert figures["issued"] == {"hours": 72, "covered_share": 100.0, "weatherless": 0, "age_hours": 0.0}


def test_a_model_is_trained_on_issues_that_lie_beside_its_data(
    trainer: Callable[..., int], source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    issued, out = tmp_path / "issued.csv", tmp_path / "result.json"
    issues_of(source, "2024-03-01").to_csv(issued, index=False, date_format="%Y-%m-%d %H:%M")
    words = ["--csv", source, "--weather-issued", issued, "--region", "T", "--store", tmp_path / "out"]
    assert trainer("train", *words, "--run-id", "issued", *EFFORT, "--json", out) == ExitCode.DONE
    # From the day after the first issue on: the main product of each day is made at 10:00 of the day before.
    assert "trained on weather as it was issued on 131 of" in capsys.readouterr().err
    manifest = json.loads((tmp_path / "out" / json.loads(out.read_text())["manifest"]).read_text())
    assert set(manifest["inputs"]) == {"snapshot.parquet", "weather_issued.parquet"}
    assert trainer("forecast", *words, "--run-id", "tomorrow", "--no-plot", "--json", out) == ExitCode.DONE
    assert json.loads(out.read_text())["facts"]["fallback"] == "none"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["forecast"], "--weather-issued goes with --csv: without it forecast reads the run's snapshot"),
        (["backtest", *WINDOW], "--weather-issued is read with --weather as-issued"),
    ],
)
def test_a_file_of_issues_that_nothing_would_read_is_refused(
    words: list[str], said: str, trainer: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert trainer(*words, "--region", "T", "--weather-issued", "issued.csv") == ExitCode.USAGE
    assert said in capsys.readouterr().err


def test_without_weather_is_said_either_way(
    trainer: Callable[..., int], source: Path, tmp_path: Path
) -> None:
    out = tmp_path / "result.json"
    shown = [backtest(trainer, source, out, *words) for words in (["--no-weather"], ["--weather", "none"])]
    assert [figures["weather"] for figures in shown] == ["none", "none"]
    assert shown[0]["mape"] == shown[1]["mape"]


def test_weather_that_nobody_issued_is_asked_for(
    trainer: Callable[..., int], source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = trainer("backtest", "--csv", source, "--region", "T", *WINDOW, "--weather", "as-issued")
    assert code == ExitCode.USAGE
    assert "name its file with --weather-issued FILE" in capsys.readouterr().err


def test_the_file_of_issues_is_not_written_over(
    trainer: Callable[..., int], source: Path, issued: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--weather", "as-issued", "--weather-issued", issued, "--json", issued]
    assert trainer("backtest", "--csv", source, "--region", "T", *WINDOW, *words) == ExitCode.USAGE
    assert "would be written over the input" in capsys.readouterr().err
