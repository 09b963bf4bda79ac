"""The hours that forecasts depend on: how far back and ahead they reach, and what may be missing there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import pandas as pd

from trainer.contract import Region
from trainer.errors import DataError
from trainer.model.arrays import Vector
from trainer.model.features import WARM_UP_DAYS
from trainer.model.hourly import LEARNT_DAYS
from trainer.model.outlook import DAY, Rows
from trainer.model.replay import REPLAYED_DAYS
from trainer.model.residual import reach
from trainer.model.weather import carried_on
from trainer.model.windows import LAG_DAYS, TAIL

_HOUR: Final = pd.Timedelta(hours=1)
_LOOK_BACK: Final = pd.Timedelta(days=REPLAYED_DAYS + LEARNT_DAYS + max(LAG_DAYS, WARM_UP_DAYS + 1))
"""To where the features are whole of the day before the earliest forecast whose error corrects one that is
made again."""
_MOST_UNKNOWN: Final = 48
"""Hours without demand that the two weeks before an origin may have."""


@dataclass(frozen=True)
class NeededHours:
    """Of one call for forecasts."""

    frame: pd.DataFrame
    """UTC hours without holes: demand (MW, NaN where unknown and from the last origin on) and weather."""
    rows: Rows
    """(origins,): in `frame`."""
    late: Rows
    """(origins,): by how many hours each forecast has to begin before its origin, as demand came late."""

    @classmethod
    def of(
        cls,
        history: pd.DataFrame,
        region: Region,
        origins: pd.DatetimeIndex,
        horizon: int,
        *,
        block: int,
        each_hour: bool,
    ) -> Self:
        """Up to the end of the last local day, since signs of cloud are read over whole days.

        `block`: hours by which the networks roll on. `each_hour`: whether each hour of the day has a
        regression of its own. Raises DataError when demand before an origin or weather is missing.
        """
        first, last = origins.min(), origins.max()
        start = max(first - _LOOK_BACK, history.index[0])
        rows = np.asarray((origins - start) // _HOUR, dtype=np.int64)
        before = pd.date_range(start, last, freq="h", inclusive="left")
        past = history["demand"].reindex(before).to_numpy(dtype=np.float64)
        _require_demand(past, origins, rows, region)
        late = _late(past, rows, each_hour)
        end = last + max(reach(max(n + horizon, DAY), block) - n for n in set(late.tolist())) * _HOUR
        day_end = end.tz_convert(region.zone).ceil("D", ambiguous=True, nonexistent="shift_forward")
        end = max(end, day_end.tz_convert("UTC"))
        index = pd.date_range(start, end, freq="h", inclusive="left", name="time")
        frame = history.reindex(index)
        frame["demand"] = np.concatenate([past, np.full(len(index) - len(past), np.nan)])
        return cls(_with_weather(frame, region, int(rows.max()) + horizon), rows, late)


def _late(demand: Vector, rows: Rows, each_hour: bool) -> Rows:
    """By how many hours the forecast of each of `rows` has to begin before it: as many as are unknown.

    Where only some hours of the day have a regression of their own, as in a backtest, it begins whole
    days before, at the origin's hour: another hour's regression costs more than a day without demand.
    """
    known = np.where(np.isnan(demand), -1, np.arange(len(demand)))
    late = rows - 1 - np.maximum.accumulate(known)[rows - 1]
    if not each_hour:
        late = -(-late // DAY) * DAY
    return np.minimum(late, rows - TAIL)  # as far back as the demand goes


def _require_demand(demand: Vector, origins: pd.DatetimeIndex, rows: Rows, region: Region) -> None:
    unknown = np.concatenate([[0], np.cumsum(np.isnan(demand))])
    for origin, row in zip(origins, rows, strict=True):
        missing = TAIL if row < TAIL else int(unknown[row] - unknown[row - TAIL])
        if missing > _MOST_UNKNOWN:
            raise DataError(
                f"region {region.name}: a forecast from {origin.isoformat()} needs the demand of "
                f"the {TAIL} hours before it, but {missing} of them are unknown; ingest them first"
            )


def _with_weather(frame: pd.DataFrame, region: Region, needed: int) -> pd.DataFrame:
    """Refuses holes among the hours forecast; beyond them, the weather is carried on."""
    if not region.weather:
        return frame
    columns = list(region.weather)
    absent = [name for name in columns if name not in frame]
    holes = [] if absent else [n for n in columns if frame[n].iloc[:needed].isna().any()]
    if absent or holes:
        name = (absent or holes)[0]
        hours = frame.index[:needed] if absent else frame.index[:needed][frame[name].iloc[:needed].isna()]
        raise DataError(
            f"region {region.name}: the model was trained with {name}, which is missing for "
            f"{len(hours)} hours from {hours[0].isoformat()} to {hours[-1].isoformat()}; "
            "load a weather forecast that reaches the horizon, or train the region without it"
        )
    for name in columns:
        frame[name] = carried_on(frame[name].to_numpy(dtype=np.float64))
    return frame
