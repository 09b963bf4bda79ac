"""Fits regressions, one of each hour of the day by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np

from trainer.errors import DataError
from trainer.model.device import one_thread
from trainer.model.hourly import HourRegression
from trainer.model.outlook import DAY, Rows

_FEWEST: Final = 20
"""Days below which an hour of the day gets no regression of its own."""


def fit_hours(
    local_hour: Rows, clean: Rows, only: Sequence[int] | None, fit: Callable[[Rows], HourRegression]
) -> tuple[Rows, tuple[HourRegression, ...]]:
    """`fit` for the origins of each hour among `clean`; also which of them each hour of the day, (24,), uses.

    `only`: local hours that get a regression of their own, all 24 unless given. An hour of the day with fewer
    than 20 origins takes over the regression of the nearest one. Raises DataError when no hour has as many.
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
    place = np.array([np.abs(fitted - hour).argmin() for hour in range(DAY)], dtype=np.int64)
    # A system of some hundred unknowns is too small to be shared; the hours are.
    with one_thread() as threads, ThreadPoolExecutor(threads) as pool:
        each = [pool.submit(fit, clean[hours == hour]) for hour in fitted]
        return place, tuple(one.result() for one in each)
