"""Which places demand follows: learnt from how far it moves with the temperature of each."""

from __future__ import annotations

import logging
from typing import Final

import numpy as np
import pandas as pd
from scipy.optimize import nnls

from trainer.contract import Region
from trainer.data.weather.columns import place_columns
from trainer.model.arrays import Matrix, Vector
from trainer.model.covariates.calendar import Calendar
from trainer.model.covariates.days import FAR
from trainer.model.covariates.places import PlaceWeights
from trainer.model.covariates.weather import TEMPERATURE
from trainer.model.target_transform import TargetTransform

log = logging.getLogger(__name__)

_HEATED_BELOW, _COOLED_ABOVE = 15.0, 20.0
"""C, of the day and, half as much each, of those before it: buildings remember."""
_MEMORY: Final = 0.5
_SHORTEST_DAYS: Final = 350
"""A year, or nearly: places differ by season."""
_KNOWN: Final = 2 / 3
"""Of the hours, by each place."""
_FEWEST_CHANGES: Final = 120
_BRIDGED: Final = 3
"""Hours without demand within a day whose mean still tells."""
_OUTLIER: Final = 6.0
"""Times the median error: strikes and faults."""
_ROUNDS: Final = 3
"""Of finding outliers and the slopes without them."""
_LEEWAY: Final = 0.5
"""Standard deviation of a place's weight before anything is known of it, as a share of an equal weight."""


def learnt_weights(frame: pd.DataFrame, region: Region) -> PlaceWeights:
    """By how much the temperature of each place counts in the region's, learnt from what demand followed.

    frame: UTC hours with demand (MW, NaN where unknown), the region's temperature (C), which is whole, and
    those of its places, NaN where silent.

    The weights are those under which demand changed most as the degrees to be heated and cooled did, from
    the same weekday a week before and after, by least squares, drawn to equal weights by as much as what
    they leave unexplained asks for (a normal prior). A place that is silent for a third of the hours or never
    changes has none. No weights, which stands for equal ones, in the first year, where fewer than two places
    tell, and where demand does not follow temperature.
    """
    columns = place_columns(list(frame.columns), region)
    names = [name for name in columns if _tells(frame[name])]
    if len(names) < 2 or len(frame) < 24 * _SHORTEST_DAYS:
        return PlaceWeights()
    if left_out := sorted(set(columns) - set(names)):
        log.warning("silent or stuck for too long to tell anything: %s", ", ".join(left_out))
    departures = frame[names].sub(frame[TEMPERATURE], axis=0)
    usual = departures.mean()
    places = departures.fillna(usual).add(frame[TEMPERATURE], axis=0)
    changes, by_place = _changes(frame["demand"], places, region)
    if len(changes) < _FEWEST_CHANGES:
        return PlaceWeights()
    weights = _weights(changes, by_place)
    if weights is None:
        return PlaceWeights()
    none = dict.fromkeys(columns, 0.0)
    weighed = none | dict(zip(names, weights.tolist(), strict=True))
    return PlaceWeights(weighed, none | dict(zip(names, usual.tolist(), strict=True)))


def _tells(place: pd.Series[float]) -> bool:
    return bool(place.count() >= _KNOWN * len(place) and place.std() > 0)


def _changes(demand: pd.Series[float], places: pd.DataFrame, region: Region) -> tuple[Vector, Matrix]:
    """Of each ordinary day against those a week before and after it: demand (days,) on the scale that it is
    modelled on, and heating and cooling degrees (days, places, 2)."""
    index = pd.DatetimeIndex(demand.index)
    calendar = Calendar.of(index, region)
    day, table = calendar.day, calendar.table
    values: Vector = np.asarray(demand, dtype=np.float64)
    scaled = pd.Series(TargetTransform.of(values)(values)).interpolate(limit=_BRIDGED)
    by_day = scaled.groupby(day)
    level = by_day.mean().where(by_day.count() >= 23)
    holidays = [table.holiday, table.partial, table.bridge, table.before_holiday, table.after_holiday]
    level = level.mask(np.any([*holidays, table.turn < FAR], axis=0))
    felt = places.groupby(day).mean().ewm(alpha=_MEMORY).mean()
    degrees = np.stack([np.maximum(_HEATED_BELOW - felt, 0), np.maximum(felt - _COOLED_ABOVE, 0)], axis=-1)
    change = _against_weeks_around(np.asarray(level, dtype=np.float64))
    known = np.isfinite(change)
    return change[known], _against_weeks_around(degrees)[known]


def _against_weeks_around(by_day: Matrix) -> Matrix:
    """(days - 14, ...)"""
    return np.asarray(by_day[7:-7] - (by_day[:-14] + by_day[14:]) / 2)


def _weights(changes: Vector, by_place: Matrix) -> Vector | None:
    """(places,): None where demand rises with neither kind of degrees."""
    mean = by_place.mean(axis=1)
    kept = np.ones(len(changes), dtype=bool)
    for _ in range(_ROUNDS):
        slopes = np.maximum(np.linalg.lstsq(mean[kept], changes[kept], rcond=None)[0], 0)
        error = np.abs(changes - mean @ slopes)
        kept = error <= _OUTLIER * np.median(error)
    pulls, left = (by_place @ slopes)[kept], changes[kept]
    equal = 1 / pulls.shape[1]
    variance = np.var(left - pulls.mean(axis=1))
    hold = np.sqrt(variance) / (_LEEWAY * equal)
    solved, _ = nnls(
        np.vstack([pulls, hold * np.eye(pulls.shape[1])]),
        np.concatenate([left, np.full(pulls.shape[1], hold * equal)]),
    )
    if not slopes.any() or not solved.any():
        return None
    return np.asarray(solved / solved.sum())
