"""The arrays that the model's parts hand to each other."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

Vector: TypeAlias = npt.NDArray[np.float64]
"""One value per hour: (hours,)."""
Matrix: TypeAlias = npt.NDArray[np.float64]
"""One row per hour: (hours, columns)."""


def hours_since(index: pd.DatetimeIndex, moment: str | pd.Timestamp) -> Vector:
    """Hours from `moment` to each of `index`; in numpy, since pandas checks each of these steps anew."""
    passed = np.asarray(index, dtype="M8[us]") - pd.Timestamp(moment).to_datetime64()
    return np.asarray(passed / np.timedelta64(1, "h"), dtype=np.float64)
