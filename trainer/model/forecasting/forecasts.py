"""What a forecast says, read from one computation: the columns of its hours, sample paths, days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from trainer.contract import Region
from trainer.contract.quantiles import beside_band, quantile_column
from trainer.errors import UsageError
from trainer.model.arrays import Matrix
from trainer.model.forecasting.adaptation import Adaptation
from trainer.model.forecasting.day_figures import DayFigures, day_figures
from trainer.model.forecasting.error_distribution import PATHS, ErrorDistribution, from_median, in_order
from trainer.model.forecasting.weighted_members import MODEL
from trainer.model.regressions.origin_features import Rows
from trainer.model.target_transform import TargetTransform


@dataclass(frozen=True)
class Forecasts:
    """Forecasts from several origins, (origins, hours) on the model's scale."""

    region: Region
    transform: TargetTransform
    time: pd.DatetimeIndex
    """Of all hours, UTC."""
    hours: Rows
    """(origins, hours): of each among `time`."""
    trend: Matrix
    seasonality: Matrix
    residual: Matrix
    """(origins, hours, 3): the band's lower edge, median, the band's upper edge."""
    late: Rows
    """(origins,): hours right before each origin that had to be forecast too."""
    errors: ErrorDistribution | None
    """None of a model of an earlier release."""
    adaptation: Adaptation
    """By which the band is widened already."""
    members: tuple[str, ...] | None = None
    """What the model is averaged with."""
    weights: Matrix | None = None
    """(origins, hours, 1 + members): what the model and each of them counted by."""

    def columns(self) -> dict[str, Any]:
        """One row per origin and hour: origin, time, lead_time, the forecast's columns, and one for each of
        the region's other quantiles, MW."""
        count, horizon = self.hours.shape
        base = self.trend + self.seasonality
        level, usual = self.transform.megawatts(self.trend), self.transform.megawatts(base)
        lower, forecast, upper = (self.transform.megawatts(base + self.residual[..., k]) for k in range(3))
        columns = {
            "origin": self.time[self.hours[:, 0]].repeat(horizon),
            "time": self.time[self.hours.ravel()],
            "lead_time": np.tile(np.arange(1, horizon + 1), count),
            "forecast": forecast.ravel(),
            "trend": level.ravel(),
            "seasonality": (usual - level).ravel(),
            "residual": (forecast - usual).ravel(),
            "lower": lower.ravel(),
            "upper": upper.ravel(),
        }
        levels = beside_band(self.region.quantiles)
        if self.errors is not None and levels:
            errors = self.errors.at(levels, self._lead_times(), self.adaptation.levels)
            others = in_order(levels, list(self._megawatts(errors)), (lower, forecast, upper))
            names = map(quantile_column, levels)
            columns |= {name: values.ravel() for name, values in zip(names, others, strict=True)}
        return columns

    def frame(self) -> pd.DataFrame:
        """`columns` of the only origin, by time."""
        columns = self.columns()
        del columns["origin"]
        return pd.DataFrame(columns, index=columns.pop("time"))

    def shares(self, first_lead_time: int = 1) -> dict[str, float] | None:
        """Member -> its mean weight, 0..1, over the hours from `first_lead_time` on; None of a model that
        stands alone."""
        if self.members is None or self.weights is None:
            return None
        mean = self.weights[:, first_lead_time - 1 :].mean((0, 1))
        return dict(zip((MODEL, *self.members), mean.round(4).tolist(), strict=True))

    def paths(self, origin: int, count: int = PATHS, seed: int = 0) -> Matrix | None:
        """(count, hours): equally likely courses of demand (MW) from the origin of that number; None where
        nothing is known of how errors hang together. The same seed gives the same."""
        if count < 1:
            raise UsageError(f"{count} sample paths are too few; ask for 1 or more")
        if self.errors is None or not self.errors.has_paths:
            return None
        lead_times, levels = self._lead_times()[origin], self.adaptation.levels[origin]
        return self._megawatts(self.errors.paths(lead_times, count, seed, levels), origin)

    def days(self, first_lead_time: int = 1) -> list[DayFigures] | None:
        """Of each whole local day from `first_lead_time` on, origin by origin; None as `paths`."""
        if self.errors is None or not self.errors.has_paths:
            return None
        covered = slice(first_lead_time - 1, None)
        forecast = self.transform.megawatts(self.trend + self.seasonality + self.residual[..., 1])
        found: list[DayFigures] = []
        for origin, hours in enumerate(self.hours):
            paths = self.paths(origin)
            assert paths is not None
            found += day_figures(
                self.time[hours[covered]],
                forecast[origin, covered],
                paths[:, covered],
                self.errors.day_scales * self.adaptation.days[origin],
                self.region,
            )
        return found

    def _lead_times(self) -> Rows:
        """(origins, hours), 0 the first hour that had to be forecast."""
        return np.asarray(self.late[:, None] + np.arange(self.hours.shape[1]))

    def _megawatts(self, errors: Matrix, origin: int | slice = slice(None)) -> Matrix:
        """From `errors` in half-widths of the band, (..., origins, hours), or (..., hours) of one origin."""
        base = self.trend[origin] + self.seasonality[origin]
        lower, median, upper = np.moveaxis(self.residual[origin], -1, 0)
        return self.transform.megawatts(base + from_median(median, lower, upper, errors))
