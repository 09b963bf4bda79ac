"""Trained networks as NumPy arrays: what `training.residual_network` computes, without PyTorch.

A forecast is a millisecond of small matrix products; importing PyTorch takes longer than all the rest of it.
The members of the ensemble are the first axis of every array, so one product serves them all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from trainer.model.config import ModelConfig
from trainer.model.covariates.windows import LAG_COLUMNS, LAG_DAYS, LAST_HOURS, SEPARATE_LAGS, TAIL
from trainer.model.regressions.origin_features import Block, Rows

Array = npt.NDArray[np.float32]

_GATES: Final = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
"""Of one direction of an LSTM, as PyTorch names them; each holds input, forget, cell and output gate."""


@dataclass(frozen=True)
class Networks:
    """Members differ by seed alone; their quantiles are averaged."""

    config: ModelConfig
    weights: dict[str, Array]
    """By PyTorch's names, (members, ...)."""

    @classmethod
    def of(cls, tensors: Mapping[str, npt.NDArray[Any]], config: ModelConfig, known: int) -> Self:
        """From the tensors of a trained ensemble, by PyTorch's names; `known`: features per hour that it
        reads.

        Raises KeyError when a tensor is missing, ValueError when one has another shape than `config` asks
        for.
        """
        shapes = _shapes(config, known)
        weights = {
            name: np.stack([tensors[f"members.{number}.{name}"] for number in range(config.members)])
            for name in shapes
        }
        for name, shape in shapes.items():
            if weights[name].shape[1:] != shape:
                raise ValueError(f"{name} has shape {weights[name].shape[1:]}, the model's config {shape}")
        return cls(config, {name: np.asarray(values, dtype=np.float32) for name, values in weights.items()})

    def tensors(self) -> dict[str, Array]:
        """The weights by PyTorch's names, as `of` takes them."""
        return {
            f"members.{number}.{name}": np.ascontiguousarray(one)
            for name, values in self.weights.items()
            for number, one in enumerate(values)
        }

    @property
    def known(self) -> int:
        """Features per hour that the networks read."""
        return int(self.weights["hour_in.weight"].shape[-1]) - LAG_COLUMNS

    def forecast_recursively(self, known: Block, residual: Block, origins: Rows, hours: int) -> Block:
        """(origins, hours, quantiles) of the scaled residual from each row of `origins` on. One pass is of
        `config.horizon` hours; a later pass reads the medians of the passes before it as if they had come.

        `known` (hours, features) and `residual` (hours,), both scaled; nothing of the residual at or after
        an origin is read.
        """
        window, horizon = self.config.window, self.config.horizon
        tails = residual[origins[:, None] + np.arange(-TAIL, 0)]
        blocks: list[Block] = []
        for begin in range(0, hours, horizon):
            at = origins[:, None] + begin
            seen = [tails[:, -window:, None], known[at + np.arange(-window, 0)]]
            ahead = [known[at + np.arange(horizon)], _lags(tails, horizon)]
            block = self._pass(np.concatenate(seen, axis=-1), np.concatenate(ahead, axis=-1)).mean(0)
            blocks.append(block)
            median = block[..., block.shape[-1] // 2]
            tails = np.concatenate([tails, median], axis=1)[:, horizon:]
        return np.concatenate(blocks, axis=1)[:, :hours]

    def _pass(self, past: Block, ahead: Block) -> Array:
        """past (batch, window, 1 + known), ahead (batch, horizon, known + lags) -> (members, batch, horizon,
        quantiles)."""
        config, batch = self.config, len(past)
        segments = past.reshape(1, batch, config.window // config.segment, -1)
        none = np.zeros((config.members, batch, config.hidden), dtype=np.float32)
        _, context = _lstm(silu(self._linear("segment_in", segments)), self._gates("encoder"), none, none)
        hours = silu(self._linear("hour_in", ahead[None]))
        # Both directions at once, as twice as many members; the second reads the day from its end.
        begin = np.concatenate(np.split(self._linear("start", context), 2, axis=-1))
        both_ways = np.concatenate([hours, hours[:, :, ::-1]])
        walked, _ = _lstm(both_ways, self._gates("decoder", "", "_reverse"), np.tanh(begin), begin)
        there, back = np.split(walked, 2)
        walked = np.concatenate([there, back[:, :, ::-1], hours], axis=-1)
        out = self._linear("head.2", silu(self._linear("head.0", walked)))
        if config.wide:
            day = silu(self._linear("day.1", ahead.reshape(1, batch, -1)))
            out = out + self._linear("day.7", silu(self._linear("day.4", day))).reshape(out.shape)
        return _ascending(out)

    def _linear(self, name: str, inputs: Array) -> Array:
        """(members or 1, ..., features) -> (members, ..., columns)."""
        weight, bias = self.weights[f"{name}.weight"], self.weights[f"{name}.bias"]
        rows = inputs.reshape(len(inputs), -1, inputs.shape[-1])
        out = rows @ weight.swapaxes(1, 2) + bias[:, None]
        return np.asarray(out.reshape(len(weight), *inputs.shape[1:-1], -1))

    def _gates(self, layer: str, *ways: str) -> list[Array]:
        """Weights and biases of the gates of one LSTM layer, its directions one after the other."""
        return [
            np.concatenate([self.weights[f"{layer}.{name}{way}"] for way in ways or ("",)]) for name in _GATES
        ]


def _lstm(inputs: Array, gates: list[Array], hidden: Array, cell: Array) -> tuple[Array, Array]:
    """(members, batch, steps, features) -> all outputs (members, batch, steps, hidden) and the last one."""
    from_input, from_hidden, *biases = gates
    steps, size = inputs.shape[2], hidden.shape[-1]
    rows = inputs.reshape(len(inputs), -1, inputs.shape[-1])
    told = rows @ from_input.swapaxes(1, 2) + (biases[0] + biases[1])[:, None]
    told = told.reshape(*inputs.shape[:3], -1)
    recurrent = np.ascontiguousarray(from_hidden.swapaxes(1, 2))
    outputs = np.empty((*inputs.shape[:3], size), dtype=np.float32)
    for step in range(steps):
        asked = told[:, :, step] + hidden @ recurrent
        let_in, keep, new, let_out = (asked[..., k * size : (k + 1) * size] for k in range(4))
        cell = _sigmoid(keep) * cell + _sigmoid(let_in) * np.tanh(new)
        hidden = _sigmoid(let_out) * np.tanh(cell)
        outputs[:, :, step] = hidden
    return outputs, hidden


def _lags(tails: Block, horizon: int) -> Block:
    """(batch, horizon, LAG_COLUMNS) from `tails` (batch, 336): the same as `device_windows.DeviceWindows`
    makes."""
    days = tails.reshape(-1, LAG_DAYS, 24)[:, ::-1].swapaxes(1, 2)  # (batch, 24, days back)
    recent = days[..., :SEPARATE_LAGS]
    last = np.repeat(tails[:, None, -LAST_HOURS:], 24, axis=1)
    means = [recent.mean(-1, keepdims=True), days.mean(-1, keepdims=True)]
    lags = np.concatenate([recent, *means, last], axis=-1)
    return np.tile(lags, (1, -(-horizon // 24), 1))[:, :horizon]


def _shapes(config: ModelConfig, known: int) -> dict[str, tuple[int, ...]]:
    """Name -> shape of each of one member's tensors."""
    hidden, hour, quantiles = config.hidden, known + LAG_COLUMNS, len(config.quantiles)
    linear = {
        "segment_in": (hidden, config.segment * (1 + known)),
        "hour_in": (hidden, hour),
        "start": (2 * hidden, hidden),
        "head.0": (hidden, 3 * hidden),
        "head.2": (quantiles, hidden),
    }
    if config.wide:
        linear |= {
            "day.1": (config.wide, config.horizon * hour),
            "day.4": (config.wide, config.wide),
            "day.7": (config.horizon * quantiles, config.wide),
        }
    shapes: dict[str, tuple[int, ...]] = {}
    for name, (columns, features) in linear.items():
        shapes |= {f"{name}.weight": (columns, features), f"{name}.bias": (columns,)}
    for layer in ("encoder", "decoder"):
        for way in ("",) if layer == "encoder" else ("", "_reverse"):
            of_gates = [(4 * hidden, hidden), (4 * hidden, hidden), (4 * hidden,), (4 * hidden,)]
            shapes |= {f"{layer}.{gate}{way}": shape for gate, shape in zip(_GATES, of_gates, strict=True)}
    return shapes


def _ascending(out: Array) -> Array:
    """Quantiles that do not cross, as `training.residual_network` makes them from the raw outputs."""
    middle = out.shape[-1] // 2
    centre = out[..., middle : middle + 1]
    below = -np.cumsum(_softplus(out[..., :middle][..., ::-1]), axis=-1)[..., ::-1]
    above = np.cumsum(_softplus(out[..., middle + 1 :]), axis=-1)
    return np.concatenate([centre + below, centre, centre + above], axis=-1)


def _sigmoid(values: Array) -> Array:
    return np.asarray(np.float32(0.5) * (1 + np.tanh(np.float32(0.5) * values)))  # overflows nowhere


def silu(values: Array) -> Array:
    return np.asarray(values * _sigmoid(values))


def _softplus(values: Array) -> Array:
    return np.asarray(np.logaddexp(np.float32(0), values))
