"""Runs the verbs of one run as processes, and kills them where it hurts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.integration.steps.forks import Forks
from trainer.contract import Env, Manifest, Region, manifest_path
from trainer.store import Store

AS_OF = "2024-04-10"
RUN = "weekly/1"
OPTIONS: dict[str, list[str]] = {
    "search": [*("--trials", "5", "--epochs", "2"), "--holdout-days", "8", "--device", "cpu"],
    "train": ["--holdout-days", "8", "--device", "cpu"],
    "promote": [],
}
DIES_AT_RENAME = """
import os, signal, sys
from pathlib import Path
from trainer.commands.cli import main

rename, moment, last = Path.replace, sys.argv[1], sys.argv[2]

def dying(self, target):
    there = str(target).endswith(last)
    if there and moment == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    renamed = rename(self, target)
    if there:
        os.kill(os.getpid(), signal.SIGKILL)
    return renamed

Path.replace = dying
sys.exit(main(sys.argv[3:]))
"""
"""Before it, the content is in its temporary file, on the disk, and not yet where it belongs."""


DIES_AT_EPOCH = """
import os, signal, sys
from optuna.trial import Trial
from trainer.commands.cli import main

report, left = Trial.report, int(sys.argv[1])

def dying(self, value, step):
    global left
    left -= 1
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
    return report(self, value, step)

Trial.report = dying
sys.exit(main(sys.argv[2:]))
"""
"""The epoch is done, and its loss not told to Optuna yet."""
WAITS_AT_EPOCH = """
import sys, time
from pathlib import Path
from optuna.trial import Trial
from trainer.commands.cli import main

report, left, waits, goes_on = Trial.report, int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])

def waiting(self, value, step):
    global left
    left -= 1
    if not left:
        waits.touch()
        while not goes_on.exists():
            time.sleep(0.05)
    return report(self, value, step)

Trial.report = waiting
sys.exit(main(sys.argv[4:]))
"""
"""The same moment, drawn out until a file is there."""

_FORKS = Forks()


class Worker:
    """Runs the verbs of one run as processes, as a DAG's task does."""

    def __init__(self, folder: Path, region: Region) -> None:
        self.store = Store.at(folder)
        self.environ = {
            **{k: v for k, v in os.environ.items() if k in {"PATH", "HOME", "LANG"}},
            "PYTHONPATH": os.pathsep.join(sys.path),
            "OMP_NUM_THREADS": "1",
            Env.REGIONS: json.dumps({"T": region.to_dict()}),
            Env.STORE_URL: self.store.url,
        }
        self.said = ""
        """By the verb that ran last."""

    def ends(self, verb: str, *more: str) -> int:
        """The exit code of a verb that is left alone."""
        return self._run("-m", "trainer", *self.words(verb), *more)

    def dies(self, verb: str, before: str) -> int:
        """Killed when a file is whole but for the rename to a path that ends with `before`."""
        return self._run("-c", DIES_AT_RENAME, "before", before, *self.words(verb))

    def dies_after(self, verb: str, file: str) -> int:
        """Killed once a file is at a path that ends with `file`."""
        return self._run("-c", DIES_AT_RENAME, "after", file, *self.words(verb))

    def dies_at_epoch(self, verb: str, epoch: int, *more: str) -> int:
        """Killed in a search at this epoch of all that it goes through, from 1."""
        return self._run("-c", DIES_AT_EPOCH, str(epoch), *self.words(verb), *more)

    def begins(self, verb: str, *more: str) -> subprocess.Popen[str]:
        return self._begin("-m", "trainer", *self.words(verb), *more)

    def waits_at_epoch(self, verb: str, epoch: int, waits: Path, goes_on: Path) -> subprocess.Popen[str]:
        """In a search, at this epoch of all, from 1: `waits` is there then; it goes on once `goes_on` is."""
        return self._begin("-c", WAITS_AT_EPOCH, str(epoch), str(waits), str(goes_on), *self.words(verb))

    def manifest(self, step: str) -> Manifest:
        path = manifest_path("T", RUN, step)
        return Manifest.from_json(self.store.read(path).decode(), place=path, run_id=RUN)

    def versions(self) -> list[str]:
        return self.store.names("T/models")

    def words(self, verb: str) -> list[str]:
        return [verb, "--region", "T", "--run-id", RUN, "--as-of", AS_OF, *OPTIONS[verb]]

    def _begin(self, *words: str) -> subprocess.Popen[str]:
        command = [sys.executable, *words]
        return subprocess.Popen(command, env=self.environ, stderr=subprocess.PIPE, text=True)

    def _run(self, *words: str) -> int:
        code, self.said = _FORKS.run(list(words), self.environ)
        return code
