"""Looks for a good configuration: Fourier orders by exhaustive grid, the network's by Optuna."""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import torch

from trainer.contract import Region
from trainer.errors import DataError, UsageError
from trainer.model.config import ModelConfig
from trainer.model.decomposition import best_orders
from trainer.model.device import resolve_device, seed_everything
from trainer.model.ensemble import Ensemble
from trainer.model.fitting import Stage, median_error, training_series, validation_row
from trainer.model.progress import EpochReport, Progress, Silent
from trainer.model.training import Trainer

if TYPE_CHECKING:
    from optuna import Study
    from optuna.samplers import BaseSampler
    from optuna.storages import BaseStorage
    from optuna.trial import FrozenTrial
    from optuna.trial import Trial as OptunaTrial

_ORDERS_VALIDATION: Final = 8760
"""Hours: a whole year judges the Fourier orders where there are three of them."""
_STARTUP_TRIALS: Final = 4
"""Trials that run to their end before any is pruned."""


_NUMBER: Final = "number"
"""Of a trial within the search, beside Optuna's own, which counts those that were cut off too."""


@dataclass(frozen=True)
class Trial:
    number: int
    """Within the search, over all shards."""
    parameters: dict[str, Any]
    value: float | None
    """Mean absolute log error on the validation days at the last epoch; None when it diverged."""
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
    storage: BaseStorage | None = None,
    study_name: str = "search",
) -> SearchResult:
    """The best of `trials` configurations, each trained at most `epochs` epochs before the validation days.

    The first trial is `base` itself, so the winner is never worse than the defaults on the validation days.
    Only demand before `train_until` is used. With `shard` (i, n) this call runs every n-th trial, starting
    with the i-th; the caller compares the shards' `best_value`. Trials that `storage` holds as finished are
    not run again, and shards that share it learn of each other's.
    Deterministic for a seed and a device where there is one shard, cut off and begun again or not.
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
    run = _Run(stage, start, range(number, trials, shards), report, where)
    return run.study(storage, study_name)


class _Run:
    """The trials of one call; all share one stage, hence one copy of the data on the device."""

    def __init__(
        self, stage: Stage, start: ModelConfig, own: range, report: Progress, device: torch.device
    ) -> None:
        self.stage, self.start = stage, start
        self.own, self.trials = own, len(own)
        self.report, self.device = report, device
        self.best: float | None = None
        self.begin = time.monotonic()
        self.epochs_done = 0
        self.epochs_due = 0

    def study(self, storage: BaseStorage | None, name: str) -> SearchResult:
        if self.trials == 0:
            raise UsageError("search: more shards than trials; give fewer shards")
        import optuna  # noqa: PLC0415  a second that forecasting does without

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        study = optuna.create_study(
            storage=storage,
            study_name=name,
            load_if_exists=True,
            direction="minimize",
            pruner=optuna.pruners.MedianPruner(
                n_startup_trials=_STARTUP_TRIALS, n_warmup_steps=max(2, self.start.epochs // 3)
            ),
        )
        finished = self._finished(study)
        self.epochs_due = (self.trials - len(finished)) * self.start.epochs
        if finished:
            self.report.on_message(f"{len(finished)} of {self.trials} trials are finished already")
        for index, number in enumerate(self.own):
            if number not in finished:
                study.sampler = self._sampler(number)
                trial = study.ask()
                trial.set_user_attr(_NUMBER, number)
                self._try(study, trial, index)
        trials = [_described(number, trial) for number, trial in sorted(self._finished(study).items())]
        if not study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.COMPLETE,)):
            raise DataError("search: every trial diverged; look for demand that is far out of the ordinary")
        return SearchResult(self._config(study.best_trial.params), float(study.best_value), trials)

    def _finished(self, study: Study) -> dict[int, FrozenTrial]:
        """This call's trials by number. Those that a killed process left running are let go."""
        from optuna.trial import TrialState  # noqa: PLC0415

        finished = {}
        for trial in study.get_trials(deepcopy=False):
            number = int(trial.user_attrs.get(_NUMBER, -1))
            if number in self.own and trial.state in (TrialState.COMPLETE, TrialState.PRUNED):
                finished[number] = trial
            elif number in self.own and trial.state is TrialState.RUNNING:
                study.tell(trial.number, state=TrialState.FAIL)
        return finished

    def _sampler(self, number: int) -> BaseSampler:
        """Seeded by the trial's number, so that it draws the same whether or not the search was cut off."""
        from optuna.exceptions import ExperimentalWarning  # noqa: PLC0415
        from optuna.samplers import PartialFixedSampler, TPESampler  # noqa: PLC0415

        seed = int(np.random.SeedSequence([self.start.seed, number]).generate_state(1)[0])
        sampler = TPESampler(seed=seed, multivariate=False)
        if number > 0:
            return sampler
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ExperimentalWarning)
            return PartialFixedSampler(_parameters(self.start), sampler)

    def _try(self, study: Study, trial: OptunaTrial, index: int) -> None:
        import optuna  # noqa: PLC0415

        config = self._config(suggest(trial, self.start))
        self.epochs_due -= self.start.epochs - config.epochs
        self.report.on_trial_start(index, self.trials, dict(trial.params))
        losses: list[float] = []

        def on_epoch(loss: float) -> None:
            losses.append(loss)
            trial.report(loss, len(losses))
            if trial.should_prune():
                raise optuna.TrialPruned

        state = optuna.trial.TrialState.COMPLETE
        try:
            self._train(index, config, on_epoch)
        except optuna.TrialPruned:
            state = optuna.trial.TrialState.PRUNED
        if not math.isfinite(losses[-1]):  # it diverged; Optuna would take it for a failure, to be repeated
            state = optuna.trial.TrialState.PRUNED
        pruned = state is optuna.trial.TrialState.PRUNED
        study.tell(trial, None if pruned else losses[-1], state=state)
        self.epochs_due -= config.epochs - len(losses)
        self.report.on_trial_end(index, self.trials, losses[-1], "pruned" if pruned else "complete")

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


def _described(number: int, trial: FrozenTrial) -> Trial:
    losses = trial.intermediate_values
    value = losses[max(losses)] if losses else trial.value
    finite = value is not None and math.isfinite(value)
    seconds = trial.duration.total_seconds() if trial.duration else 0.0
    return Trial(number, dict(trial.params), value if finite else None, trial.state.name.lower(), seconds)


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
