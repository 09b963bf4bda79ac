"""Days that are alike err alike: kernels over the days ahead, each on a few landmark days.

A kernel is a Gaussian of the distance between two days' features. Its landmarks are chosen by pivoted
Cholesky factorisation (Fine and Scheinberg, 2001): each is the day that those before it tell least about,
so that a festival seen four times gets its own. On landmarks Z the kernel is k(x, Z) k(Z, Z)^-1 k(Z, x'),
Nystroem's form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from trainer.model.regressions.origin_features import Block, Rows

_TOLD: Final = 1e-3
"""Of a day's variance that may stay untold."""
_CONSTANT: Final = 1e-6
"""Standard deviation below which a feature does not change."""
_CLIP: Final = 5.0
"""Standard deviations at which a feature is held."""

Array = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Groups = list[tuple[float, Block]]
"""Weights and features (days, ...)."""


@dataclass(frozen=True)
class Likeness:
    """In what respect days are compared; their features are in `likenesses` of what a regression reads, under
    `name`."""

    name: str
    variance: float
    """Of what is forecast that it may explain, beside the noise's where it is fitted."""
    sunny: bool
    """Whether what it tells grows with the sunlight of the hour, as the output of panels does."""
    landmarks: int = 160
    """At most; fewer where they tell all of the training days."""


LIKENESSES: Final = (
    Likeness("calendar", 0.5, sunny=False),
    Likeness("rest", 1.0, sunny=False),
    Likeness("date", 0.1, sunny=False),
    Likeness("comfort", 0.8, sunny=False),
    Likeness("sky", 0.8, sunny=True),
    Likeness("trail", 1.2, sunny=False),
)
"""Of the residual's regressions: kind of day and season; place in a run of free days; the date, since whole
industries rest in the same week each year; heating and cooling; clouds over the panels; and, where nothing
else tells of the weather, the residuals that yesterday left."""


def likenesses(groups: Mapping[str, Groups], known: tuple[Likeness, ...]) -> tuple[Likeness, ...]:
    """Those of `known` that a region's facts allow, of which there are `groups` of features."""
    return tuple(one for one in known if one.name in groups)


@dataclass(frozen=True)
class Landmarks:
    """One likeness at one origin hour, made from training days."""

    centres: Array
    """(features,)."""
    multipliers: Array
    """(features,): weights over standard deviations."""
    marks: Array
    """(landmarks, features), scaled."""

    @classmethod
    def of(cls, groups: Groups, most: int) -> tuple[Self, Doubles, Doubles]:
        """From the training days' groups of features; at most `most`, fewer where those tell all of the days.

        Also the days' coordinates (days, landmarks), whose products are the kernel, and what turns
        likenesses to the landmarks into such coordinates (landmarks, landmarks).
        """
        features = np.hstack([group for _, group in groups])
        centres, spread = scaling(features)
        multipliers = (shares_of(groups) / spread).astype(np.float32)
        alike = _scaled(groups, centres, multipliers)
        chosen, coordinates = _pivoted(alike, most)
        back = np.asarray(np.linalg.inv(coordinates[chosen]).T, dtype=np.float64)
        return cls(centres, multipliers, alike[chosen]), coordinates, back

    def __call__(self, groups: Groups) -> Array:
        """(days, landmarks): 1 for a day equal to the landmark, falling as a Gaussian of the distance."""
        return gaussian(_scaled(groups, self.centres, self.multipliers), self.marks)


def scaling(features: Block) -> tuple[Array, Array]:
    """Means and standard deviations of (days, ...), 1 for what never changes. Summed in double precision: in
    single, a constant seems to change."""
    means, spread = features.mean(0, dtype=np.float64), features.std(0, dtype=np.float64)
    spread[spread < _CONSTANT] = 1.0
    return means.astype(np.float32), spread.astype(np.float32)


def shares_of(groups: Groups) -> Doubles:
    """(features,): a group's weight does not grow with its number of features."""
    return np.concatenate([np.full(g.shape[1], weight / np.sqrt(g.shape[1])) for weight, g in groups])


def _scaled(groups: Groups, centres: Array, multipliers: Array) -> Array:
    most = (_CLIP * shares_of(groups)).astype(np.float32)
    features = np.hstack([group for _, group in groups])
    return np.asarray(np.clip((features - centres) * multipliers, -most, most))


def gaussian(one: Array, two: Array) -> Array:
    """(len(one), len(two)): exp(-distance^2 / 2)."""
    squared = (one**2).sum(1)[:, None] + (two**2).sum(1)[None] - 2 * one @ two.T
    return np.asarray(np.exp(-np.maximum(squared, 0) / 2))


def _pivoted(alike: Array, most: int) -> tuple[Rows, Doubles]:
    """Landmarks among the days `alike` (days, features), and the days' coordinates (days, landmarks)."""
    days = len(alike)
    untold = np.ones(days)
    coordinates = np.zeros((days, min(most, days)))
    chosen: list[int] = []
    for number in range(coordinates.shape[1]):
        pivot = int(np.argmax(untold))
        if untold[pivot] < _TOLD:
            break
        column = gaussian(alike, alike[pivot : pivot + 1])[:, 0].astype(np.float64)
        column -= coordinates[:, :number] @ coordinates[pivot, :number]
        coordinates[:, number] = column / np.sqrt(untold[pivot])
        untold = np.maximum(untold - coordinates[:, number] ** 2, 0)
        untold[pivot] = 0
        chosen.append(pivot)
    return np.array(chosen, dtype=np.int64), coordinates[:, : len(chosen)]
