"""Steps as PyTorch's own AdamW does, without its compiler."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from torch import Tensor

from trainer.model.training.adamw import AdamW

RATES = [1e-2, 2e-2, 5e-3]


def parameters() -> list[Tensor]:
    random = torch.Generator().manual_seed(1)
    return [torch.randn(shape, generator=random, requires_grad=True) for shape in ((3, 4), (5,))]


def give_gradients(of: list[Tensor], step: int) -> None:
    random = torch.Generator().manual_seed(step)
    for parameter in of:
        parameter.grad = torch.randn(parameter.shape, generator=random)


def assert_alike(ours: list[Tensor], theirs: list[Tensor]) -> None:
    for mine, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine, other, rtol=1e-6, atol=1e-6)


def test_it_steps_as_pytorch_s_own_does() -> None:
    ours, theirs = parameters(), parameters()
    optimizer, reference = AdamW(ours, 0.3), torch.optim.AdamW(theirs, weight_decay=0.3)
    for step, rate in enumerate(RATES):
        for one in (ours, theirs):
            give_gradients(one, step)
        optimizer.step(rate)
        reference.param_groups[0]["lr"] = rate
        reference.step()
    assert_alike(ours, theirs)


def test_it_goes_on_from_what_pytorch_s_own_kept() -> None:
    theirs = parameters()
    reference = torch.optim.AdamW(theirs, lr=RATES[0], weight_decay=0.3)
    give_gradients(theirs, 0)
    reference.step()
    state = reference.state_dict()["state"]
    ours = [parameter.detach().clone().requires_grad_() for parameter in theirs]
    optimizer = AdamW(ours, 0.3)
    optimizer.restore({f"{number}.{what}": t for number, parts in state.items() for what, t in parts.items()})
    for one in (ours, theirs):
        give_gradients(one, 1)
    optimizer.step(RATES[0])
    reference.step()
    assert_alike(ours, theirs)


def test_what_is_kept_is_put_back() -> None:
    stepped = parameters()
    one, two = AdamW(stepped, 0.1), AdamW(parameters(), 0.1)
    give_gradients(stepped, 0)
    one.step(1e-2)
    two.restore(one.tensors())
    restored = two.tensors()
    assert all(torch.equal(kept, restored[name]) for name, kept in one.tensors().items())
    with pytest.raises(KeyError):
        two.restore({})


def test_training_does_without_pytorch_s_compiler() -> None:
    trains = (
        "import sys\n"
        "from tests.unit.model.training.test_optimisation import train\n"
        "train(1)\n"
        "print('torch._dynamo' in sys.modules, 'triton' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", trains], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
