"""What kind of day a local date is, and its neighbours: the calendar's facts by day, as arrays."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from trainer.contract import Region
from trainer.data.calendars import NO_HOLIDAY, calendar_features
from trainer.data.holiday_names import holiday_base
from trainer.model.arrays import Vector

Days = npt.NDArray[np.datetime64]

REACH: Final = 4
"""Days before and after a festival that still feel it."""
FAR: Final = 99
_LONGEST_RUN: Final = 8.0


@dataclass(frozen=True)
class DayTable:
    """One row per local date, all columns as long as `days`; flags are 0 or 1."""

    days: Days
    weekday: npt.NDArray[np.int64]
    """0 Monday .. 6 Sunday."""
    holiday: Vector
    partial: Vector
    """A worked day that some keep: the country's bank and half-day holidays, and the region's own `days`."""
    free: Vector
    """Weekends and public holidays."""
    family: npt.NDArray[np.str_]
    """Which holiday, each day of a festival by itself, or which of the region's own `days`; '' on none."""
    place: npt.NDArray[np.int64]
    """1, 2 .. within a festival, 0 on all other days."""
    turn: npt.NDArray[np.int64]
    """Days from 1 January, -8..2; 99 on all other days: industry rests between the years."""
    bridge: Vector
    after_holiday: Vector
    before_holiday: Vector
    after_free: Vector
    before_free: Vector
    run_length: Vector
    """Days in the unbroken run of free days that this one belongs to, 0 when worked, at most 8."""
    run_position: Vector
    """1 on the run's first day."""
    festival: npt.NDArray[np.int64]
    """Days from the nearest day of a festival (a holiday of several days): -4..4, 0 within, 99 beyond."""

    @property
    def kinds(self) -> tuple[Vector, ...]:
        """The flags that every part of the model reads, in the order that artifacts know them in."""
        return (
            self.holiday,
            self.free,
            self.partial,
            self.bridge,
            self.after_holiday,
            self.before_holiday,
        )


def day_table(first: np.datetime64, last: np.datetime64, region: Region) -> DayTable:
    """All of the region's dates from `first` to `last` (datetime64[D]), both included; read-only."""
    years = _table_of_years(first.astype("datetime64[Y]"), last.astype("datetime64[Y]"), region)
    start = int((first - years.days[0]).astype(np.int64))
    rows = slice(start, start + int((last - first).astype(np.int64)) + 1)
    return DayTable(**{column.name: getattr(years, column.name)[rows] for column in fields(DayTable)})


@lru_cache(maxsize=32)
def _table_of_years(first_year: np.datetime64, last_year: np.datetime64, region: Region) -> DayTable:
    """Kept, since forecasts of one service and of one backtest look back on the same years."""
    first = first_year.astype("datetime64[D]")
    last = (last_year + 1).astype("datetime64[D]") - 1
    wide = np.arange(first - REACH, last + REACH + 1, dtype="datetime64[D]")
    noon = pd.DatetimeIndex(wide + np.timedelta64(12, "h"))
    # A date that the calendar skipped, as 30 December 2011 in Samoa, has a row here too, of no hour.
    facts = calendar_features(noon.tz_localize(region.zone, nonexistent="shift_forward"), region)
    keep = slice(REACH, -REACH)

    def flag(name: str, shift: int = 0) -> Vector:
        return np.roll(facts[name].to_numpy(dtype=np.float64), shift)[keep]

    kinds = facts["holiday_kind"].astype(str).to_numpy()
    place = np.array([int(kind[-1]) if kind[-1:].isdigit() else 0 for kind in kinds])
    dates = wide[keep]
    named = np.array([holiday_base(region.days.get(str(date), "")) for date in dates], dtype=np.str_)
    to_new_year = ((dates + 8).astype("datetime64[Y]").astype("datetime64[D]") - dates).astype(np.int64)
    turn = np.where((-to_new_year >= -8) & (-to_new_year <= 2), -to_new_year, FAR)
    table = DayTable(
        days=dates,
        weekday=facts["day_of_week"].to_numpy(dtype=np.int64)[keep],
        holiday=flag("is_holiday"),
        partial=(1 - flag("is_day_off")) * (np.isin(dates, _partial(region.country, dates)) | (named != "")),
        free=flag("is_day_off"),
        family=np.where(kinds[keep] == NO_HOLIDAY, named, kinds[keep]),
        place=place[keep],
        turn=turn,
        bridge=flag("is_bridge_day"),
        after_holiday=flag("is_day_after_holiday"),
        before_holiday=flag("is_day_before_holiday"),
        after_free=flag("is_day_off", 1),
        before_free=flag("is_day_off", -1),
        run_length=np.minimum(flag("days_off_length"), _LONGEST_RUN),
        run_position=np.minimum(flag("days_off_position"), _LONGEST_RUN),
        festival=_distance(place > 0)[keep],
    )
    for column in fields(DayTable):
        getattr(table, column.name).setflags(write=False)
    return table


def _distance(within: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    distance = np.full(within.size, FAR, dtype=np.int64)
    for offset in sorted(range(-REACH, REACH + 1), key=abs, reverse=True):
        at = np.flatnonzero(within) + offset
        distance[at[(at >= 0) & (at < within.size)]] = offset
    return distance


def _partial(country: str, dates: Days) -> Days:
    first, last = dates[0].astype(object).year, dates[-1].astype(object).year
    return np.concatenate([_partial_of_year(country, year) for year in range(first, last + 1)])


@lru_cache(maxsize=256)
def _partial_of_year(country: str, year: int) -> Days:
    """Bank and half-day holidays: such as Labour Day in Korea, when most of industry rests."""
    import holidays  # noqa: PLC0415  a fifth of a second that reading an artifact does not need

    kinds = sorted({"bank", "half_day"} & set(holidays.country_holidays(country).supported_categories))
    found = holidays.country_holidays(country, years=year, categories=tuple(kinds)) if kinds else {}
    return np.array(sorted(found), dtype="datetime64[D]")
