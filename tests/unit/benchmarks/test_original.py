"""The re-stated original does the work that it is measured by."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
import torch

from benchmarks import original
from trainer.model.covariates.fourier import Orders
from trainer.model.decomposition.gram import FOURIER_PENALTY
from trainer.model.decomposition.seasonality import search_orders
from trainer.model.decomposition.shaped_columns import Regressors

LOCAL = pd.date_range("2021-01-01", periods=24 * 400, freq="h")
SPLIT = 24 * 300
RANDOM = np.random.default_rng(1)
TARGET = (
    0.1 * np.sin(2 * np.pi * np.arange(len(LOCAL)) / 24)
    + 0.05 * np.cos(6 * np.pi * np.arange(len(LOCAL)) / 168)
    + RANDOM.normal(0, 0.05, len(LOCAL))
)


def test_the_refitted_grid_and_ours_agree_on_the_winner() -> None:
    grid = list(itertools.product((1, 2, 4), (2, 3, 5), (1, 2)))
    refitted = {
        candidate: original.refit_score(LOCAL, TARGET, SPLIT, Orders(*candidate)) for candidate in grid
    }
    nothing = Regressors.plain((), np.empty((len(LOCAL), 0)), np.empty(0))
    best = search_orders(LOCAL, nothing, TARGET, SPLIT, grid)[0]
    assert best.orders == Orders(*min(refitted, key=refitted.__getitem__))
    # Ours shrinks a little where the original does not, so the errors are close and not the same.
    assert FOURIER_PENALTY > 0
    assert best.validation_mse == pytest.approx(min(refitted.values()), rel=1e-2)


def test_the_grid_is_extrapolated_from_what_was_run() -> None:
    done = original.grid(LOCAL, TARGET, SPLIT, sample=2)
    assert (done.measured, done.units) == (2, 14**3)
    assert done.seconds > 0


def test_windows_hold_a_week_and_the_day_after_it() -> None:
    residual = np.arange(200.0)
    windows = original.Windows(residual, np.zeros((200, 3)))
    assert len(windows) == 200 - 168 - 24 + 1
    past, ahead = windows[5]
    assert past.shape == (168, 4)
    np.testing.assert_array_equal(past[:, 0], residual[5:173])
    np.testing.assert_array_equal(ahead, residual[173:197])


def test_the_decoder_is_fed_its_own_answers() -> None:
    torch.manual_seed(0)
    network = original.AutoregressiveLSTM(4).eval()
    past = torch.randn(2, 168, 4)
    answer = network(past)
    assert answer.shape == (2, 24)
    with torch.no_grad():
        network.head.bias += 1.0
        shifted = network(past)
    # Were the hours independent of each other, each would be moved by exactly one.
    assert torch.allclose(shifted[:, 0], answer[:, 0] + 1.0, atol=1e-6)
    assert not torch.allclose(shifted[:, 1:], answer[:, 1:] + 1.0, atol=1e-3)


def test_trials_are_extrapolated_to_all_batches_of_all_epochs(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, small in (("HIDDEN", 4), ("LAYERS", 1), ("BATCH", 8)):
        monkeypatch.setattr(original, name, small)
    done = original.trials(TARGET[:2000], np.zeros((2000, 2)), count=5, epochs=10, batches=2, device="cpu")
    per_epoch = (2000 - 168 - 24 + 1) // original.BATCH
    assert (done.measured, done.units) == (2, 50 * per_epoch)
    assert done.seconds > 0
