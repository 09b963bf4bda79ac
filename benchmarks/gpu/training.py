"""A whole training, its search and its fit apart, with what it used of its device."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
import torch

from benchmarks.gpu.effort import Effort
from trainer.contract import Region
from trainer.model.config import ModelConfig
from trainer.model.progress import EpochReport, Silent
from trainer.model.training.fitting import fit
from trainer.model.training.search.search import search
from trainer.observers.usage import Usage

SEED: Final = 42


@dataclass(frozen=True)
class Trained:
    """Seconds of the clock. `extrapolated`: from how much of the search they are; empty for all of it."""

    search: float
    fit: float
    extrapolated: str
    usage: dict[str, Any]
    """See `Usage`."""


def trained(
    history: pd.DataFrame,
    region: Region,
    effort: Effort,
    size: tuple[int, int],
    until: pd.Timestamp,
    device: str,
    seconds: float,
) -> Trained:
    """Fits for `size` (trials, epochs) with the default hyperparameters, then searches for better ones, so
    that a search which `seconds` cut off leaves its fit: it takes as long with any of them."""
    trials, epochs = size
    begin = time.perf_counter()
    with Usage(torch.device(device)) as usage:
        config, hours = ModelConfig(epochs=epochs, seed=SEED), effort.training_hours
        fit(history, region, config, train_until=until, device=device, origin_hours=hours)
        fitted = time.perf_counter() - begin
        clock = _Clock(seconds - fitted)
        with suppress(_OutOfTimeError):
            search(
                history,
                region,
                trials=trials,
                epochs=epochs,
                seed=SEED,
                train_until=until,
                device=device,
                progress=clock,
            )
        searched = time.perf_counter() - begin - fitted
    return Trained(searched + clock.left, fitted, clock.told(searched), usage.facts)


class _OutOfTimeError(Exception):
    """The clock ended a search."""


class _Clock(Silent):
    """Ends a search by the clock, and keeps what it had told of itself."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._epochs = self._trials = 0
        self.left = 0.0
        """Seconds that the rest of the search would have taken; 0 where it came to its end."""

    def on_epoch(self, report: EpochReport) -> None:
        self._epochs += 1
        self._trials = report.trial + 1
        if report.seconds_left and time.monotonic() > self._end:
            self.left = report.seconds_left
            raise _OutOfTimeError

    def told(self, seconds: float) -> str:
        """From how much of the search its `seconds` are extrapolated; empty for all of it."""
        if not self.left:
            return ""
        return f"extrapolated from {self._epochs} epochs of {self._trials} trials in {seconds:.0f} s"
