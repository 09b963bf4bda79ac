"""A search's trials spread over the GPUs of one machine, each by a process of its own.

The GPUs are the CPU, named as often as there are to be some; processes, study and trials are real.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.integration.steps.small_model import DAYS
from tests.integration.steps.worker import AS_OF, RUN, Worker
from trainer.contract import Env, Manifest, Region, run_folder
from trainer.model.progress import Silent
from trainer.steps.search import search
from trainer.steps.snapshot import snapshot
from trainer.steps.studies import JOURNAL
from trainer.store import Run, Store, parse_as_of

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]


class Started(Silent):
    """The trials that this process began itself."""

    def __init__(self) -> None:
        self.trials: list[int] = []

    def on_trial_start(self, trial: int, trials: int, parameters: dict[str, object]) -> None:
        self.trials.append(trial)


def searched(
    place: Region, folder: Path, monkeypatch: pytest.MonkeyPatch, devices: list[str], progress: Started
) -> Manifest:
    monkeypatch.delenv(Env.POSTGRES_URL, raising=False)
    monkeypatch.setattr("trainer.steps.search.every_device", lambda _: devices)
    run = Run(region=place, run_id=RUN, as_of=parse_as_of(AS_OF, place), store=Store.at(folder))
    snapshot(run, lookback_days=DAYS, source=None)
    effort = {"trials": 4, "epochs": 1, "seed": 3, "holdout_days": 8, "shard": (0, 1)}
    return search(run, **effort, device="cpu", progress=progress)


def test_each_device_takes_its_part_and_every_trial_runs_once(
    place: Region, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = Started()
    manifest = searched(place, tmp_path, monkeypatch, ["cpu", "cpu"], here)
    assert here.trials == []
    assert [trial["number"] for trial in manifest.facts["trials"]] == [0, 1, 2, 3]
    assert [part["device"] for part in manifest.facts["usage"]["parts"]] == ["cpu", "cpu"]


def test_what_a_part_leaves_undone_is_done_all_the_same(
    place: Region, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    here = Started()
    with caplog.at_level("WARNING"):
        manifest = searched(place, tmp_path, monkeypatch, ["cpu", "cuda:7"], here)  # there is no such GPU
    assert here.trials == [1, 3]
    assert [trial["number"] for trial in manifest.facts["trials"]] == [0, 1, 2, 3]
    assert "the search on cuda:7 ended with 4" in caplog.text


ON_TWO = """
import sys
import trainer.steps.search
from trainer.commands.cli import main
trainer.steps.search.every_device = lambda _: ["cpu", "cpu"]
if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("end", [psutil.Process.terminate, psutil.Process.kill])
def test_no_part_outlives_the_search(
    place: Region, tmp_path: Path, end: Callable[[psutil.Process], None]
) -> None:
    worker = Worker(tmp_path, place)
    run = Run(region=place, run_id=RUN, as_of=parse_as_of(AS_OF, place), store=worker.store)
    snapshot(run, lookback_days=DAYS, source=None)
    script = tmp_path / "on_two.py"
    script.write_text(ON_TWO)
    command = [sys.executable, str(script), *worker.words("search"), "--trials", "500"]
    journal = tmp_path / run_folder("T", RUN) / JOURNAL
    with subprocess.Popen(command, env=worker.environ, stderr=subprocess.DEVNULL) as process:
        parent = psutil.Process(process.pid)
        until = time.monotonic() + 120
        while not journal.exists() or journal.read_text().count("intermediate_value") < 3:
            assert time.monotonic() < until
            time.sleep(0.2)
        children = parent.children(recursive=True)
        assert len(children) >= 2
        end(parent)
        process.wait(60)
    assert psutil.wait_procs(children, timeout=60)[1] == []
