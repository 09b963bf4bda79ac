"""DeviceWindows see the past of their origin and none of its future."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from trainer.model.config import ModelConfig
from trainer.model.covariates.windows import TAIL
from trainer.model.training.device_windows import DeviceWindows

CONFIG = ModelConfig()
HOURS = 600
CPU = torch.device("cpu")


def windows(residual: np.ndarray, config: ModelConfig = CONFIG) -> DeviceWindows:
    known = np.arange(HOURS, dtype=np.float64)[:, None]
    return DeviceWindows.of(known, residual, config, CPU)


def test_no_residual_at_or_after_the_origin_enters() -> None:
    origin = 400
    residual = np.arange(HOURS, dtype=np.float64)
    changed = residual.copy()
    changed[origin:] = -1e6
    at = torch.tensor([origin])
    for one, two in zip(
        windows(residual).inputs(at, windows(residual).tails(at)),
        windows(changed).inputs(at, windows(changed).tails(at)),
        strict=True,
    ):
        assert torch.equal(one, two)


def test_lags_are_the_same_hour_of_the_days_before() -> None:
    at = torch.tensor([400, 411])
    residual = np.arange(HOURS, dtype=np.float64)
    data = windows(residual)
    past, future, lags = data.inputs(at, data.tails(at))
    assert past.shape == (2, 168, 2)
    assert future[0, :, 0].tolist() == list(range(400, 424))
    assert lags[0, 5, :7].tolist() == [405 - 24 * k for k in range(1, 8)]
    assert lags[1, 5, 7].item() == pytest.approx(np.mean([416 - 24 * k for k in range(1, 8)]))
    assert lags[1, 5, 8].item() == pytest.approx(np.mean([416 - 24 * k for k in range(1, 15)]))
    assert past[0, -1].tolist() == [399, 399]


def test_a_longer_horizon_repeats_the_lags_day_by_day() -> None:
    data = windows(np.arange(HOURS, dtype=np.float64), ModelConfig(horizon=72))
    at = torch.tensor([TAIL])
    _, _, lags = data.inputs(at, data.tails(at))
    assert lags.shape == (1, 72, 12)
    assert torch.equal(lags[:, :24], lags[:, 48:])
