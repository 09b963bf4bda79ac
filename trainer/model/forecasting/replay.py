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

REPLAYED_DAYS: Final = 14
_BATCH: Final = 512
"""Forecasts whose paths are in memory at once."""


@dataclass(frozen=True)
class Replay:
    """The forecasts of the day ahead to be made again: from the 14 days before each origin, at its local
    hour."""

    origins: Rows
    """Of all of them, each once."""
    counts: npt.NDArray[np.bool_]
    """(forecasts now, 14): the earliest day first."""
    place: Rows
    """Of each that counts among `origins`."""

    @classmethod
    def before(cls, now: Rows, tells: npt.NDArray[np.bool_]) -> Self:
        """The replay for origins at rows `now`. `tells` (hours,): the rows whose forecast says how good those
        of now are; others are left out."""
        back = now[:, None] - DAY * np.arange(REPLAYED_DAYS, 0, -1)
        counts = (back >= 0) & tells[np.maximum(back, 0)]
        origins, place = np.unique(back[counts], return_inverse=True)
        return cls(origins, counts, place)

    def apart(self) -> Self:
        """The same with each forecast of a day as often as it counts, since it may not be the same for two
        origins."""
        return replace(self, origins=self.origins[self.place], place=np.arange(len(self.place)))

    def by_day(self, of_forecasts: Matrix) -> Matrix:
        """(forecasts now, 14, ...): `of_forecasts`, those made again, (origins, ...), NaN where a day does
        not count."""
        found = np.full((*self.counts.shape, *of_forecasts.shape[1:]), np.nan)
        found[self.counts] = of_forecasts[self.place]
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
        """What the replayed days ask for. `quantiles` (origins, 24, 3) are the forecasts made again, their
        band scaled as in training; `coverage` is the share that bands should hold, `errors` what the model
        knows of its quantiles, as in training too."""
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
    level = here.kept_level[origins, None]

    def megawatts(scaled: Matrix) -> Matrix:
        return transform.megawatts(here.base[rows] + (scaled + level) * here.deviation)

    came = transform.megawatts(here.transformed[rows] + here.kept_level[rows] * here.deviation)
    came = np.where(here.known_demand[rows], came, np.nan)
    spread = errors.day_scales[:, None, None] * half_widths(megawatts(errors.paths_within(quantiles)))
    return day_errors(came, megawatts(quantiles[..., 1]), spread)
