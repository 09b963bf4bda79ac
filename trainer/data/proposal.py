"""What a file's columns seem to be, for a region that is not configured yet."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from trainer.contract import Region
from trainer.data.files.parts import PARTS
from trainer.data.sources import SourceFrame
from trainer.data.stamps.fields import spellings
from trainer.data.stamps.gregorian_dates import calendar_of
from trainer.data.stamps.moments import are_counts_since_1970, are_days_of_a_spreadsheet
from trainer.data.tables.columns import claimed
from trainer.data.tables.layout import Layout, laid_out
from trainer.data.tables.likely_columns import likely_demand, likely_times, speaks_of_another
from trainer.data.tables.numbers_of_cells import numbers
from trainer.data.tables.parts_of_times import by_usual_names
from trainer.data.tables.summands import summands
from trainer.data.weather.columns import places_of, weather_among
from trainer.errors import DataError

_SHOWN = 20
"""Headers that a question lists."""
_ENOUGH = 0.5
"""Share of a column's cells that must be numbers."""


@dataclass(frozen=True)
class Proposal:
    """Columns beside those that the region names."""

    columns: dict[str, str]
    """Header -> our column, of those that the region has to name: no known name says what they are."""
    weather: tuple[str, ...]
    date_columns: tuple[str, ...]
    """Those that hold the time together, where not their names but their cells say so."""


def proposal(raw: SourceFrame, region: Region) -> Proposal:
    """The one column that holds times and the one that holds numbers, of several the one that headers make
    likely, where no usual name tells; and the weather that the file has.

    Raises DataError where several columns could be demand, naming them and the option that chooses.
    """
    added = set(raw.files.demand)
    if parts := summands(raw, region):
        raw, region = parts[0].raw, parts[0].region  # the others are read alike
    layout = laid_out(raw, region)
    headers = list(layout.raw.frame.columns)
    named = {ours: theirs for theirs, ours in region.columns.items() if theirs in headers}
    given = {**layout.columns, **named}
    free = [header for header in headers if header not in given.values() and header not in {*PARTS, *added}]
    columns: dict[str, str] = {}
    if "time" not in given and not claimed("time", free):
        times = [header for header in free if _holds_times(layout, header)]
        with_clock = [header for header in times if _holds_clock(layout, header)]
        columns[_only(likely_times(times, with_clock=with_clock), "time", headers, raw.place)] = "time"
    weather = tuple(weather_among(free))
    if "demand" not in given and not claimed("demand", free):
        taken = {
            *columns,
            *layout.settings.date_columns,
            *(h for name in weather for h in [*claimed(name, free), *places_of(name, free)]),
        }
        taken |= set(claimed("time", free))
        numeric = [header for header in free if header not in taken and _holds_numbers(layout, header)]
        likely = likely_demand(numeric)
        if len(likely) != 1:
            likely = [_only(numeric, "demand", headers, raw.place)]
        if numeric == likely and speaks_of_another(likely[0]):
            raise DataError(
                f"{raw.place}: its only column of numbers, {likely[0]!r}, does not speak of measured demand; "
                f'if it is all the same, say so with --column "{likely[0]}=demand"'
            )
        columns[likely[0]] = "demand"
    return Proposal(columns, weather, _found_by_cells(layout, region))


def _found_by_cells(layout: Layout, region: Region) -> tuple[str, ...]:
    """A file of a part of a day may not tell them again."""
    found = () if layout.recognised or region.files.date_columns else layout.settings.date_columns
    return () if found == by_usual_names(layout.raw) else found


def _only(found: list[str], ours: str, headers: list[str], place: str) -> str:
    if len(found) == 1:
        return found[0]
    could = ", ".join(repr(header) for header in (found or headers)[:_SHOWN])
    added = '; if it is the sum of several, say them with --demand "<header>" "<header>"'
    raise DataError(
        f'{place}: which column is {ours}? Say it with --column "<header>={ours}"; it could be {could}'
        f"{added if ours == 'demand' and len(found) > 1 else ''}"
    )


def _holds_times(layout: Layout, header: str) -> bool:
    cells = layout.raw.frame[header].dropna()
    if cells.empty:
        return False
    if pd.api.types.is_datetime64_any_dtype(cells):
        return True
    if pd.api.types.is_numeric_dtype(cells):
        return False
    texts = cells.astype("str").str.strip()
    if are_counts_since_1970(texts) or are_days_of_a_spreadsheet(texts):
        return True
    if (calendar := calendar_of(texts, layout.settings)) is not None:
        texts = texts.map(calendar.as_ours)
    return bool(spellings(texts, layout.settings.time_format))


def _holds_clock(layout: Layout, header: str) -> bool:
    """Whether its times are more than days."""
    texts = layout.raw.frame[header].dropna().astype("str").str.strip()
    if are_counts_since_1970(texts) or are_days_of_a_spreadsheet(texts):
        return True
    return bool(texts.str.contains(r"\d[:hT ]\d", regex=True).all())


def _holds_numbers(layout: Layout, header: str) -> bool:
    try:
        values, _ = numbers(layout.raw, header, layout.raw.frame.index, layout.settings)
    except DataError:
        return False
    return bool(values.notna().mean() >= _ENOUGH and values.nunique() > 2)
