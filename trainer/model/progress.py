"""What training says of itself while it runs; the command line draws it, MLflow logs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, kw_only=True)
class EpochReport:
    """One finished epoch. Losses are mean absolute residual errors on the log scale (0.01 is about 1 %)."""

    trial: int
    """0-based; -1 while the final model is fitted."""
    trials: int
    epoch: int
    """1-based."""
    epochs: int
    train_loss: float
    validation_loss: float | None
    """None in a fit that keeps no validation window."""
    best: float | None
    """Best validation loss so far, over all trials."""
    seconds_left: float
    """For everything this call still has to do."""


class Progress(Protocol):
    """Every method is called from the training thread and should return at once."""

    def on_stage(self, stage: str, detail: str) -> None:
        """A stage begins, or is left out: `fourier`, `search`, `fit`, `trees`; `detail` is for people."""

    def on_trial_start(self, trial: int, trials: int, parameters: dict[str, Any]) -> None: ...

    def on_epoch(self, report: EpochReport) -> None: ...

    def on_trial_end(self, trial: int, trials: int, value: float | None, state: str) -> None:
        """`state` is `complete`, `pruned` or `failed`; `value` the trial's validation loss."""

    def on_message(self, message: str) -> None:
        """Something a person should know, such as a batch halved for lack of memory."""


class Silent:
    """Reports nothing."""

    def on_stage(self, stage: str, detail: str) -> None:
        pass

    def on_trial_start(self, trial: int, trials: int, parameters: dict[str, Any]) -> None:
        pass

    def on_epoch(self, report: EpochReport) -> None:
        pass

    def on_trial_end(self, trial: int, trials: int, value: float | None, state: str) -> None:
        pass

    def on_message(self, message: str) -> None:
        pass
