"""What is measured on a GPU, piece by piece, each beside the CPU of the same machine."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from benchmarks.gpu.effort import Effort
from benchmarks.gpu.training import SEED, Trained, trained
from trainer.contract import Region
from trainer.model.config import ModelConfig
from trainer.model.forecasting.forecaster import Forecaster
from trainer.model.training.adamw import AdamW
from trainer.model.training.device import seed_everything
from trainer.model.training.ensemble import Ensemble
from trainer.model.training.fitting import fit
from trainer.model.training.optimisation import Trainer
from trainer.model.training.regressions.threads import one_thread_pool
from trainer.model.training.training_series import training_series
from trainer.model.training.training_set import TrainingSet

_CALLS: Final = 30
_MOST_SECONDS: Final = 3.0
"""Of the calls that a step is timed over."""
_DAY: Final = pd.Timedelta(days=1)


@dataclass(frozen=True)
class Found:
    """A figure by its key in `FIGURES`."""

    key: str
    gpu: float
    cpu: float | None = None
    note: str = ""


@dataclass(frozen=True)
class Piece:
    name: str
    least_seconds: float
    """That must be left for it to be begun."""
    measure: Callable[[float], Iterator[Found]]
    """Takes the seconds that are left."""


class Measures:
    """Pieces over one history. Those of the CPU find again what the GPU's found, with both figures."""

    def __init__(self, history: pd.DataFrame, region: Region, effort: Effort, device: str) -> None:
        """`device`: that of the GPU, or `cpu` in a rehearsal."""
        self._history, self._region = effort.hours_of(history), region
        self._effort, self._device = effort, device
        # The last day is left to be forecast: the history tells its weather.
        self._until = self._history.index[-1] + pd.Timedelta(hours=1) - _DAY
        self._fits: dict[str, tuple[float, Forecaster]] = {}
        self._quick: dict[str, Trained] = {}

    def pieces(self) -> list[Piece]:
        """The longest last, since what no longer fits is left out. Seconds: as 16 cores and a GPU need them
        at the most."""
        return [
            Piece("training steps", 30, lambda _: self._steps()),
            Piece("fit alone", 40, lambda _: self._fit_alone("gpu", self._device)),
            Piece("fit alone on the CPU", 60, lambda _: self._fit_alone("cpu", "cpu")),
            Piece("quick training", 40, lambda left: self._quick_training("gpu", self._device, left)),
            Piece("quick training on the CPU", 70, lambda left: self._quick_training("cpu", "cpu", left)),
            Piece("production training", 90, self._production),
        ]

    def _steps(self) -> Iterator[Found]:
        ours, beside = self._step_times(self._device), self._step_times("cpu")
        for batch in self._effort.batches:
            yield Found(f"step_{batch}", 1000 * ours[batch], 1000 * beside[batch])

    def _step_times(self, device: str) -> dict[int, float]:
        """Seconds of a training step by batch."""
        where, config = torch.device(device), ModelConfig(seed=SEED)
        seed_everything(SEED, where)
        series = training_series(self._history, self._region, self._until)
        config = config.with_resolvable_harmonics(len(series))
        training_set = TrainingSet.of(series, self._region, config, len(series), where)
        network = Ensemble.untrained(config, training_set.windows.known.shape[1], where).networks()[0]
        trainer = Trainer(network, training_set.windows, config, seed=SEED, say=lambda _: None)
        optimizer = AdamW(list(network.parameters()), config.weight_decay)
        origins = training_set.training_origins(config)
        times = {}
        with one_thread_pool() as pool:
            for batch in self._effort.batches:
                # As many windows as the figure is named for, however few the series has.
                drawn = torch.randint(len(origins), (batch,), generator=torch.Generator().manual_seed(SEED))
                chosen = origins[drawn].to(where)

                def step(chosen: Tensor = chosen) -> None:
                    trainer.step(chosen, optimizer, config.learning_rate, pool)

                times[batch] = _mean_seconds(step, where)
        return times

    def _fit_alone(self, kind: str, device: str) -> Iterator[Found]:
        config = ModelConfig(epochs=self._effort.epochs, seed=SEED)
        begin = time.perf_counter()
        model = fit(
            self._history,
            self._region,
            config,
            train_until=self._until,
            device=device,
            origin_hours=self._effort.origin_hours,
        )
        self._fits[kind] = time.perf_counter() - begin, model
        if "gpu" in self._fits:
            seconds, ours = self._fits["gpu"]
            beside = self._fits.get("cpu")
            yield Found("fit_all_hours", seconds, beside[0] if beside else None)
            if beside:
                yield Found("difference", self._difference(ours, beside[1]), None, "the largest of its hours")

    def _difference(self, one: Forecaster, other: Forecaster) -> float:
        """The largest of 24 hours, relative to the demand that `other` forecasts."""
        ours, theirs = (
            model.forecast(self._history, self._until, 24)["forecast"].to_numpy() for model in (one, other)
        )
        return float(np.abs(ours / theirs - 1).max())

    def _quick_training(self, kind: str, device: str, left: float) -> Iterator[Found]:
        self._quick[kind] = self._trained(self._effort.quick, device, left)
        if "gpu" in self._quick:
            ours, beside = self._quick["gpu"], self._quick.get("cpu")
            searched, fitted, spent = (
                (beside.search, beside.fit, beside.usage["cpu_seconds"]) if beside else (None, None, None)
            )
            yield Found("quick_search", ours.search, searched, ours.extrapolated)
            yield Found("quick_fit", ours.fit, fitted, self._of_the_fit())
            yield Found("quick_processor_time", ours.usage["cpu_seconds"], spent)
            yield from of_the_device("quick", ours)

    def _production(self, left: float) -> Iterator[Found]:
        ours = self._trained(self._effort.production, self._device, left)
        yield Found("production_search", ours.search, None, ours.extrapolated)
        yield Found("production_fit", ours.fit, None, self._of_the_fit())
        yield from of_the_device("production", ours)

    def _trained(self, size: tuple[int, int], device: str, left: float) -> Trained:
        return trained(self._history, self._region, self._effort, size, self._until, device, left)

    def _of_the_fit(self) -> str:
        return f"{len(self._effort.training_hours)} origin hours, default hyperparameters"


def of_the_device(name: str, ours: Trained) -> Iterator[Found]:
    """What NVML and PyTorch told; nothing where they did not."""
    busy, memory = ours.usage.get("utilization_mean"), ours.usage.get("peak_device_memory_mb")
    if busy is not None:
        yield Found(f"{name}_busy", busy, None, f"at most {ours.usage['utilization_peak']} %")
    if memory is not None:
        yield Found(f"{name}_device_memory", memory)


def _mean_seconds(call: Callable[[], None], device: torch.device) -> float:
    """Of one call, after some that count for nothing: the first ones on a GPU load its programs."""
    for _ in range(3 if device.type == "cuda" else 1):
        call()
    begin, calls = _settled(device), 0
    while calls < _CALLS and time.perf_counter() - begin < _MOST_SECONDS:
        call()
        calls += 1
    return (_settled(device) - begin) / calls


def _settled(device: torch.device) -> float:
    """The clock once the device has done all that it was asked for."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter()
