"""Kernels over the days ahead: days with similar features depart from the usual in a similar way.

A kernel is a Gaussian of the distance between two days' features. It is evaluated on a few
training days, its inducing points, in Nystroem's form: k(x, Z) k(Z, Z)^-1 k(Z, x') with the points Z. They
are chosen by pivoted Cholesky factorisation (Fine and Scheinberg, 2001): each is the day that those before
it explain least, so that a festival seen four times gets its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from trainer.model.regressions.origin_features import Block, Rows

_UNEXPLAINED: Final = 1e-3
"""Share of a day's variance that may stay unexplained."""
_CONSTANT: Final = 1e-6
"""Standard deviation below which a feature does not change."""
_CLIP: Final = 5.0
"""Standard deviations at which a feature is held."""

Array = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Groups = list[tuple[float, Block]]
"""Weights and features (days, ...)."""


@dataclass(frozen=True)
class Kernel:
    """One respect in which days are compared. The features compared are those that `kernel_features` of
    `OriginFeatures` or `DayFeatures` gives under `name`."""

    name: str
    variance: float
    """Of what is forecast that it may explain, beside the noise's where it is fitted."""
    sunny: bool
    """Whether its part is multiplied by the hour's solar proxy, as panels give more the higher the sun."""
    inducing_points: int = 160
    """The most that are chosen; fewer where those explain all of the training days."""


KERNELS: Final = (
    Kernel("calendar", 0.5, sunny=False),
    Kernel("rest", 1.0, sunny=False),
    Kernel("date", 0.1, sunny=False),
    Kernel("comfort", 0.8, sunny=False),
    Kernel("sky", 0.8, sunny=True),
    Kernel("trail", 1.2, sunny=False),
)
"""Of the residual's regressions: kind of day and season; place in a run of free days; the date, since whole
industries rest in the same week each year; heating and cooling; clouds over the panels; and, where nothing
else tells of the weather, the residuals that yesterday left."""


def kernels_of(groups: Mapping[str, Groups], known: tuple[Kernel, ...]) -> tuple[Kernel, ...]:
    """The kernels of `known` whose features are among `groups`: a region without weather has fewer."""
    return tuple(one for one in known if one.name in groups)


@dataclass(frozen=True)
class InducingPoints:
    """The inducing points of one kernel at one origin hour, chosen among its training days."""

    centres: Array
    """(features,)."""
    multipliers: Array
    """(features,): weights over standard deviations."""
    marks: Array
    """(inducing points, features), scaled."""

    @classmethod
    def of(cls, groups: Groups, most: int) -> tuple[Self, Doubles, Doubles]:
        """Chooses at most `most` points among training days given by their groups of features; fewer where
        those explain all of the days.

        Returns the points; the days' coordinates (days, points), whose inner products are the kernel; and
        the matrix (points, points) by which kernel values k(x, points) become coordinates.
        """
        features = np.hstack([group for _, group in groups])
        centres, spread = scaling(features)
        multipliers = (feature_weights(groups) / spread).astype(np.float32)
        scaled = _scaled(groups, centres, multipliers)
        chosen, coordinates = _pivoted(scaled, most)
        back = np.asarray(np.linalg.inv(coordinates[chosen]).T, dtype=np.float64)
        return cls(centres, multipliers, scaled[chosen]), coordinates, back

    def __call__(self, groups: Groups) -> Array:
        """Kernel values (days, points): 1 for a day equal to a point, falling with the distance."""
        return gaussian(_scaled(groups, self.centres, self.multipliers), self.marks)


def scaling(features: Block) -> tuple[Array, Array]:
    """Means and standard deviations of (days, ...), 1 for what never changes. Summed in double precision: in
    single, a constant seems to change."""
    means, spread = features.mean(0, dtype=np.float64), features.std(0, dtype=np.float64)
    spread[spread < _CONSTANT] = 1.0
    return means.astype(np.float32), spread.astype(np.float32)


def feature_weights(groups: Groups) -> Doubles:
    """(features,): each group's weight divided by the square root of its number of features, so that a group
    does not weigh more for having more of them."""
    return np.concatenate([np.full(g.shape[1], weight / np.sqrt(g.shape[1])) for weight, g in groups])


def _scaled(groups: Groups, centres: Array, multipliers: Array) -> Array:
    most = (_CLIP * feature_weights(groups)).astype(np.float32)
    features = np.hstack([group for _, group in groups])
    return np.asarray(np.clip((features - centres) * multipliers, -most, most))


def gaussian(one: Array, two: Array) -> Array:
    """(len(one), len(two)): exp(-distance^2 / 2)."""
    squared = (one**2).sum(1)[:, None] + (two**2).sum(1)[None] - 2 * one @ two.T
    return _gaussian_of(squared)


def _gaussian_of(squared: Array) -> Array:
    """Of days at the `squared` distances; rounding may have made them negative."""
    return np.asarray(np.exp(-np.maximum(squared, 0) / 2))


def _pivoted(scaled: Array, most: int) -> tuple[Rows, Doubles]:
    """Rows of the points chosen among the days `scaled` (days, features), and the days' coordinates (days,
    points)."""
    days = len(scaled)
    lengths, doubled = (scaled**2).sum(1), 2 * scaled  # as `gaussian` has them, once for all points
    unexplained = np.ones(days)
    coordinates = np.zeros((days, min(most, days)))
    chosen: list[int] = []
    for number in range(coordinates.shape[1]):
        pivot = int(np.argmax(unexplained))
        if unexplained[pivot] < _UNEXPLAINED:
            break
        squared = lengths + lengths[pivot] - (doubled @ scaled[pivot : pivot + 1].T)[:, 0]
        column = _gaussian_of(squared).astype(np.float64)
        column -= coordinates[:, :number] @ coordinates[pivot, :number]
        coordinates[:, number] = column / np.sqrt(unexplained[pivot])
        unexplained = np.maximum(unexplained - coordinates[:, number] ** 2, 0)
        unexplained[pivot] = 0
        chosen.append(pivot)
    return np.array(chosen, dtype=np.int64), coordinates[:, : len(chosen)]
