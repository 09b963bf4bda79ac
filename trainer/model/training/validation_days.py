"""The last days before training ends, held out first, and what they tell of a model that never saw them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from torch import Tensor

from trainer.contract import MAX_HORIZON
from trainer.model.arrays import Matrix, Vector
from trainer.model.config import ModelConfig
from trainer.model.decomposition import Series
from trainer.model.forecasting.band import calibrate, with_band_scale
from trainer.model.forecasting.day_figures import day_scales, half_widths
from trainer.model.forecasting.error_distribution import ErrorDistribution
from trainer.model.forecasting.members import MemberHours
from trainer.model.forecasting.residual import BlendWeights, Residual, best_blend_weights, blended, reach
from trainer.model.forecasting.weighted_members import WeightedMembers
from trainer.model.metrics import scores
from trainer.model.regressions.origin_features import DAY
from trainer.model.training.ensemble import Ensemble
from trainer.model.training.regressions.threads import one_thread_each
from trainer.model.training.solving import solve
from trainer.model.training.training_set import TrainingSet

_JUDGED_HOURS: Final = (0, 6, 12, 18)
"""Local hours from which the validation days are forecast."""


def validation_row(series: Series, config: ModelConfig) -> int:
    """The first validation hour: the last `validation_days`, at most a fifth of the series."""
    return len(series) - min(24 * config.validation_days, len(series) // 5)


@dataclass(frozen=True)
class Judgement:
    """What the validation days yield: blend weights, band scale, quantiles and scores."""

    blend_weights: BlendWeights
    band_scale: Vector
    """(168,): by how much the band is widened at each lead time."""
    errors: ErrorDistribution | None
    """Within the band and beyond it; None only where a model of an earlier release is brought up to date."""
    validation: dict[str, float]
    """Scores of the day ahead, in MW and percent; those that mean something (`scores`)."""
    members: WeightedMembers | None = None
    """What the model is averaged with; None where it stands alone."""


def median_error(ensemble: Ensemble, training_set: TrainingSet, origins: Tensor, hours: int) -> float:
    """Mean absolute error of the median over known hours, on the model's scale."""
    quantiles = ensemble.forecast_recursively(training_set.windows, origins, hours)
    error = (quantiles[..., 1] - training_set.windows.targets(origins)).abs().cpu().numpy()
    rows = origins.cpu().numpy()[:, None] + np.arange(hours)
    return float(error[training_set.known_target[rows]].mean()) * training_set.decomposition.deviation


def judge(
    ensemble: Ensemble,
    training_set: TrainingSet,
    config: ModelConfig,
    series: Series,
    members: MemberHours | None = None,
    *,
    with_trees: bool = False,
) -> Judgement:
    """The blend weights, the band scale and the scores of the day ahead, from days not trained on. With
    `members` (of the hours of `series`) also their weights, and the others of the average with them;
    `with_trees`: trees of the days before are among the members."""
    days = max((len(series) - training_set.until) // 2 // DAY, 1)
    hours = min(MAX_HORIZON, days * DAY)
    origins = training_set.validation_origins(reach(hours, config.horizon), 1).numpy()
    origins = origins[np.isin(training_set.origin_features.local_hour[origins], _JUDGED_HOURS)]
    here = training_set.context()
    unweighted = BlendWeights(0.5, 0.0)
    solved = solve(training_set, _JUDGED_HOURS, with_trees=with_trees)
    residual = Residual(ensemble.trained(config), solved.regression, solved.days, unweighted)
    with one_thread_each():
        parts = residual.parts(here, origins, hours)
    factors = residual.day_weight_factors(here, origins, hours)
    rows = origins[:, None] + np.arange(hours)
    base = training_set.base[rows]
    actual = (series.transformed[rows] - base) / training_set.decomposition.deviation
    day = slice(0, DAY)
    networks, regressions, days_ahead, factors_ahead = (part[:, day] for part in (*parts, factors))
    blend_weights = best_blend_weights(networks, regressions, days_ahead, factors_ahead, actual[:, day])
    quantiles = blended(*parts, blend_weights, factors)
    weighted = None
    if members and (members.names or solved.trees):
        median = quantiles[..., 1]
        weighted, shift = WeightedMembers.taught(members, here, origins, median, actual, solved.trees)
        quantiles += shift[..., None]
    band_scale = calibrate(actual, quantiles, config.coverage)
    quantiles = with_band_scale(quantiles, band_scale)
    errors = ErrorDistribution.of(actual, quantiles)

    def demand(scaled: Matrix) -> Matrix:
        """(..., origins, 24): MW of the day ahead."""
        on_scale = base[:, day] + scaled * training_set.decomposition.deviation
        return series.transform.megawatts(on_scale)

    measured, median = demand(actual[:, day]), demand(quantiles[:, day, 1])
    if errors.has_paths:
        paths = demand(errors.paths_within(quantiles[:, day]))
        scales = day_scales(measured, median, half_widths(paths), config.coverage)
        errors = replace(errors, day_scales=scales)
    known = np.isfinite(measured)
    judged = scores(measured[known], median[known])
    return Judgement(
        blend_weights,
        band_scale,
        errors,
        {name: value for name, value in judged.items() if math.isfinite(value)},
        weighted,
    )
