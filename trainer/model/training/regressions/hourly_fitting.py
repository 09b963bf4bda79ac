"""Fits regressions, one of each hour of the day by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Final

import numpy as np

from trainer.errors import DataError
from trainer.model.memory import give_memory_back
from trainer.model.regressions.hourly import HourRegression
from trainer.model.regressions.kernels import Array, Doubles
from trainer.model.regressions.origin_features import DAY, Rows
from trainer.model.training.regressions.gaussian_process import FittedKernel

_FEWEST: Final = 20
"""Days below which an hour of the day gets no regression of its own."""


def fit_hours(
    local_hour: Rows,
    clean: Rows,
    only: Sequence[int] | None,
    fit: Callable[[Rows], HourRegression],
    pool: Executor,
) -> tuple[Rows, tuple[HourRegression, ...]]:
    """Fits one regression for each local hour with at least 20 of the origins `clean`, each on a thread of
    `pool`: a system of some hundred unknowns is too small to be shared.

    `local_hour` (hours,): that of each row. `only`: the local hours wanted, all 24 for None. `fit` makes a
    regression of its origins. Returns the local hours fitted, ascending, and their regressions. Raises
    DataError when no hour has 20 origins.
    """
    hours = local_hour[clean]
    counts = np.bincount(hours, minlength=DAY)
    wanted = np.isin(np.arange(DAY), range(DAY) if only is None else only)
    fitted = np.flatnonzero((counts >= _FEWEST) & wanted)
    if fitted.size == 0:
        raise DataError(
            f"no hour of the day has {_FEWEST} training windows without unknown demand; "
            "fill the gaps or ingest more history"
        )

    def fit_one(origins: Rows) -> HourRegression:
        give_memory_back()  # each thread's hours leave theirs in pieces
        return fit(origins)

    each = [pool.submit(fit_one, clean[hours == hour]) for hour in fitted]
    return fitted, tuple(one.result() for one in each)


def solved_hour(
    means: Array, scales: Array, weights: Doubles, kernels: list[FittedKernel], of_kernels: Doubles
) -> HourRegression:
    """The regression of one local hour from its solved parts.

    `weights` (24, features + 1) are the linear part's; `of_kernels` (coordinates, 24) are those of all
    kernels' coordinates, one kernel after the other.
    """
    ends = np.cumsum([kernel.coordinates.shape[1] for kernel in kernels])[:-1]
    parts = zip(kernels, np.split(of_kernels, ends), strict=True)
    return HourRegression(
        means,
        scales,
        np.ascontiguousarray(weights, dtype=np.float32),
        {kernel.kernel.name: kernel.inducing_points for kernel in kernels},
        {kernel.kernel.name: (kernel.back @ part).astype(np.float32) for kernel, part in parts},
    )
