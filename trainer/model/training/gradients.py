"""The gradients of one step, the parts of its batch on as many threads as the process may use.

A batch is cut, and its parts' gradients are added up, in the same way on any number of cores: so the weights
are the same too. A thread that a busy neighbour holds up leaves the next part to another.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from typing import Final

import torch
from torch import Tensor, nn

from trainer.model.training.dropout import drawing_from

_PART: Final = 32
"""Windows: two parts in the usual batch."""

Losses = Callable[[Tensor], tuple[Tensor, Tensor]]
"""Origins -> what is minimised, and the error that is told; each the mean over the origins."""


def set_gradients(
    network: nn.Module, losses: Losses, batch: Tensor, random: torch.Generator, pool: Executor
) -> Tensor:
    """Sets the gradients of the mean loss over `batch` (origins) and returns the mean error, without waiting
    for the device.

    On a CPU each part has dropout of its own, seeded from `random`, and a thread of `pool`; on a GPU the
    batch is one part.
    """
    size = _PART if batch.device.type == "cpu" else len(batch)
    parts = [batch[begin : begin + size] for begin in range(0, len(batch), size)]
    seeds = torch.randint(2**62, (len(parts),), generator=random).tolist()
    parameters = list(network.parameters())

    def of_part(part: Tensor, seed: int) -> tuple[Tensor, ...]:
        share = len(part) / len(batch)
        with drawing_from(torch.Generator().manual_seed(seed)):
            loss, error = losses(part)
        return error * share, *torch.autograd.grad(loss * share, parameters)

    each = pool.map(of_part, parts, seeds) if len(parts) > 1 else map(of_part, parts, seeds)
    total, *others = each
    for one in others:
        torch._foreach_add_(total, one)  # all tensors in one call: the threads wait for it
    error, *gradients = total
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = gradient
    return error
