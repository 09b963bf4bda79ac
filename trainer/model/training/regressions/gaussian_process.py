"""Solves the regressions of one origin hour: linear features and kernels in one system for each lead time.

Gaussian process regression (Rasmussen and Williams, 2006, chapter 2), its kernels on landmarks, with Huber's
loss instead of squares.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import torch
from torch import Tensor

from trainer.model.regressions.kernels import Array, Doubles, Groups, Landmarks, Likeness, likenesses
from trainer.model.regressions.origin_features import Block

_OUTLIER: Final = 0.25
"""Scaled residual error beyond which an error counts by its size and not by its square."""
_ROUNDS: Final = 8
"""Of pulling outliers in (Huber and Ronchetti, 2009, section 7.8: modified residuals)."""


@dataclass(frozen=True)
class Kernel:
    """A likeness on the training days of one origin hour."""

    likeness: Likeness
    landmarks: Landmarks
    coordinates: Array
    """(days, landmarks)."""
    back: Doubles
    """(landmarks, landmarks): from weights of the coordinates to duals."""
    sun: Array
    """(days, leads), or (days, 1) where all leads share it: what the coordinates are multiplied with."""

    @classmethod
    def each(
        cls, known: tuple[Likeness, ...], groups: Mapping[str, Groups], sun: Block, typical_sun: float
    ) -> list[Self]:
        """Of the likenesses among `known` that there are `groups` for; the rest as in `of`."""
        typical = max(typical_sun, 1e-6)
        return [cls.of(one, groups[one.name], sun, typical) for one in likenesses(groups, known)]

    @classmethod
    def of(cls, likeness: Likeness, groups: Groups, sun: Block, typical_sun: float) -> Self:
        """`typical_sun`: at which a sunny likeness has its variance, in every country alike."""
        landmarks, coordinates, back = Landmarks.of(groups, likeness.landmarks)
        scale = np.sqrt(likeness.variance) / (typical_sun if likeness.sunny else 1.0)
        factor = sun if likeness.sunny else np.ones_like(sun)
        return cls(likeness, landmarks, (coordinates * scale).astype(np.float32), back * scale, factor)


@dataclass(frozen=True)
class System:
    """The regressions of one origin hour: columns [linear | 1 | each kernel's coordinates]."""

    linear: Array
    """(days, leads, features), standardised."""
    penalties: Doubles
    kernels: list[Kernel]
    importance: Doubles
    """(days,)."""

    def solve(self, lead: int, target: Array) -> Doubles:
        """The unknowns of one lead time, in the columns' order; `target` (days,)."""
        # Torch alone: two libraries with threads of their own would wait for each other at every turn.
        columns, wanted = torch.from_numpy(self._columns(lead)), torch.from_numpy(target)
        weighted = columns * torch.from_numpy(self.importance / self.importance.mean()).float()[:, None]
        kernels = np.ones(columns.shape[1] - len(self.penalties) - 1)
        penalty = np.concatenate([self.penalties, [1e-6], kernels])  # the constant is free
        gram = (weighted.T @ columns).double() + torch.diag(torch.from_numpy(penalty))
        factor = torch.linalg.cholesky(gram)
        pulled = wanted
        for _ in range(_ROUNDS):
            fitted = columns @ self._solved(factor, weighted, pulled).float()
            pulled = fitted + (wanted - fitted).clamp(-_OUTLIER, _OUTLIER)
        return np.asarray(self._solved(factor, weighted, pulled).numpy())

    def _columns(self, lead: int) -> Array:
        ones = np.ones((len(self.importance), 1), dtype=np.float32)
        told = [kernel.coordinates * kernel.sun[:, lead, None] for kernel in self.kernels]
        return np.concatenate([self.linear[:, lead], ones, *told], axis=1)

    @staticmethod
    def _solved(factor: Tensor, weighted: Tensor, target: Tensor) -> Tensor:
        return torch.cholesky_solve((weighted.T @ target).double()[:, None], factor)[:, 0]
