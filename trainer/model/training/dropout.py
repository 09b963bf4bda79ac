"""Dropout that draws from the generator of its thread, so that what is trained side by side shares none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

import torch
from torch import Tensor, nn

_STEPS: Final = 256
_generator: ContextVar[torch.Generator | None] = ContextVar("generator", default=None)
"""Of this thread, on the CPU; PyTorch's own where None."""


@contextmanager
def drawing_from(generator: torch.Generator) -> Iterator[None]:
    """Lets all dropout on the CPU within this context, which is this thread's, draw from `generator`."""
    token = _generator.set(generator)
    try:
        yield
    finally:
        _generator.reset(token)


class Dropout(nn.Module):
    """Zeroes values with `probability`, to the nearest 256th, while training, and scales the others up
    (Srivastava et al., 2014).

    On a CPU a byte decides over each value, of which a generator gives eight at a time: PyTorch's own takes a
    fifth of a training step.
    """

    def __init__(self, probability: float) -> None:
        super().__init__()
        self.probability = probability

    def forward(self, values: Tensor) -> Tensor:
        if not self.training or not self.probability:
            return values
        if values.device.type != "cpu":
            return nn.functional.dropout(values, self.probability)
        dropped = round(self.probability * _STEPS)
        eights = torch.empty(-(-values.numel() // 8), dtype=torch.int64)
        eights.random_(-(2**63), None, generator=_generator.get())
        drawn = eights.view(torch.uint8)[: values.numel()].view(values.shape)
        kept = drawn.float().sub_(dropped - 1).clamp_(0, 1)  # `drawn >= dropped`, in two thirds of its time
        return values * kept.mul_(_STEPS / (_STEPS - dropped))
