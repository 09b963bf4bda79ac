"""What the day regression sees from an origin: a week of demand as it was metered, and the day ahead.

It knows nothing of trend and seasonality, so its errors have other causes than those of the other parts, and
an average of both is better than either. The groups' weights, and the variances beside them in
`day_regression`, are those under which the demand of two countries was most likely (docs/ablation.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from trainer.model.covariates.features import HourCovariates
from trainer.model.covariates.weather import TEMPERATURE
from trainer.model.regressions.kernels import Groups
from trainer.model.regressions.origin_features import (
    DAY,
    Block,
    OriginFeatures,
    Rows,
    ahead_of,
    coarse,
    solar_growth,
)

WEEK: Final = 7 * DAY
_NEIGHBOURS: Final = (-2, -1, 1, 2)
"""Days from a festival that are told apart."""
_HEATED, _COOLED = 8.0, 18.0
"""C; below the first buildings are heated, above the second cooled."""


@dataclass(frozen=True)
class DayFeatures:
    """Hours with their facts, ready for any origin among them."""

    origin_features: OriginFeatures
    dates: Block
    """(local dates, flags): the kind of day."""
    date: Rows
    """(hours,): row of `dates` that each hour lies on."""
    season: Block
    """(hours, 4): two waves of the year."""
    years: Block
    """(hours, 1): since the epoch."""
    solar_proxy: Block
    """(hours,): its elevation's sine times the growth of the panels."""

    @classmethod
    def of(cls, facts: HourCovariates, origin_features: OriginFeatures, epoch: str) -> Self:
        table = facts.calendar.table
        flags = [
            *table.kinds,
            table.run_length,
            table.run_position,
            table.place > 0,
            *(table.festival == distance for distance in _NEIGHBOURS),
            *(table.weekday == number for number in range(7)),
            table.turn <= 2,
        ]
        years = facts.years_since(epoch)
        sine, cosine = origin_features.season.T
        return cls(
            origin_features=origin_features,
            dates=np.column_stack(flags).astype(np.float32),
            date=facts.calendar.day,
            season=np.column_stack([sine, cosine, 2 * sine * cosine, cosine**2 - sine**2]),
            years=years[:, None].astype(np.float32),
            solar_proxy=(facts.sun * solar_growth(years)).astype(np.float32),
        )

    @property
    def local_hour(self) -> Rows:
        return self.origin_features.local_hour

    def mean_solar_proxy(self, origins: Rows) -> Block:
        """(origins, 1): the solar proxy's mean over the 24 hours from each origin."""
        return np.asarray(ahead_of(self.solar_proxy, origins).mean(1, keepdims=True))

    def linear(self, origins: Rows, weeks: Block) -> Groups:
        """The linear part's features, as pairs of a group's weight and its columns (origins, ...).

        `weeks` (origins, 168): the transformed demand of the week before each origin, less its mean.
        """
        groups = [
            (6.7, weeks[:, -DAY:]),
            (0.12, weeks),
            (0.5, self._kind(origins)),
            (0.12, np.hstack([self.dates[self.date[origins] - back] for back in range(1, 8)])),
            (0.84, self.season[origins]),
            (0.17, self.years[origins]),
            (0.6, coarse(ahead_of(self.solar_proxy, origins))),
        ]
        for number, name in enumerate(self.origin_features.columns):
            level, anomaly = self._weather(number, origins)
            groups.append((0.12, coarse(anomaly)))
            if name == TEMPERATURE:
                groups.append((0.84, coarse(level)))
                groups.append((0.7, np.maximum(coarse(level) - _COOLED, 0)))
                groups.append((0.4, np.maximum(_HEATED - coarse(level), 0)))
            else:
                groups.append((0.12, coarse(level)))
        return groups

    def kernel_features(self, origins: Rows, weeks: Block) -> dict[str, Groups]:
        """Name of a `Kernel` -> the features by which it compares days, as pairs of a group's weight and its
        columns (origins, ...). `weeks` as in `linear`."""
        origin_features = self.origin_features
        kinds, season = origin_features.rough_kinds(origins), self.season[origins]
        found: dict[str, Groups] = {
            "calendar": [(0.55, self._kind(origins)), (0.8, season), (0.95, self.years[origins])],
            "rest": [(0.5, kinds), (1.7, origin_features.of_both_dates(origin_features.run, origins))],
        }
        if not origin_features.columns:
            found["trail"] = [(0.8, weeks[:, -DAY:]), (0.2, season), (0.75, kinds)]
            return found
        sky = found["sky"] = [(0.34, coarse(ahead_of(self.solar_proxy, origins)))]
        comfort = found["comfort"] = [(0.36, kinds)]
        for number, name in enumerate(origin_features.columns):
            level, anomaly = self._weather(number, origins)
            warm = name == TEMPERATURE
            sky.append((0.85 if warm else 0.13, coarse(level)))
            sky.append((0.2 if warm else 0.12, coarse(anomaly)))
            sky.append((0.53 if warm else 0.2, np.diff(level, axis=1)))
            comfort.append((0.94 if warm else 0.22, coarse(level)))
            if warm:
                week = origin_features.weather[origins[:, None] + np.arange(-WEEK, 0), number]
                comfort.append((0.5, week.reshape(len(origins), 7, DAY).mean(-1)))
        return found

    def _weather(self, number: int, origins: Rows) -> tuple[Block, Block]:
        """Weather column `number` over the 24 hours ahead, and its anomaly; (origins, 24) each."""
        origin_features = self.origin_features
        return ahead_of(origin_features.weather[:, number], origins), ahead_of(
            origin_features.anomalies[:, number], origins
        )

    def _kind(self, origins: Rows) -> Block:
        """(origins, flags): the kinds of the date of the first hour ahead, then of the last hour's."""
        return np.hstack([self.dates[self.date[origins]], self.dates[self.date[origins + DAY - 1]]])
