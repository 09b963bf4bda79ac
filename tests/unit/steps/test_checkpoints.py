"""A training that is done stays done, whatever becomes of its checkpoints."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest

from trainer.contract import load_regions
from trainer.errors import InfrastructureError
from trainer.steps.checkpoints import RunCheckpoints, discard_checkpoints
from trainer.store import Run, Store

AS_OF = datetime(2023, 10, 31, tzinfo=UTC)


class KeepsAll(Store):
    """An object store whose credentials may write and not delete."""

    def remove(self, path: str) -> None:
        raise InfrastructureError(f"store refuses to delete {path}")


def test_discarded_checkpoints_are_gone(tmp_path: Path) -> None:
    run = Run(region=load_regions({})["KR"], run_id="r", as_of=AS_OF, store=Store(str(tmp_path)))
    checkpoints = RunCheckpoints(run, "train", "key")
    checkpoints.write("state", b"1")
    assert checkpoints.read("state") == b"1"
    discard_checkpoints(run, "train")
    assert checkpoints.read("state") is None


def test_a_store_that_deletes_nothing_fails_no_training(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run = Run(region=load_regions({})["KR"], run_id="r", as_of=AS_OF, store=KeepsAll(str(tmp_path)))
    with caplog.at_level(logging.WARNING):
        discard_checkpoints(run, "train")
    assert "its checkpoints stay where they are" in caplog.text
