"""Fits the day regression."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from functools import partial
from typing import Final

import numpy as np
import torch

from trainer.model.arrays import Matrix, Vector
from trainer.model.regressions.day_features import WEEK, DayFeatures
from trainer.model.regressions.day_regression import KERNELS, DayRegression, week_before
from trainer.model.regressions.hourly import HourRegression, error_half_life, standardise
from trainer.model.regressions.kernels import Array, feature_weights, scaling
from trainer.model.regressions.origin_features import DAY, Rows
from trainer.model.training.regressions.gaussian_process import FittedKernel, products
from trainer.model.training.regressions.hourly_fitting import fit_hours, solved_hour

_NOISE: Final = 0.6
"""Variance of what nothing explains."""


def fit_day_regression(
    day_features: DayFeatures,
    transformed: Vector,
    clean: Rows,
    only: Sequence[int] | None,
    pool: Executor,
) -> DayRegression:
    """The day regression of `transformed` (hours,), the demand on the model's scale without holes.

    `clean`: rows of origins whose day ahead is known. `only`, `pool` and errors as in `fit_hours`.
    """
    return DayRegression(
        *fit_hours(day_features.local_hour, clean, only, partial(_fit_hour, day_features, transformed), pool),
        error_half_life(day_features.origin_features.columns),
    )


def _fit_hour(day_features: DayFeatures, transformed: Vector, origins: Rows) -> HourRegression:
    weeks, level = week_before(transformed[origins[:, None] + np.arange(-WEEK, 0)])
    linear = day_features.linear(origins, weeks)
    features = np.hstack([group for _, group in linear])
    means, scales = scaling(features)
    sun = day_features.mean_solar_proxy(origins)
    kernels = FittedKernel.each(KERNELS, day_features.kernel_features(origins, weeks), sun, float(sun.mean()))
    weight_of = feature_weights(linear)
    from_kernels = [kernel.coordinates * kernel.sun for kernel in kernels]
    scaled = standardise(features, means, scales) * weight_of
    columns = np.concatenate([scaled, *from_kernels], axis=1, dtype=np.float32)
    days = transformed[origins[:, None] + np.arange(DAY)] - level[:, None]
    usual = days.mean(0)
    solved = _solved(columns, days - usual)
    count = features.shape[1]
    weights = np.concatenate([solved[:count] * weight_of[:, None], usual[None]])
    return solved_hour(means, scales, weights.T, kernels, solved[count:])


def _solved(columns: Array, targets: Matrix) -> Matrix:
    """(columns, 24): the ridge solution for `targets` (days, 24), its penalty the noise's variance."""
    gram = torch.from_numpy(products(columns) + _NOISE * np.eye(columns.shape[1]))
    moments = torch.from_numpy(columns.T.astype(np.float64) @ targets)
    return np.asarray(torch.cholesky_solve(moments, torch.linalg.cholesky(gram)).numpy())
