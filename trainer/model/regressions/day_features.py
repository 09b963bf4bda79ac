"""What the day regression sees from an origin: a week of demand as it was metered, and the day ahead.

It knows nothing of trend and seasonality, so its errors have other causes than those of the other parts, and
an average of both is better than either. The groups' weights, and the variances beside them in
`day_regression`, are those under which the demand of two countries was most likely (docs/ablation.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from trainer.model.covariates.features import Surroundings
from trainer.model.covariates.weather import TEMPERATURE
from trainer.model.regressions.kernels import Groups
from trainer.model.regressions.origin_features import DAY, Block, Outlook, Rows, ahead_of, coarse, sun_growth

WEEK: Final = 7 * DAY
_NEIGHBOURS: Final = (-2, -1, 1, 2)
"""Days from a festival that are told apart."""
_HEATED, _COOLED = 8.0, 18.0
"""C; below the first buildings are heated, above the second cooled."""


@dataclass(frozen=True)
class DayInputs:
    """Hours with their facts, ready for any origin among them."""

    outlook: Outlook
    dates: Block
    """(local dates, flags): the kind of day."""
    date: Rows
    """(hours,): row of `dates` that each hour lies on."""
    season: Block
    """(hours, 4): two waves of the year."""
    years: Block
    """(hours, 1): since the epoch."""
    sun: Block
    """(hours,): its elevation's sine times the growth of the panels."""

    @classmethod
    def of(cls, facts: Surroundings, outlook: Outlook, epoch: str) -> Self:
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
        sine, cosine = outlook.season.T
        return cls(
            outlook=outlook,
            dates=np.column_stack(flags).astype(np.float32),
            date=facts.calendar.day,
            season=np.column_stack([sine, cosine, 2 * sine * cosine, cosine**2 - sine**2]),
            years=years[:, None].astype(np.float32),
            sun=(facts.sun * sun_growth(years)).astype(np.float32),
        )

    @property
    def local_hour(self) -> Rows:
        return self.outlook.local_hour

    def sunshine(self, origins: Rows) -> Block:
        """(origins, 1): of the whole day ahead."""
        return np.asarray(ahead_of(self.sun, origins).mean(1, keepdims=True))

    def linear(self, origins: Rows, weeks: Block) -> Groups:
        """Weights and groups of features (origins, ...) that the day ahead follows in proportion; `weeks`
        (origins, 168) is the log demand before each, less its mean."""
        groups = [
            (6.7, weeks[:, -DAY:]),
            (0.12, weeks),
            (0.5, self._kind(origins)),
            (0.12, np.hstack([self.dates[self.date[origins] - back] for back in range(1, 8)])),
            (0.84, self.season[origins]),
            (0.17, self.years[origins]),
            (0.6, coarse(ahead_of(self.sun, origins))),
        ]
        for number, name in enumerate(self.outlook.columns):
            level, anomaly = self._weather(number, origins)
            groups.append((0.12, coarse(anomaly)))
            if name == TEMPERATURE:
                groups.append((0.84, coarse(level)))
                groups.append((0.7, np.maximum(coarse(level) - _COOLED, 0)))
                groups.append((0.4, np.maximum(_HEATED - coarse(level), 0)))
            else:
                groups.append((0.12, coarse(level)))
        return groups

    def likenesses(self, origins: Rows, weeks: Block) -> dict[str, Groups]:
        """By name of a `Likeness`: weights and groups of features (origins, ...) by which days are alike."""
        outlook = self.outlook
        kinds, season = outlook.rough_kinds(origins), self.season[origins]
        found: dict[str, Groups] = {
            "calendar": [(0.55, self._kind(origins)), (0.8, season), (0.95, self.years[origins])],
            "rest": [(0.5, kinds), (1.7, outlook.of_both_dates(outlook.run, origins))],
        }
        if not outlook.columns:
            found["trail"] = [(0.8, weeks[:, -DAY:]), (0.2, season), (0.75, kinds)]
            return found
        sky = found["sky"] = [(0.34, coarse(ahead_of(self.sun, origins)))]
        comfort = found["comfort"] = [(0.36, kinds)]
        for number, name in enumerate(outlook.columns):
            level, anomaly = self._weather(number, origins)
            warm = name == TEMPERATURE
            sky.append((0.85 if warm else 0.13, coarse(level)))
            sky.append((0.2 if warm else 0.12, coarse(anomaly)))
            sky.append((0.53 if warm else 0.2, np.diff(level, axis=1)))
            comfort.append((0.94 if warm else 0.22, coarse(level)))
            if warm:
                week = outlook.weather[origins[:, None] + np.arange(-WEEK, 0), number]
                comfort.append((0.5, week.reshape(len(origins), 7, DAY).mean(-1)))
        return found

    def _weather(self, number: int, origins: Rows) -> tuple[Block, Block]:
        """(origins, 24) each: a column of the hours ahead, and how unusual it is."""
        outlook = self.outlook
        return ahead_of(outlook.weather[:, number], origins), ahead_of(outlook.anomalies[:, number], origins)

    def _kind(self, origins: Rows) -> Block:
        """Of both dates that the day ahead of an origin past midnight lies on."""
        return np.hstack([self.dates[self.date[origins]], self.dates[self.date[origins + DAY - 1]]])
