"""An exit code tells what happened, and a sentence how to mend it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from trainer.contract import ExitCode

pytestmark = pytest.mark.integration


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
