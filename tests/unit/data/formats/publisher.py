"""A publisher's file, by how a row of it is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from tests.unit.data.formats.published import days, region_in
from trainer.contract import Region


@dataclass(frozen=True)
class Row:
    """One interval."""

    utc: pd.Timestamp
    local: pd.Timestamp
    end: pd.Timestamp
    """By the same clock."""
    number: int
    """Of the interval within its local day, from 1."""
    again: int
    """0 where the clocks show its time once, 1 and 2 where they show it twice."""
    mw: float


@dataclass(frozen=True, kw_only=True)
class Publisher:
    """How a file looks; `row` gives the line of an interval, or the lines of several series."""

    timezone: str
    country: str
    header: str
    row: Callable[[Row], str]
    minutes: int = 60
    clock: str | None = None
    """Of the rows' `local`, where it is not the region's own."""
    above: str = ""
    below: str = ""
    end: str = ""
    """Lines after the last row."""
    newest_first: bool = False
    encoding: str = "utf-8"
    columns: Mapping[str, str] = field(default_factory=dict)
    said: Mapping[str, Any] = field(default_factory=dict)
    """Settings of the region."""

    @property
    def region(self) -> Region:
        return region_in(self.timezone, self.country)

    def write(self, first: str) -> tuple[bytes, pd.Series[float]]:
        """The file from the local day `first` on, and its MW by UTC."""
        demand = days(self.region, first, minutes=self.minutes)
        utc = pd.DatetimeIndex(demand.index)
        local, step = utc.tz_convert(self.clock or self.timezone), pd.Timedelta(minutes=self.minutes)
        number = pd.Series(1, index=utc).groupby(local.date).cumsum()
        naive = pd.Series(local.tz_localize(None))
        again = np.where(naive.duplicated(keep=False), 1 + naive.duplicated(), 0)
        rows = [
            self.row(Row(a, b, b + step, int(n), int(twice), float(mw)))
            for a, b, n, twice, mw in zip(utc, local, number, again, demand, strict=True)
        ]
        body = "\n".join(rows[::-1] if self.newest_first else rows)
        return (self.above + self.header + "\n" + self.below + body + "\n" + self.end).encode(
            self.encoding
        ), demand


def german(value: float) -> str:
    return f"{value:,.2f}".translate(str.maketrans(",.", ".,"))


def comma(value: float, digits: int = 3) -> str:
    return f"{value:.{digits}f}".replace(".", ",")


def twice_marked(row: Row, first: str, second: str) -> str:
    return ("", first, second)[row.again]
