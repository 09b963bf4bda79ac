"""Training learns, repeats itself exactly, and survives a device that runs out of memory."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import replace

import numpy as np
import pytest
import torch

from trainer.errors import InfrastructureError
from trainer.model.config import ModelConfig
from trainer.model.training.adamw import AdamW
from trainer.model.training.device_windows import DeviceWindows
from trainer.model.training.ensemble import Ensemble
from trainer.model.training.optimisation import Trainer, one_cycle, pinball
from trainer.model.training.regressions import threads

CPU = torch.device("cpu")
CONFIG = ModelConfig(hidden=8, batch_size=64, stride=6, dropout=0.0)


def repeating() -> DeviceWindows:
    hour = np.arange(2000)
    residual = np.sin(2 * np.pi * hour / 24) + 0.5 * np.sin(2 * np.pi * hour / 168)
    return DeviceWindows.of(np.cos(2 * np.pi * hour / 24)[:, None], residual, CONFIG, CPU)


def train(epochs: int, say: list[str] | None = None) -> tuple[Trainer, list[float]]:
    network = Ensemble.untrained(CONFIG, 1, CPU).networks()[0]
    trainer = Trainer(network, repeating(), CONFIG, seed=1, say=(say if say is not None else []).append)
    errors: list[float] = []
    trainer.run(torch.arange(400, 1900), epochs, 2e-2, lambda _, error: errors.append(error))
    return trainer, errors


def test_training_halves_the_error() -> None:
    _, errors = train(6)
    assert errors[-1] < errors[0] / 2


def test_the_same_seed_gives_the_same_weights() -> None:
    one, _ = train(2)
    two, _ = train(2)
    for name, weights in one.network.state_dict().items():
        assert torch.equal(weights, two.network.state_dict()[name]), name


@pytest.mark.parametrize("cores", [2, 5])
def test_more_cores_give_the_same_weights(cores: int, monkeypatch: pytest.MonkeyPatch) -> None:
    config = replace(CONFIG, batch_size=200, dropout=0.3)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)

    def weights(count: int) -> list[torch.Tensor]:
        monkeypatch.setattr(threads, "_cores", lambda: count)
        network = Ensemble.untrained(config, 1, CPU).networks()[0]
        trainer = Trainer(network, repeating(), config, seed=1, say=lambda _: None)
        trainer.run(torch.arange(400, 1900), 2, 2e-2, lambda *_: None)
        return list(network.state_dict().values())

    assert all(map(torch.equal, weights(1), weights(cores)))


class _Cramped(Trainer):
    """A device with room for `room` windows at a time; CUDA's own error, raised by hand."""

    room = 16
    seen: list[int]

    def step(
        self, batch: torch.Tensor, optimizer: AdamW, learning_rate: float, pool: Executor
    ) -> torch.Tensor:
        if len(batch) > self.room:
            raise torch.OutOfMemoryError("CUDA out of memory")
        self.seen.append(len(batch))
        return super().step(batch, optimizer, learning_rate, pool)


def cramped(room: int) -> tuple[_Cramped, list[str]]:
    said: list[str] = []
    network = Ensemble.untrained(CONFIG, 1, CPU).networks()[0]
    trainer = _Cramped(network, repeating(), CONFIG, seed=1, say=said.append)
    trainer.room, trainer.seen = room, []
    return trainer, said


def test_out_of_memory_halves_the_batch_says_so_and_trains_on_every_window() -> None:
    trainer, said = cramped(room=16)
    origins = torch.arange(400, 1000)
    trainer.run(origins, 1, 1e-3, lambda *_: None)
    assert trainer.batch == 16
    assert [message.split("halved to ")[1].split()[0] for message in said] == ["32", "16"]
    assert sum(trainer.seen) == 100  # every sixth of 600


def test_a_device_too_small_for_a_few_windows_is_refused() -> None:
    trainer, _ = cramped(room=4)
    with pytest.raises(InfrastructureError, match="no memory for a batch of 8"):
        trainer.run(torch.arange(400, 1000), 1, 1e-3, lambda *_: None)


def test_the_learning_rate_warms_up_and_fades_to_nothing() -> None:
    rates = [one_cycle(x / 100) for x in range(101)]
    assert rates.index(max(rates)) == 10
    assert rates[0] == pytest.approx(0.1)
    assert rates[-1] < 0.01


def test_pinball_is_least_at_the_quantile() -> None:
    draws = torch.randn(20_000, 1, generator=torch.Generator().manual_seed(0))
    levels = torch.tensor([0.1, 0.5, 0.9])
    best = torch.tensor([-1.2816, 0.0, 1.2816]).expand(20_000, 1, 3)
    loss = pinball(best, draws, levels)
    for shift in (-0.1, 0.1):
        assert pinball(best + shift, draws, levels) > loss
