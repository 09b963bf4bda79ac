"""Where a network's training stands, kept outside the process, so that a killed training goes on from there.

What is kept is all that the next epoch depends on: weights, optimiser, random generators, position. So the
end is the same, bit for bit, on one kind of device. Tensors alone, as safetensors: nothing is unpickled.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import Final, Protocol

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from trainer.errors import InfrastructureError
from trainer.model.training.adamw import AdamW

log = logging.getLogger(__name__)

PAUSE_SECONDS: Final = 5.0
"""Between two writes of one network, so that short epochs do not wait for the store."""


class Checkpoints(Protocol):
    """Files by name that outlive the process; those of another training are not among them."""

    def read(self, name: str) -> bytes | None:
        """None when there is no such file."""

    def write(self, name: str, content: bytes) -> None:
        """Whole or not at all. Raises InfrastructureError."""


@dataclass(frozen=True)
class Position:
    epoch: int
    """The last finished one, from 1; 0 at the start."""
    windows: int
    """Trained on so far; the learning rate follows from it."""
    batch: int
    """Windows per step; less than asked for where the device had no memory for more."""


class Checkpoint:
    """One network's training under one name."""

    def __init__(self, files: Checkpoints, name: str) -> None:
        self._files = files
        self._name = f"{name}.safetensors"
        self._written = -PAUSE_SECONDS

    def restore(self, network: nn.Module, optimizer: AdamW, order: torch.Generator) -> Position | None:
        """Puts everything back as it was when it was saved; None, and nothing changed, without a file."""
        content = self._files.read(self._name)
        if content is None:
            return None
        try:
            kept = load(content)
        except SafetensorError as error:
            log.warning("checkpoint %s is damaged (%s): its training starts over", self._name, error)
            return None
        network.load_state_dict(_under(kept, "network"))
        if of_optimizer := _under(kept, "optimizer"):  # a finished training has no next step
            optimizer.restore(of_optimizer)
        order.set_state(kept["random.order"])
        if "random.cuda" in kept:
            torch.cuda.set_rng_state(kept["random.cuda"], next(network.parameters()).device)
        position = Position(*(int(value) for value in kept["position"]))
        log.info("checkpoint %s: going on after epoch %d", self._name, position.epoch)
        return position

    def save(
        self,
        network: nn.Module,
        optimizer: AdamW,
        order: torch.Generator,
        position: Position,
        *,
        last: bool,
    ) -> None:
        """Once in PAUSE_SECONDS, and at the `last` epoch. A store that refuses costs a warning."""
        if not last and time.monotonic() - self._written < PAUSE_SECONDS:
            return
        kept = {
            **_over("network", network.state_dict()),
            **({} if last else _over("optimizer", optimizer.tensors())),
            "random.order": order.get_state(),
            "position": torch.tensor([position.epoch, position.windows, position.batch]),
        }
        device = next(network.parameters()).device
        if device.type == "cuda":
            kept["random.cuda"] = torch.cuda.get_rng_state(device)
        try:
            self._files.write(self._name, save({name: t.contiguous() for name, t in kept.items()}))
        except InfrastructureError as error:
            log.warning("no checkpoint, the training goes on without one: %s", error)
        self._written = time.monotonic()


def _over(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {f"{prefix}.{name}": tensor for name, tensor in tensors.items()}


def _under(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {n.removeprefix(f"{prefix}."): t for n, t in tensors.items() if n.startswith(f"{prefix}.")}
