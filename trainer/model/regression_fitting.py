"""Fits the regressions, one of each hour of the day by itself."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np

from trainer.errors import DataError
from trainer.model.device import one_thread
from trainer.model.gaussian_process import Kernel, System
from trainer.model.likeness import Array, likenesses
from trainer.model.memory import give_memory_back
from trainer.model.outlook import DAY, Outlook, Rows
from trainer.model.regression import HourRegression, Regression, standardise
from trainer.model.windows import TAIL

_HALF_LIFE: Final = 3 * 365.0
"""Days after which an example counts half."""
_FEWEST: Final = 20
"""Days below which an hour of the day gets no regression of its own."""


def fit_regression(
    outlook: Outlook, residual: Array, clean: Rows, only: Sequence[int] | None = None
) -> Regression:
    """From the origins `clean`, whose day ahead and past are known; `residual` (hours,), scaled.

    `only`: local hours that get a regression of their own, all 24 unless given.

    An hour of the day with fewer than 20 origins takes over the regression of the nearest one. Raises
    DataError when no hour has as many.
    """
    hours = outlook.local_hour[clean]
    counts = np.bincount(hours, minlength=DAY)
    wanted = np.isin(np.arange(DAY), range(DAY) if only is None else only)
    fitted = np.flatnonzero((counts >= _FEWEST) & wanted)
    if fitted.size == 0:
        raise DataError(
            f"no hour of the day has {_FEWEST} training windows without unknown demand; "
            "fill the gaps or ingest more history"
        )
    place = np.array([np.abs(fitted - hour).argmin() for hour in range(DAY)], dtype=np.int64)
    # A system of some hundred unknowns is too small to be shared; the hours are.
    with one_thread() as threads, ThreadPoolExecutor(threads) as pool:
        each = [pool.submit(_fit_hour, outlook, residual, clean[hours == hour]) for hour in fitted]
        return Regression(place, tuple(one.result() for one in each))


def _fit_hour(outlook: Outlook, residual: Array, origins: Rows) -> HourRegression:
    give_memory_back()  # each thread's hours leave theirs in pieces
    tails = residual[origins[:, None] + np.arange(-TAIL, 0)]
    features = outlook.linear(origins, tails)  # (days, leads, features)
    means = features.mean(0)
    scales = np.stack([features[:, lead].std(0) for lead in range(DAY)])  # of one lead: its copies are small
    scales[scales < 1e-6] = 1.0
    groups = outlook.likenesses(origins, tails)
    sun = outlook.sun(origins)
    kernels = [Kernel.of(one, groups[one.name], sun) for one in likenesses(groups)]
    system = System(
        linear=standardise(features, means, scales),
        penalties=outlook.penalties(),
        kernels=kernels,
        importance=0.5 ** ((origins[-1] - origins) / DAY / _HALF_LIFE),
    )
    target = np.ascontiguousarray(residual[origins[:, None] + np.arange(DAY)].T)  # (leads, days)
    solved = np.stack([system.solve(lead, target[lead]) for lead in range(DAY)])  # (leads, unknowns)
    count = features.shape[-1]
    duals, begin = {}, count + 1
    for kernel in kernels:
        end = begin + kernel.coordinates.shape[1]
        duals[kernel.likeness.name] = (kernel.back @ solved[:, begin:end].T).astype(np.float32)
        begin = end
    return HourRegression(
        means,
        scales,
        solved[:, : count + 1].astype(np.float32),
        {kernel.likeness.name: kernel.landmarks for kernel in kernels},
        duals,
    )
