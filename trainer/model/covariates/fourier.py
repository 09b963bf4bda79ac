"""Waves of the day, the week and the year, by naive local time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from trainer.errors import DataError
from trainer.model.arrays import Matrix

MAX_ORDER: Final = 14
_OF_ONE_YEAR: Final = 4
"""Yearly harmonics at most of a history of one year to two; of a shorter one the first alone."""
_YEAR: Final = 8760
"""Hours: a history from a day to the same day of the next year has a year."""


@dataclass(frozen=True)
class Orders:
    """The numbers of daily, weekly and yearly harmonics (periods of 24, 168 and 8,766 local hours)."""

    daily: int
    weekly: int
    yearly: int

    def __post_init__(self) -> None:
        for name in ("daily", "weekly", "yearly"):
            if not 1 <= getattr(self, name) <= MAX_ORDER:
                raise DataError(f"Fourier order {name}={getattr(self, name)} is not within 1..{MAX_ORDER}")


def resolvable_yearly_harmonics(hours: int) -> int:
    """The most harmonics of the year that `hours` of history resolve: 1 below one year, 4 below two.

    What has been seen once is a course of events rather than a season: finer waves follow it and, beyond the
    last day that they were fitted on, go anywhere.
    """
    if hours < _YEAR:
        return 1
    return _OF_ONE_YEAR if hours < 2 * _YEAR else MAX_ORDER


def is_most_of_a_short_history(yearly: int) -> bool:
    """Whether so many yearly harmonics may be all that a history of less than two years resolved."""
    return yearly in {1, _OF_ONE_YEAR}


def fourier(local: pd.DatetimeIndex, orders: Orders) -> Matrix:
    """(hours, 2 x (daily + weekly + yearly)): sine and cosine of each harmonic, by naive local time."""
    hours = (local - pd.Timestamp("2018-01-01")) / pd.Timedelta(hours=1)  # a Monday
    t = np.asarray(hours, dtype=np.float64)
    waves = []
    for period, order in ((24.0, orders.daily), (168.0, orders.weekly), (8766.0, orders.yearly)):
        first = np.exp(2j * np.pi * t / period)
        harmonic = np.cumprod(np.repeat(first[:, None], order, axis=1), axis=1)  # powers: sines take longer
        waves.append(np.stack([harmonic.imag, harmonic.real], axis=-1).reshape(len(t), -1))
    return np.hstack(waves)


def positions(orders: Orders) -> list[int]:
    """Where the columns of `orders` stand among those of the largest orders."""
    most = 2 * MAX_ORDER
    return [
        block * most + column
        for block, order in enumerate((orders.daily, orders.weekly, orders.yearly))
        for column in range(2 * order)
    ]
