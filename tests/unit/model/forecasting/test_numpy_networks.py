"""Forecasts compute in plain arrays what the trained networks do in PyTorch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from trainer.model.config import ModelConfig
from trainer.model.covariates.windows import TAIL
from trainer.model.forecasting.numpy_networks import Networks
from trainer.model.training.device_windows import DeviceWindows
from trainer.model.training.ensemble import Ensemble

CPU = torch.device("cpu")
KNOWN = 5
HOURS = 900
CONFIG = ModelConfig(hidden=12, members=2, dropout=0.4)
RANDOM = np.random.default_rng(4)
FACTS = RANDOM.standard_normal((HOURS, KNOWN))
RESIDUAL = RANDOM.standard_normal(HOURS)
ORIGINS = np.array([TAIL, 400, 555])


def trained(config: ModelConfig) -> Networks:
    return Ensemble.untrained(config, KNOWN, CPU).trained(config)


def forecast(networks: Networks, residual: np.ndarray, hours: int) -> np.ndarray:
    return networks.forecast_recursively(
        FACTS.astype(np.float32), residual.astype(np.float32), ORIGINS, hours
    )


@pytest.mark.parametrize(
    "config",
    [CONFIG, replace(CONFIG, wide=7), replace(CONFIG, members=1, horizon=48, window=72, segment=12)],
    ids=["by hours", "with the day at once", "other sizes"],
)
@pytest.mark.parametrize("hours", [24, 100])
def test_they_forecast_what_the_ensemble_does(config: ModelConfig, hours: int) -> None:
    ensemble = Ensemble.untrained(config, KNOWN, CPU)
    windows = DeviceWindows.of(FACTS, RESIDUAL, config, CPU)
    expected = ensemble.forecast_recursively(windows, torch.as_tensor(ORIGINS), hours).numpy()
    found = forecast(ensemble.trained(config), RESIDUAL, hours)
    assert found.shape == (3, hours, 3)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_no_residual_at_or_after_an_origin_is_used() -> None:
    changed = RESIDUAL.copy()
    changed[TAIL:] = 40
    networks = trained(CONFIG)
    np.testing.assert_array_equal(forecast(networks, changed, 48)[0], forecast(networks, RESIDUAL, 48)[0])


def test_quantiles_never_cross() -> None:
    assert (np.diff(forecast(trained(CONFIG), 30 * RESIDUAL, 24), axis=-1) >= 0).all()


def test_they_come_back_from_their_tensors() -> None:
    networks = trained(CONFIG)
    again = Networks.of(networks.tensors(), CONFIG, KNOWN)
    for name, values in networks.weights.items():
        np.testing.assert_array_equal(again.weights[name], values)


def test_weights_of_another_size_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"segment_in\.weight has shape \(12, 36\), the model's config \(13"):
        Networks.of(trained(CONFIG).tensors(), replace(CONFIG, hidden=13), KNOWN)
    with pytest.raises(KeyError, match=r"members\.2\."):
        Networks.of(trained(CONFIG).tensors(), replace(CONFIG, members=3), KNOWN)
