"""What trend and seasonality leave over: the forecasts of three parts, averaged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from trainer.errors import DataError
from trainer.model.arrays import Matrix
from trainer.model.forecasting.forecast_context import ForecastContext
from trainer.model.forecasting.numpy_networks import Networks
from trainer.model.regressions.day_regression import DayRegression
from trainer.model.regressions.origin_features import DAY, Rows
from trainer.model.regressions.regression import Regression

_NETWORK_WEIGHTS: Final = np.linspace(0.05, 0.95, 19)
"""The networks' weights against the regressions' that are tried. Neither is ever left out: on few days that
would be chance."""
_INDISTINGUISHABLE: Final = 0.01
"""Relative difference in error that a few weeks cannot tell apart."""
_DAY_WEIGHTS: Final = np.linspace(0.0, 0.5, 11)
"""The day regression's weights on a common day that are tried: at most that of the other two together, and
none where a short history taught it nothing."""
_USUAL_DAY_WEIGHT: Final = 0.4
"""What did best over whole years, holidays among them (docs/ablation.md)."""
_ON_HOLIDAYS: Final = 1.5
"""Times its share on other days: of each holiday there are too few to learn from, and another opinion is
worth the more."""
_NEXT_DAY: Final = 0.9
"""Times its share on the day before: standing on its own forecasts it errs more with every day."""
_LARGEST_ERROR: Final = 0.8
"""Scaled; beyond it an error of the last weeks counts as this, when the next days are corrected by it."""
_BATCH: Final = 512


@dataclass(frozen=True)
class BlendWeights:
    """The parts' weights in the median of the residual, 0..1."""

    networks: float
    """The networks' weight; the hourly regressions have the rest."""
    days: float
    """The day regression's weight against those two together, on a first day ahead that is no holiday; other
    hours have it times `Residual.day_weight_factors`."""


@dataclass(frozen=True)
class Residual:
    """Forecasts the scaled residual: the band's width is the networks', its median the weighted mean of
    networks, hourly regressions and day regression."""

    networks: Networks
    regression: Regression
    days: DayRegression
    blend_weights: BlendWeights

    def quantiles(self, here: ForecastContext, origins: Rows, hours: int) -> Matrix:
        """Lower edge, median, upper edge of the scaled residual before the band scale: (origins, hours, 3).

        `origins` are rows of `here`; rows up to `reach(hours, block)` after each must exist.
        """
        return blended(
            *self.parts(here, origins, hours),
            self.blend_weights,
            self.day_weight_factors(here, origins, hours),
        )

    def parts(self, here: ForecastContext, origins: Rows, hours: int) -> tuple[Matrix, Matrix, Matrix]:
        """What each part says of the scaled residual: the networks' quantiles (origins, hours, 3), and the
        medians (origins, hours) of the hourly regressions and of the day regression."""
        batches = [origins[begin : begin + _BATCH] for begin in range(0, len(origins), _BATCH)]
        of_batches = [self._parts(here, some, hours) for some in batches]
        networks, regressions, days = (np.concatenate(part) for part in zip(*of_batches, strict=True))
        return networks, regressions, days

    def _parts(self, here: ForecastContext, origins: Rows, hours: int) -> tuple[Matrix, Matrix, Matrix]:
        networks = self.networks.forecast_recursively(here.known, here.residual, origins, hours)
        regressions = self.regression.forecast_recursively(
            here.origin_features, here.residual, origins, hours, largest_error=_LARGEST_ERROR
        )
        demand = self.days.forecast_recursively(
            here.days, here.transformed, origins, hours, largest_error=_LARGEST_ERROR * here.deviation
        )
        base = here.base[origins[:, None] + np.arange(hours)]
        days = (demand.astype(np.float64) - base) / here.deviation
        return networks.astype(np.float64), regressions.astype(np.float64), days

    def day_weight_factors(self, here: ForecastContext, origins: Rows, hours: int) -> Matrix:
        """(origins, hours): factors on `blend_weights.days`. 0 where the local hour at a lead time is not the
        one of training, since the day regression knows hours by their lead time alone."""
        ahead = np.arange(hours)
        holiday = here.origin_features.holiday[origins[:, None] + ahead] > 0
        same_clock = self.days.follows_training_clock(here.days, origins, hours)
        return np.asarray(_NEXT_DAY ** (ahead // DAY) * np.where(holiday, _ON_HOLIDAYS, 1.0) * same_clock)


def reach(hours: int, block: int) -> int:
    """Hours after an origin whose covariates a forecast of `hours` needs: whole passes, of `block` hours by
    the networks and of a day by the regressions."""
    return max(-(-hours // block) * block, -(-hours // DAY) * DAY)


def blended(
    networks: Matrix,
    regressions: Matrix,
    days: Matrix,
    blend_weights: BlendWeights,
    day_weight_factors: Matrix,
) -> Matrix:
    """The networks' quantiles, moved so that their median is the average of all."""
    median = _median(networks)
    two = blend_weights.networks * median + (1 - blend_weights.networks) * regressions
    shift = two + blend_weights.days * day_weight_factors * (days - two) - median
    return np.asarray(networks + shift[..., None])


def best_blend_weights(
    networks: Matrix, regressions: Matrix, days: Matrix, day_weight_factors: Matrix, actual: Matrix
) -> BlendWeights:
    """The weights with the least mean absolute error: first between networks and regressions, then between
    these two and the day regression. Among weights that are as good, the smallest for the networks, and for
    the day regression the one nearest to what is usual.

    `actual` (origins, hours), NaN where unknown. Raises DataError when all of it is, or when a network
    diverged.
    """
    known = np.isfinite(actual)
    if not known.any():
        raise DataError(
            "no demand is known on the validation days; ingest them, or train up to an earlier day"
        )
    if not all(np.isfinite(part).all() for part in (networks, regressions, days)):
        raise DataError(
            "training diverged; look for demand that is far out of the ordinary, "
            "or train with a lower learning_rate"
        )

    def error(blend_weights: BlendWeights) -> float:
        median = _median(blended(networks, regressions, days, blend_weights, day_weight_factors))
        return float(np.abs(median - actual)[known].mean())

    of_networks = _as_good_as_the_best(
        {float(share): error(BlendWeights(share, 0.0)) for share in _NETWORK_WEIGHTS}
    )[0]
    of_days = _as_good_as_the_best(
        {float(share): error(BlendWeights(of_networks, share)) for share in _DAY_WEIGHTS}
    )
    return BlendWeights(of_networks, min(of_days, key=lambda share: abs(share - _USUAL_DAY_WEIGHT)))


def _as_good_as_the_best(errors: dict[float, float]) -> list[float]:
    """The weights whose error is within 1 % of the least one."""
    return [
        share for share, error in errors.items() if error <= (1 + _INDISTINGUISHABLE) * min(errors.values())
    ]


def _median(quantiles: Matrix) -> Matrix:
    return quantiles[..., quantiles.shape[-1] // 2]
