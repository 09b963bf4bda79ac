"""The residual by regression: for each hour of the day and lead time, linear and by likeness together.

The linear part reads what an `Outlook` shows from an origin; kernels say how days ahead that are alike in
calendar, comfort or sky (see `likeness`) depart from it alike. Both are one Gaussian process regression
(Rasmussen and Williams, 2006, chapter 2) with Huber's loss, its kernels on landmarks: solved in closed form,
recent days weighing more. A thousand days are few: on so few it beats a network, and averaged, itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from trainer.model.likeness import Array, Landmarks, likenesses
from trainer.model.outlook import DAY, Block, Outlook, Rows
from trainer.model.windows import TAIL

_CLIP: Final = 6.0
"""Standard deviations beyond which a feature is held: an extreme day is not extrapolated without end."""
LEARNT_DAYS: Final = 28
"""Days before an origin whose errors correct the forecast from it."""
_ERROR_HALF_LIFE: Final = 10.0
_CORRECTION: Final = 0.8
"""Share of the mean recent error that is taken off."""
_LARGEST_ERROR: Final = 0.8
"""Scaled; a larger one, such as a holiday's, is held to this."""
_LINEAR: Final = ("means", "scales", "weights")
_LANDMARKS: Final = ("centres", "multipliers", "marks")
_DUALS: Final = ".duals"


@dataclass(frozen=True)
class HourRegression:
    """What is forecast from origins at one local hour."""

    means: Array
    """(24 leads, features)."""
    scales: Array
    weights: Array
    """(24, features + 1): the constant last."""
    landmarks: dict[str, Landmarks]
    duals: dict[str, Array]
    """By likeness: (landmarks, 24)."""

    def predict(self, outlook: Outlook, origins: Rows, tails: Block) -> Array:
        """(origins, 24)."""
        scaled = standardise(outlook.linear(origins, tails), self.means, self.scales)
        result = np.einsum("nlf,lf->nl", scaled, self.weights[:, :-1]) + self.weights[:, -1]
        groups = outlook.likenesses(origins, tails)
        for one in likenesses(groups):
            told = self.landmarks[one.name](groups[one.name]) @ self.duals[one.name]
            result += outlook.sun(origins) * told if one.sunny else told
        return np.asarray(result)


@dataclass(frozen=True)
class Regression:
    """One regression for each local hour of the day at which a forecast may begin."""

    place: Rows
    """(24,): which of `hours` each hour of the day uses."""
    hours: tuple[HourRegression, ...]

    @property
    def complete(self) -> bool:
        """Whether each hour of the day has one of its own."""
        return len(self.hours) == DAY

    def predict(self, outlook: Outlook, origins: Rows, tails: Block) -> Block:
        """(origins, 24): the scaled residual of the day ahead; `tails` (origins, 336) is what preceded it."""
        result = np.empty((len(origins), DAY), dtype=np.float32)
        places = self.place[outlook.local_hour[origins]]
        for place in np.unique(places):
            rows = np.flatnonzero(places == place)
            result[rows] = self.hours[int(place)].predict(outlook, origins[rows], tails[rows])
        return result

    def roll(self, outlook: Outlook, residual: Block, origins: Rows, hours: int) -> Block:
        """(origins, hours): each day stands on the forecast of those before it.

        `residual` (hours of the outlook,), scaled; nothing at or after an origin is used for it. The mean
        error that the last 28 days' forecasts made at the same hour is taken off.
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

    def tensors(self) -> dict[str, npt.NDArray[Any]]:
        """For safetensors."""
        arrays: dict[str, npt.NDArray[Any]] = {"place": self.place}
        for number, hour in enumerate(self.hours):
            arrays |= {f"{number}.{name}": getattr(hour, name) for name in _LINEAR}
            for name, marks in hour.landmarks.items():
                arrays |= {f"{number}.{name}.{part}": getattr(marks, part) for part in _LANDMARKS}
                arrays[f"{number}.{name}{_DUALS}"] = hour.duals[name]
        return {name: np.ascontiguousarray(values) for name, values in arrays.items()}

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, npt.NDArray[Any]]) -> Self:
        """Raises KeyError when one is missing."""
        place = tensors["place"]
        names: dict[int, list[str]] = {number: [] for number in range(int(place.max()) + 1)}
        for number, _, rest in (key.partition(".") for key in tensors if key.endswith(_DUALS)):
            names[int(number)].append(rest.removesuffix(_DUALS))
        hours = [
            HourRegression(
                **{name: tensors[f"{number}.{name}"] for name in _LINEAR},
                landmarks={
                    name: Landmarks(*(tensors[f"{number}.{name}.{part}"] for part in _LANDMARKS))
                    for name in found
                },
                duals={name: tensors[f"{number}.{name}{_DUALS}"] for name in found},
            )
            for number, found in names.items()
        ]
        return cls(place, tuple(hours))


def standardise(features: Block, means: Array, scales: Array) -> Array:
    """In place: in training they are the largest array."""
    features -= means
    features /= scales
    return np.clip(features, -_CLIP, _CLIP, out=features)
