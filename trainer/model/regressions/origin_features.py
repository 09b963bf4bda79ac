"""What the residual's regressions see at an origin: past residuals, the day ahead, and their products."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from trainer.model.arrays import Matrix, Vector
from trainer.model.covariates.features import HourCovariates
from trainer.model.covariates.weather import TEMPERATURE
from trainer.model.covariates.windows import TAIL

DAY: Final = 24
_ANOMALY_DAYS: Final = 14
_GROWTH: Final = 0.45
"""Of the sun's effect per year, relative to its size at the epoch: panels are being added."""
_COARSE: Final = 3
"""Hours of weather that are averaged into one step of a day's profile."""
_LOOSE, _YESTERDAY, _TIGHT = 1.0, 8.0, 60.0
"""Ridge penalties: of the last week's residuals at the same hour, of all hours of yesterday, of the rest."""
_DATE: Final = 365.25 / (2 * np.pi * 5)
"""Weight of the year's sine and cosine by which dates five days apart are a standard deviation apart."""

Rows = npt.NDArray[np.int64]
Block = npt.NDArray[np.float32]


@dataclass(frozen=True)
class OriginFeatures:
    """Features of a run of hours, from which those of any origin among them are cut. Arrays (hours, ...)."""

    weekday: Block
    """(hours, 7)."""
    kinds: Block
    """(hours, 7): holiday, free, partial, bridge, after and before a holiday, after a free day."""
    run: Block
    """(hours, 2): length of the run of free days that the hour belongs to, and the day's place in it."""
    measures: Block
    """Weather of the hour, cloud signs among it; no columns in a region without weather."""
    columns: tuple[str, ...]
    """Names of the weather columns."""
    anomalies: Block
    """Weather columns less their mean at the same hour of the 14 days before."""
    weather: Block
    """Weather columns as they are."""
    solar_proxy: Vector
    """Sun over the hour, times its growth since the epoch; on a log scale over what demand is usual."""
    season: Block
    """(hours, 2): sine and cosine of the year."""
    local_hour: Rows
    base: Block
    """(hours,): trend and seasonality together, in the unit of the residual."""

    @property
    def holiday(self) -> Block:
        """(hours,): 1 on public holidays, else 0."""
        return self.kinds[:, 0]

    @classmethod
    def of(
        cls, facts: HourCovariates, effect: Vector, columns: tuple[str, ...], epoch: str, base: Vector
    ) -> Self:
        """Of all hours of `facts`. `columns`: the region's weather; `effect` (hours,): how much an amount of
        power counts at each hour (`TargetTransform.effect_of_amount`); `base` (hours,): as the field."""
        table, day = facts.calendar.table, facts.calendar.day
        hours = len(facts.sun)
        weather = (
            np.column_stack([facts.weather[name] for name in columns]) if columns else np.empty((hours, 0))
        )
        derived = np.column_stack(list(facts.weather.values())) if columns else np.empty((hours, 0))
        kinds = np.column_stack([*table.kinds, table.after_free])
        run = np.column_stack([table.run_length, table.run_position])
        turn = 2 * np.pi * np.asarray(facts.calendar.local.day_of_year, dtype=np.float64) / 365.25
        return cls(
            weekday=(table.weekday[:, None] == np.arange(7))[day].astype(np.float32),
            kinds=kinds[day].astype(np.float32),
            run=run[day].astype(np.float32),
            measures=derived.astype(np.float32),
            columns=columns,
            anomalies=_anomalies(weather).astype(np.float32),
            weather=weather.astype(np.float32),
            solar_proxy=facts.sun * solar_growth(facts.years_since(epoch)) * effect,
            season=np.column_stack([np.sin(turn), np.cos(turn)]).astype(np.float32),
            local_hour=np.asarray(facts.calendar.local.hour, dtype=np.int64),
            base=base.astype(np.float32),
        )

    def linear(self, origins: Rows, tails: Block) -> Block:
        """The linear part's features of the 24 hours ahead, (origins, 24, features).

        `tails` (origins, 336): the scaled residual of the two weeks before each origin.
        """
        features = np.empty((len(origins), DAY, len(self.penalties())), dtype=np.float32)
        begin = 0
        for _, block in self._linear_blocks(origins, tails):
            end = begin + block.shape[-1]
            features[..., begin:end] = block
            begin = end
        return features

    def linear_parts(self, origins: Rows, tails: Block, room: int = 0) -> tuple[Block, Block]:
        """The columns of `linear` that each hour ahead shares, (origins, shared features), and the others,
        (24, origins, own features + `room`): each value is held once. `room`: columns at the end that are
        left for others to fill."""
        is_shared = self.shared_by_leads()
        shared = np.empty((len(origins), int(is_shared.sum())), dtype=np.float32)
        own = np.empty((DAY, len(origins), int((~is_shared).sum()) + room), dtype=np.float32)
        of_shared = of_own = 0
        for _, block in self._linear_blocks(origins, tails):
            columns = block.shape[-1]
            if block.shape[1] == 1:
                shared[:, of_shared : of_shared + columns] = block[:, 0]
                of_shared += columns
            else:
                own[..., of_own : of_own + columns] = block.transpose(1, 0, 2)
                of_own += columns
        return shared, own

    def penalties(self) -> Vector:
        """(features,): the ridge penalty of each column of `linear`."""
        blocks = self._linear_blocks(np.array([DAY]), np.zeros((1, TAIL), dtype=np.float32))
        return np.concatenate([np.full(block.shape[-1], penalty) for penalty, block in blocks])

    def shared_by_leads(self) -> npt.NDArray[np.bool_]:
        """(features,): whether a column of `linear` is the same at each of the 24 hours ahead."""
        blocks = self._linear_blocks(np.array([DAY]), np.zeros((1, TAIL), dtype=np.float32))
        return np.concatenate([np.full(block.shape[-1], block.shape[1] == 1) for _, block in blocks])

    def solar_proxy_ahead(self, origins: Rows) -> Block:
        """(origins, 24): the solar proxy of the hours ahead."""
        return ahead_of(self.solar_proxy, origins)

    def kernel_features(self, origins: Rows, tails: Block) -> dict[str, list[tuple[float, Block]]]:
        """Name of a `Kernel` -> the features by which it compares days, as pairs of a group's weight and its
        columns (origins, ...). `tails` as in `linear`."""
        kinds = self.rough_kinds(origins)
        weekday, season = self.of_both_dates(self.weekday, origins), self.season[origins + DAY // 2]
        found = {
            "calendar": [
                (1.0, kinds),
                (1.0, weekday),
                (1.0, season),
            ],
            "rest": [(1.0, kinds), (1.0, self.of_both_dates(self.run, origins))],
            "date": [(_DATE, season), (0.7, weekday)],
        }
        if not self.columns:
            days = tails.reshape(-1, TAIL // DAY, DAY)[:, ::-1]
            unusual = days[:, 0] - days[:, :7].mean(1)
            found["trail"] = [
                (0.5, coarse(days[:, 0])),
                (0.5, coarse(unusual)),
                (1.2, season),
            ]
            return found
        sky, comfort = found["sky"], found["comfort"] = [], [(0.4, kinds)]
        for k, name in enumerate(self.columns):
            level, anomaly = ahead_of(self.weather[:, k], origins), self.anomalies[:, k]
            profile = coarse(level)
            sky += [
                (0.4, profile),
                (0.4, coarse(ahead_of(anomaly, origins))),
                (0.4, np.diff(level, axis=1)),
            ]
            comfort.append((0.75 if name == TEMPERATURE else 0.35, profile))
            if name == TEMPERATURE:
                comfort.append((0.35, coarse(ahead_of(anomaly, origins - DAY))))
        return found

    def _linear_blocks(self, origins: Rows, tails: Block) -> Iterator[tuple[float, Block]]:
        """One after another, since all at once they are as large as the features that they end in. Those of
        one row for all hours, (origins, 1, ...), hold for each of them."""
        ahead = origins[:, None] + np.arange(DAY)
        days = tails.reshape(-1, TAIL // DAY, DAY)[:, ::-1]  # (origins, days back, hour)
        same_hour = days.transpose(0, 2, 1)  # (origins, 24, days back)
        yesterday, week = same_hour[..., :1], same_hour[..., 6:7]
        last = tails[:, None, -1:]
        weekday, kinds = self.weekday[ahead], self.kinds[ahead]
        profiles = [ahead_of(self.anomalies[:, k], origins) for k in range(len(self.columns))]
        solar_proxy = self.solar_proxy_ahead(origins)[..., None]
        yield _LOOSE, same_hour[..., :7]
        yield _TIGHT, same_hour[..., 13:14]
        yield _TIGHT, same_hour[..., :7].mean(-1, keepdims=True)
        yield _TIGHT, kinds
        yield _TIGHT, kinds * last
        yield _TIGHT, weekday * last
        yield _TIGHT, weekday * week
        yield _TIGHT, self.kinds[ahead - DAY] * yesterday
        yield _TIGHT, self.measures[ahead]
        yield _TIGHT, solar_proxy
        for profile in profiles:
            yield _TIGHT, solar_proxy * coarse(profile)[:, None, :]
        yield _YESTERDAY, days[:, :1]
        for profile in profiles:
            yield _TIGHT, profile[:, None, :]
        # Demand goes on where the base jumps, as at midnight. The last: models of earlier releases lack it.
        yield _YESTERDAY, (self.base[origins - 1][:, None] - self.base[ahead])[..., None]

    def rough_kinds(self, origins: Rows) -> Block:
        """(origins, 10): holiday, free, after a free day, Monday and Saturday, of both dates."""
        return self.of_both_dates(np.hstack([self.kinds[:, [0, 1, 6]], self.weekday[:, [0, 5]]]), origins)

    def of_both_dates(self, values: Block, origins: Rows) -> Block:
        """(origins, 2 x columns): `values` (hours, columns) at the first and the last hour of the day ahead,
        which lie on two dates unless the origin is a midnight."""
        return np.hstack([values[origins], values[origins + DAY - 1]])


def solar_growth(years: Vector) -> Vector:
    """How much larger the sun's effect is than at the epoch; `years` since then."""
    return np.maximum(1 + _GROWTH * years, 0.1)


def ahead_of(values: Vector | Block, origins: Rows) -> Block:
    """(origins, 24): the hours ahead of each among `values` (hours,)."""
    return np.asarray(values[origins[:, None] + np.arange(DAY)], dtype=np.float32)


def coarse(day: Block) -> Block:
    """(origins, 24) -> (origins, 8)."""
    return np.asarray(day.reshape(len(day), -1, _COARSE).mean(-1))


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
