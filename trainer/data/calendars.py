"""What the calendar of a region says about an hour: time of day, week and year, holidays and days off."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Final

import numpy as np
import pandas as pd

from trainer.contract import Region
from trainer.data.holiday_names import SUBSTITUTE, holiday_base, is_substitute
from trainer.errors import UsageError

NO_HOLIDAY: Final = "none"
"""The kind and name of a day that is no holiday."""
_MARGIN: Final = 20
"""Days around a year that its facts may look at: longer than any run of days off."""
_LANGUAGE: Final = "en_US"


def calendar_features(index: pd.DatetimeIndex, region: Region) -> pd.DataFrame:
    """The calendar's facts for each hour of `index` (UTC), in the region's local time. Same index.

    hour (0..23), day_of_week (0 Monday), year_fraction (0 to below 1);
    is_weekend; is_holiday; holiday_kind (category: `none`, a holiday such as `christmas_day`, or a day of one
    that lasts several, counted in order, such as `chuseok_1` .. `chuseok_3`; `substitute`);
    holiday_name (category, as the calendar says it); is_substitute;
    is_day_off (weekend or holiday, unless it is worked); is_day_before_holiday, is_day_after_holiday (days
    that are no holiday themselves); is_bridge_day (a working day between two days off, one a holiday);
    days_off_length (the whole run of days off, 0 on working days), days_off_position (1 on its first day);
    is_long_weekend (a run of 3 days off or more).

    Holidays: the public ones of the library `holidays`, election days as far as it lists them.
    Raises UsageError for a country or subdivision that the library does not know.
    """
    local = index.tz_convert(region.zone)
    year, day = local.year.to_numpy(), local.day_of_year.to_numpy()
    hour = local.hour.to_numpy()
    length = np.where(local.is_leap_year, 366.0, 365.0)
    clock = pd.DataFrame(
        {
            "hour": hour.astype(np.int8),
            "day_of_week": local.day_of_week.to_numpy().astype(np.int8),
            "year_fraction": (day - 1 + hour / 24) / length,
        },
        index=index,
    )
    first, last = (int(year.min()), int(year.max())) if len(index) else (2000, 2000)
    tables = [_days_of_year(region.country, region.subdivision, y) for y in range(first, last + 1)]
    starts = np.cumsum([0, *(len(table["is_holiday"]) for table in tables[:-1])])
    row = starts[year - first] + day - 1
    facts = {}
    for name in tables[0]:
        values = np.concatenate([table[name] for table in tables])
        if values.dtype == object:
            categories, codes = np.unique(values.astype(str), return_inverse=True)
            kinds = pd.Categorical.from_codes(codes[row].tolist(), categories.tolist())
            facts[name] = pd.Series(kinds, index=index)
        else:
            facts[name] = pd.Series(values[row], index=index)
    return pd.concat([clock, pd.DataFrame(facts, index=index)], axis=1)


@lru_cache(maxsize=512)
def _days_of_year(country: str, subdivision: str | None, year: int) -> Mapping[str, np.ndarray[Any, Any]]:
    """One value per local day of `year` for every fact that holds all day; never written to."""
    first = date(year, 1, 1) - timedelta(days=_MARGIN)
    count = (date(year + 1, 1, 1) - date(year, 1, 1)).days
    days = [first + timedelta(days=n) for n in range(count + 2 * _MARGIN)]
    calendar = _calendar(country, subdivision, year)

    names = [sorted(calendar.get_list(day)) for day in days]
    holiday = np.array([bool(of_day) for of_day in names])
    weekend = np.array([day.weekday() in calendar.weekend for day in days])
    worked = np.array([day in calendar.weekend_workdays for day in days])
    off = (weekend & ~worked) | holiday
    run, position = _runs_of_days_off(off)
    before, after = np.roll(holiday, -1), np.roll(holiday, 1)
    facts = {
        "is_weekend": weekend,
        "is_holiday": holiday,
        "holiday_kind": np.array(_kinds(names), dtype=object),
        "holiday_name": np.array(["; ".join(of_day) or NO_HOLIDAY for of_day in names], dtype=object),
        "is_substitute": np.array([bool(of_day) and all(map(is_substitute, of_day)) for of_day in names]),
        "is_day_off": off,
        "is_day_before_holiday": before & ~holiday,
        "is_day_after_holiday": after & ~holiday,
        "is_bridge_day": ~off & np.roll(off, 1) & np.roll(off, -1) & (before | after),
        "days_off_length": run,
        "days_off_position": position,
        "is_long_weekend": run >= 3,
    }
    return {name: values[_MARGIN:-_MARGIN] for name, values in facts.items()}


@lru_cache(maxsize=64)
def _calendar(country: str, subdivision: str | None, year: int) -> Any:
    import holidays  # noqa: PLC0415  a fifth of a second that reading data does not need

    try:
        supported = holidays.country_holidays(country, subdiv=subdivision).supported_languages
        return holidays.country_holidays(
            country,
            subdiv=subdivision,
            years=range(year - 1, year + 2),
            expand=False,
            language=_LANGUAGE if _LANGUAGE in supported else None,
        )
    except NotImplementedError as error:
        known = holidays.list_supported_countries()
        mend = (
            f"subdivisions of {country}: {', '.join(known[country])}"
            if country in known
            else f"use a two-letter code such as {', '.join(sorted(known)[:3])} .. KR .. GR"
        )
        raise UsageError(
            f"no holiday calendar for country {country!r}, subdivision {subdivision!r}; set `country` and "
            f"`subdivision` of the region as the library `holidays` spells them ({mend})"
        ) from error


def _kinds(names: list[list[str]]) -> list[str]:
    """The kind of each day; of several holidays on one day the longest counts, then the first by name."""
    bases = [{holiday_base(name) for name in of_day if not is_substitute(name)} for of_day in names]
    kinds = []
    for n, of_day in enumerate(bases):
        if not of_day:
            kinds.append(SUBSTITUTE if names[n] else NO_HOLIDAY)
            continue
        spans = {base: _span(bases, n, base) for base in of_day}
        base = min(spans, key=lambda b: (-spans[b][1], b))
        place, length = spans[base]
        kinds.append(base if length == 1 else f"{base}_{place}")
    return kinds


def _span(bases: list[set[str]], n: int, base: str) -> tuple[int, int]:
    """Place (from 1) of day `n` among the consecutive days of one holiday, and their number."""
    start = end = n
    while start > 0 and base in bases[start - 1]:
        start -= 1
    while end + 1 < len(bases) and base in bases[end + 1]:
        end += 1
    return n - start + 1, end - start + 1


def _runs_of_days_off(
    off: np.ndarray[tuple[int], np.dtype[np.bool_]],
) -> tuple[np.ndarray[tuple[int], np.dtype[np.int16]], np.ndarray[tuple[int], np.dtype[np.int16]]]:
    """Length of the run of days off that a day is in, and its place in it from 1; 0 on working days."""
    length, position = np.zeros(len(off), dtype=np.int16), np.zeros(len(off), dtype=np.int16)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], off.astype(np.int8), [0]])))
    for start, end in edges.reshape(-1, 2):
        length[start:end] = end - start
        position[start:end] = np.arange(1, end - start + 1)
    return length, position
