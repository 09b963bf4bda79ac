"""Fits residual networks on windows that never leave the device."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Final

import torch
from torch import Tensor

from trainer.errors import InfrastructureError
from trainer.model.config import ModelConfig
from trainer.model.training.adamw import AdamW
from trainer.model.training.checkpoint import Checkpoint, Position
from trainer.model.training.device_windows import DeviceWindows
from trainer.model.training.gradients import set_gradients
from trainer.model.training.regressions.threads import one_thread_pool
from trainer.model.training.residual_network import ResidualNetwork

MEDIAN_WEIGHT: Final = 2.0
"""Against 1 for each edge of the band."""
_CLIP: Final = 1.0
_WARM_UP: Final = 0.1
_SMALLEST_BATCH: Final = 8

OnEpoch = Callable[[int, float], None]
"""(1-based epoch, mean absolute scaled error of the median over the epoch's windows)."""


def pinball(quantiles: Tensor, target: Tensor, levels: Tensor) -> Tensor:
    """quantiles (batch, horizon, levels), target (batch, horizon) -> weighted mean pinball loss."""
    error = target[..., None] - quantiles
    loss = torch.maximum(levels * error, (levels - 1) * error)
    weights = torch.ones_like(levels)
    weights[len(levels) // 2] = MEDIAN_WEIGHT
    return (loss * weights).mean()


class Trainer:
    """One network's optimisation: AdamW, one cycle of the learning rate, clipped gradients."""

    def __init__(
        self,
        network: ResidualNetwork,
        windows: DeviceWindows,
        config: ModelConfig,
        *,
        seed: int,
        say: Callable[[str], None],
    ) -> None:
        self.network = network
        self.windows = windows
        self.config = config
        self.batch = config.batch_size
        self._say = say
        self._random = torch.Generator().manual_seed(seed)
        self._device = windows.known.device
        self._levels = torch.tensor(config.quantiles, device=self._device)

    def run(
        self,
        origins: Tensor,
        epochs: int,
        learning_rate: float,
        on_epoch: OnEpoch,
        checkpoint: Checkpoint | None = None,
    ) -> None:
        """Trains the network for `epochs` on windows at `origins` (rows, sorted, on the CPU), of which each
        epoch takes every stride-th from a new offset. With a `checkpoint`, only the epochs after it.

        Out of memory halves the batch and goes on; below 8 windows it raises InfrastructureError.
        """
        stride = self.config.stride
        optimizer = AdamW(list(self.network.parameters()), self.config.weight_decay)
        total = epochs * math.ceil(len(origins) / stride)
        start = checkpoint and checkpoint.restore(self.network, optimizer, self._random)
        start = start or Position(0, 0, self.batch)
        done, self.batch = start.windows, start.batch
        with one_thread_pool() as pool:
            for epoch in range(start.epoch + 1, epochs + 1):
                self.network.train()
                offset = int(torch.randint(stride, (1,), generator=self._random))
                chosen = origins[offset::stride]
                chosen = chosen[torch.randperm(len(chosen), generator=self._random)].to(self._device)
                error = torch.zeros((), device=self._device)
                begin = 0
                while begin < len(chosen):
                    batch = chosen[begin : begin + self.batch]
                    rate = learning_rate * one_cycle(min(done / total, 1.0))
                    try:
                        error += self.step(batch, optimizer, rate, pool) * len(batch)
                    except torch.OutOfMemoryError as fault:
                        self._halve(fault)
                        continue
                    begin += len(batch)
                    done += len(batch)
                if checkpoint:
                    here = Position(epoch, done, self.batch)
                    checkpoint.save(self.network, optimizer, self._random, here, last=epoch == epochs)
                on_epoch(epoch, float(error) / max(len(chosen), 1))

    def step(self, batch: Tensor, optimizer: AdamW, learning_rate: float, pool: Executor) -> Tensor:
        """One update; returns the median's mean absolute error without waiting for the device."""
        error = set_gradients(self.network, self._losses, batch, self._random, pool)
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), _CLIP)
        optimizer.step(learning_rate)
        return error

    def _losses(self, origins: Tensor) -> tuple[Tensor, Tensor]:
        target = self.windows.targets(origins)
        tails = self.windows.tails(origins)
        quantiles = self.network(*self.windows.inputs(origins, tails))
        middle = quantiles.detach()[..., len(self._levels) // 2]
        return pinball(quantiles, target, self._levels), (middle - target).abs().mean()

    def _halve(self, fault: torch.OutOfMemoryError) -> None:
        if self.batch // 2 < _SMALLEST_BATCH:
            raise InfrastructureError(
                f"the device has no memory for a batch of {self.batch} windows; "
                "free it, choose a smaller `hidden`, or use --device cpu"
            ) from fault
        self.batch //= 2
        self._say(f"out of device memory: batch halved to {self.batch} windows, training goes on")
        if self._device.type == "cuda":
            torch.cuda.empty_cache()


def one_cycle(progress: float) -> float:
    """Share of the peak learning rate at `progress` 0..1 (Smith, 2018: warm up, then cosine to nothing)."""
    if progress < _WARM_UP:
        return 0.1 + 0.9 * progress / _WARM_UP
    return 0.5 * (1 + math.cos(math.pi * (progress - _WARM_UP) / (1 - _WARM_UP))) + 1e-3
