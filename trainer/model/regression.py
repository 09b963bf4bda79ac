"""The residual by regression: for each hour of the day and lead time, linear and by likeness together.

The linear part reads what an `Outlook` shows from an origin; kernels say how days ahead that are alike in
calendar, comfort or sky (see `likeness`) depart from it alike. Both are one Gaussian process regression
(Rasmussen and Williams, 2006, chapter 2) with Huber's loss, its kernels on landmarks: solved in closed form,
recent days weighing more. A thousand days are few: on so few it beats a network, and averaged, itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from trainer.errors import DataError
from trainer.model.gaussian_process import Kernel, System
from trainer.model.likeness import Array, Landmarks, likenesses
from trainer.model.outlook import DAY, Block, Outlook, Rows
from trainer.model.windows import TAIL

_HALF_LIFE: Final = 3 * 365.0
"""Days after which an example counts half."""
_CLIP: Final = 6.0
"""Standard deviations beyond which a feature is held: an extreme day is not extrapolated without end."""
LEARNT_DAYS: Final = 28
"""Days before an origin whose errors correct the forecast from it."""
_ERROR_HALF_LIFE: Final = 10.0
_CORRECTION: Final = 0.8
"""Share of the mean recent error that is taken off."""
_LARGEST_ERROR: Final = 0.8
"""Scaled; a larger one, such as a holiday's, is held to this."""
_FEWEST: Final = 20
"""Days below which an hour of the day gets no regression of its own."""


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
        scaled = _standardised(outlook.linear(origins, tails), self.means, self.scales)
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

    def tensors(self) -> dict[str, Tensor]:
        """For safetensors."""
        arrays: dict[str, npt.NDArray[np.generic]] = {"place": self.place}
        for number, hour in enumerate(self.hours):
            arrays |= {f"{number}.{name}": getattr(hour, name) for name in _LINEAR}
            for name, marks in hour.landmarks.items():
                arrays |= {f"{number}.{name}.{part}": getattr(marks, part) for part in _LANDMARKS}
                arrays[f"{number}.{name}.duals"] = hour.duals[name]
        return {name: torch.from_numpy(np.ascontiguousarray(values)) for name, values in arrays.items()}

    @classmethod
    def from_tensors(cls, tensors: dict[str, Tensor]) -> Self:
        """Raises KeyError when one is missing."""
        arrays = {name: tensor.numpy() for name, tensor in tensors.items()}
        place = arrays["place"]
        hours = []
        for number in range(int(place.max()) + 1):
            own, ending = f"{number}.", ".duals"
            found = [key for key in arrays if key.startswith(own) and key.endswith(ending)]
            names = [key.removeprefix(own).removesuffix(ending) for key in found]
            marks = {name: [arrays[f"{own}{name}.{part}"] for part in _LANDMARKS] for name in names}
            hours.append(
                HourRegression(
                    **{name: arrays[own + name] for name in _LINEAR},
                    landmarks={name: Landmarks(*parts) for name, parts in marks.items()},
                    duals={name: arrays[f"{own}{name}{ending}"] for name in names},
                )
            )
        return cls(place, tuple(hours))


_LINEAR: Final = ("means", "scales", "weights")
_LANDMARKS: Final = ("centres", "multipliers", "marks")


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
    place = np.array([np.abs(fitted - hour).argmin() for hour in range(DAY)], dtype=np.int64)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # a system of some hundred unknowns is too small to be shared; the hours are
    try:
        with ThreadPoolExecutor(threads) as pool:
            each = [pool.submit(_fit_hour, outlook, residual, clean[hours == hour]) for hour in fitted]
            return Regression(place, tuple(one.result() for one in each))
    finally:
        torch.set_num_threads(threads)


def _fit_hour(outlook: Outlook, residual: Array, origins: Rows) -> HourRegression:
    tails = residual[origins[:, None] + np.arange(-TAIL, 0)]
    features = outlook.linear(origins, tails)  # (days, leads, features)
    means, scales = features.mean(0), features.std(0)
    scales[scales < 1e-6] = 1.0
    groups = outlook.likenesses(origins, tails)
    sun = outlook.sun(origins)
    kernels = [Kernel.of(one, groups[one.name], sun) for one in likenesses(groups)]
    system = System(
        linear=_standardised(features, means, scales),
        penalties=outlook.penalties(),
        kernels=kernels,
        importance=0.5 ** ((origins[-1] - origins) / DAY / _HALF_LIFE),
    )
    target = np.ascontiguousarray(residual[origins[:, None] + np.arange(DAY)].T)  # (leads, days)
    solved = np.stack([system.solve(lead, target[lead]) for lead in range(DAY)])  # (leads, unknowns)
    count = features.shape[-1]
    duals, begin = {}, count + 1
    for kernel in kernels:
        end = begin + kernel.coordinates.shape[1]
        duals[kernel.likeness.name] = (kernel.back @ solved[:, begin:end].T).astype(np.float32)
        begin = end
    return HourRegression(
        means,
        scales,
        solved[:, : count + 1].astype(np.float32),
        {kernel.likeness.name: kernel.landmarks for kernel in kernels},
        duals,
    )


def _standardised(features: Block, means: Array, scales: Array) -> Array:
    return np.asarray(np.clip((features - means) / scales, -_CLIP, _CLIP))
