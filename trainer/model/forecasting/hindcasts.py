"""Forecasts made again of the days since training, to see how wide the band has to be by now.

A model errs more when demand is no longer what it was; the days on which the band was calibrated cannot tell.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from trainer.model.arrays import Matrix
from trainer.model.forecasting.adaptation import Adaptation, day_factors, level_factors
from trainer.model.forecasting.band import width_factors
from trainer.model.forecasting.day_figures import day_errors, half_widths
from trainer.model.forecasting.error_distribution import ErrorDistribution, in_half_widths
from trainer.model.forecasting.forecast_context import ForecastContext
from trainer.model.regressions.origin_features import DAY, Rows
from trainer.model.target_transform import TargetTransform

HINDCAST_DAYS: Final = 14
_BATCH: Final = 512
"""Forecasts whose paths are in memory at once."""


@dataclass(frozen=True)
class Hindcasts:
    """Which forecasts of 24 hours are to be made again: for each forecast that is made now, one from the same
    local hour of each of the 14 days before it. Two forecasts may share one of these."""

    origins: Rows
    """(hindcasts,): the row that each begins at, ascending, none twice."""
    counts: npt.NDArray[np.bool_]
    """(forecasts now, 14): whether the day has a hindcast that tells something; the earliest day first."""
    place: Rows
    """(days that count,): for each, in the order of `counts`, the index of its hindcast in `origins`."""

    @classmethod
    def before(cls, now: Rows, tells: npt.NDArray[np.bool_]) -> Self:
        """The hindcasts for forecasts that begin at rows `now`. `tells` (hours,) is True for rows whose
        hindcast says how good a forecast of now is; the others are left out."""
        back = now[:, None] - DAY * np.arange(HINDCAST_DAYS, 0, -1)
        counts = (back >= 0) & tells[np.maximum(back, 0)]
        origins, place = np.unique(back[counts], return_inverse=True)
        return cls(origins, counts, place)

    def apart(self) -> Self:
        """The same with a hindcast of its own for each day that counts, for where one that two forecasts
        share would have to differ between them."""
        return replace(self, origins=self.origins[self.place], place=np.arange(len(self.place)))

    def by_day(self, of_hindcasts: Matrix) -> Matrix:
        """(forecasts now, 14, ...): `of_hindcasts` (hindcasts, ...) laid out by day, NaN where a day does not
        count."""
        found = np.full((*self.counts.shape, *of_hindcasts.shape[1:]), np.nan)
        found[self.counts] = of_hindcasts[self.place]
        return found

    def measured(self, here: ForecastContext) -> Matrix:
        """(forecasts now, 14, 24): what came, scaled, NaN where unknown or where a day does not count."""
        rows = self.origins[:, None] + np.arange(DAY)
        return self.by_day(np.where(here.known_demand[rows], here.residual[rows], np.nan))

    def adaptation(
        self,
        here: ForecastContext,
        quantiles: Matrix,
        coverage: float,
        errors: ErrorDistribution | None,
        transform: TargetTransform,
    ) -> Adaptation:
        """The factors under which the hindcasts would have held what came.

        `quantiles` (hindcasts, 24, 3): lower edge, median and upper edge of each, scaled, with the band scale
        of training. `coverage`: the share (0..1) of hours that a band should hold. `errors`: the distribution
        of errors as calibrated in training; None leaves quantiles beside the band and days as they are."""
        actual, bands = self.measured(here), self.by_day(quantiles)
        bands[~self.counts] = np.arange(quantiles.shape[-1])  # of no meaning, and no division by 0
        wider = width_factors(actual, bands, coverage)
        asked = replace(Adaptation.none(len(actual)), wider=wider[:, -1])
        if errors is None:
            return asked
        of_hours = in_half_widths(actual, bands)
        asked = replace(asked, levels=level_factors(of_hours, wider, errors.factors[:, :DAY]))
        if not errors.has_paths:
            return asked
        of_days = np.full((2, *self.counts.shape), np.nan)
        made = [
            _day_errors(here, self.origins[some], quantiles[some], errors, transform)
            for some in (slice(begin, begin + _BATCH) for begin in range(0, len(self.origins), _BATCH))
        ]
        of_days[:, self.counts] = np.concatenate(made, axis=1)[:, self.place]
        return replace(asked, days=day_factors(of_days, wider, coverage))


def _day_errors(
    here: ForecastContext,
    origins: Rows,
    quantiles: Matrix,
    errors: ErrorDistribution,
    transform: TargetTransform,
) -> Matrix:
    """(2, origins): of peak and energy of the 24 hours from each of the rows `origins`, of which `quantiles`
    (origins, 24, 3) are the forecasts, in half-widths of their bands."""
    rows = origins[:, None] + np.arange(DAY)
    level = here.level_shift[origins, None]

    def megawatts(scaled: Matrix) -> Matrix:
        return transform.megawatts(here.base[rows] + (scaled + level) * here.deviation)

    came = transform.megawatts(here.transformed[rows] + here.level_shift[rows] * here.deviation)
    came = np.where(here.known_demand[rows], came, np.nan)
    spread = errors.day_scales[:, None, None] * half_widths(megawatts(errors.paths_within(quantiles)))
    return day_errors(came, megawatts(quantiles[..., 1]), spread)
