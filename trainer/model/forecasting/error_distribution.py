"""How errors are spread within the band and beyond it, and how those of one forecast hang together.

Both are taken from the forecasts of the validation days, in half-widths of the band that was calibrated on
them: 0 is the median, -1 the band's lower edge and 1 the upper one, however wide an hour's band is. Quantiles
between and beyond are split conformal as the band is (Lei et al. 2018), each level by itself. Sample paths
have the order over lead times that past errors had: the Schaake shuffle (Clark et al. 2004), an empirical
copula (Schefzik, Thorarinsdottir and Gneiting 2013).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from statistics import NormalDist
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from trainer.contract import MAX_HORIZON
from trainer.contract.quantiles import BAND
from trainer.model.arrays import Matrix, Vector
from trainer.model.forecasting.band import pooled_scores

LEVELS: Final = (1, 2.5, 5, 10, 20, 25, 30, 40, 50, 60, 70, 75, 80, 90, 95, 97.5, 99)
"""Percent. Others lie between or beyond them on the scale of the normal distribution's quantiles."""
_LOW, _MIDDLE, _HIGH = (LEVELS.index(level) for level in BAND)
_FEWEST_PATHS: Final = 20
"""Validation forecasts below which they tell nothing of how errors hang together."""
_KNOWN: Final = 0.9
"""Share of a validation forecast's hours that have to be measured."""
PATHS: Final = 100
"""That the figures of a day are read from."""
_STANDARD: Final = NormalDist()


@dataclass(frozen=True)
class ErrorDistribution:
    """Of one model, in half-widths of its band."""

    factors: Matrix
    """(len(LEVELS), 168): where each level lies at each lead time; ascending over the levels, exactly -1, 0
    and 1 at those of the band."""
    past: npt.NDArray[np.float32]
    """(forecasts, hours): the errors of validation forecasts that were measured nearly throughout."""
    day_scales: Vector = field(default_factory=lambda: np.ones(2))
    """On the bands of a day's peak and of its energy, which the paths give."""

    @classmethod
    def of(cls, actual: Matrix, quantiles: Matrix) -> Self:
        """From the validation days: `actual` (origins, hours), NaN where unknown; `quantiles` (origins,
        hours, 3) of the same unit, their band scaled."""
        low, median, high = (quantiles[..., k] for k in range(3))
        above = actual >= median
        errors = (actual - median) / np.where(above, high - median, median - low)
        levels = np.array(LEVELS) / 100
        factors = np.empty((len(LEVELS), MAX_HORIZON))
        last = np.array([_normal(level) for level in LEVELS]) / _normal(BAND[-1])
        for lead, pooled in enumerate(pooled_scores(errors)):
            if pooled.size:
                # Of n scores the k-th is exceeded with the probability 1 - k / (n + 1), of new ones too.
                place = (pooled.size + 1) * levels
                outward = np.where(levels < 0.5, np.floor(place), np.ceil(place)) / pooled.size
                last = np.quantile(pooled, np.clip(outward, 0, 1))
            factors[:, lead] = last
        return cls(_pinned(factors), _nearly_whole(errors).astype(np.float32))

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, npt.NDArray[Any]]) -> Self:
        """Raises KeyError when one is missing, ValueError where factors are not those of LEVELS."""
        factors, past = np.asarray(tensors["factors"], dtype=np.float64), tensors["past"]
        if factors.shape != (len(LEVELS), MAX_HORIZON) or past.ndim != 2:
            raise ValueError(f"error distribution of shapes {factors.shape} and {past.shape}")
        return cls(factors, np.asarray(past, dtype=np.float32), np.asarray(tensors["day_scales"]))

    def tensors(self) -> dict[str, npt.NDArray[Any]]:
        """As `from_tensors` takes them."""
        return {"factors": self.factors, "past": self.past, "day_scales": self.day_scales}

    @property
    def has_paths(self) -> bool:
        return len(self.past) >= _FEWEST_PATHS

    def at(self, levels: Sequence[float], lead_times: npt.NDArray[np.int64]) -> Matrix:
        """(len(levels), *lead_times.shape): where `levels` (percent, within 0..100) lie at each of
        `lead_times` (0 is the first hour; from the 168th on the last one stands)."""
        leads = np.minimum(lead_times, MAX_HORIZON - 1)
        of_leads = self.factors[:, leads.ravel()]
        return _at(tuple(levels), of_leads).reshape(len(levels), *lead_times.shape)

    def paths(self, lead_times: npt.NDArray[np.int64], count: int = PATHS, seed: int = 0) -> Matrix:
        """(count, hours): errors at successive `lead_times` (hours,), whose values at each are `count`
        equally likely quantiles, and whose order over the hours is that of `count` past forecasts. The same
        seed chooses the same of those.

        Beyond the hours of past forecasts their first hours follow again.
        """
        random = np.random.default_rng(seed)
        levels = 100 * (np.arange(count) + 0.5) / count
        quantiles = self.at(levels.tolist(), lead_times)
        known = len(self.past)
        chosen = random.permutation(np.arange(max(count, known)) % known)[:count]
        order = self.past[chosen][:, lead_times % self.past.shape[1]]
        ranks = order.argsort(axis=0, kind="stable").argsort(axis=0, kind="stable")
        return np.asarray(np.take_along_axis(quantiles, ranks, axis=0))

    def paths_within(self, quantiles: Matrix) -> Matrix:
        """(paths, origins, hours): `paths` of forecasts whose edges and medians are `quantiles` (origins,
        hours, 3), in their unit, from the first hour on."""
        lower, median, upper = np.moveaxis(quantiles, -1, 0)
        errors = self.paths(np.arange(quantiles.shape[1]))
        return from_median(median, lower, upper, errors[:, None])


def from_median(median: Matrix, lower: Matrix, upper: Matrix, errors: Matrix) -> Matrix:
    """What lies `errors` half-widths of the band from the median; all of shapes that go together."""
    return np.asarray(median + errors * np.where(errors < 0, median - lower, upper - median))


def in_order(levels: Sequence[float], of_levels: Sequence[Matrix], band: Sequence[Matrix]) -> list[Matrix]:
    """`of_levels`, each held between its neighbours, outwards from the median, and on its own side of the
    edges of the `band` (lower, median, upper): rounding may put them in another order."""
    lower, median, upper = band
    found: dict[float, Matrix] = {}
    below = above = median
    for level, values in sorted(zip(levels, of_levels, strict=True), key=lambda one: -one[0]):
        if level < BAND[1]:
            below = np.minimum(values, below)
            below = np.maximum(below, lower) if level > BAND[0] else np.minimum(below, lower)
            found[level] = below
    for level, values in sorted(zip(levels, of_levels, strict=True), key=lambda one: one[0]):
        if level > BAND[1]:
            above = np.maximum(values, above)
            above = np.minimum(above, upper) if level < BAND[2] else np.maximum(above, upper)
            found[level] = above
    return [found[level] for level in levels]


def _nearly_whole(errors: Matrix) -> Matrix:
    """Rows of `errors` with most of their hours known, each of the others with the error before it."""
    known = np.isfinite(errors)
    whole = known.mean(1) >= _KNOWN
    errors, known = errors[whole], known[whole]
    before = np.maximum.accumulate(np.where(known, np.arange(errors.shape[1]), 0), axis=1)
    return np.asarray(np.nan_to_num(np.take_along_axis(errors, before, axis=1)))


def _normal(level: float) -> float:
    return _STANDARD.inv_cdf(level / 100)


@lru_cache(maxsize=64)
def _between(levels: tuple[float, ...]) -> Matrix:
    """(len(levels), len(LEVELS)): the weights of LEVELS at each of `levels`."""
    known = np.array([_normal(level) for level in LEVELS])
    asked = np.array([_normal(level) for level in levels])
    right = np.clip(np.searchsorted(known, asked), 1, len(known) - 1)
    share = (asked - known[right - 1]) / (known[right] - known[right - 1])
    weights = np.zeros((len(levels), len(LEVELS)))
    rows = np.arange(len(levels))
    weights[rows, right - 1], weights[rows, right] = 1 - share, share
    return weights


def _at(levels: tuple[float, ...], of_levels: Matrix) -> Matrix:
    return np.asarray(_between(levels) @ of_levels)


def _pinned(factors: Matrix) -> Matrix:
    """With the band's own levels where the band has them, and the others on their sides of them."""
    pinned = factors.copy()
    pinned[:_LOW] = np.minimum(pinned[:_LOW], -1)
    pinned[_LOW:_MIDDLE] = np.clip(pinned[_LOW:_MIDDLE], -1, 0)
    pinned[_MIDDLE:_HIGH] = np.clip(pinned[_MIDDLE:_HIGH], 0, 1)
    pinned[_HIGH:] = np.maximum(pinned[_HIGH:], 1)
    pinned[[_LOW, _MIDDLE, _HIGH]] = np.array([[-1.0], [0.0], [1.0]])
    return pinned
