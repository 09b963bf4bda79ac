"""Holes in what a forecast looks back on."""

from __future__ import annotations

import numpy as np

from trainer.model.covariates.windows import filled


def test_unknown_residuals_are_filled_from_the_day_before_and_never_from_later() -> None:
    residual = np.arange(100, dtype=np.float64)
    residual[[3, 30, 54]] = np.nan
    values = filled(residual)
    assert values[[3, 30, 54]].tolist() == [0, 6, 6]
    assert values[99] == 99
