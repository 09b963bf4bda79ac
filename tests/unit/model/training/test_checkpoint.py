"""A training that is cut off and begun again ends with the very weights of one that was left alone."""

from __future__ import annotations

import logging

import numpy as np
import pytest
import torch
from safetensors.torch import load, save

from trainer.errors import InfrastructureError
from trainer.model.config import ModelConfig
from trainer.model.training import checkpoint
from trainer.model.training.checkpoint import Checkpoint
from trainer.model.training.device_windows import DeviceWindows
from trainer.model.training.ensemble import Ensemble
from trainer.model.training.optimisation import Trainer

CPU = torch.device("cpu")
CONFIG = ModelConfig(hidden=8, batch_size=64, stride=6, dropout=0.3)
EPOCHS = 4


class Kept(dict[str, bytes]):
    """Checkpoints in memory."""

    def read(self, name: str) -> bytes | None:
        return self.get(name)

    def write(self, name: str, content: bytes) -> None:
        self[name] = content


class Full(Kept):
    def write(self, name: str, content: bytes) -> None:
        raise InfrastructureError("no space left")


class CutError(Exception):
    """The process ends here."""


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "PAUSE_SECONDS", 0.0)


def train(
    kept: Kept | None, until: int = EPOCHS, batch: int = CONFIG.batch_size
) -> tuple[Trainer, list[int]]:
    """The trainer after `until` of the epochs, and those that it went through."""
    hour = np.arange(2000)
    residual = np.sin(2 * np.pi * hour / 24) + 0.5 * np.sin(2 * np.pi * hour / 168)
    windows = DeviceWindows.of(np.cos(2 * np.pi * hour / 24)[:, None], residual, CONFIG, CPU)
    network = Ensemble.untrained(CONFIG, 1, CPU).networks()[0]
    trainer = Trainer(network, windows, CONFIG, seed=1, say=lambda _: None)
    trainer.batch = batch
    torch.manual_seed(5)
    epochs: list[int] = []

    def on_epoch(epoch: int, error: float) -> None:
        epochs.append(epoch)
        if epoch == until < EPOCHS:
            raise CutError

    where = Checkpoint(kept, "network") if kept is not None else None
    try:
        trainer.run(torch.arange(400, 1900), EPOCHS, 2e-2, on_epoch, where)
    except CutError:
        torch.manual_seed(0)  # whatever the process that was cut off left of its generators is gone
    return trainer, epochs


def same_weights(one: Trainer, two: Trainer) -> bool:
    mine, yours = one.network.state_dict(), two.network.state_dict()
    return all(torch.equal(mine[name], yours[name]) for name in mine)


@pytest.mark.parametrize("cut", [1, 2, 3])
def test_cut_off_after_any_epoch_the_weights_are_the_same_in_the_end(cut: int) -> None:
    kept = Kept()
    train(kept, until=cut)
    resumed, epochs = train(kept)
    assert epochs == list(range(cut + 1, EPOCHS + 1))
    assert same_weights(resumed, train(None)[0])


def test_one_of_an_earlier_release_which_kept_pytorch_s_random_state_too_is_gone_on_with() -> None:
    kept = Kept()
    train(kept, until=2)
    name = "network.safetensors"
    kept[name] = save({**load(kept[name]), "random.cpu": torch.get_rng_state()})
    resumed, epochs = train(kept)
    assert epochs == [3, 4]
    assert same_weights(resumed, train(None)[0])


def test_a_training_that_had_ended_is_not_begun_again() -> None:
    kept = Kept()
    ended, _ = train(kept)
    again, epochs = train(kept)
    assert epochs == []
    assert same_weights(again, ended)


def test_a_batch_halved_for_lack_of_memory_stays_halved() -> None:
    kept = Kept()
    train(kept, until=1, batch=32)
    resumed, _ = train(kept)
    assert resumed.batch == 32


def test_a_damaged_checkpoint_costs_its_training_and_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    kept = Kept()
    train(kept, until=2)
    kept["network.safetensors"] = kept["network.safetensors"][:-100]
    with caplog.at_level(logging.WARNING):
        resumed, epochs = train(kept)
    assert epochs == [1, 2, 3, 4]
    assert same_weights(resumed, train(None)[0])
    assert "is damaged" in caplog.text


def test_a_store_that_refuses_costs_a_warning_and_not_the_training(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        trainer, epochs = train(Full())
    assert len(epochs) == EPOCHS
    assert same_weights(trainer, train(None)[0])
    assert "the training goes on without one: no space left" in caplog.text


def test_short_epochs_do_not_wait_for_the_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "PAUSE_SECONDS", 3600.0)
    written: list[str] = []

    class Counting(Kept):
        def write(self, name: str, content: bytes) -> None:
            written.append(name)

    train(Counting())
    assert len(written) == 2, "the first epoch and the last"
