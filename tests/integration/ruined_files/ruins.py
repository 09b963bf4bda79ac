"""The likely ways to ruin a file, and what becomes of each."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from tests.integration.ruined_files.changes import (
    MIDNIGHT,
    RECENT,
    Rows,
    contradicted,
    cut_off,
    demand,
    every_cell,
    in_kilowatts,
    of_a_spreadsheet,
    of_two_regions,
    one_cell,
    one_line,
    temperature,
    with_title_and_sum,
)


class Outcome(Enum):
    READ = auto()
    """The forecast is the one that the whole file gives."""
    MASKED = auto()
    """Some hours of demand count for nothing; the champion forecasts from the others."""
    TOLD = auto()
    """Something is left out that no hour of demand depends on."""
    REFUSED = auto()
    """Nothing can be said: no forecast, and the sentence says why."""


@dataclass(frozen=True, kw_only=True)
class Ruin:
    name: str
    outcome: Outcome
    says: str
    """Part of what a person reads on the terminal."""
    rows: Callable[[Rows], Rows] = lambda rows: rows
    text: Callable[[Rows], str | bytes] = lambda rows: rows.to_csv()
    fallback: str = "none"

    def write(self, rows: Rows, path: Path) -> None:
        made = self.text(self.rows(rows.copy()))
        path.write_bytes(made if isinstance(made, bytes) else made.encode())


_HISTORY: Final = slice("2024-03-20 05:00", "2024-03-21 10:00")
_LAST: Final = slice("2024-04-08 12:00", "2024-04-09 23:00")

RUINS: Final = (
    Ruin(
        name="a day and a half missing in the history",
        rows=lambda rows: rows.drop(rows.loc[_HISTORY].index),
        outcome=Outcome.MASKED,
        says="hours without demand, neither trained on nor scored: 30",
    ),
    Ruin(
        name="the last twelve hours not there yet",
        rows=demand(slice("2024-04-09 12:00", None), lambda _: np.nan),
        outcome=Outcome.MASKED,
        says="12 more hours before",
    ),
    Ruin(
        name="a meter that was stuck",
        rows=demand(RECENT, lambda values: values.iloc[0]),
        outcome=Outcome.MASKED,
        says="flat line: is a meter stuck?",
    ),
    Ruin(
        name="zeros in place of what is missing",
        rows=demand(RECENT, lambda _: 0.0),
        outcome=Outcome.MASKED,
        says="14, zero or negative, which this series never is",
    ),
    Ruin(
        name="a sign turned round",
        rows=demand(RECENT, lambda values: -values),
        outcome=Outcome.MASKED,
        says="14, zero or negative, which this series never is",
    ),
    Ruin(
        name="an absurd spike",
        rows=one_cell("demand_mw", 25_000.0),
        outcome=Outcome.MASKED,
        says="1, spike: far outside of what is usual at that hour",
    ),
    Ruin(
        name="kW from a date on",
        rows=demand(_LAST, lambda values: 1000 * values),
        outcome=Outcome.MASKED,
        says="36, about a thousand times off: kW?",
    ),
    Ruin(
        name="GW from a date on",
        rows=demand(_LAST, lambda values: values / 1000),
        outcome=Outcome.MASKED,
        says="36, about a thousand times off: kW?",
    ),
    Ruin(
        name="another level since yesterday",
        rows=demand(slice("2024-04-09", None), lambda values: 0.3 * values),
        outcome=Outcome.MASKED,
        says="24, level jump: accepted once it has held for 7 days",
    ),
    Ruin(
        name="two rows that contradict each other",
        rows=contradicted,
        outcome=Outcome.MASKED,
        says="rows contradict each other",
    ),
    Ruin(
        name="a word in a cell of demand",
        rows=one_cell("demand_mw", "점검중"),
        outcome=Outcome.MASKED,
        says="'점검중' in column 'demand_mw'",
    ),
    Ruin(
        name="an infinite value",
        rows=one_cell("demand_mw", "inf"),
        outcome=Outcome.MASKED,
        says="in column 'demand_mw'",
    ),
    Ruin(
        name="a time that no calendar has",
        text=one_line(lambda line: "2024-02-30 25:61" + line[19:]),
        outcome=Outcome.MASKED,
        says="rows whose time cannot be read, left out: 1",
    ),
    Ruin(
        name="a field too many in one row",
        text=one_line(lambda line: line + ",7,8"),
        outcome=Outcome.MASKED,
        says="rows with more fields than the others, left out: 1",
    ),
    Ruin(
        name="cut off in the middle of its last row",
        text=cut_off,
        outcome=Outcome.MASKED,
        says="1, about a thousand times off: kW?",
        fallback="weatherless",
    ),
    Ruin(
        name="a week without temperature in the history",
        rows=temperature(slice("2024-03-20", "2024-03-26"), np.nan),
        outcome=Outcome.TOLD,
        says="hours without temperature, left out of what needs it: 168",
    ),
    Ruin(
        name="temperature in Kelvin for a day",
        rows=temperature(slice("2024-03-20", "2024-03-20"), 281.0),
        outcome=Outcome.TOLD,
        says="281 in column 'temperature'",
    ),
    Ruin(
        name="temperature that ends before the horizon",
        rows=temperature(slice("2024-04-10 14:00", None), np.nan),
        outcome=Outcome.TOLD,
        says='"weather_carried_on": {"temperature": 10}',
    ),
    Ruin(
        name="no temperature for the day ahead",
        rows=temperature(slice(MIDNIGHT, None), np.nan),
        outcome=Outcome.TOLD,
        says="temperature, which is missing for 24 of the 24 hours",
        fallback="weatherless",
    ),
    Ruin(
        name="rows in any order",
        rows=lambda rows: rows.sample(frac=1, random_state=1),
        outcome=Outcome.READ,
        says="rows out of order, sorted",
    ),
    Ruin(
        name="a day that was appended twice",
        rows=lambda rows: pd.concat([rows, rows.loc["2024-04-08"]]),
        outcome=Outcome.READ,
        says="rows that repeat another exactly, dropped: 24",
    ),
    Ruin(
        name="a title above and a sum below",
        text=with_title_and_sum,
        outcome=Outcome.READ,
        says="rows without a time in column 'time', left out: 1",
    ),
    Ruin(
        name="saved by a Korean spreadsheet with semicolons and decimal commas",
        text=of_a_spreadsheet,
        outcome=Outcome.READ,
        says="1,440 hours of demand",
    ),
    Ruin(
        name="all of it in kW under a header that says so",
        text=in_kilowatts,
        outcome=Outcome.READ,
        says="to MW, as its column 'demand (kW)' says",
    ),
    Ruin(
        name="demand of the day ahead filled in",
        rows=demand(slice(MIDNIGHT, None), lambda _: 0.0),
        outcome=Outcome.READ,
        says="1,440 hours of demand",
    ),
    Ruin(
        name="nothing in it",
        text=lambda _: "",
        outcome=Outcome.REFUSED,
        says="is empty; it needs a header and one row per hour",
    ),
    Ruin(
        name="no column that can be demand",
        rows=lambda rows: rows.rename(columns={"demand_mw": "x1"}),
        outcome=Outcome.REFUSED,
        says="columns",
    ),
    Ruin(
        name="nothing but words for demand",
        rows=every_cell("demand_mw", "n/v"),
        outcome=Outcome.REFUSED,
        says="'n/v' in column 'demand_mw'",
    ),
    Ruin(
        name="two regions in one column",
        rows=of_two_regions,
        outcome=Outcome.REFUSED,
        says="where",
    ),
    Ruin(
        name="half of a gzip file",
        text=lambda rows: gzip.compress(rows.to_csv().encode())[:5000],
        outcome=Outcome.REFUSED,
        says="damaged gzip file",
    ),
)
