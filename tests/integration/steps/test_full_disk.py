"""A full disk ends a verb with exit code 4, leaves nothing half written, and the same run goes on later."""

from __future__ import annotations

import json
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.integration.steps.small_model import DAYS, leave_candidate, leave_search
from trainer.commands.cli import main
from trainer.contract import Env, ExitCode, Region, model_folder
from trainer.steps.snapshot import snapshot
from trainer.store import Run, Store, parse_as_of

pytestmark = pytest.mark.integration

AS_OF = "2024-04-10"
STEPS = ["snapshot", "train", "evaluate", "promote", "forecast"]
OPTIONS = {
    "snapshot": ["--lookback-days", str(DAYS)],
    "train": ["--holdout-days", "8", "--device", "cpu"],
    "evaluate": ["--holdout-days", "7"],
}
ROOM = 4096


@pytest.fixture
def full_disk() -> Iterator[None]:
    """A process that a limit does not end, but tells."""
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGXFSZ, handler)


@contextmanager
def no_room() -> Iterator[None]:
    """The kernel lets no file grow beyond 4 kB, as a full disk would: a partition of one's own needs root."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.fixture
def run(place: Region, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv(Env.REGIONS, json.dumps({"T": place.to_dict()}))
    monkeypatch.setenv(Env.STORE_URL, (tmp_path / "store").as_uri())
    return Run(region=place, run_id="r", as_of=parse_as_of(AS_OF, place), store=Store.at(tmp_path / "store"))


def ready_for(step: str, run: Run, artifact: Path) -> None:
    """Leaves what the steps before `step` would have left."""
    if step != "snapshot":
        snapshot(run, lookback_days=DAYS, source=None)
    if step == "train":
        leave_search(run)
    if step in {"evaluate", "promote"}:
        leave_candidate(run, artifact)
    if step == "forecast":
        run.store.upload(artifact, model_folder("T", "T-1"))


def hidden_files(run: Run) -> list[Path]:
    """What a write that was given up would leave: temporary files begin with a dot."""
    return sorted(Path(run.store.locate("")).rglob(".*"))


@pytest.mark.parametrize("step", STEPS)
def test_a_full_disk_is_infrastructure_and_the_run_goes_on_once_there_is_room(
    step: str, run: Run, artifact: Path, full_disk: None, capsys: pytest.CaptureFixture[str]
) -> None:
    ready_for(step, run, artifact)
    words = [step, "--region", "T", "--run-id", "r", "--as-of", AS_OF, *OPTIONS.get(step, [])]
    before = hidden_files(run)
    with no_room():
        assert main(words) == ExitCode.INFRASTRUCTURE
    assert "File too large" in capsys.readouterr().err
    assert run.manifest(step) is None
    assert hidden_files(run) == before, "half a file is left"
    assert main(words) == ExitCode.DONE
    for ref in run.require(step).outputs.values():
        run.store.read_checked(ref)
