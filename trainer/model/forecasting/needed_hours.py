"""The hours that forecasts depend on: how far back and ahead they reach, and what may be missing there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from trainer.contract import Region
from trainer.contract.local_days import day_of, midnights
from trainer.errors import DataError, WeatherUnknownError
from trainer.model.arrays import Vector
from trainer.model.covariates.features import WARM_UP_DAYS
from trainer.model.covariates.weather import weather_filled
from trainer.model.covariates.windows import LAG_DAYS, TAIL
from trainer.model.forecasting.hindcasts import HINDCAST_DAYS
from trainer.model.forecasting.residual import reach
from trainer.model.regressions.hourly import LEARNT_DAYS
from trainer.model.regressions.origin_features import DAY, Rows

_HOUR: Final = pd.Timedelta(hours=1)
_LOOK_BACK: Final = pd.Timedelta(days=HINDCAST_DAYS + LEARNT_DAYS + max(LAG_DAYS, WARM_UP_DAYS + 1))
"""How far before the first origin the frame begins: as far as the earliest hindcast, the days before it whose
errors correct it, and what their features look back on."""
CARRIED_ON: Final = 24
"""Hours of the horizon whose weather may be unknown: the last known anomaly stands for them."""


@dataclass(frozen=True)
class NeededHours:
    """The hours that one call for forecasts reads, cut from the history."""

    frame: pd.DataFrame
    """UTC hours: demand (MW, NaN where unknown and from the last origin on) and weather, which is whole."""
    rows: Rows
    """(origins,): in `frame`."""
    late: Rows
    """(origins,): by how many hours each forecast has to begin before its origin."""
    carried: Rows
    """(hours of the frame,): since when weather is carried on, in hours; 0 where all of it is known."""

    @classmethod
    def of(
        cls,
        history: pd.DataFrame,
        region: Region,
        origins: pd.DatetimeIndex,
        horizon: int,
        *,
        block: int,
        own: Rows,
    ) -> Self:
        """Cuts them for `origins` (UTC) and a `horizon` in hours, up to the end of the last local day, since
        signs of cloud are read over whole days.

        `block`: hours that one pass of the networks forecasts. `own`: local hours that have a regression of
        their own. Weather that is unknown in the past is filled, and up to a day of it ahead is
        carried on. Raises DataError when no demand is known before an origin and when the history begins less
        than two weeks before it, WeatherUnknownError when more of the weather ahead is missing.
        """
        first, last = origins.min(), origins.max()
        start = max(first - _LOOK_BACK, history.index[0])
        rows = np.asarray((origins - start) // _HOUR, dtype=np.int64)
        before = pd.date_range(start, last, freq="h", inclusive="left")
        past = history["demand"].reindex(before).to_numpy(dtype=np.float64)
        _require_demand(past, origins, rows, region)
        _require_weather(history, region, origins, horizon)
        late = _late(past, rows, np.isin(_local_hours(start, last, region), own))
        end = last + max(reach(max(n + horizon, DAY), block) - n for n in set(late.tolist())) * _HOUR
        day_end = end.tz_convert(region.zone).ceil("D", ambiguous=True, nonexistent="shift_forward")
        end = max(end, day_end.tz_convert("UTC"))
        index = pd.date_range(start, end, freq="h", inclusive="left", name="time")
        frame = history.reindex(index)
        frame["demand"] = np.concatenate([past, np.full(len(index) - len(past), np.nan)])
        unknown = frame[[*region.weather]].isna().any(axis=1).to_numpy()
        for name in region.weather:
            frame[name] = weather_filled(frame[name].to_numpy(dtype=np.float64))
        return cls(frame, rows, late, _since_last(~unknown))


def carried_on_hours(
    history: pd.DataFrame, region: Region, origin: pd.Timestamp, horizon: int
) -> dict[str, int]:
    """Weather column -> number of the `horizon` hours from `origin` (UTC) on for which it is unknown; columns
    without such hours are left out."""
    ahead = pd.date_range(origin, periods=horizon, freq="h")
    missing = {
        name: int(history[name].reindex(ahead).isna().sum()) if name in history else horizon
        for name in region.weather
    }
    return {name: hours for name, hours in missing.items() if hours}


def _last(of_hours: npt.NDArray[np.bool_]) -> Rows:
    """(hours,): of each hour the last one up to it that is True, -1 where none is."""
    return np.asarray(np.maximum.accumulate(np.where(of_hours, np.arange(len(of_hours)), -1)))


def _since_last(of_hours: npt.NDArray[np.bool_]) -> Rows:
    """(hours,): how many hours ago it was True; 0 where it is."""
    return np.asarray(np.arange(len(of_hours)) - _last(of_hours))


def _local_hours(first: pd.Timestamp, last: pd.Timestamp, region: Region) -> Rows:
    return np.asarray(pd.date_range(first, last, freq="h").tz_convert(region.zone).hour)


def _late(demand: Vector, rows: Rows, own: npt.NDArray[np.bool_]) -> Rows:
    """(origins,): how many hours before each of `rows` its forecast has to begin.

    It begins right after the last hour of known demand, or at the last hour before that which is True in
    `own` (hours,), where the local hour has a regression of its own: another hour's regression costs far more
    than a few hours of demand that are not looked at.
    """
    begun = _last(own)[_last(~np.isnan(demand))[rows - 1] + 1]
    return np.asarray(np.minimum(rows - begun, rows - TAIL))  # as far back as the demand goes


def _require_demand(demand: Vector, origins: pd.DatetimeIndex, rows: Rows, region: Region) -> None:
    for origin, row in zip(origins, rows, strict=True):
        if row < TAIL:
            raise DataError(
                f"region {region.name}: a forecast from {origin.isoformat()} needs the {TAIL} hours before "
                f"it, but the history begins {row} hours before; ingest an earlier start"
            )
        if np.isnan(demand[:row]).all():
            raise DataError(
                f"region {region.name}: none of the {row} hours before {origin.isoformat()} that a forecast "
                "looks back on has a known demand; ingest them, or accept what was taken for a fault"
            )


def hours_with_weather(history: pd.DataFrame, region: Region, origin: pd.Timestamp, horizon: int) -> int:
    """How many of the `horizon` hours from `origin` (UTC) on a model of `region` can forecast by the weather
    that is known of them: up to the end of a local day, or none."""
    day = timedelta(days=1)
    first, last = day_of(origin, region) + day, day_of(origin + horizon * _HOUR, region)
    ends = (int((begin - origin) / _HOUR) for begin in midnights(first, last + day, region))
    return max((end for end in ends if _lacking(history, region, origin, end) is None), default=0)


def _require_weather(history: pd.DataFrame, region: Region, origins: pd.DatetimeIndex, horizon: int) -> None:
    """Refuses when weather is missing for more than a day of a horizon, or for all of it."""
    for origin in origins:
        if lacking := _lacking(history, region, origin, horizon):
            name, hours = lacking
            raise WeatherUnknownError(
                f"region {region.name}: the model was trained with {name}, which is missing for {hours} "
                f"of the {horizon} hours from {origin.isoformat()}; load a weather forecast that reaches "
                "the horizon"
            )


def _lacking(
    history: pd.DataFrame, region: Region, origin: pd.Timestamp, horizon: int
) -> tuple[str, int] | None:
    """Weather that is missing for more than a day of the horizon or all of it, and for how many hours."""
    most = min(CARRIED_ON, max(horizon - 1, 0))
    for name, hours in carried_on_hours(history, region, origin, horizon).items():
        if hours > most or name not in history:
            return name, hours
    return None
