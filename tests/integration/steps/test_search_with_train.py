"""A training that makes its own search first, in the same process."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Final

import pytest

from tests.integration.steps.small_model import DAYS
from tests.integration.steps.worker import AS_OF, RUN, Worker
from trainer.contract import ExitCode, Region, manifest_path, model_folder
from trainer.steps.snapshot import snapshot
from trainer.store import Run, parse_as_of

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

EFFORT: Final = ("--trials", "3", "--epochs", "2")
SEARCHES_FIRST: Final = (*EFFORT, "--shards", "0")


def prepared(folder: Path, place: Region) -> Worker:
    """A retraining that has its data, and no search yet."""
    worker = Worker(folder, place)
    run = Run(region=place, run_id=RUN, as_of=parse_as_of(AS_OF, place), store=worker.store)
    snapshot(run, lookback_days=DAYS, source=None)
    return worker


def weights(worker: Worker) -> dict[str, str]:
    """Checksums of what the candidate learnt, by file."""
    outputs = worker.manifest("train").outputs
    return {name: file.sha256 for name, file in outputs.items() if name.endswith(".safetensors")}


def test_makes_the_model_of_a_search_and_a_training_apart(place: Region, tmp_path: Path) -> None:
    together, apart = prepared(tmp_path / "together", place), prepared(tmp_path / "apart", place)
    assert together.ends("train", *SEARCHES_FIRST) == ExitCode.DONE, together.said
    assert apart.ends("search", *EFFORT) == ExitCode.DONE, apart.said
    assert apart.ends("train", *EFFORT) == ExitCode.DONE, apart.said
    assert together.manifest("search").facts["best"] == apart.manifest("search").facts["best"]
    assert together.manifest("train").facts["search"] == {"trials": 3, "epochs": 2}
    assert weights(together) == weights(apart)


def test_goes_on_with_the_trials_where_it_was_killed_in_its_search(place: Region, tmp_path: Path) -> None:
    worker = prepared(tmp_path, place)
    assert worker.dies_at_epoch("train", 4, *SEARCHES_FIRST) == -signal.SIGKILL, worker.said
    assert worker.ends("train", *SEARCHES_FIRST) == ExitCode.DONE, worker.said
    assert "trials are finished already" in worker.said


def test_with_kept_parameters_makes_no_search(place: Region, artifact: Path, tmp_path: Path) -> None:
    worker = prepared(tmp_path, place)
    worker.store.upload(artifact, model_folder("T", "T-1"))
    assert worker.ends("train", *SEARCHES_FIRST, "--parameters-version", "T-1") == ExitCode.DONE, worker.said
    assert not worker.store.exists(manifest_path("T", RUN, "search"))
    assert worker.manifest("train").facts["kept_from"] == "T-1"
