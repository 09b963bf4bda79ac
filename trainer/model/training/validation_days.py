"""The last days before training ends, held out first, and what they tell of a model that never saw them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from torch import Tensor

from trainer.contract import MAX_HORIZON
from trainer.model.arrays import Matrix, Vector
from trainer.model.config import ModelConfig
from trainer.model.decomposition import Series
from trainer.model.forecasting.band import calibrate
from trainer.model.forecasting.residual import Residual, Shares, best_shares, blended, reach
from trainer.model.metrics import scores
from trainer.model.regressions.origin_features import DAY
from trainer.model.training.ensemble import Ensemble
from trainer.model.training.training_set import Stage

_JUDGED_HOURS: Final = (0, 6, 12, 18)
"""Local hours from which the validation days are forecast."""


def validation_row(series: Series, config: ModelConfig) -> int:
    """The first validation hour: the last `validation_days`, at most a fifth of the series."""
    return len(series) - min(24 * config.validation_days, len(series) // 5)


@dataclass(frozen=True)
class Judgement:
    """What the validation days told."""

    shares: Shares
    stretch: Vector
    """(168,): by how much the band is widened at each lead time."""
    validation: dict[str, float]
    """Scores of the day ahead, in MW and percent; those that mean something (`scores`)."""


def median_error(ensemble: Ensemble, stage: Stage, origins: Tensor, hours: int) -> float:
    """Mean absolute error of the median over known hours, on the model's scale."""
    quantiles = ensemble.roll(stage.windows, origins, hours)
    error = (quantiles[..., 1] - stage.windows.targets(origins)).abs().cpu().numpy()
    rows = origins.cpu().numpy()[:, None] + np.arange(hours)
    return float(error[stage.known_target[rows]].mean()) * stage.decomposition.deviation


def judge(ensemble: Ensemble, stage: Stage, config: ModelConfig, series: Series) -> Judgement:
    """The parts' shares, the band's stretch and scores of the day ahead, on days not trained on."""
    days = max((len(series) - stage.until) // 2 // DAY, 1)
    hours = min(MAX_HORIZON, days * DAY)
    origins = stage.validation_origins(reach(hours, config.horizon), 1).numpy()
    origins = origins[np.isin(stage.outlook.local_hour[origins], _JUDGED_HOURS)]
    here = stage.situation()
    untold = Shares(0.5, 0.0)
    solved = stage.regression(_JUDGED_HOURS), stage.day_regression(_JUDGED_HOURS)
    residual = Residual(ensemble.trained(config), *solved, untold)
    parts, say = residual.parts(here, origins, hours), residual.say_of_days(here, origins, hours)
    rows = origins[:, None] + np.arange(hours)
    base = stage.base[rows]
    actual = (series.transformed[rows] - base) / stage.decomposition.deviation
    day = slice(0, DAY)
    networks, regressions, days_ahead, say_ahead = (part[:, day] for part in (*parts, say))
    shares = best_shares(networks, regressions, days_ahead, say_ahead, actual[:, day])
    quantiles = blended(*parts, shares, say)
    stretch = calibrate(actual, quantiles, config.coverage)
    known = np.isfinite(actual[:, day])

    def demand(scaled: Matrix) -> Vector:
        on_scale = base[:, day] + scaled[:, day] * stage.decomposition.deviation
        return np.asarray(series.transform.megawatts(on_scale)[known])

    judged = scores(demand(actual), demand(quantiles[..., 1]))
    return Judgement(shares, stretch, {name: value for name, value in judged.items() if math.isfinite(value)})
