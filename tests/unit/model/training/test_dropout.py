"""Dropout drops the share that it is told, keeps the mean, and draws from its own generator."""

from __future__ import annotations

import pytest
import torch

from trainer.model.training.dropout import Dropout, draw_from


def dropout(probability: float, seed: int = 5) -> Dropout:
    made = Dropout(probability)
    draw_from(made, torch.Generator().manual_seed(seed))
    return made


@pytest.mark.parametrize("probability", [0.064, 0.3, 0.5])
def test_the_told_share_is_dropped_and_the_mean_kept(probability: float) -> None:
    out = dropout(probability)(torch.ones(400, 1000))
    assert float((out == 0).float().mean()) == pytest.approx(probability, abs=0.004)
    assert float(out.mean()) == pytest.approx(1.0, abs=0.01)


def test_every_place_is_dropped_alike() -> None:
    out = dropout(0.5)(torch.ones(4000, 16))
    assert float((out == 0).float().mean(0).sub(0.5).abs().max()) < 0.04


def test_nothing_is_dropped_when_it_forecasts_or_where_the_share_is_zero() -> None:
    values = torch.randn(5, 7)
    assert torch.equal(dropout(0.5).eval()(values), values)
    assert torch.equal(dropout(0.0)(values), values)


def test_two_of_one_seed_draw_alike_whatever_others_draw() -> None:
    values = torch.ones(3, 50)
    one, two = dropout(0.5), dropout(0.5)
    first = one(values)
    torch.rand(10)
    dropout(0.5, seed=6)(values)
    assert torch.equal(two(values), first)


def test_gradients_pass_where_values_do() -> None:
    values = torch.ones(3, 50, requires_grad=True)
    out = dropout(0.5)(values)
    out.sum().backward()
    assert values.grad is not None
    assert torch.equal(values.grad, out.detach())
