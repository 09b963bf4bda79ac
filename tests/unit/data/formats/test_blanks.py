"""Tables whose columns blanks part are read as those of any other delimiter."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.data.formats.published import days
from tests.unit.data.formats.written import AUTUMN, BERLIN, SPRING, local, read, same

DAYS = pytest.mark.parametrize("day", [SPRING, AUTUMN])


@DAYS
@pytest.mark.parametrize("header", ["time demand", "date time demand"])
def test_columns_may_be_parted_by_one_blank(header: str, day: str, tmp_path: Path) -> None:
    demand = days(BERLIN, day)
    lines = [f"{time:%Y-%m-%d %H:%M} {value}" for time, value in zip(local(demand), demand, strict=True)]
    same(read("\n".join([header, *lines]).encode(), tmp_path), demand)


@DAYS
def test_columns_may_be_aligned_by_blanks(day: str, tmp_path: Path) -> None:
    demand = days(BERLIN, day)
    rows = zip(local(demand), demand, strict=True)
    lines = [
        "time of reading       demand",
        *(f"{time:%d.%m.%Y %H:%M}   {value:12.1f}" for time, value in rows),
    ]
    same(read("\n".join(lines).encode(), tmp_path, columns={"time of reading": "time"}), demand)


def test_a_text_of_one_column_or_of_words_is_no_such_table(tmp_path: Path) -> None:
    lines = ["time,demand", *(f"2022-06-06 {hour:02d}:00,5{hour:02d}" for hour in range(24))]
    found = read("\n".join(lines).encode(), tmp_path)
    assert found.frame["demand"].iloc[0] == 500
