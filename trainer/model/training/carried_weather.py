"""By how much forecasts go astray whose weather is carried on, since none is known of their hours."""

from __future__ import annotations

from statistics import NormalDist
from typing import Final

import numpy as np
import pandas as pd

from trainer.errors import DataError
from trainer.model.arrays import Matrix, Vector
from trainer.model.forecasting.forecaster import Forecaster
from trainer.model.forecasting.needed_hours import CARRIED_ON

_HOUR: Final = pd.Timedelta(hours=1)
_DAYS: Final = 21
_APART: Final = 17
"""Days at most from one to the next: they fall on all weekdays, and together they span a year."""
_FEWEST: Final = 7
_LOOK_BACK: Final = pd.Timedelta(days=60)
_POOL: Final = 3
"""Hours on either side that are judged together."""


def carried_weather_widths(forecaster: Forecaster, history: pd.DataFrame) -> Vector | None:
    """(24,): the half-widths, on the model's scale, that carrying weather on adds to the band, by the hours
    since the last known one: of normal errors with the root mean square of what forecasts of the year before
    the end of the training data differ by from themselves where their weather ends after an hour.

    `history` as for `Forecaster.forecast`. None for a model that reads no weather, and where the weather of
    under 7 of the 21 days is known.
    """
    weather = [*forecaster.region.weather]
    origins = [origin for origin in _origins(forecaster, history) if _is_known(history, weather, origin)]
    if not weather or len(origins) < _FEWEST:
        return None
    try:
        whole = _medians(forecaster, history.loc[origins[-1] - _LOOK_BACK :], origins)
        carried = []
        for origin in origins:
            cut = history.loc[origin - _LOOK_BACK : origin]
            carried.append(_medians(forecaster, cut, [origin]))
    except DataError:  # of days without demand for weeks
        return None
    squares = np.square(np.concatenate(carried) - whole)[:, 1:].mean(0)
    pooled = [squares[max(hour - _POOL, 0) : hour + _POOL + 1].mean() for hour in range(CARRIED_ON)]
    return NormalDist().inv_cdf((1 + forecaster.config.coverage) / 2) * np.sqrt(pooled)


def _origins(forecaster: Forecaster, history: pd.DataFrame) -> list[pd.Timestamp]:
    """Of the days that are forecast again, the latest first, in UTC."""
    zone, hour = forecaster.region.zone, forecaster.origin_hours[0]
    until = forecaster.training.train_until
    apart = max(min((until - history.index[0] - _LOOK_BACK).days // _DAYS, _APART), 1)
    last = until.tz_convert(zone).tz_localize(None).normalize()
    moments = [last - pd.Timedelta(days=2 + apart * number) + hour * _HOUR for number in range(_DAYS)]
    return [
        moment.tz_localize(zone, ambiguous=True, nonexistent="shift_forward").tz_convert("UTC").floor("h")
        for moment in moments
    ]


def _is_known(history: pd.DataFrame, weather: list[str], origin: pd.Timestamp) -> bool:
    """Whether the weather of the 25 hours from `origin` on is, and a history lies before it."""
    if origin - _LOOK_BACK < history.index[0]:
        return False
    return bool(history.loc[origin : origin + CARRIED_ON * _HOUR, weather].notna().to_numpy().all())


def _medians(forecaster: Forecaster, history: pd.DataFrame, origins: list[pd.Timestamp]) -> Matrix:
    """(origins, 25): of the hours from each of `origins` on, on the model's scale."""
    made = forecaster.forecasts(history, origins, CARRIED_ON + 1)
    return np.asarray(made.trend + made.seasonality + made.residual[..., 1])
