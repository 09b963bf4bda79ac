"""What a search may change of a configuration, and within which bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trainer.model.config import ModelConfig

if TYPE_CHECKING:
    from optuna.trial import Trial


def suggest(trial: Trial, base: ModelConfig) -> dict[str, Any]:
    """Hyperparameters that the trial draws, by name of a `ModelConfig` field; those of `base` lie within the
    bounds."""
    return {
        "hidden": trial.suggest_categorical("hidden", sorted({64, 96, 128, base.hidden})),
        "dropout": trial.suggest_float("dropout", 0.0, 0.5),
        "learning_rate": trial.suggest_float("learning_rate", 1e-3, 8e-3, log=True),
        "weight_decay": trial.suggest_float("weight_decay", 1e-3, 0.3, log=True),
        "epochs": trial.suggest_int("epochs", max(1, base.epochs // 2), base.epochs),
    }


def parameters(config: ModelConfig) -> dict[str, Any]:
    """The values that `config` itself has for the hyperparameters of `suggest`, by the same names."""
    return {
        "hidden": config.hidden,
        "dropout": config.dropout,
        "learning_rate": config.learning_rate,
        "weight_decay": config.weight_decay,
        "epochs": config.epochs,
    }
