"""The checkpoints of one training, in the store beside the run's files; gone once its manifest exists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trainer.contract import FileRef
from trainer.run import Run


class RunCheckpoints:
    """`key` is of one training: the same run with other parameters, data or code has another, and finds
    nothing of it.
    """

    def __init__(
        self, run: Run, step: str, parameters: Mapping[str, Any], inputs: Mapping[str, FileRef], device: str
    ) -> None:
        self.key = run.fingerprint(parameters, inputs, device=device)
        self._store = run.store
        self._all = f"{run.folder}/checkpoints/{step}"

    def read(self, name: str) -> bytes | None:
        try:
            return self._store.read(f"{self._all}/{self.key}/{name}")
        except FileNotFoundError:
            return None

    def write(self, name: str, content: bytes) -> None:
        self._store.write(f"{self._all}/{self.key}/{name}", content)

    def discard(self) -> None:
        """Those of every key: the step is done."""
        self._store.remove(self._all)
