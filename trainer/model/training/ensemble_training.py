"""Teaches an ensemble, one network after the other, and tells how long is left."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch

from trainer.errors import DataError
from trainer.model.config import ModelConfig
from trainer.model.progress import EpochReport, Progress
from trainer.model.training.checkpoint import Checkpoint, Checkpoints
from trainer.model.training.ensemble import Ensemble
from trainer.model.training.optimisation import Trainer
from trainer.model.training.residual_network import ResidualNetwork
from trainer.model.training.training_set import TrainingSet
from trainer.model.training.validation_days import median_error


class EnsembleTraining:
    """Counts the epochs of all the passes that are due, `epochs` of each network."""

    def __init__(
        self, report: Progress, config: ModelConfig, epochs: int, checkpoints: Checkpoints | None
    ) -> None:
        self._report, self._config, self._checkpoints = report, config, checkpoints
        self._total = epochs * config.members
        self._per_member = epochs
        self._done = 0
        self._epochs_before = 0
        self._best: float | None = None
        self._begin = time.monotonic()

    def run(self, ensemble: Ensemble, training_set: TrainingSet, epochs: int, learning_rate: float) -> None:
        """One pass: `epochs` more of each network on the windows before the stage's end.

        Raises DataError when there is none, InfrastructureError when the device's memory does not suffice.
        """
        config = self._config
        origins = training_set.training_origins(config)
        if len(origins) == 0:
            raise DataError("no training window without unknown demand; fill the gaps or ingest more history")
        for number, member in enumerate(ensemble.networks()):
            seed = 1000 * config.seed + number
            torch.manual_seed(seed)
            validate = self._validation(training_set, member)
            trainer = Trainer(member, training_set.windows, config, seed=seed, say=self._report.on_message)
            name = f"after-{self._epochs_before}-epochs-network-{number}"
            checkpoint = Checkpoint(self._checkpoints, name) if self._checkpoints else None
            before = self._epochs_before * config.members + number * epochs
            tell = self._on_epoch(number, before, training_set, validate)
            trainer.run(origins, epochs, learning_rate, tell, checkpoint)
        self._epochs_before += epochs

    def _validation(self, training_set: TrainingSet, member: ResidualNetwork) -> Callable[[], float] | None:
        origins = training_set.validation_origins(self._config.horizon, 24)
        if len(origins) == 0:
            return None
        alone = Ensemble([member])
        at = origins.to(training_set.windows.known.device)
        return lambda: median_error(alone, training_set, at, self._config.horizon)

    def _on_epoch(
        self, number: int, before: int, training_set: TrainingSet, validate: Callable[[], float] | None
    ) -> Callable[[int, float], None]:
        """`before`: epochs of all networks before this run's first."""
        deviation = training_set.decomposition.deviation

        def tell(epoch: int, error: float) -> None:
            self._done += 1
            loss = validate() if validate else None
            if loss is not None:
                self._best = loss if self._best is None else min(self._best, loss)
            spent = time.monotonic() - self._begin
            self._report.on_epoch(
                EpochReport(
                    trial=-1,
                    trials=0,
                    epoch=number * self._per_member + self._epochs_before + epoch,
                    epochs=self._total,
                    train_loss=error * deviation,
                    validation_loss=loss,
                    best=self._best,
                    seconds_left=spent / self._done * (self._total - before - epoch),
                )
            )

        return tell
