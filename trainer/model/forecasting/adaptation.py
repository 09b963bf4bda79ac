"""What the days since training ask of a forecast's quantiles, beside the width of its band.

Each level follows what it held on the days before (adaptive conformal inference, Gibbs and Candes 2021, on
the logarithm of its distance from the median), and so do the bands of a day's peak and of its energy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from trainer.contract.quantiles import BAND
from trainer.model.arrays import Matrix, Vector
from trainer.model.forecasting.band import RATE
from trainer.model.forecasting.error_distribution import LEVELS

_LEVEL_RATE: Final = 0.1
"""As `RATE`, of a level: slower, since the band's width follows already and moves them all."""
_SHARES: Final = np.array(LEVELS) / 100
_OUTWARDS: Final = np.where(np.array(LEVELS) < BAND[1], 1.0, -1.0)
"""On which side of a level too many hours ask it to move away from the median."""


@dataclass(frozen=True)
class Adaptation:
    """Factors, of each forecast its own."""

    wider: Vector
    """(origins,): on the band scale, and by it on all else."""
    levels: Matrix
    """(origins, len(LEVELS)): on each level's distance from the median, beside that."""
    days: Matrix
    """(origins, 2): on the scales of the bands of peak and energy, beside that."""

    @classmethod
    def none(cls, origins: int) -> Self:
        return cls(np.ones(origins), np.ones((origins, len(LEVELS))), np.ones((origins, 2)))


def level_factors(errors: Matrix, widths: Matrix, factors: Matrix) -> Matrix:
    """(origins, len(LEVELS)): `Adaptation.levels` after the days that `errors` (origins, days, hours) tell
    of, in half-widths of the band as calibrated, NaN where unknown. `widths` (origins, days + 1) is what that
    is multiplied by on each day, `factors` (len(LEVELS), hours) where the levels were calibrated to lie."""
    known = np.isfinite(errors)
    found = np.ones((len(errors), len(LEVELS)))
    for day in range(errors.shape[1]):
        places = factors * found[..., None] * widths[:, day, None, None]
        below = errors[:, day, None] <= places
        excess = np.where(known[:, day, None], below - _SHARES[:, None], 0.0).mean(-1)
        found *= np.exp(_LEVEL_RATE * _OUTWARDS * excess)
    return found


def day_factors(scores: Matrix, widths: Matrix, coverage: float) -> Matrix:
    """(origins, 2): `Adaptation.days` after the days that `scores` (2, origins, days) tell of, in half-widths
    of the bands of peak and energy, NaN where unknown; `widths` as in `level_factors`."""
    known = np.isfinite(scores)
    found = np.ones(scores.shape[:2])
    for day in range(scores.shape[2]):
        missed = scores[..., day] > found * widths[:, day]
        found *= np.exp(RATE * np.where(known[..., day], missed - (1 - coverage), 0.0))
    return found.T
