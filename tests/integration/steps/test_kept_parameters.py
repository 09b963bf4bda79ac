"""A training with the parameters of a published model, without a search."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from tests.integration.steps.small_model import DAYS, TINY, checksum
from trainer.commands.cli import main
from trainer.contract import Env, ExitCode, Region, model_folder
from trainer.errors import ArtifactError
from trainer.model.artifact import artifact as artifact_module
from trainer.model.config import ModelConfig
from trainer.steps.snapshot import snapshot
from trainer.store import Run, Store

pytestmark = pytest.mark.integration

Train = Callable[..., int]


@pytest.fixture
def run(place: Region, artifact: Path, tmp_path: Path) -> Run:
    """A retraining that has its snapshot and no search; the version T-1 is published."""
    as_of = pd.Timestamp("2024-04-10", tz=place.timezone).tz_convert("UTC").to_pydatetime()
    made = Run(region=place, run_id="weekly/1", as_of=as_of, store=Store.at(tmp_path / "store"))
    made.store.upload(artifact, model_folder("T", "T-1"))
    snapshot(made, lookback_days=DAYS, source=None)
    return made


@pytest.fixture
def by_hand(run: Run, monkeypatch: pytest.MonkeyPatch) -> Train:
    """The verb `train` of the run, with what is given; its exit code."""
    monkeypatch.setenv(Env.REGIONS, json.dumps({"T": run.region.to_dict()}))
    words = ["--region", "T", "--run-id", run.run_id, "--as-of", run.as_of.isoformat()]
    words += ["--store", run.store.url, "--holdout-days", "8", "--device", "cpu"]
    return lambda *more: main(["train", *words, *more])


@pytest.fixture
def train(by_hand: Train, artifact: Path) -> Train:
    """As a retraining calls the verb that keeps the parameters of T-1."""
    kept = ["--parameters-version", "T-1", "--parameters-checksum", checksum(artifact)]
    return lambda *more: by_hand(*kept, *more)


def test_takes_them_with_its_own_seed_and_says_whose_they_are(run: Run, train: Train) -> None:
    assert train("--seed", "7") == ExitCode.DONE
    facts = run.require("train").facts
    assert facts["config"] == replace(TINY, seed=7).to_dict()
    assert (facts["search"], facts["kept_from"]) == (None, "T-1")
    assert "validation_loss" not in run.require("train").metrics


def test_is_found_finished_by_another_try(run: Run, train: Train) -> None:
    assert train() == ExitCode.DONE
    before = run.require("train")
    assert train() == ExitCode.DONE
    assert run.require("train") == before


def test_is_found_finished_where_the_champion_was_refitted_since(
    run: Run, train: Train, artifact: Path
) -> None:
    """As where the run is cleared whose decision the refit followed."""
    assert train() == ExitCode.DONE
    before = run.require("train")
    run.store.upload(artifact, model_folder("T", "T-1-refitted"))
    assert train("--parameters-version", "T-1-refitted") == ExitCode.DONE
    assert run.require("train") == before


def test_takes_them_of_a_model_whose_features_this_code_does_not_build(
    run: Run, train: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise ArtifactError("made by other feature code")

    monkeypatch.setattr(artifact_module, "require_same_columns", refuse)
    assert train() == ExitCode.DONE
    assert run.require("train").facts["kept_from"] == "T-1"


def test_refuses_a_version_that_a_person_names_and_that_is_not_there(
    run: Run, by_hand: Train, capsys: pytest.CaptureFixture[str]
) -> None:
    assert by_hand("--parameters-version", "T-2") == ExitCode.DATA
    assert "the parameters of T-2 cannot be read: it is not in the store" in capsys.readouterr().err
    assert run.manifest("train") is None


def test_takes_the_defaults_where_that_model_is_damaged(
    run: Run, train: Train, capsys: pytest.CaptureFixture[str]
) -> None:
    run.store.write(f"{model_folder('T', 'T-1')}/config.json", b"{}")
    assert train("--epochs", "1") == ExitCode.DONE
    facts = run.require("train").facts
    assert facts["config"] == ModelConfig(epochs=1, seed=42).to_dict()
    assert (facts["search"], facts["kept_from"]) == (None, None)
    assert "the parameters of T-1 cannot be kept" in capsys.readouterr().err
