"""Dropout that draws from a generator of its own, so that networks trained side by side do not share one."""

from __future__ import annotations

import torch
from torch import Tensor, nn

_STEPS = 256


class Dropout(nn.Module):
    """Zeroes values with `probability`, to the nearest 256th, while training, and scales the others up
    (Srivastava et al., 2014).

    On a CPU a byte decides over each value, of which a generator gives eight at a time: PyTorch's own takes a
    fifth of a training step.
    """

    def __init__(self, probability: float) -> None:
        super().__init__()
        self.probability = probability
        self.generator: torch.Generator | None = None
        """On the CPU; PyTorch's own where None."""

    def forward(self, values: Tensor) -> Tensor:
        if not self.training or not self.probability:
            return values
        if values.device.type != "cpu":
            return nn.functional.dropout(values, self.probability)
        dropped = round(self.probability * _STEPS)
        eights = torch.empty(-(-values.numel() // 8), dtype=torch.int64)
        eights.random_(-(2**63), None, generator=self.generator)
        kept = eights.view(torch.uint8)[: values.numel()].view(values.shape) >= dropped
        return values * (kept * (_STEPS / (_STEPS - dropped)))


def draw_from(network: nn.Module, generator: torch.Generator) -> None:
    """Lets all dropout of `network` draw from `generator`."""
    for module in network.modules():
        if isinstance(module, Dropout):
            module.generator = generator
