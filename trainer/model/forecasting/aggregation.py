"""Weights of several forecasters, learnt online from how each did: Bernstein online aggregation.

Wintenberger (2017), "Optimal learning with Bernstein online aggregation", Machine Learning 106, with a
learning rate for each member that follows from what was seen (his section 3, as R's package opera has it by
Gaillard and Goude), for the square loss by its gradient, so that it competes with the best fixed average of
the members. A member that says nothing sleeps: the others' weights are renormalised, and it neither gains nor
loses (Freund et al. 1997; Gaillard, Stoltz and van Erven 2014).

What was seen counts less with each day, so that weights leave a member that was good once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Final, Self

import numpy as np

from trainer.model.arrays import Matrix, Vector
from trainer.model.regressions.origin_features import Rows

HALF_LIFE: Final = 60
"""Days after which a day's regret counts half."""
LARGEST_ERROR: Final = 3.0
"""In the unit of the forecasts; beyond it an error teaches as much as this: one hour cannot decide."""
_KEPT: Final = 0.5 ** (1 / HALF_LIFE)
_ROUNDING: Final = 1e-9
"""Gains below it are those of rounding, which the learning rates would make large."""


@dataclass(frozen=True)
class Aggregation:
    """What the days so far have taught of the members. Several aggregations, each with weights of its own,
    are computed at once: they are the leading axes of every array."""

    LEARNT: ClassVar[tuple[str, ...]] = ("regret", "variance", "largest")
    """The fields that a day changes."""
    prior: Vector
    """(members,): the weights before anything was seen; above 0, their sum 1."""
    regret: Matrix
    """(..., members): the sum of the gains of following that member alone, each less the learning rate times
    its square (the second-order correction of Bernstein online aggregation)."""
    variance: Matrix
    """(..., members): the sum of squared gains."""
    largest: Matrix
    """(..., 1): the largest gain or loss of a member."""

    @classmethod
    def begun(cls, prior: Vector, shape: tuple[int, ...]) -> Self:
        """Aggregations that have seen no day, in an array of that `shape`."""
        nothing = np.zeros((*shape, len(prior)))
        return cls(prior, nothing, nothing, np.zeros((*shape, 1)))

    def of(self, which: Rows) -> Self:
        """The aggregations with the indices `which` along the first axis, in that order."""
        return replace(self, **{name: getattr(self, name)[which] for name in self.LEARNT})

    def with_one(self, number: int, other: Self) -> Self:
        """The same with the single aggregation of `other` at the index `number` of the first axis."""
        changed = {name: getattr(self, name).copy() for name in self.LEARNT}
        for name, values in changed.items():
            values[number] = getattr(other, name)[0]
        return replace(self, **changed)

    @property
    def weights(self) -> Matrix:
        """(..., members), on the simplex."""
        rate = self._rates()
        logarithm = np.log(self.prior) + np.log(rate) + rate * self.regret
        weights = np.exp(logarithm - logarithm.max(-1, keepdims=True))
        return np.asarray(weights / weights.sum(-1, keepdims=True))

    def after(self, gains: Matrix) -> Self:
        """What is known after one more day, with the members' mean `gains` (..., members) of that day, as the
        function `gains` computes them. A day of zeros teaches nothing and lets nothing be forgotten."""
        size = np.abs(gains).max(-1, keepdims=True)
        kept = np.where(size > 0, _KEPT, 1.0)
        variance = kept * self.variance + gains**2
        seen = replace(self, variance=variance, largest=np.maximum(kept * self.largest, size))
        corrected = gains - seen._rates() * gains**2
        return replace(seen, regret=kept * self.regret + corrected)

    def _rates(self) -> Matrix:
        """(..., members): the learning rates; 1 for all while nothing was seen."""
        bound = 0.5 / np.where(self.largest > 0, self.largest, 0.5)
        variance = np.where(self.variance > 0, self.variance, np.inf)
        of_variance = np.sqrt(-np.log(self.prior) / variance)
        return np.minimum(bound, np.where(self.variance > 0, of_variance, np.inf))


def combined(weights: Matrix, said: Matrix) -> Matrix:
    """(...): the average of the members' forecasts `said` (..., members), weighted by `weights` (...,
    members). A member that is NaN says nothing and is left out; at least one must say something."""
    return np.asarray((awake(weights, said) * np.nan_to_num(said)).sum(-1))


def awake(weights: Matrix, said: Matrix) -> Matrix:
    """`weights` (..., members), 0 for members whose forecast in `said` is NaN, scaled to a sum of 1."""
    counted = np.where(np.isfinite(said), weights, 0.0)
    return np.asarray(counted / counted.sum(-1, keepdims=True))


def gains(weights: Matrix, said: Matrix, actual: Matrix) -> Matrix:
    """(..., members): by how much less each member erred than the members' average, in the squared error's
    linear approximation at the average; 0 where a member is NaN in `said` (..., members) or `actual` (...) is
    NaN."""
    average = combined(weights, said)
    slope = 2 * np.clip(average - actual, -LARGEST_ERROR, LARGEST_ERROR)
    found = slope[..., None] * (average[..., None] - said)
    return np.asarray(np.where(np.abs(found) > _ROUNDING, found, 0.0))
