"""Texts of times -> day, time of day or number within the day, offset and mark."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from operator import itemgetter
from typing import Any, Final

import numpy as np
import pandas as pd

from trainer.data.stamps.patterns import PARTS_OF_DATE, PARTS_OF_TIME, of_format, patterns
from trainer.data.tables.month_names import month_number

_SAMPLE: Final = 500
"""Rows, spread over the file, that tell which spellings its times can have."""
DAMAGED: Final = 0.01
"""Largest share of the rows whose time may be unreadable: more say that the spelling is another one."""

_MOST_OFFSETS: Final = 3
"""Of one series: standard and summer time, and once in a while a new law."""

_AFTER_NOON: Final = ("p", "오후", "午後", "下午")


@dataclass(frozen=True)
class StampFields:
    """The parts of every row's time, by the rows' labels."""

    day: pd.Series[pd.Timestamp]
    """Midnight, without a zone; NaT where the text is no time."""
    clock: pd.Series[pd.Timedelta]
    """Since midnight by the clock, 24:00 included, 0 for a date alone; NaT where the row has a number."""
    number: pd.Series[float]
    """Of the hour or period within the day, as written; NaN where the row has a clock time."""
    offset: pd.Series[float]
    """Minutes east of UTC; NaN where nothing is said."""
    mark: pd.Series[str]
    """What tells a repeated hour apart, such as CEST, DST, B or *; empty without."""

    def times(self) -> pd.Series[pd.Timestamp]:
        """Of rows with a clock time: in UTC where they have an offset, else without a zone."""
        if self.offset.isna().any():
            return self.day + self.clock
        return (self.day + self.clock - pd.to_timedelta(self.offset, unit="min")).dt.tz_localize("UTC")

    def unread(self) -> float:
        """The share of the rows whose text is no time."""
        return float(self.lost().mean())

    def read_only(self) -> StampFields:
        """Without those rows."""
        return self.of_rows(~self.lost())

    def of_rows(self, rows: pd.Index | pd.Series[bool]) -> StampFields:
        """Those of `rows`, labels or a mask, alone."""
        return StampFields(**{part.name: getattr(self, part.name).loc[rows] for part in fields(self)})

    def lost(self) -> pd.Series[bool]:
        """By row, whether its text is no time; where all but a few have a clock time, a number alone is a
        time that was cut off."""
        numbered = self.clock.isna() & self.number.notna()
        if numbered.mean() <= DAMAGED:
            return self.day.isna() | self.clock.isna()
        return self.day.isna() | (self.clock.isna() & self.number.isna())


def concatenated(several: Sequence[StampFields]) -> StampFields:
    """The rows of all of them, one after the other."""
    return StampFields(
        **{
            part.name: pd.concat([getattr(each, part.name) for each in several])
            for part in fields(StampFields)
        }
    )


def spellings(texts: pd.Series[str], time_format: str | None) -> list[StampFields]:
    """Every reading under which `texts` are times, all but a few damaged ones, which it leaves out; more than
    one where day and month can be exchanged. `time_format`: the only one, as strptime writes it."""
    possible = [of_format(time_format)] if time_format else patterns()
    places = np.unique(np.linspace(0, len(texts) - 1, min(_SAMPLE, len(texts))).astype(int))
    sample = texts.iloc[places]
    most = 2 * DAMAGED * len(sample)
    fitting = [p for p in possible if sum(p.fullmatch(text) is None for text in sample) <= most]
    likely = [pattern for pattern in fitting if _read(sample, pattern).unread() <= 2 * DAMAGED]
    found = [_read(texts, pattern) for pattern in likely]
    return [reading.read_only() for reading in found if reading.unread() <= DAMAGED]


def first_unread(texts: pd.Series[str], time_format: str | None) -> int:
    """The label of the first text that the likeliest spelling cannot read."""
    possible = [of_format(time_format)] if time_format else patterns()
    lost = min((_read(texts, pattern).lost() for pattern in possible), key=lambda each: int(each.sum()))
    return int(texts.index[int(lost.to_numpy().argmax())])


def _read(texts: pd.Series[str], pattern: re.Pattern[str]) -> StampFields:
    """Each date, and each time of day, is read once: the rows of a file share them."""
    none = (None,) * pattern.groups
    groups = [match.groups() if (match := pattern.fullmatch(text)) else none for text in texts.tolist()]
    places = {name: number - 1 for name, number in pattern.groupindex.items()}
    of_date = {name: place for name, place in places.items() if name in PARTS_OF_DATE}
    date, date_of_row = _distinct(groups, of_date)
    time, time_of_row = _distinct(groups, {name: places[name] for name in places if name not in of_date})
    day = _day(date, _numbers_of(date))
    clock, alone = _clock(time, _numbers_of(time))
    number = _numbers_of(time)("number").where(clock.isna())
    number = number.where(number.notna(), alone)
    offset = _offset(time["offset"]) if "offset" in time else pd.Series(np.nan, index=time.index)
    if offset.nunique() > _MOST_OFFSETS:  # 00:00-01:00: an interval, not a clock an hour west of Greenwich
        offset = pd.Series(np.nan, index=time.index)
    marks = pd.Series("", index=time.index, dtype="str")
    for name in ("again", "mark"):
        if name in time:
            marks = marks.where(time[name].isna(), time[name].astype("str"))
    marks = marks.str.strip("() ").str.upper()

    def by_row(distinct: pd.Series, place: np.ndarray[tuple[int], np.dtype[np.int64]]) -> pd.Series:
        return distinct.take(place).set_axis(texts.index)

    return StampFields(
        day=by_row(day, date_of_row),
        clock=by_row(clock, time_of_row),
        number=by_row(number, time_of_row),
        offset=by_row(offset, time_of_row),
        mark=by_row(marks, time_of_row),
    )


def _distinct(
    groups: Sequence[tuple[str | None, ...]], names: Mapping[str, int]
) -> tuple[pd.DataFrame, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Every combination of the groups `names` (name -> place among `groups`), and by row which one."""
    places = list(names.values())
    # One group alone is no tuple then, but may be counted like one.
    chosen = itemgetter(*places) if places else lambda _: None
    seen: dict[Any, int] = {}
    row = np.array([seen.setdefault(chosen(found), len(seen)) for found in groups], dtype=np.int64)
    rows = [(found,) for found in seen] if len(places) == 1 else list(seen) if places else [()]
    return pd.DataFrame(rows, columns=list(names), dtype=object), row


def _numbers_of(parts: pd.DataFrame) -> Callable[[str], pd.Series[float]]:
    """By name of a part, its digits as a number; NaN where there are none."""

    def whole(name: str) -> pd.Series[float]:
        if name not in parts:
            return pd.Series(np.nan, index=parts.index)
        return pd.to_numeric(parts[name], errors="coerce").astype("float64")

    return whole


def _day(parts: pd.DataFrame, whole: Callable[[str], pd.Series[float]]) -> pd.Series[pd.Timestamp]:
    year = whole("year")
    year = year.where(year >= 100, year + 2000)
    if "day_of_year" in parts:
        ones = year.where(year.isna(), 1.0)
        first: pd.Series[pd.Timestamp] = pd.to_datetime(
            {"year": year, "month": ones, "day": ones}, errors="coerce"
        )
        return first + pd.to_timedelta(whole("day_of_year") - 1, unit="D")
    month = whole("month")
    if "name" in parts:
        month = parts["name"].map(month_number, na_action="ignore").astype("float64")
    day: pd.Series[pd.Timestamp] = pd.to_datetime(
        {"year": year, "month": month, "day": whole("day")}, errors="coerce"
    )
    return day


def _clock(
    parts: pd.DataFrame, whole: Callable[[str], pd.Series[float]]
) -> tuple[pd.Series[pd.Timedelta], pd.Series[float]]:
    """Time since midnight, NaT where none is written, and numbers that are no clock time (`%H` alone)."""
    hour, minute = whole("hour"), whole("minute")
    alone = hour.where(minute.isna() & ("half" not in parts))
    if "digits" in parts:
        digits = whole("digits")
        digits = digits.where(parts["digits"].str.len() != 6, digits // 100)
        single = whole("number")
        if int(single.notna().sum()) > int(digits.notna().sum()):
            alone, digits = digits, digits.mask(digits.notna())  # the 100th quarter of a day, not one o'clock
        else:
            digits = digits.where(digits.notna(), single)  # 0, 30, 100, 130: half past midnight, one o'clock
        hour, minute = hour.where(hour.notna(), digits // 100), minute.where(minute.notna(), digits % 100)
    hour = hour.where(hour.notna(), whole("hour12"))
    if "hour12" in parts and "half12" not in parts:
        alone = alone.where(alone.notna(), whole("hour12"))
    for name in ("half", "half12", "before"):
        if name in parts:
            half = parts[name].str.casefold()
            later = half.str.startswith(_AFTER_NOON, na=False)
            hour = hour.where(half.isna(), hour % 12 + 12 * later)
    minute = minute.fillna(0.0)
    total = hour * 60 + minute + whole("second").fillna(0.0) / 60
    total = total.where((minute < 60) & (total <= 24 * 60))
    date_alone = parts[[name for name in PARTS_OF_TIME if name in parts]].isna().all(axis=1)
    return pd.to_timedelta(total.where(alone.isna()).where(~date_alone, 0.0), unit="min"), alone


def _offset(texts: pd.Series[str]) -> pd.Series[float]:
    """Minutes east of UTC."""
    plain = texts.str.replace(r"^(?:UTC|GMT|Z)\s?(?=\D|$)", "", regex=True).where(texts.notna())
    plain = plain.mask(plain == "", "+0").str.replace(":", "").str.replace("\N{MINUS SIGN}", "-")
    plain = plain.str.replace(r"^([+\-])(\d(?:\d\d)?)$", r"\g<1>0\g<2>", regex=True)
    sign = pd.Series(np.where(plain.str.startswith("-", na=False), -1.0, 1.0), index=texts.index)
    digits = pd.to_numeric(plain.str[1:].str.ljust(4, "0"), errors="coerce").astype("float64")
    return sign * (digits // 100 * 60 + digits % 100)
