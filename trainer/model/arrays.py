"""The arrays that the model's parts hand to each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Vector: TypeAlias = npt.NDArray[np.float64]
"""One value per hour: (hours,)."""
Matrix: TypeAlias = npt.NDArray[np.float64]
"""One row per hour: (hours, columns)."""


@dataclass(frozen=True)
class Regressors:
    """Named columns of a ridge regression."""

    names: tuple[str, ...]
    values: Matrix
    penalties: Vector
    """One per column, per hour of training data."""
