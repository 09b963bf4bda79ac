"""What the regressions see from an origin: the last residuals, the day ahead, and how the two interact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from trainer.model.arrays import Matrix, Vector
from trainer.model.features import Surroundings
from trainer.model.windows import TAIL

DAY: Final = 24
_ANOMALY_DAYS: Final = 14
_GROWTH: Final = 0.45
"""Of the sun's effect per year, relative to its size at the epoch: panels are being added."""
_SUNNY_HOURS: Final = 3
"""Hours of weather that are averaged where the sun multiplies them."""

Rows = npt.NDArray[np.int64]
Block = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Outlook:
    """Hours with their facts, ready for any origin among them. All arrays are (hours, ...)."""

    weekday: Block
    """(hours, 7)."""
    kinds: Block
    """(hours, 7): holiday, free, partial, bridge, after and before a holiday, after a free day."""
    measures: Block
    """Weather of the hour, cloud signs among it; no columns in a region without weather."""
    anomalies: Block
    """Weather columns less their mean at the same hour of the 14 days before."""
    weather: Block
    """Weather columns as they are."""
    sunlight: Vector
    """Sun over the hour, times its growth since the epoch, over what demand is usual then."""
    sun: Vector
    season: Block
    """(hours, 3): sine and cosine of the year, years since the epoch."""
    local_hour: Rows

    @classmethod
    def of(cls, facts: Surroundings, seasonality: Vector, columns: tuple[str, ...], epoch: str) -> Self:
        """`columns`: the region's weather; `seasonality` in log MW."""
        table, day = facts.calendar.table, facts.calendar.day
        hours = len(facts.sun)
        weather = (
            np.column_stack([facts.weather[name] for name in columns]) if columns else np.empty((hours, 0))
        )
        derived = np.column_stack(list(facts.weather.values())) if columns else np.empty((hours, 0))
        kinds = np.column_stack(
            [
                table.holiday,
                table.free,
                table.partial,
                table.bridge,
                table.after_holiday,
                table.before_holiday,
                table.after_free,
            ]
        )
        years = facts.years_since(epoch)
        turn = 2 * np.pi * np.asarray(facts.calendar.local.day_of_year, dtype=np.float64) / 365.25
        growth = np.maximum(1 + _GROWTH * years, 0.1)
        return cls(
            weekday=(table.weekday[:, None] == np.arange(7))[day].astype(np.float32),
            kinds=kinds[day].astype(np.float32),
            measures=derived.astype(np.float32),
            anomalies=_anomalies(weather).astype(np.float32),
            weather=weather.astype(np.float32),
            sunlight=facts.sun * growth * np.exp(-seasonality),
            sun=facts.sun,
            season=np.column_stack([np.sin(turn), np.cos(turn), years / 2]).astype(np.float32),
            local_hour=np.asarray(facts.calendar.local.hour, dtype=np.int64),
        )

    def linear(self, origins: Rows, tails: Block) -> Block:
        """(origins, 24, features) for the hours ahead; `tails` (origins, 336) is the residual before each."""
        ahead = origins[:, None] + np.arange(DAY)
        days = tails.reshape(-1, TAIL // DAY, DAY)[:, ::-1]  # (origins, days back, hour)
        same_hour = days.transpose(0, 2, 1)  # (origins, 24, days back)
        yesterday, week = same_hour[..., :1], same_hour[..., 6:7]
        last = np.repeat(tails[:, None, -1:], DAY, axis=1)
        weekday, kinds = self.weekday[ahead], self.kinds[ahead]
        sun = self.sun[ahead][..., None].astype(np.float32)
        measures = self.measures[ahead]
        own = [
            same_hour[..., 1:7],
            same_hour[..., 13:14],
            same_hour[..., :7].mean(-1, keepdims=True),
            same_hour.mean(-1, keepdims=True),
            kinds,
            kinds * last,
            weekday * last,
            weekday * yesterday,
            weekday * week,
            kinds * week,
            self.kinds[ahead - DAY] * yesterday,
            measures,
            measures * sun,
            *self._clouds(origins, ahead),
        ]
        shared = np.hstack([days[:, 0], days[:, 1], days[:, 6], *self._profiles(origins)])
        return np.concatenate([*own, np.repeat(shared[:, None, :], DAY, axis=1)], axis=-1, dtype=np.float32)

    def similarity(self, origins: Rows, tails: Block) -> list[tuple[float, Block]]:
        """Weights and groups of features (origins, ...) by which days are alike."""
        days = tails.reshape(-1, TAIL // DAY, DAY)[:, ::-1]
        noon = origins + DAY // 2
        kinds = np.hstack([self.kinds[noon][:, [0, 1, 6]], self.weekday[noon][:, [0, 5]]])
        profiles = self._profiles(origins)[: 2 * self.weather.shape[1] : 2]
        weather = [self._ahead(self.weather[:, k], origins) for k in range(self.weather.shape[1])]
        return [
            *((1.5, block) for block in weather),
            *((1.0, block) for block in profiles),
            (0.7, days[:, 0]),
            (0.7, days[:, :7].mean(1)),
            (0.8, kinds),
            (1.0, self.season[noon]),
        ]

    def _ahead(self, values: Vector | Block, origins: Rows) -> Block:
        return np.asarray(values[origins[:, None] + np.arange(DAY)], dtype=np.float32)

    def _profiles(self, origins: Rows) -> list[Block]:
        """Anomalies of each weather column over the day ahead, and over the day before."""
        blocks = []
        for k in range(self.anomalies.shape[1]):
            blocks += [self._ahead(self.anomalies[:, k], at) for at in (origins, origins - DAY)]
        return blocks

    def _clouds(self, origins: Rows, ahead: Rows) -> list[Block]:
        """Sunlight of the hour, alone and times the day's weather in steps of three hours."""
        sunlight = self.sunlight[ahead].astype(np.float32)[..., None]
        blocks = [sunlight]
        for source in (self.anomalies, self.weather):
            for k in range(source.shape[1]):
                steps = self._ahead(source[:, k], origins).reshape(len(origins), -1, _SUNNY_HOURS).mean(-1)
                blocks.append(sunlight * steps[:, None, :])
        return blocks


def _anomalies(values: Matrix) -> Matrix:
    """Less the mean of the same hour on the 14 days before; on the first days, of as many as there are."""
    hours = len(values)
    if values.shape[1] == 0:
        return values
    padded = np.concatenate([np.zeros((DAY, values.shape[1])), values])
    count = np.minimum(np.arange(hours) // DAY, _ANOMALY_DAYS)[:, None]
    total = _daily_cumulative(padded)
    begin = np.arange(hours) - DAY * count[:, 0]
    mean = (total[:hours] - total[begin]) / np.maximum(count, 1)
    return np.where(count > 0, values - mean, 0.0)


def _daily_cumulative(padded: Matrix) -> Matrix:
    """Running sums along each hour of the day; row r sums the rows r, r - 24, r - 48 .. of `padded`."""
    total = padded.copy()
    whole = len(total) // DAY * DAY
    folded = total[:whole].reshape(-1, DAY, padded.shape[1]).cumsum(0).reshape(whole, -1)
    rest = len(total) - whole
    total[:whole] = folded
    if rest:
        total[whole:] = padded[whole:] + (folded[whole - DAY :][:rest] if whole else 0)
    return total
