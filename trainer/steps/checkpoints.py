"""The checkpoints of one training, in the store beside the run's files; gone once its manifest exists."""

from __future__ import annotations

import logging

from trainer.errors import InfrastructureError
from trainer.store import Run

log = logging.getLogger(__name__)


class RunCheckpoints:
    """`key` is of one training: the same run with other parameters, data or code has another, and finds
    nothing of it.
    """

    def __init__(self, run: Run, step: str, key: str) -> None:
        self._store = run.store
        self._folder = f"{_folder(run, step)}/{key}"

    def read(self, name: str) -> bytes | None:
        try:
            return self._store.read(f"{self._folder}/{name}")
        except FileNotFoundError:
            return None

    def write(self, name: str, content: bytes) -> None:
        self._store.write(f"{self._folder}/{name}", content)


def discard_checkpoints(run: Run, step: str) -> None:
    """Removes all checkpoints of `step`. A store that refuses is only logged, since the step is done."""
    try:
        run.store.remove(_folder(run, step))
    except InfrastructureError as error:
        log.warning("%s: its checkpoints stay where they are: %s", step, error)


def _folder(run: Run, step: str) -> str:
    return f"{run.folder}/checkpoints/{step}"
