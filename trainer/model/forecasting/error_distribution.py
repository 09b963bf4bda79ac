"""How errors are spread within the band and beyond it, and how those of one forecast hang together.

Both are taken from the forecasts of the validation days, in half-widths of the band that was calibrated on
them: 0 is the median, -1 the band's lower edge and 1 the upper one, however wide an hour's band is. Quantiles
between and beyond are split conformal as the band is (Lei et al. 2018), each level by itself. Sample paths
have the order over lead times that past errors had: the Schaake shuffle (Clark et al. 2004), an empirical
copula (Schefzik, Thorarinsdottir and Gneiting 2013).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from statistics import NormalDist
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from trainer.contract import MAX_HORIZON
from trainer.contract.quantiles import BAND
from trainer.model.arrays import Matrix, Vector
from trainer.model.forecasting.band import pooled_scores
from trainer.model.regressions.origin_features import Rows

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
    """How the errors of one model are spread. An error is told in half-widths of the band on its side: -1 is
    the lower edge, 0 the median, 1 the upper edge."""

    factors: Matrix
    """(len(LEVELS), 168): where each of LEVELS lies at each lead time; ascending over the levels, exactly -1,
    0 and 1 at the band's own."""
    past: npt.NDArray[np.float32]
    """(forecasts, hours): the errors of validation forecasts that were measured nearly throughout."""
    day_scales: Vector = field(default_factory=lambda: np.ones(2))
    """(2,): factors on the half-widths that sample paths give the bands of a day's peak and of its energy."""

    @classmethod
    def of(cls, actual: Matrix, quantiles: Matrix) -> Self:
        """The distribution of the errors on the validation days. `actual` (origins, hours), NaN where
        unknown; `quantiles` (origins, hours, 3) of the same unit: lower edge, median and upper edge, with the
        band scale."""
        errors = in_half_widths(actual, quantiles)
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
        factors, past, day_scales = (tensors[name] for name in ("factors", "past", "day_scales"))
        shapes = factors.shape, past.shape[1:], day_scales.shape
        if shapes[0] != (len(LEVELS), MAX_HORIZON) or len(shapes[1]) != 1 or shapes[2] != (2,):
            raise ValueError(f"an error distribution of shapes {shapes}")
        return cls(np.asarray(factors, dtype=np.float64), np.asarray(past, dtype=np.float32), day_scales)

    def tensors(self) -> dict[str, npt.NDArray[Any]]:
        """As `from_tensors` takes them."""
        return {"factors": self.factors, "past": self.past, "day_scales": self.day_scales}

    @property
    def has_paths(self) -> bool:
        return len(self.past) >= _FEWEST_PATHS

    def adapted(self, levels: Vector, days: Vector) -> Self:
        """The same with each level's distance from the median multiplied by its factor in `levels`
        (len(LEVELS),), and `day_scales` by `days` (2,)."""
        factors = _pinned(self.factors * levels[:, None])
        return replace(self, factors=factors, day_scales=self.day_scales * days)

    def at(self, levels: Sequence[float], lead_times: Rows, adapted: Matrix | None = None) -> Matrix:
        """(len(levels), ..., hours): where each of `levels` (percent, 0 < level < 100) lies, in half-widths.

        `lead_times` (..., hours) count from 0, the first hour; beyond the 168th hour the last one stands.
        `adapted` (..., len(LEVELS)): factors on the distances of LEVELS from the median, none where None."""
        of_leads = self.factors[:, np.minimum(lead_times, MAX_HORIZON - 1)]
        if adapted is not None:
            of_leads = _pinned(of_leads * np.moveaxis(adapted, -1, 0)[..., None])
        return np.asarray(np.tensordot(_between(tuple(levels)), of_leads, axes=1))

    def paths(
        self, lead_times: Rows, count: int = PATHS, seed: int = 0, adapted: Vector | None = None
    ) -> Matrix:
        """(count, hours): sample paths of the error over successive `lead_times` (hours,), in half-widths.

        At each lead time their values are `count` equally likely quantiles; which path has which of them
        follows the ranks of `count` past forecasts' errors at that lead time, so that hours rise and fall
        together as they did (the Schaake shuffle). The same `seed` draws the same past forecasts; beyond
        their last hour their first hours follow again. `adapted` (len(LEVELS),): as in `at`.
        """
        random = np.random.default_rng(seed)
        levels = 100 * (np.arange(count) + 0.5) / count
        quantiles = self.at(levels.tolist(), lead_times, adapted)
        known = len(self.past)
        chosen = random.permutation(np.arange(max(count, known)) % known)[:count]
        order = self.past[chosen][:, lead_times % self.past.shape[1]]
        ranks = order.argsort(axis=0, kind="stable").argsort(axis=0, kind="stable")
        return np.asarray(np.take_along_axis(quantiles, ranks, axis=0))

    def paths_within(self, quantiles: Matrix) -> Matrix:
        """(PATHS, origins, hours): `paths` from the first hour on, in the unit of the forecasts' `quantiles`
        (origins, hours, 3): lower edge, median, upper edge."""
        lower, median, upper = np.moveaxis(quantiles, -1, 0)
        errors = self.paths(np.arange(quantiles.shape[1]))
        return from_median(median, lower, upper, errors[:, None])


def in_half_widths(actual: Matrix, quantiles: Matrix) -> Matrix:
    """How far `actual` (...) lies from the median, in half-widths of the band on its side; `quantiles` (...,
    3): lower edge, median, upper edge."""
    lower, median, upper = (quantiles[..., k] for k in range(3))
    return np.asarray((actual - median) / np.where(actual < median, median - lower, upper - median))


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


def _pinned(factors: Matrix) -> Matrix:
    """`factors` (len(LEVELS), ...) with the band's own levels where the band has them, and the others on
    their sides of them, none nearer to the median than one within."""
    pinned = factors.copy()
    pinned[:_LOW] = np.minimum(pinned[:_LOW], -1)
    pinned[_LOW:_MIDDLE] = np.clip(pinned[_LOW:_MIDDLE], -1, 0)
    pinned[_MIDDLE:_HIGH] = np.clip(pinned[_MIDDLE:_HIGH], 0, 1)
    pinned[_HIGH:] = np.maximum(pinned[_HIGH:], 1)
    for level, place in ((_LOW, -1.0), (_MIDDLE, 0.0), (_HIGH, 1.0)):
        pinned[level] = place
    pinned[_MIDDLE:] = np.maximum.accumulate(pinned[_MIDDLE:])
    pinned[_MIDDLE::-1] = np.minimum.accumulate(pinned[_MIDDLE::-1])
    return pinned
