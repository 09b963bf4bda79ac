"""Dropout drops the share that it is told, keeps the mean, and draws from its own generator."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from trainer.model.training.dropout import Dropout, drawing_from


def dropped(probability: float, values: torch.Tensor, seed: int = 5) -> torch.Tensor:
    with drawing_from(torch.Generator().manual_seed(seed)):
        return Dropout(probability)(values)


@pytest.mark.parametrize("probability", [0.064, 0.3, 0.5])
def test_the_told_share_is_dropped_and_the_mean_kept(probability: float) -> None:
    out = dropped(probability, torch.ones(400, 1000))
    assert float((out == 0).float().mean()) == pytest.approx(probability, abs=0.004)
    assert float(out.mean()) == pytest.approx(1.0, abs=0.01)


def test_every_place_is_dropped_alike() -> None:
    out = dropped(0.5, torch.ones(4000, 16))
    assert float((out == 0).float().mean(0).sub(0.5).abs().max()) < 0.04


def test_nothing_is_dropped_when_it_forecasts_or_where_the_share_is_zero() -> None:
    values = torch.randn(5, 7)
    assert torch.equal(Dropout(0.5).eval()(values), values)
    assert torch.equal(dropped(0.0, values), values)


def test_a_thread_draws_from_its_own_generator_whatever_others_draw() -> None:
    values = torch.ones(3, 50)
    alone = torch.cat([dropped(0.5, values), dropped(0.5, values)])
    with (
        drawing_from(torch.Generator().manual_seed(5)),
        ThreadPoolExecutor(1) as other,
    ):
        first = Dropout(0.5)(values)
        torch.rand(10)
        elsewhere = other.submit(dropped, 0.5, values).result()
        second = Dropout(0.5)(values)
    assert torch.equal(torch.cat([first, elsewhere]), alone)
    assert not torch.equal(second, first)


def test_gradients_pass_where_values_do() -> None:
    values = torch.ones(3, 50, requires_grad=True)
    out = dropped(0.5, values)
    out.sum().backward()
    assert values.grad is not None
    assert torch.equal(values.grad, out.detach())
