"""Weather as models are trained for: as it was issued a day ahead, and with errors as large where it was not.

An hour's day-ahead weather stands beside its measured one, under the same name with a prefix.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Final

import numpy as np
import pandas as pd

from trainer.contract import Product, Region
from trainer.contract.local_days import day_of, midnights
from trainer.contract.products import asked_for
from trainer.data.weather.columns import place_columns
from trainer.data.weather.issued import IssuedWeather
from trainer.model.covariates.places import PlaceWeights
from trainer.model.covariates.weather import HUMIDITY, TEMPERATURE
from trainer.model.covariates.weather_as_issued import DAY_AHEAD, with_newest_issue

log = logging.getLogger(__name__)

FEWEST_DAYS: Final = 60
"""Days with issues of all of their hours; fewer say too little of how forecasts of the weather err."""
_ALIKE: Final = 30
"""Days nearest by season, one of which lends its errors to a day without issues."""


def with_day_ahead(
    history: pd.DataFrame, issued: IssuedWeather, region: Region, product: Product | None
) -> pd.DataFrame:
    """`history` (hourly, UTC) with a further column for each weather column, its name begun with DAY_AHEAD:
    the weather as the newest issue had it at the origin of the hour's local day, NaN where no issue up to
    then speaks of the hour.

    The origin is the day's own midnight, or the moment of a `product` that covers tomorrow.
    """
    covers_a_day = product if product and product.covers else None
    first, last = (day_of(history.index[row], region) for row in (0, -1))
    starts = pd.DatetimeIndex(midnights(first, last + timedelta(days=1), region), tz="UTC")
    moments = [asked_for(day_of(start, region), covers_a_day, region)[0][0] for start in starts]
    day = np.maximum(starts.searchsorted(history.index, side="right") - 1, 0)
    known = issued.known_at(pd.DatetimeIndex(history.index), pd.DatetimeIndex(moments)[day])
    names = [*region.weather, *place_columns(list(history.columns), region)]
    there = [name for name in names if name in known]
    return history.assign(**{DAY_AHEAD + name: known[name].to_numpy() for name in there})


def with_issues(
    history: pd.DataFrame, issued: IssuedWeather, region: Region, origin: pd.Timestamp
) -> pd.DataFrame:
    """`history` (hourly, UTC) as a forecast from `origin` (UTC) reads it: from there on the weather of the
    newest issue (`with_newest_issue`), and beside all of it as it was issued a day ahead for the region's
    main forecast."""
    beside = with_day_ahead(history, issued, region, region.main_product)
    return with_newest_issue(beside, issued, origin, region)


def weighted_by_place(frame: pd.DataFrame, places: PlaceWeights) -> pd.DataFrame:
    """`frame` with the weighted temperature of `places`, measured and, where one was issued, day-ahead."""
    found = places.applied(frame)
    if DAY_AHEAD + TEMPERATURE not in frame or not places.weights:
        return found
    names = [name for name in frame.columns if name.startswith(DAY_AHEAD)]
    if not any(DAY_AHEAD + place in names for place in places.weights):  # issued for the region alone
        usual = sum(weight * places.departures[place] for place, weight in places.weights.items())
        return found.assign(**{DAY_AHEAD + TEMPERATURE: frame[DAY_AHEAD + TEMPERATURE] + usual})
    ahead = places.applied(frame[names].set_axis([name.removeprefix(DAY_AHEAD) for name in names], axis=1))
    return found.assign(**{DAY_AHEAD + TEMPERATURE: ahead[TEMPERATURE]})


def has_day_ahead(frame: pd.DataFrame, region: Region) -> bool:
    """Whether all of the region's weather has a day-ahead column."""
    return bool(region.weather) and all(DAY_AHEAD + name in frame for name in region.weather)


def day_ahead_where_known(frame: pd.DataFrame, region: Region) -> pd.DataFrame:
    """`frame` with the weather as it was issued a day ahead in place of the measured one, where known."""
    names = region.weather
    return frame.assign(**{name: frame[DAY_AHEAD + name].fillna(frame[name]) for name in names})


def with_issued_errors(frame: pd.DataFrame, region: Region) -> pd.DataFrame | None:
    """`frame` (hourly, UTC, weather whole) with its weather as a day-ahead forecast had it: as it was issued,
    and on days without issues in error as on one of the 30 days nearest by season that have them, all hours
    and columns of that day together. None where fewer than 60 days have issues of all hours.

    What day lends its errors to a date is the same in every frame of the same issues. Values stay possible:
    humidity within 0 .. 100 %, columns beside temperature within all that they have been.
    """
    if not has_day_ahead(frame, region):
        return None
    local = pd.DatetimeIndex(frame.index).tz_convert(region.zone)
    dates, day = np.unique(local.tz_localize(None).to_numpy("datetime64[D]"), return_inverse=True)
    names = [*region.weather]
    errors = np.full((len(dates), 24, len(names)), np.nan)
    issued = frame[[DAY_AHEAD + name for name in names]].to_numpy(dtype=np.float64)
    errors[day, local.hour] = issued - frame[names].to_numpy(dtype=np.float64)
    whole = np.isfinite(errors).all(axis=(1, 2))
    if whole.sum() < FEWEST_DAYS:
        return None
    log.info(
        "trained on weather as it was issued on %d of %d days; the others have errors of days like them",
        int(whole.sum()),
        len(dates),
    )
    lent = errors[_lenders(dates, np.flatnonzero(whole))]
    drawn = np.where(np.isfinite(errors), errors, lent)[day, local.hour]
    noisy = frame.copy()
    for column, name in enumerate(names):
        values = frame[name].to_numpy(dtype=np.float64)
        wrong = values + drawn[:, column]
        if name != TEMPERATURE:
            low, high = (0, 100) if name == HUMIDITY else (np.nanmin(values), np.nanmax(values))
            wrong = np.clip(wrong, low, high)
        noisy[name] = np.where(np.isfinite(issued[:, column]), issued[:, column], wrong)
    return noisy


def _lenders(dates: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """(days,): of each of `dates` the row of one of the 30 of `whole` (rows) that are nearest by season."""
    season = np.asarray(pd.DatetimeIndex(dates).day_of_year, dtype=np.float64)
    apart = np.abs(season[:, None] - season[whole][None, :])
    apart = np.minimum(apart, 365.25 - apart)
    nearest = np.argsort(apart, axis=1, kind="stable")[:, :_ALIKE]
    numbers = dates.astype(np.int64)
    chosen = [int(np.random.default_rng(int(number)).integers(_ALIKE)) for number in numbers]
    return np.asarray(whole[nearest[np.arange(len(dates)), chosen]])
