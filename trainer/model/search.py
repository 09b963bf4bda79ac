"""Looks for a good configuration: Fourier orders by exhaustive grid, the network's by Optuna."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import pandas as pd
import torch

from trainer.contract import Region
from trainer.errors import UsageError
from trainer.model.config import ModelConfig
from trainer.model.decomposition import best_orders
from trainer.model.device import resolve_device, seed_everything
from trainer.model.ensemble import Ensemble
from trainer.model.fitting import Stage, median_error, training_series, validation_row
from trainer.model.progress import EpochReport, Progress, Silent
from trainer.model.training import Trainer

_ORDERS_VALIDATION: Final = 8760
"""Hours: a whole year judges the Fourier orders where there are three of them."""
_STARTUP_TRIALS: Final = 4
"""Trials that run to their end before any is pruned."""


@dataclass(frozen=True)
class Trial:
    number: int
    parameters: dict[str, Any]
    value: float | None
    """Mean absolute log error on the validation days at the last epoch; None when pruned at once."""
    state: str
    """`complete` or `pruned`."""
    seconds: float


@dataclass(frozen=True)
class SearchResult:
    best: ModelConfig
    best_value: float
    trials: list[Trial]


def search(
    history: pd.DataFrame,
    region: Region,
    *,
    trials: int,
    epochs: int,
    seed: int,
    train_until: pd.Timestamp,
    device: str = "auto",
    progress: Progress | None = None,
    shard: tuple[int, int] = (0, 1),
    base: ModelConfig | None = None,
) -> SearchResult:
    """The best of `trials` configurations, each trained at most `epochs` epochs before the validation days.

    The first trial is `base` itself, so the winner is never worse than the defaults on the validation days.
    Only demand before `train_until` is used. With `shard` (i, n) this call runs every n-th trial, starting
    with the i-th, with a seed of its own; the caller compares the shards' `best_value`.
    Deterministic for a seed, a shard and a device.
    """
    number, shards = shard
    if trials < 1 or epochs < 1 or not 0 <= number < shards:
        raise UsageError(
            f"search: trials {trials}, epochs {epochs} and shard {number}/{shards} make no sense"
        )
    report = progress or Silent()
    where = resolve_device(device)
    series = training_series(history, region, train_until)
    report.on_stage("fourier", "2,744 combinations of daily, weekly and yearly harmonics")
    split = len(series) - min(_ORDERS_VALIDATION, len(series) // 3)
    orders = best_orders(series, split)
    start = replace(
        base or ModelConfig(),
        kd=orders.daily,
        kw=orders.weekly,
        ky=orders.yearly,
        epochs=epochs,
        seed=seed,
    )
    report.on_stage("search", f"{trials} trials of up to {epochs} epochs")
    stage = Stage.of(series, region, start, validation_row(series, start), where)
    own = len(range(number, trials, shards))
    run = _Run(stage, start, own, report, where)
    return run.study(seed * shards + number, begin_with_base=number == 0)


class _Run:
    """The trials of one call; all share one stage, hence one copy of the data on the device."""

    def __init__(
        self, stage: Stage, start: ModelConfig, trials: int, report: Progress, device: torch.device
    ) -> None:
        self.stage, self.start, self.trials = stage, start, trials
        self.report, self.device = report, device
        self.best: float | None = None
        self.finished: list[Trial] = []
        self.begin = time.monotonic()
        self.epochs_done = 0
        self.epochs_due = trials * start.epochs

    def study(self, seed: int, *, begin_with_base: bool) -> SearchResult:
        if self.trials == 0:
            raise UsageError("search: more shards than trials; give fewer shards")
        import optuna  # noqa: PLC0415  a second that forecasting does without

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        study = optuna.create_study(
            direction="minimize",
            sampler=optuna.samplers.TPESampler(seed=seed, multivariate=False),
            pruner=optuna.pruners.MedianPruner(
                n_startup_trials=_STARTUP_TRIALS, n_warmup_steps=max(2, self.start.epochs // 3)
            ),
        )
        if begin_with_base:
            study.enqueue_trial(_parameters(self.start))
        study.optimize(self._objective, n_trials=self.trials)
        best = self._config(study.best_trial.params)
        return SearchResult(best, float(study.best_value), self.finished)

    def _objective(self, trial: Any) -> float:
        import optuna  # noqa: PLC0415

        config = self._config(suggest(trial, self.start))
        self.epochs_due -= self.start.epochs - config.epochs
        self.report.on_trial_start(trial.number, self.trials, dict(trial.params))
        begin = time.monotonic()
        losses: list[float] = []

        def on_epoch(loss: float) -> None:
            losses.append(loss)
            trial.report(loss, len(losses))
            if trial.should_prune():
                raise optuna.TrialPruned

        state = "complete"
        try:
            self._train(trial.number, config, on_epoch)
        except optuna.TrialPruned:
            state = "pruned"
            raise
        finally:
            value = losses[-1] if losses else None
            seconds = time.monotonic() - begin
            self.finished.append(Trial(trial.number, dict(trial.params), value, state, seconds))
            self.epochs_due -= config.epochs - len(losses)
            self.report.on_trial_end(trial.number, self.trials, value, state)
        return losses[-1]

    def _train(self, number: int, config: ModelConfig, on_epoch: Callable[[float], None]) -> None:
        stage = self.stage
        seed_everything(config.seed, self.device)
        ensemble = Ensemble.untrained(replace(config, members=1), stage.windows.known.shape[1], self.device)
        validation = stage.validation_origins(config.horizon, 24).to(self.device)
        trainer = Trainer(
            ensemble.networks()[0], stage.windows, config, seed=config.seed, say=self.report.on_message
        )

        def tell(epoch: int, error: float) -> None:
            loss = median_error(ensemble, stage, validation, config.horizon)
            self.best = loss if self.best is None else min(self.best, loss)
            self.epochs_done += 1
            spent = time.monotonic() - self.begin
            left = spent / self.epochs_done * max(self.epochs_due - self.epochs_done, 0)
            self.report.on_epoch(
                EpochReport(
                    trial=number,
                    trials=self.trials,
                    epoch=epoch,
                    epochs=config.epochs,
                    train_loss=error * stage.decomposition.deviation,
                    validation_loss=loss,
                    best=self.best,
                    seconds_left=left,
                )
            )
            on_epoch(loss)

        trainer.run(stage.training_origins(config), config.epochs, config.learning_rate, tell)

    def _config(self, parameters: dict[str, Any]) -> ModelConfig:
        return replace(self.start, **parameters)


def suggest(trial: Any, base: ModelConfig) -> dict[str, Any]:
    """The space that is searched; `base` lies in it."""
    return {
        "hidden": trial.suggest_categorical("hidden", sorted({48, 64, 96, base.hidden})),
        "dropout": trial.suggest_float("dropout", 0.0, 0.5),
        "learning_rate": trial.suggest_float("learning_rate", 5e-4, 4e-3, log=True),
        "weight_decay": trial.suggest_float("weight_decay", 1e-3, 0.3, log=True),
        "epochs": trial.suggest_int("epochs", max(1, base.epochs // 2), base.epochs),
    }


def _parameters(config: ModelConfig) -> dict[str, Any]:
    return {
        "hidden": config.hidden,
        "dropout": config.dropout,
        "learning_rate": config.learning_rate,
        "weight_decay": config.weight_decay,
        "epochs": config.epochs,
    }
