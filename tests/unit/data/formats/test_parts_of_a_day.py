"""A date beside an hour or a number, and days in rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.unit.data.formats.published import by_hour, days
from tests.unit.data.formats.written import (
    AUTUMN,
    BERLIN,
    SPRING,
    SUMMER,
    Rows,
    local,
    read,
    same,
    text,
)


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
@pytest.mark.parametrize(
    "hour",
    [
        pytest.param(lambda stamp: f"{stamp.hour}", id="0 to 23"),
        pytest.param(lambda stamp: f"{stamp:%H:%M}", id="clock"),
        pytest.param(lambda stamp: f"{stamp.hour + 1}", id="1 to 24"),
        pytest.param(lambda stamp: f"HE{stamp.hour + 1:02d}", id="hour ending"),
        pytest.param(lambda stamp: f"{stamp.hour + 1}시", id="Korean"),
        pytest.param(lambda stamp: f"{stamp.hour:02d}:00-{stamp.hour + 1:02d}:00", id="from - to"),
    ],
)
def test_a_date_and_an_hour_may_be_two_columns(
    day: str, hour: Callable[[pd.Timestamp], str], tmp_path: Path
) -> None:
    demand = days(BERLIN, day)
    rows: Rows = [(f"{s:%d.%m.%Y}", hour(s), v) for s, v in zip(local(demand), demand, strict=True)]
    same(read(text("Day,Hour,demand", rows), tmp_path, date_columns=["Day", "Hour"]), demand)


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
@pytest.mark.parametrize("minutes", [15, 30, 60])
def test_numbers_that_count_through_a_change_of_the_clocks(day: str, minutes: int, tmp_path: Path) -> None:
    demand = days(BERLIN, day, minutes=minutes)
    stamps = local(demand)
    number = pd.Series(1, index=demand.index).groupby(stamps.date).cumsum()
    rows: Rows = [
        (f"{s:%d/%m/%Y}", int(n), value) for s, n, value in zip(stamps, number, demand, strict=True)
    ]
    found = read(text("Day,Period,demand", rows), tmp_path, date_columns=["Day", "Period"])
    same(found, by_hour(demand))


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (lambda hour: f"{hour + 1}", {}),
        (lambda hour: f"H{hour + 1:02d}", {}),
        (lambda hour: f"{hour:02d}:00", {}),
        (lambda hour: f"{hour + 1:02d}:00", {}),
        (lambda hour: f"Hour {hour + 1}", {"wide": True}),
        (lambda hour: f"{hour:02d}:00-{hour + 1:02d}:00", {}),
    ],
)
def test_a_day_in_each_row(head: Callable[[int], str], said: dict[str, Any], tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    table = demand.to_numpy().reshape(-1, 24)
    rows: Rows = [(f"{day:%d.%m.%Y}", *row) for day, row in zip(local(demand)[::24], table, strict=True)]
    same(
        read(text("date," + ",".join(head(hour) for hour in range(24)), rows), tmp_path, unit="MW", **said),
        demand,
    )


def test_a_day_in_each_row_with_a_column_for_the_repeated_hour(tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    rows = []
    for day, of_day in demand.groupby(local(demand).date):
        cells = [f"{value}" for value in of_day]
        # The clocks go back at 03:00: the third hour of the day comes twice.
        again = cells.pop(3) if len(cells) == 25 else ""
        rows.append((day, *cells[:3], again, *cells[3:]))
    head = ["1", "2", "3A", "3B", *(str(hour) for hour in range(4, 25))]
    same(read(text("date," + ",".join(head), rows), tmp_path, unit="MW"), demand)


def test_quarters_of_which_each_day_lacks_the_last(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER, minutes=15)
    clock = local(demand)
    quarters = clock.hour * 4 + clock.minute // 15 + 1
    rows: Rows = [
        (f"{time:%Y-%m-%d}", quarter, value)
        for time, quarter, value in zip(clock, quarters, demand, strict=True)
        if quarter < 96
    ]
    same(read(text("Date,Period,demand", rows), tmp_path), by_hour(demand[quarters < 96]))
