"""What a series does time and again is its nature and no fault: small feeders are rounded, say."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from trainer.data.runs import runs

Mask = npt.NDArray[np.bool_]
Values = npt.NDArray[np.float64]

_SHARE: Final = 0.01
_STRETCHES: Final = 10


def is_habit(odd: Mask) -> bool:
    """Whether hours (hours,) are odd so often, in so many separate stretches, that they are usual."""
    return bool(odd.mean() >= _SHARE) and len(runs(odd)) >= _STRETCHES
