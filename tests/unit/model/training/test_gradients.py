"""A step's gradients are those of its batch, whatever number of threads its parts had."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch import Tensor, nn

from trainer.model.training.dropout import Dropout
from trainer.model.training.gradients import set_gradients

ORIGINS = torch.arange(86)  # two parts of 32 and one of 22
VALUES = torch.randn(86, 4, generator=torch.Generator().manual_seed(1))


def gradients(threads: int, dropout: float) -> tuple[Tensor, Tensor]:
    """Of the weights, and the error that was told."""
    network = nn.Sequential(Dropout(dropout), nn.Linear(4, 1, bias=False))
    with torch.no_grad():
        network[1].weight.fill_(0.5)

    def losses(origins: Tensor) -> tuple[Tensor, Tensor]:
        out = network(VALUES[origins])
        return out.square().mean(), out.detach().abs().mean()

    with ThreadPoolExecutor(threads) as pool:
        error = set_gradients(network, losses, ORIGINS, torch.Generator().manual_seed(3), pool)
    return network[1].weight.grad, error


def test_parts_add_up_to_the_batch() -> None:
    gradient, error = gradients(2, dropout=0.0)
    weight = torch.full((4,), 0.5)
    out = VALUES @ weight
    torch.testing.assert_close(gradient[0], 2 * (out[:, None] * VALUES).mean(0))
    torch.testing.assert_close(error, out.abs().mean())


@pytest.mark.parametrize("threads", [2, 5])
def test_one_thread_finds_what_several_do_to_the_bit(threads: int) -> None:
    alone, several = gradients(1, dropout=0.3), gradients(threads, dropout=0.3)
    assert torch.equal(alone[0], several[0])
    assert torch.equal(alone[1], several[1])


def test_each_part_has_dropout_of_its_own() -> None:
    network = nn.Sequential(Dropout(0.5), nn.Linear(1, 1))
    seen: list[Tensor] = []

    def losses(origins: Tensor) -> tuple[Tensor, Tensor]:
        dropped = network[0](torch.ones(len(origins), 1))
        seen.append(dropped[:22])
        loss = network[1](dropped).mean()
        return loss, loss.detach()

    with ThreadPoolExecutor(1) as pool:
        set_gradients(network, losses, ORIGINS, torch.Generator().manual_seed(3), pool)
    one, two, three = seen
    assert not torch.equal(one, two)
    assert not torch.equal(two, three)
