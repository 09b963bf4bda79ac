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
"""What `band.RATE` is for the width, for a single level: slower, since the width moves all levels already."""
_SHARES: Final = np.array(LEVELS) / 100
_OUTWARDS: Final = np.where(np.array(LEVELS) < BAND[1], 1.0, -1.0)
"""On which side of a level too many hours ask it to move away from the median."""


@dataclass(frozen=True)
class Adaptation:
    """Factors on what training calibrated, for each forecast by itself; 1 changes nothing."""

    wider: Vector
    """(origins,): on the width of the band, and with it on the distances that `levels` and `days` change."""
    levels: Matrix
    """(origins, len(LEVELS)): on each level's distance from the median, after `wider`."""
    days: Matrix
    """(origins, 2): on the widths of the bands of a day's peak and of its energy, after `wider`."""

    @classmethod
    def none(cls, origins: int) -> Self:
        return cls(np.ones(origins), np.ones((origins, len(LEVELS))), np.ones((origins, 2)))


def level_factors(errors: Matrix, widths: Matrix, factors: Matrix) -> Matrix:
    """(origins, len(LEVELS)): `Adaptation.levels` for the day after the last one of `errors`.

    `errors` (origins, days, hours): actual less median on the days before, the earliest first, in half-widths
    of the band as calibrated, NaN where unknown. `widths` (origins, days + 1): the factor on these
    half-widths on each day, as `band.width_factors` gives it. `factors` (len(LEVELS), hours): where training
    calibrated each level to lie, in the same half-widths."""
    known = np.isfinite(errors)
    found = np.ones((len(errors), len(LEVELS)))
    for day in range(errors.shape[1]):
        places = factors * found[..., None] * widths[:, day, None, None]
        below = errors[:, day, None] <= places
        excess = np.where(known[:, day, None], below - _SHARES[:, None], 0.0).mean(-1)
        found *= np.exp(_LEVEL_RATE * _OUTWARDS * excess)
    return found


def day_factors(scores: Matrix, widths: Matrix, coverage: float) -> Matrix:
    """(origins, 2): `Adaptation.days` for the day after the last one of `scores`.

    `scores` (2, origins, days): by how much the peak and the energy of each day before were missed, in
    half-widths of their bands, NaN where unknown. `widths` as in `level_factors`; `coverage` (0..1): the
    share of days that the bands should hold."""
    known = np.isfinite(scores)
    found = np.ones(scores.shape[:2])
    for day in range(scores.shape[2]):
        missed = scores[..., day] > found * widths[:, day]
        found *= np.exp(RATE * np.where(known[..., day], missed - (1 - coverage), 0.0))
    return found.T
