"""Trains the networks that a search tries, and tells how long is left of them all."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import torch

from trainer.model.config import ModelConfig
from trainer.model.progress import EpochReport, Progress
from trainer.model.training.device import seed_everything
from trainer.model.training.ensemble import Ensemble
from trainer.model.training.optimisation import Trainer
from trainer.model.training.training_set import TrainingSet
from trainer.model.training.validation_days import median_error


class TrialTraining:
    """All trials share one training set, hence one copy of the data on the device."""

    def __init__(
        self, training_set: TrainingSet, trials: int, epochs_due: int, report: Progress, device: torch.device
    ) -> None:
        """`trials` of this call, the finished ones included; `epochs_due` at the most by the others."""
        self._training_set, self._trials, self._epochs_due = training_set, trials, epochs_due
        self._report, self._device = report, device
        self._best: float | None = None
        self._begin = time.monotonic()
        self._epochs_done = 0

    def spare(self, epochs: int) -> None:
        """Takes `epochs` off those still due, since they will not be run."""
        self._epochs_due -= epochs

    def run(self, index: int, config: ModelConfig, on_epoch: Callable[[float], None]) -> None:
        """Trains trial `index` of this call. `on_epoch` learns each epoch's validation loss (mean absolute
        error, log scale) and may raise to end the trial.
        """
        training_set = self._training_set
        seed_everything(config.seed, self._device)
        ensemble = Ensemble.untrained(
            replace(config, members=1), training_set.windows.known.shape[1], self._device
        )
        validation = training_set.validation_origins(config.horizon, 24).to(self._device)
        trainer = Trainer(
            ensemble.networks()[0],
            training_set.windows,
            config,
            seed=config.seed,
            say=self._report.on_message,
        )

        def tell(epoch: int, error: float) -> None:
            loss = median_error(ensemble, training_set, validation, config.horizon)
            self._best = loss if self._best is None else min(self._best, loss)
            self._epochs_done += 1
            spent = time.monotonic() - self._begin
            left = spent / self._epochs_done * max(self._epochs_due - self._epochs_done, 0)
            self._report.on_epoch(
                EpochReport(
                    trial=index,
                    trials=self._trials,
                    epoch=epoch,
                    epochs=config.epochs,
                    train_loss=error * training_set.decomposition.deviation,
                    validation_loss=loss,
                    best=self._best,
                    seconds_left=left,
                )
            )
            on_epoch(loss)

        trainer.run(training_set.training_origins(config), config.epochs, config.learning_rate, tell)
