"""The residual by regression: a linear one for each hour of the day and lead time, and one by likeness.

The linear part is a ridge regression on what an `Outlook` shows, recent days weighing more and outliers
less. What it leaves over is forecast by kernel ridge regression: days ahead that resemble each other in
weather, last residuals, kind of day and season err alike. Both are solved in closed form. A thousand days
are few; on so few these beat a network, and averaged with it they beat themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from trainer.errors import DataError
from trainer.model.outlook import DAY, Block, Outlook, Rows
from trainer.model.windows import TAIL

_PENALTY: Final = 100.0
"""Ridge, per unit of standardised features and day."""
_HALF_LIFE: Final = 3 * 365.0
"""Days after which an example counts half."""
_CLIP: Final = 6.0
"""Standard deviations beyond which a feature is held: an extreme day is not extrapolated without end."""
_OUTLIER: Final = 0.25
"""Scaled residual error up to which an error counts squared, and beyond which by its size."""
_MOST_LEVERAGE: Final = 0.9
_LANDMARKS: Final = 256
_LENGTH: Final = 2.0
"""Length scale of the likeness."""
_KERNEL_PENALTY: Final = 2.0
LEARNT_DAYS: Final = 14
"""Days before an origin whose errors correct the forecast from it."""
_ERROR_HALF_LIFE: Final = 7.0
_CORRECTION: Final = 0.8
"""Share of the mean recent error that is taken off."""
_LARGEST_ERROR: Final = 0.8
"""Scaled; a larger one, such as a holiday's, is held to this."""
_FEWEST: Final = 20
"""Days below which an hour of the day gets no regression of its own."""

Array = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Regression:
    """One set of weights for each local hour of the day at which a forecast may begin."""

    place: Rows
    """(24,): which of the fitted hours, counted below as `fits`, each hour of the day uses."""
    means: Array
    """(fits, 24 leads, features)."""
    scales: Array
    weights: Array
    """(fits, 24, features + 1): the constant last."""
    groups: Array
    """(fits, likeness features): what each is multiplied with; their means are in `centres`."""
    centres: Array
    landmarks: Array
    """(fits, landmarks, likeness features)."""
    duals: Array
    """(fits, landmarks, 24 leads)."""

    def predict(self, outlook: Outlook, origins: Rows, tails: Block) -> Block:
        """(origins, 24): the scaled residual of the day ahead; `tails` (origins, 336) is what preceded it."""
        result = np.empty((len(origins), DAY), dtype=np.float32)
        fits = self.place[outlook.local_hour[origins]]
        for fit in np.unique(fits):
            rows = np.flatnonzero(fits == fit)
            result[rows] = self._at(int(fit), outlook, origins[rows], tails[rows])
        return result

    def roll(self, outlook: Outlook, residual: Block, origins: Rows, hours: int) -> Block:
        """(origins, hours): each day stands on the forecast of those before it.

        `residual` (hours of the outlook,), scaled; nothing at or after an origin is used for it. The mean
        error that the last 14 days' forecasts made at the same hour is taken off.
        """
        correction = self._recent_error(outlook, residual, origins)
        tails = residual[origins[:, None] + np.arange(-TAIL, 0)]
        blocks: list[Block] = []
        for begin in range(0, hours, DAY):
            block = self.predict(outlook, origins + begin, tails) - correction
            blocks.append(block)
            tails = np.concatenate([tails, block], axis=1)[:, DAY:]
        return np.concatenate(blocks, axis=1)[:, :hours]

    def _recent_error(self, outlook: Outlook, residual: Block, origins: Rows) -> Block:
        """(origins, 24): what was forecast too much of late; days before the first whole past count 0."""
        back = origins[:, None] - DAY * np.arange(1, LEARNT_DAYS + 1)  # (origins, days)
        made, place = np.unique(np.maximum(back, TAIL), return_inverse=True)
        forecast = self.predict(outlook, made, residual[made[:, None] + np.arange(-TAIL, 0)])
        error = forecast - residual[made[:, None] + np.arange(DAY)]
        error = np.clip(error, -_LARGEST_ERROR, _LARGEST_ERROR)[place.reshape(back.shape)]
        decay = 0.5 ** (1 / _ERROR_HALF_LIFE)
        weights = (1 - decay) * decay ** np.arange(LEARNT_DAYS) * (back >= TAIL)
        return np.asarray(_CORRECTION * np.einsum("nd,ndh->nh", weights, error), dtype=np.float32)

    def _at(self, fit: int, outlook: Outlook, origins: Rows, tails: Block) -> Block:
        features = outlook.linear(origins, tails)
        scaled = _standardised(features, self.means[fit], self.scales[fit])
        linear = np.einsum("nlf,lf->nl", scaled, self.weights[fit, :, :-1]) + self.weights[fit, :, -1]
        groups = [group for _, group in outlook.similarity(origins, tails)]
        alike = (np.hstack(groups) - self.centres[fit]) * self.groups[fit]
        return np.asarray(linear + _likeness(alike, self.landmarks[fit]) @ self.duals[fit])

    def tensors(self) -> dict[str, Tensor]:
        """For safetensors."""
        return {name: torch.from_numpy(np.ascontiguousarray(getattr(self, name))) for name in _FIELDS}

    @classmethod
    def from_tensors(cls, tensors: dict[str, Tensor]) -> Self:
        """Raises KeyError when one is missing."""
        return cls(**{name: tensors[name].numpy() for name in _FIELDS})


_FIELDS: Final = ("place", "means", "scales", "weights", "groups", "centres", "landmarks", "duals")


def fit_regression(
    outlook: Outlook, residual: Array, clean: Rows, only: Sequence[int] | None = None
) -> Regression:
    """From the origins `clean`, whose day ahead and past are known; `residual` (hours,), scaled.

    `only`: local hours that get a regression of their own, all 24 unless given.

    An hour of the day with fewer than 20 origins takes over the regression of the nearest one. Raises
    DataError when no hour has as many.
    """
    hours = outlook.local_hour[clean]
    counts = np.bincount(hours, minlength=DAY)
    wanted = np.isin(np.arange(DAY), range(DAY) if only is None else only)
    fitted = np.flatnonzero((counts >= _FEWEST) & wanted)
    if fitted.size == 0:
        raise DataError(
            f"no hour of the day has {_FEWEST} training windows without unknown demand; "
            "fill the gaps or ingest more history"
        )
    landmarks = min(_LANDMARKS, int(counts[fitted].min()))
    parts = [_fit_hour(outlook, residual, clean[hours == hour], landmarks) for hour in fitted]
    place = np.array([np.abs(fitted - hour).argmin() for hour in range(DAY)], dtype=np.int64)
    stacked = {name: np.stack([part[name] for part in parts]) for name in parts[0]}
    return Regression(place=place, **stacked)


def _fit_hour(outlook: Outlook, residual: Array, origins: Rows, landmarks: int) -> dict[str, Array]:
    tails = residual[origins[:, None] + np.arange(-TAIL, 0)]
    target = residual[origins[:, None] + np.arange(DAY)]  # (days, leads)
    features = outlook.linear(origins, tails)  # (days, leads, features)
    means, scales = features.mean(0), features.std(0)
    scales[scales < 1e-6] = 1.0
    scaled = _standardised(features, means, scales).transpose(1, 0, 2)  # (leads, days, features)
    scaled = np.concatenate([scaled, np.ones((*scaled.shape[:2], 1), dtype=np.float32)], axis=-1)
    age = (origins[-1] - origins) / DAY
    recency = 0.5 ** (age / _HALF_LIFE)
    gram, moment = _sums(scaled, target, np.repeat(recency[None], DAY, 0))
    error = np.abs(target.T - _times(scaled, _solve(gram, moment)))
    robust = recency / np.maximum(error, _OUTLIER)
    robust /= robust.mean(1, keepdims=True)
    gram, moment = _sums(scaled, target, robust)
    weights = _solve(gram, moment)
    left = target.T - _times(scaled, weights)
    left /= 1 - _leverage(scaled, gram, robust)
    return {
        "means": means,
        "scales": scales,
        "weights": weights.astype(np.float32),
        **_fit_likeness(outlook.similarity(origins, tails), left.T, recency, landmarks),
    }


def _sums(scaled: Array, target: Array, weights: Doubles) -> tuple[Doubles, Doubles]:
    """Penalised weighted Gram matrices (leads, features, features) and moments (leads, features)."""
    weighted = (scaled * weights[..., None].astype(np.float32)).transpose(0, 2, 1)
    gram = np.matmul(weighted, scaled).astype(np.float64)
    penalty = np.full(gram.shape[-1], _PENALTY)
    penalty[-1] = 1e-6  # the constant
    gram += np.diag(penalty)
    return gram, np.matmul(weighted, target.T[..., None])[..., 0].astype(np.float64)


def _solve(gram: Doubles, moment: Doubles) -> Doubles:
    return np.asarray(np.linalg.solve(gram, moment[..., None])[..., 0])


def _times(scaled: Array, weights: Doubles) -> Doubles:
    return np.asarray(np.matmul(scaled, weights[..., None].astype(np.float32))[..., 0], dtype=np.float64)


def _leverage(scaled: Array, gram: Doubles, weights: Doubles) -> Doubles:
    """(leads, days): how far each day pulls its own fit; its error without it is the error over 1 - leverage
    (Allen's PRESS, 1974)."""
    inverse = np.linalg.inv(gram).astype(np.float32)
    pulled = (np.matmul(scaled, inverse) * scaled).sum(-1) * weights
    return np.asarray(np.minimum(pulled, _MOST_LEVERAGE))


def _fit_likeness(
    groups: list[tuple[float, Block]], left: Doubles, recency: Doubles, landmarks: int
) -> dict[str, Array]:
    """Nystroem's form of kernel ridge regression, on landmarks spread evenly over the days."""
    features = np.hstack([group for _, group in groups])
    centres, spread = features.mean(0), features.std(0)
    spread[spread < 1e-6] = 1.0
    share = np.concatenate([np.full(g.shape[1], weight / np.sqrt(g.shape[1])) for weight, g in groups])
    multipliers = (share / spread).astype(np.float32)
    alike = (features - centres) * multipliers
    marks = alike[np.linspace(0, len(alike) - 1, landmarks).astype(np.int64)]
    cross = _likeness(alike, marks).astype(np.float64)
    own = _likeness(marks, marks).astype(np.float64)
    weighted = cross * recency[:, None]
    system = weighted.T @ cross + _KERNEL_PENALTY * own + 1e-6 * np.eye(landmarks)
    duals = np.linalg.solve(system, weighted.T @ left)
    return {
        "groups": multipliers,
        "centres": centres.astype(np.float32),
        "landmarks": marks.astype(np.float32),
        "duals": duals.astype(np.float32),
    }


def _likeness(one: Array, two: Array) -> Array:
    """(len(one), len(two)): 1 for equal days, falling as a Gaussian of their distance."""
    squared = (one**2).sum(1)[:, None] + (two**2).sum(1)[None] - 2 * one @ two.T
    return np.asarray(np.exp(-np.maximum(squared, 0) / (2 * _LENGTH**2)))


def _standardised(features: Block, means: Array, scales: Array) -> Array:
    return np.asarray(np.clip((features - means) / scales, -_CLIP, _CLIP))
