"""What boosted trees read of an hour ahead: demand as its origin knows it, calendar, weather and sun."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from trainer.model.arrays import Matrix, Vector
from trainer.model.covariates.calendar import trailing_mean
from trainer.model.regressions.origin_features import DAY, Block, OriginFeatures, Rows

FARTHEST: Final = 3 * DAY
"""Hours ahead of which trees say something: a product at 10:00 for tomorrow asks for lead times up to 38, and
a forecast begins earlier by as much as demand is late."""
_LAG_DAYS: Final = (1, 2, 3, 4, 5, 6, 7, 14, 21, 28)
_MEAN_DAYS: Final = (3, 14, 28)
_LAST_HOURS: Final = (1, 2, 3, 6, 12)
_DAY_MEANS: Final = (1, 2, 7)
"""Days before the origin whose mean demand is read."""
_WEEK: Final = 7 * DAY


@dataclass(frozen=True)
class TreeFeatures:
    """Hours as trees read them. Arrays (hours, ...)."""

    demand: Vector
    """On the model's scale, NaN where unknown."""
    base: Vector
    """Trend and seasonality together, on the model's scale."""
    hours: OriginFeatures
    day_off_share: Vector
    """Share of the last 7 days' hours, this one included, that were holidays or free."""

    @classmethod
    def of(cls, demand: Vector, base: Vector, hours: OriginFeatures) -> Self:
        """What trees read of each of `hours`. `demand` (hours,): on the model's scale, NaN where unknown;
        hours from an origin on are never read for it."""
        free = np.maximum(hours.kinds[:, 0], hours.kinds[:, 1]).astype(np.float64)
        return cls(demand, base, hours, trailing_mean(free, _WEEK))

    def at(self, begun: Rows, ahead: Rows) -> tuple[Matrix, Vector]:
        """The features of hours, (rows, features), and their level, (rows,): the mean of demand at the same
        hour on the 7 last days that are over at the origin, on the model's scale, which trees depart from.

        `begun` (rows,): the first hour of each forecast. `ahead` (rows,): the hour that it is asked for."""
        lead = ahead - begun
        shift = DAY * (lead // DAY + 1)
        days_before = [self._same_hour(begun, ahead, ahead - shift - DAY * day) for day in range(28)]
        same_hour = np.stack([_take(self.demand, rows) for rows in days_before], axis=1)
        level = _known_mean(same_hour[:, :7])
        usual = np.stack([_take(self.base, rows) for rows in days_before[:7]], axis=1)
        columns = [
            (self.base[ahead] - usual.mean(axis=1))[:, None],
            *self._of_demand(same_hour, level, begun),
            *self._of_calendar(ahead, shift, lead),
            *self._of_weather(begun, ahead, shift),
        ]
        return np.column_stack(columns), level

    def _same_hour(self, begun: Rows, ahead: Rows, rows: Rows) -> Rows:
        """`rows` moved to the local hour of `ahead`, where a clock change lies between them; never to an hour
        from `begun` on."""
        local_hour = self.hours.local_hour
        off = local_hour[ahead] - local_hour[np.maximum(rows, 0)]
        moved = rows + (off + DAY // 2) % DAY - DAY // 2
        return np.where((rows >= 0) & (moved < begun), moved, rows)

    def _of_demand(self, same_hour: Matrix, level: Vector, begun: Rows) -> Iterator[Matrix | Block | Rows]:
        from_level = same_hour - level[:, None]
        yield from_level[:, [day - 1 for day in _LAG_DAYS]]
        yield np.column_stack([_known_mean(from_level[:, :days]) for days in _MEAN_DAYS])
        hours_back = np.asarray(_LAST_HOURS)
        last = _take(self.demand, begun[:, None] - hours_back)
        yield last - level[:, None]
        yield last - _take(self.demand, begun[:, None] - hours_back - _WEEK)
        back = np.asarray(_DAY_MEANS)[:, None] * DAY - np.arange(DAY)
        origins, place = np.unique(begun, return_inverse=True)
        by_day = [_known_mean(_take(self.demand, origins[:, None] - hours)) for hours in back]
        yield np.column_stack(by_day)[place] - level[:, None]
        yield level[:, None]

    def _of_calendar(self, ahead: Rows, shift: Rows, lead: Rows) -> Iterator[Matrix | Block | Rows]:
        hours = self.hours
        yield lead[:, None]
        yield hours.local_hour[ahead][:, None]
        yield hours.weekday[ahead].argmax(1)[:, None]
        yield np.hstack([hours.kinds[ahead], hours.run[ahead], hours.season[ahead]])
        for back in (shift, _WEEK):
            yield _take(hours.kinds, ahead - back)[:, :2]
        yield self.day_off_share[ahead][:, None]

    def _of_weather(self, begun: Rows, ahead: Rows, shift: Rows) -> Iterator[Matrix | Block | Rows]:
        hours = self.hours
        yield hours.solar_proxy[ahead][:, None]
        if not hours.columns:
            return
        yield hours.measures[ahead]
        yield hours.anomalies[ahead]
        yield _take(hours.weather, ahead - shift)
        yield _take(hours.weather, ahead - _WEEK)
        first = ahead - (ahead - begun) % DAY  # of the 24 hours of the forecast that the hour lies in
        days, place = np.unique(first, return_inverse=True)
        of_day = _take(hours.weather, days[:, None] + np.arange(DAY))
        yield np.hstack([of_day.min(1), of_day.mean(1), of_day.max(1)])[place]


def _take(values: Vector | Block, rows: Rows) -> Matrix:
    """`values` (hours, ...) at `rows`; before the first hour NaN, after the last as in the last."""
    found = np.asarray(values[np.clip(rows, 0, len(values) - 1)], dtype=np.float64)
    found[rows < 0] = np.nan
    return found


def _known_mean(values: Matrix) -> Vector:
    """(rows,): over the columns that are known; NaN where none is."""
    known = np.isfinite(values)
    count = known.sum(axis=1)
    return np.asarray(np.where(known, values, 0.0).sum(axis=1) / np.where(count > 0, count, np.nan))
