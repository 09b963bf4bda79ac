"""Fourier orders grow with a history that passes a year, or two, and stay as they are otherwise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from trainer.contract import Region
from trainer.model.config import ModelConfig
from trainer.model.progress import Silent
from trainer.model.training.search.fourier_orders import with_orders_of_longer_history

YEAR = 8766
DAYS_OF_TRAINING = pd.Timestamp("2024-01-01", tz="UTC")


def year_of_eight_waves(years: float) -> pd.DataFrame:
    """Demand of a day, and of a year whose eighth harmonic is its largest, that end on DAYS_OF_TRAINING."""
    hours = pd.date_range(end=DAYS_OF_TRAINING, periods=round(years * YEAR), freq="h")
    turns = (hours - pd.Timestamp("2018-01-01", tz="UTC")) / pd.Timedelta(hours=YEAR)
    noise = np.random.default_rng(3).normal(0, 0.01, len(hours))
    shape = 0.1 * np.sin(2 * np.pi * hours.hour / 24) + 0.2 * np.sin(2 * np.pi * 8 * turns)
    return pd.DataFrame({"demand": 1000 * np.exp(shape + noise)}, index=hours)


@pytest.mark.parametrize(
    ("years", "kept", "grows"),
    [(0.8, 1, False), (1.5, 1, True), (1.5, 4, False), (2.5, 1, True), (2.5, 4, True), (2.5, 3, False)],
)
def test_they_are_found_anew_where_the_history_resolves_more_than_a_shorter_one_did(
    bare_region: Region, tiny: ModelConfig, years: float, kept: int, grows: bool
) -> None:
    config = replace(tiny, ky=kept)
    found = with_orders_of_longer_history(
        config, year_of_eight_waves(years), bare_region, train_until=DAYS_OF_TRAINING, progress=Silent()
    )
    assert replace(found, kd=config.kd, kw=config.kw, ky=kept) == config
    if not grows:
        assert found == config
    elif years > 2:
        assert found.ky >= 8
    else:
        assert found.ky <= 4
