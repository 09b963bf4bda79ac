"""A fit within a processor quota, where a machine lets a control group be made for it."""

from __future__ import annotations

import subprocess
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest

from benchmarks import quota, threads
from benchmarks.child import Measured
from benchmarks.quota import processor_quota
from benchmarks.series import Source
from trainer.model.training.regressions.threads import processor_groups

SOURCE = Source("sample:greece", "GR")


def groups() -> set[Path]:
    return set(processor_groups()[0].glob("demand-forecast-benchmark-*"))


def test_a_child_within_a_quota_of_one_core_has_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "16")
    asked = "from trainer.model.training.regressions.threads import allowed_threads; print(allowed_threads())"
    before = groups()
    try:
        with processor_quota(1):
            done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    except OSError as error:
        pytest.skip(f"this machine lets no control group be made with a quota: {error}")
    assert done.stdout.strip() == "1"
    assert groups() == before


def test_a_machine_that_makes_no_such_group_is_told_and_nothing_is_left(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(quota, "processor_groups", lambda: [tmp_path])  # whose folders are no control groups
    with pytest.raises(OSError, match=r"cpu\.max"), processor_quota(1):
        pass
    assert list(tmp_path.iterdir()) == []


def fitted(
    source: Source, threads: int, within: AbstractContextManager[object] | None = None
) -> Measured[None]:
    with within or nullcontext():
        return Measured(None, 2.0, 3.0, 500)


@pytest.mark.parametrize("possible", [True, False])
def test_the_row_under_a_quota_gives_way_to_a_sentence(
    monkeypatch: pytest.MonkeyPatch, possible: bool
) -> None:
    def none(cores: float) -> AbstractContextManager[object]:
        raise PermissionError("Read-only file system")

    monkeypatch.setattr(threads, "_fit", fitted)
    monkeypatch.setattr(threads, "processor_quota", (lambda _: nullcontext()) if possible else none)
    rows, left_out = threads.measure(SOURCE)
    assert ("quota" in {row.key for row in rows}) is possible
    assert {row.key for row in rows} >= {"few", "many", "affinity", "beside"}
    assert [sentence for sentence in left_out if "Read-only file system" in sentence] == left_out
    assert bool(left_out) is not possible
