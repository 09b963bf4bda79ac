"""The arrays that the model's parts hand to each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

Vector: TypeAlias = npt.NDArray[np.float64]
"""One value per hour: (hours,)."""
Matrix: TypeAlias = npt.NDArray[np.float64]
"""One row per hour: (hours, columns)."""


@dataclass(frozen=True)
class Regressors:
    """Named columns of a ridge regression."""

    names: tuple[str, ...]
    of_rows: Callable[[npt.NDArray[np.int64]], Matrix]
    """Rows -> their columns (rows, columns); of all rows at once, five years of hours are 150 MB."""
    penalties: Vector
    """One per column, per hour of training data."""


def hours_since(index: pd.DatetimeIndex, moment: str | pd.Timestamp) -> Vector:
    """Hours from `moment` to each of `index`; in numpy, since pandas checks each of these steps anew."""
    passed = np.asarray(index, dtype="M8[us]") - pd.Timestamp(moment).to_datetime64()
    return np.asarray(passed / np.timedelta64(1, "h"), dtype=np.float64)
