"""Trained day networks as plain arrays: what `day_training.DayNetwork` computes, without PyTorch.

Each is a perceptron that reads the last week's demand and the whole day ahead at once and says the day's
demand. The members are the first axis of every array.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from trainer.model.arrays import Matrix, Vector
from trainer.model.day_inputs import WEEK, DayInputs
from trainer.model.networks import silu
from trainer.model.outlook import DAY, Block, Rows

Array = npt.NDArray[np.float32]

_LAYERS: Final = ("first", "second", "out", "straight")
_PARTS: Final = ("weight", "bias")
_CONSTANT: Final = 1e-6
"""Standard deviation below which a value does not change."""
_CLIP: Final = 6.0
"""Standard deviations at which an input is held."""


@dataclass(frozen=True)
class DayScaling:
    """Of inputs and of what is said, from the training days."""

    means: Array
    """(features,)."""
    scales: Array
    """Infinite for a feature that never changed: what was not learnt from has no say."""
    spread: float
    """Of the hours ahead about the mean of the week before, log MW."""

    @classmethod
    def of(cls, features: Block, days: Block) -> Self:
        """From training windows: inputs (windows, features), days ahead (windows, 24)."""
        scales = features.std(0)
        scales[scales < _CONSTANT] = np.inf
        return cls(features.mean(0), scales, max(float(days.std()), _CONSTANT))

    def inputs(self, features: Block) -> Block:
        scaled = np.clip((features - self.means) / self.scales, -_CLIP, _CLIP)
        return np.asarray(scaled, dtype=np.float32)

    def targets(self, days: Block) -> Block:
        return np.asarray(days / self.spread, dtype=np.float32)

    def days(self, said: Block) -> Block:
        """What `targets` was made from."""
        return np.asarray(said * self.spread)


@dataclass(frozen=True)
class DayNetworks:
    """Members differ by seed alone and are averaged."""

    scaling: DayScaling
    weights: dict[str, Array]
    """`<layer>.weight` (members, columns, features) and `<layer>.bias` (members, columns)."""

    def roll(self, inputs: DayInputs, log_demand: Vector, origins: Rows, hours: int) -> Matrix:
        """(origins, hours) log MW: each day stands on what was said of those before it.

        `log_demand` (hours of the inputs,) without holes; nothing at or after an origin is read.
        """
        tails = log_demand[origins[:, None] + np.arange(-WEEK, 0)]
        said: list[Matrix] = []
        for begin in range(0, hours, DAY):
            level = tails.mean(1, keepdims=True)
            features = inputs(origins + begin, (tails - level).astype(np.float32))
            day = level + self.said(features)
            said.append(day)
            tails = np.concatenate([tails, day], axis=1)[:, DAY:]
        return np.concatenate(said, axis=1)[:, :hours]

    def said(self, features: Block) -> Array:
        """(origins, features) -> (origins, 24): log MW less the mean of the week before."""
        inputs = self.scaling.inputs(features)[None]
        hidden = silu(self._layer("second", silu(self._layer("first", inputs))))
        return self.scaling.days((self._layer("out", hidden) + self._layer("straight", inputs)).mean(0))

    def _layer(self, name: str, inputs: Array) -> Array:
        """(members or 1, origins, features) -> (members, origins, columns)."""
        weight, bias = self.weights[f"{name}.weight"], self.weights[f"{name}.bias"]
        return np.asarray(inputs @ weight.swapaxes(1, 2) + bias[:, None])

    def tensors(self) -> dict[str, npt.NDArray[Any]]:
        """For safetensors."""
        scaling = self.scaling
        made = {"means": scaling.means, "scales": scaling.scales, "spread": np.array([scaling.spread])}
        return {name: np.ascontiguousarray(values) for name, values in (made | self.weights).items()}

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, npt.NDArray[Any]]) -> Self:
        """Raises KeyError when one is missing, ValueError when shapes do not fit each other."""
        scaling = DayScaling(tensors["means"], tensors["scales"], float(tensors["spread"][0]))
        weights = {f"{layer}.{part}": tensors[f"{layer}.{part}"] for layer in _LAYERS for part in _PARTS}
        members, hidden, _ = weights["first.weight"].shape
        features = len(scaling.means)
        layers: dict[str, tuple[int, ...]] = {
            "first": (hidden, features),
            "second": (hidden, hidden),
            "out": (DAY, hidden),
            "straight": (DAY, features),
        }
        wanted: dict[str, tuple[int, ...]] = {"scales": (features,)}
        for layer, shape in layers.items():
            wanted |= {f"{layer}.weight": (members, *shape), f"{layer}.bias": (members, shape[0])}
        for name, shape in wanted.items():
            if tensors[name].shape != shape:
                raise ValueError(f"{name} has shape {tensors[name].shape}, the others ask for {shape}")
        return cls(scaling, weights)
