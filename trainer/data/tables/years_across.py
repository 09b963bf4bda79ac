"""Tables with a column for each year, and an hour of all years in a row -> one row for each hour."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pandas as pd

from trainer.data.report import Finding
from trainer.data.sources import SourceFrame, first_label
from trainer.data.tables.columns import unit_in
from trainer.data.tables.hours_of_years import by_months_and_days, by_numbers, years_of
from trainer.errors import DataError

_NOTHING: Final = r"\s*(?:0+(?:[.,]0*)?)?\s*"
"""What fills the hours that a year did not have."""


def with_years_in_rows(raw: SourceFrame) -> tuple[SourceFrame, tuple[str, ...], str, Finding]:
    """`raw`, with headers that are years, as one row for each hour, labelled so that their line can still be
    told; the headers of a date and perhaps an hour, that of demand, and what is told. Empty cells are left
    out.

    Raises DataError where what a row is cannot be known, and for demand at an hour that a year did not have.
    """
    years = years_of([str(header) for header in raw.frame.columns])
    others = raw.frame.drop(columns=[*years])
    nothing = {
        header: raw.frame[header].isna() | raw.frame[header].astype("str").str.fullmatch(_NOTHING)
        for header in years
    }
    filled = {year: ~nothing[header] for header, year in years.items()}
    hours = by_months_and_days(others) or by_numbers(others, filled)
    if hours is None:
        raise DataError(
            f"{raw.place}: columns {', '.join(years)} are years, and it is unclear which hour of its "
            "year a row is, with a 29th of February or without; give each row a month, a day and an hour, in "
            "columns of these names, or name the column of demand in the region's `columns`"
        )
    unit = next((unit for header in years if (unit := unit_in(header))), None)
    demand = f"demand [{unit}]" if unit else "demand"
    others = others.drop(columns=[*hours.headers])
    frames = []
    for place, (header, year) in enumerate(years.items()):
        date, hour = hours.times(year)
        if (never := date.isna() & ~nothing[header]).any():
            label = first_label(never)
            raise DataError(
                f"{raw.place}: {raw.row_name(label)} has demand {raw.frame[header][label]!r} at an hour that "
                f"the year {header} did not have; take it out"
            )
        frame = others.assign(date=date, **({} if hour is None else {"hour": hour}))
        frame = frame.assign(**{demand: raw.frame[header]})
        frame = frame[date.notna() & raw.frame[header].notna()]
        frames.append(frame.set_axis(frame.index * len(years) + place, axis=0))
    whole = replace(raw, frame=pd.concat(frames), cells=len(years))
    text = f"columns are years, {min(years.values())} to {max(years.values())}: read one after the other"
    times = ("date",) if hour is None else ("date", "hour")
    return whole, times, demand, Finding("years_across", len(whole.frame), text)
