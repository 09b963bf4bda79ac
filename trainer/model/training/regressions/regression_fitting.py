"""Fits the regressions of the residual."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from functools import partial
from typing import Final

import numpy as np

from trainer.model.covariates.windows import TAIL
from trainer.model.regressions.hourly import HourRegression, error_half_life, standardise
from trainer.model.regressions.kernels import KERNELS, Array, scaling
from trainer.model.regressions.origin_features import DAY, OriginFeatures, Rows
from trainer.model.regressions.regression import Regression
from trainer.model.training.regressions.gaussian_process import FittedKernel, System
from trainer.model.training.regressions.hourly_fitting import fit_hours, solved_hour

_HALF_LIFE: Final = 3 * 365.0
"""Days after which an example counts half."""


def fit_regression(
    origin_features: OriginFeatures,
    residual: Array,
    clean: Rows,
    only: Sequence[int] | None,
    pool: Executor,
) -> Regression:
    """The hourly regressions of the scaled `residual` (hours,).

    `clean`: rows of origins whose day ahead and past are known. `only`, `pool` and errors as in `fit_hours`.
    """
    return Regression(
        *fit_hours(
            origin_features.local_hour, clean, only, partial(_fit_hour, origin_features, residual), pool
        ),
        error_half_life(origin_features.columns),
    )


def _fit_hour(origin_features: OriginFeatures, residual: Array, origins: Rows) -> HourRegression:
    tails = residual[origins[:, None] + np.arange(-TAIL, 0)]
    sun = origin_features.solar_proxy_ahead(origins)
    kernels = FittedKernel.each(
        KERNELS, origin_features.kernel_features(origins, tails), sun, float(sun.std())
    )
    room = sum(kernel.own_columns for kernel in kernels)
    shared, columns = origin_features.linear_parts(origins, tails, room)
    own = columns[..., : columns.shape[2] - room]
    is_shared = origin_features.shared_by_leads()
    means, scales = (np.empty((DAY, len(is_shared)), dtype=np.float32) for _ in range(2))
    means[:, is_shared], scales[:, is_shared] = scaling(shared)
    for lead in range(DAY):  # of one lead: its copies are small
        means[lead, ~is_shared], scales[lead, ~is_shared] = scaling(own[lead])
    standardise(own, means[:, None, ~is_shared], scales[:, None, ~is_shared])
    system = System(
        shared=standardise(shared, means[0, is_shared], scales[0, is_shared]),
        own=columns,
        is_shared=is_shared,
        penalties=origin_features.penalties(),
        kernels=kernels,
        importance=0.5 ** ((origins[-1] - origins) / DAY / _HALF_LIFE),
    )
    solved = system.solve(residual[origins[:, None] + np.arange(DAY)])
    count = len(is_shared) + 1
    return solved_hour(means, scales, solved[:, :count], kernels, solved[:, count:].T)
