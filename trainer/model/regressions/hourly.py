"""A regression for each local hour of the day at which a forecast may begin, and forecasts beyond a day."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, Protocol, Self, TypeVar

import numpy as np
import numpy.typing as npt

from trainer.model.covariates.windows import TAIL
from trainer.model.regressions.kernels import Array, Groups, InducingPoints, Kernel, kernels_of
from trainer.model.regressions.origin_features import DAY, Block, Rows

Values = npt.NDArray[np.floating[Any]]
"""Residuals in single precision, transformed demand in double."""

LEARNT_DAYS: Final = 28
"""Days before an origin whose errors correct the forecast from it."""
_SLOW, _FAST = 10.0, 5.0
"""Half-lives of recent errors, days. Without weather the fast one was better in one country and worse in
another (docs/ablation.md); artifacts that name none were made for the slow one."""
_HALF_LIFE: Final = "error_half_life"
_CORRECTION: Final = 0.8
"""Share of the mean recent error that is taken off."""
_CLIP: Final = 6.0
"""Standard deviations beyond which a feature is held: an extreme day is not extrapolated without end."""
_LINEAR: Final = ("means", "scales", "weights")
_SCALING: Final = ("centres", "multipliers")
_DUALS: Final = "duals"


class Facts(Protocol):
    """The covariates of a run of hours, as a regression reads them."""

    @property
    def local_hour(self) -> Rows: ...


Known = TypeVar("Known", bound=Facts)


@dataclass(frozen=True)
class HourRegression:
    """The fitted regression of origins at one local hour: a linear part and one part of each kernel."""

    means: Array
    """(..., features)."""
    scales: Array
    """As `means`."""
    weights: Array
    """(24, features + 1): the constant last."""
    inducing_points: dict[str, InducingPoints]
    duals: dict[str, Array]
    """By kernel: its weights, (inducing points, lead times)."""

    def kernel_forecast(self, known: tuple[Kernel, ...], groups: Mapping[str, Groups], sun: Block) -> Values:
        """The kernels' part of the forecast, (origins, 24), in the unit of what was fitted.

        `groups`: each kernel's features of the origins; `sun`: the solar proxy that sunny kernels are
        multiplied by, (origins, 24), or (origins, 1) where all lead times share it.
        """
        from_kernels = np.zeros((len(sun), DAY), dtype=np.float32)
        for one in kernels_of(groups, known):
            similarity = self.inducing_points[one.name](groups[one.name]) @ self.duals[one.name]
            from_kernels += sun * similarity if one.sunny else similarity
        return from_kernels


@dataclass(frozen=True)
class HourlyRegression(ABC, Generic[Known]):
    """Forecasts the 24 hours from an origin, with one regression for each local hour of an origin."""

    own: Rows
    """(hours,): the local hour that each is of."""
    hours: tuple[HourRegression, ...]
    error_half_life: float
    """Days after which an error counts half in what corrects a forecast (`error_half_life`)."""

    @property
    def place(self) -> Rows:
        """(24,): for each local hour of the day, the index in `hours` of the regression that serves it: of
        the nearest on the clock, where 23 is next to 0."""
        apart = np.abs(self.own - np.arange(DAY)[:, None])
        return np.asarray(np.minimum(apart, DAY - apart).argmin(1))

    @staticmethod
    @abstractmethod
    def of_hour(hour: HourRegression, facts: Any, origins: Rows, tails: Values) -> Values:
        """(origins, 24): forecasts by `hour` alone, from origins at its local hour; `tails` (origins, 336)
        are the values of the two weeks before each."""

    def predict(self, facts: Known, origins: Rows, tails: Values) -> Values:
        """(origins, 24): forecasts of the day ahead, each by the regression of its origin's local hour;
        `tails` (origins, 336) are the values of the two weeks before each."""
        result = np.empty((len(origins), DAY), dtype=tails.dtype)
        places = self.place[facts.local_hour[origins]]
        for place in np.unique(places):
            rows = np.flatnonzero(places == place)
            result[rows] = self.of_hour(self.hours[int(place)], facts, origins[rows], tails[rows])
        return result

    def informative(self, facts: Known, origins: Rows) -> npt.NDArray[np.bool_]:  # noqa: ARG002  a subclass does
        """(origins, 24), true where a past error may correct later forecasts of the same lead time."""
        return np.ones((len(origins), DAY), dtype=bool)

    def forecast_recursively(
        self, facts: Known, values: Values, origins: Rows, hours: int, *, largest_error: float
    ) -> Values:
        """(origins, hours): forecasts of any length; each day reads the forecasts of the days before it as if
        they had come.

        `values` (hours,) is the series that is forecast, without holes; nothing of it at or after an origin
        is used. The mean error of the last 28 days' forecasts at the same hour and lead time is taken off; a
        single error beyond `largest_error`, such as a holiday's, counts as that.
        """
        back = origins[:, None] - DAY * np.arange(1, LEARNT_DAYS + 1)  # (origins, days)
        each = np.concatenate([origins[:, None], np.maximum(back, TAIL)], axis=1)
        rows, place = np.unique(each, return_inverse=True)
        now, before = np.split(place.reshape(each.shape), [1], axis=1)
        first = self.predict(facts, rows, values[rows[:, None] + np.arange(-TAIL, 0)])
        error = np.clip(first - values[rows[:, None] + np.arange(DAY)], -largest_error, largest_error)
        error = np.where(self.informative(facts, rows), error, 0)
        correction = _of_late(error[before], back >= TAIL, self.error_half_life).astype(values.dtype)
        tails = values[origins[:, None] + np.arange(-TAIL, 0)]
        blocks = [first[now[:, 0]] - correction]
        for begin in range(DAY, hours, DAY):
            tails = np.concatenate([tails, blocks[-1]], axis=1)[:, DAY:]
            blocks.append(self.predict(facts, origins + begin, tails) - correction)
        return np.concatenate(blocks, axis=1)[:, :hours]

    def tensors(self) -> dict[str, npt.NDArray[Any]]:
        """All hours' arrays for safetensors, stacked or one after another: a thousand small ones are slow to
        read."""
        arrays: dict[str, npt.NDArray[Any]] = {"own": self.own, _HALF_LIFE: np.array([self.error_half_life])}
        arrays |= {name: np.stack([getattr(hour, name) for hour in self.hours]) for name in _LINEAR}
        for name in self.hours[0].inducing_points:
            of_hours = [hour.inducing_points[name] for hour in self.hours]
            arrays |= {
                f"{name}.{part}": np.stack([getattr(one, part) for one in of_hours]) for part in _SCALING
            }
            arrays[f"{name}.marks"] = np.concatenate([one.marks for one in of_hours])
            arrays[f"{name}.{_DUALS}"] = np.concatenate([hour.duals[name] for hour in self.hours])
            arrays[f"{name}.counts"] = np.array([len(one.marks) for one in of_hours])
        return {name: np.ascontiguousarray(values) for name, values in arrays.items()}

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, npt.NDArray[Any]]) -> Self:
        """What `tensors` gave. Raises KeyError when a tensor is missing, ValueError when they do not fit each
        other."""
        own, linear = tensors["own"], [tensors[name] for name in _LINEAR]
        if not (own.size and np.isin(own, range(DAY)).all()):
            raise ValueError(f"own holds {own}, and not hours of the day")
        _require("scales", linear[1].shape, linear[0].shape)
        _require("weights", linear[2].shape, (len(own), DAY, linear[0].shape[-1] + 1))
        inducing_points: list[dict[str, InducingPoints]] = [{} for _ in own]
        duals: list[dict[str, Array]] = [{} for _ in own]
        for name in (key.removesuffix(f".{_DUALS}") for key in tensors if key.endswith(f".{_DUALS}")):
            *ends, total = np.cumsum(tensors[f"{name}.counts"])
            features = tensors[f"{name}.centres"].shape[-1]
            _require(f"{name}.marks", tensors[f"{name}.marks"].shape, (total, features))
            _require(f"{name}.{_DUALS}", tensors[f"{name}.{_DUALS}"].shape, (total, DAY))
            centres, multipliers = (tensors[f"{name}.{part}"] for part in _SCALING)
            marks, dual_weights = (np.split(tensors[f"{name}.{part}"], ends) for part in ("marks", _DUALS))
            of_hours = zip(inducing_points, duals, centres, multipliers, marks, dual_weights, strict=True)
            for its_points, its_duals, *scaled, weights in of_hours:
                its_points[name], its_duals[name] = InducingPoints(*scaled), weights
        every = zip(*linear, inducing_points, duals, strict=True)
        half_life = float(tensors[_HALF_LIFE][0]) if _HALF_LIFE in tensors else _SLOW
        return cls(own, tuple(HourRegression(*hour) for hour in every), half_life)


def error_half_life(weather: Sequence[str]) -> float:
    """Of a new regression in a region with these weather columns, days."""
    return _FAST if weather else _SLOW


def _of_late(errors: Values, whole: npt.NDArray[np.bool_], half_life: float) -> Values:
    """(origins, 24): what is taken off a forecast at each lead time, a share of the mean recent error there.

    `errors` (origins, days back, 24): forecast less actual, the latest day first; a day's weight in the mean
    halves every `half_life` days. Days that are False in `whole` (origins, days back), whose past the history
    does not hold, count as days without error."""
    decay = 0.5 ** (1 / half_life)
    weights = (1 - decay) * decay ** np.arange(LEARNT_DAYS) * whole
    return np.asarray(_CORRECTION * np.einsum("nd,ndh->nh", weights, errors))


def _require(name: str, shape: tuple[int, ...], wanted: tuple[int, ...]) -> None:
    if shape != wanted:
        raise ValueError(f"{name} has shape {shape}, the others ask for {wanted}")


def standardise(features: Array, means: Array, scales: Array) -> Array:
    """In place: in training they are the largest array."""
    features -= means
    features /= scales
    return np.clip(features, -_CLIP, _CLIP, out=features)
