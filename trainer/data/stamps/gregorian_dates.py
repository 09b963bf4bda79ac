"""Dates of other calendars than the one that clocks go by here, read as ours where nothing else is meant."""

from __future__ import annotations

import re
from typing import Final

import pandas as pd

from trainer.contract import FileSettings, Region
from trainer.data.report import Finding
from trainer.data.sources import SourceFrame
from trainer.data.stamps.other_calendars import CALENDARS, Calendar, with_latin_digits
from trainer.data.stamps.patterns import of_format
from trainer.errors import DataError

_OURS: Final = r"(?<!\d)(?:19|20)\d\d"
_BUDDHIST: Final = re.compile(r"(?<!\d)25[5-9]\d(?=\D|$|[01]\d[0-3]\d)")
"""2007 to 2056."""
_AHEAD: Final = 543
"""Years by which Thailand's calendar is ahead; its months and days are ours."""
_IRANIAN_AT_THE_END: Final = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]1[34]\d\d(?!\d)")
_LOOK: Final = 200


def with_years_of_ours(
    cells: pd.Series, raw: SourceFrame, header: str, region: Region, settings: FileSettings
) -> tuple[pd.Series, list[Finding]]:
    """`cells` (times as read) with dates of another calendar as ours, and told of: years of the Buddhist era,
    of the Republic of China and of Japan's eras, days of Iran's calendar.

    Raises DataError for dates that could be of one of them and of something else, where neither the region's
    country nor `header` says which.
    """
    if pd.api.types.is_datetime64_any_dtype(cells) or pd.api.types.is_numeric_dtype(cells) or cells.empty:
        return cells, []
    texts = cells.astype("str").str.strip()
    if (calendar := calendar_of(texts, settings)) is not None:
        if not calendar.is_meant(region.country, header):
            label = int(cells.index[0])
            raise DataError(
                f"{raw.place}: '{cells.iloc[0]}' in column {header!r}, {raw.row_name(label)}, is a date "
                f"{calendar.otherwise}; write those of the Gregorian one, such as 2024-03-01, or say of a "
                f'region there: country = "{calendar.countries[0]}"'
            )
        ours = texts.map(calendar.as_ours)
        text = (
            f"dates {calendar.name}, read as ours: {len(cells):,}, the first {cells.iloc[0]!r} as "
            f"{ours.iloc[0]!r}"
        )
        return ours.where(cells.notna()), [Finding(calendar.kind, len(cells), text)]
    first = texts.head(_LOOK)
    if first.str.match(_IRANIAN_AT_THE_END).all():
        raise DataError(
            f"{raw.place}: '{cells.iloc[0]}' in column {header!r}, {raw.row_name(int(cells.index[0]))}, is a "
            "date of Iran's calendar; write its year first, 1402/12/11, or those of the Gregorian one, such "
            "as 2024-03-01"
        )
    if first.str.contains(_OURS, regex=True).any() or not first.str.contains(_BUDDHIST).all():
        return cells, []
    texts = cells.astype("str").str.replace(
        _BUDDHIST, lambda year: str(int(year[0]) - _AHEAD), n=1, regex=True
    )
    text = f"years of the Buddhist era, read as {_AHEAD} less: {len(cells):,}, the first {cells.iloc[0]!r}"
    return texts.where(cells.notna()), [Finding("buddhist_years", len(cells), text)]


def calendar_of(texts: pd.Series[str], settings: FileSettings) -> Calendar | None:
    """The calendar that all of the first of `texts`, times as written, are of; None where it is ours, or the
    format of times that `settings` say reads them as they are."""
    first = texts.head(_LOOK).map(with_latin_digits)
    found = next((calendar for calendar in CALENDARS if calendar.has(first, texts)), None)
    if found is None or found.is_certain or settings.time_format is None:
        return found
    return None if first.str.fullmatch(of_format(settings.time_format)).all() else found
