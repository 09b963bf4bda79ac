"""A sound file of demand and temperature, and what may be done to its rows or to its text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import pandas as pd

MIDNIGHT: Final = pd.Timestamp("2024-04-10")
"""Local time: demand is known before it, temperature for a day more."""
FIRST: Final = pd.Timestamp("2024-01-01")
RECENT: Final = slice("2024-04-08 07:00", "2024-04-08 20:00")
"""Within the last two days."""

Rows = pd.DataFrame
"""By local hour: demand_mw, temperature."""
_AREAS: Final = {"North": 1.0, "South": 0.7}


def sound() -> Rows:
    """A hundred days, and one more of temperature alone."""
    hours = pd.date_range(FIRST, MIDNIGHT + pd.Timedelta(hours=23), freq="h", name="time")
    random = np.random.default_rng(5)
    temperature = 8 + 6 * np.sin(2 * np.pi * (hours.hour - 9) / 24) + random.normal(0, 1, len(hours))
    shape = 6000 + 900 * np.sin(2 * np.pi * (hours.hour - 7) / 24) - 400 * (hours.day_of_week >= 5)
    demand = shape + 20 * np.abs(temperature - 15) + random.normal(0, 30, len(hours))
    rows = pd.DataFrame({"demand_mw": demand.round(1), "temperature": temperature.round(1)}, index=hours)
    rows.loc[MIDNIGHT:, "demand_mw"] = np.nan
    return rows


def demand(where: slice, change: Callable[[pd.Series[float]], object]) -> Callable[[Rows], Rows]:
    def changed(rows: Rows) -> Rows:
        rows.loc[where, "demand_mw"] = change(rows.loc[where, "demand_mw"])
        return rows

    return changed


def temperature(where: slice, value: float) -> Callable[[Rows], Rows]:
    def changed(rows: Rows) -> Rows:
        rows.loc[where, "temperature"] = value
        return rows

    return changed


def one_cell(column: str, value: object) -> Callable[[Rows], Rows]:
    def changed(rows: Rows) -> Rows:
        rows = rows.astype({column: object})
        rows.loc[RECENT.start, column] = value
        return rows

    return changed


def every_cell(column: str, value: object) -> Callable[[Rows], Rows]:
    return lambda rows: rows.assign(**{column: value})


def one_line(change: Callable[[str], str], number: int = -100) -> Callable[[Rows], str]:
    def changed(rows: Rows) -> str:
        lines = rows.to_csv().splitlines()
        lines[number] = change(lines[number])
        return "\n".join(lines)

    return changed


def contradicted(rows: Rows) -> Rows:
    again = rows.loc[RECENT.start : RECENT.start] + 500
    return pd.concat([rows, again])


def of_two_regions(rows: Rows) -> Rows:
    both = [rows.assign(area=area, demand_mw=rows["demand_mw"] * share) for area, share in _AREAS.items()]
    return pd.concat(both)


def cut_off(rows: Rows) -> str:
    """After the first digit of the last demand."""
    text = rows.loc[: MIDNIGHT - pd.Timedelta(hours=1)].to_csv()
    return text[: text.rindex("23:00:00,") + len("23:00:00,6")]


def with_title_and_sum(rows: Rows) -> str:
    return f"System load 2024\n\n{rows.to_csv()}Sum,{rows['demand_mw'].sum():.0f},\n"


def of_a_spreadsheet(rows: Rows) -> bytes:
    korean = rows.rename(columns={"demand_mw": "전력수요(MW)", "temperature": "기온"}).rename_axis("일시")
    return korean.to_csv(sep=";", decimal=",").encode("cp949")


def in_kilowatts(rows: Rows) -> str:
    kilowatts = (1000 * rows["demand_mw"]).round()
    return rows.assign(demand_mw=kilowatts).rename(columns={"demand_mw": "demand (kW)"}).to_csv()
