"""A file that grows, and goes on under other headers from a day on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.unit.data.formats.published import days
from tests.unit.data.formats.written import AUTUMN, BERLIN, SUMMER, naive, packed, read, same, text
from trainer.errors import DataError


@pytest.mark.parametrize("changed", [100, 372])
@pytest.mark.parametrize("parted_by", [b"", b"\n", b"\nNew layout\n\n"])
@pytest.mark.parametrize(
    ("header", "factor"),
    [("time,wind,demand", 1.0), ("time,load", 1.0), ("time,demand (kW)", 1e3), ("time,demand,wind", 1.0)],
)
def test_rows_under_other_headers_are_read_by_them(
    header: str, factor: float, parted_by: bytes, changed: int, tmp_path: Path
) -> None:
    demand = days(BERLIN, AUTUMN)
    cells = [(stamp, round(value * factor, 1), 7) for stamp, value in naive(demand.iloc[changed:])]
    order = (0, 2, 1) if header.endswith("wind,demand") else range(header.count(",") + 1)
    rows = [tuple(row[place] for place in order) for row in cells]
    content = text("time,demand", naive(demand.iloc[:changed])) + parted_by + text(header, rows)
    found = read(content, tmp_path)
    same(found, demand)
    (told,) = [finding.text for finding in found.findings if finding.kind == "other_table"]
    assert told.startswith("table 2 (line ")
    assert told.endswith(
        f", which is written otherwise, was read by itself: {len(demand) - changed} hours of demand"
    )


def test_tables_of_the_same_hours_are_asked_about(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    again = [(stamp, value + 1) for stamp, value in naive(demand)]
    content = text("time,demand", naive(demand)) + b"\n" + text("time,load", again)
    with pytest.raises(DataError, match=r"more than one can be demand: table 1 .* where = .table = 1"):
        read(content, tmp_path)
    same(read(content, tmp_path, where={"table": "2"}), demand + 1)


def test_such_a_file_in_a_zip_file_is_joined_too(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    later = text("time,demand", naive(demand.iloc[200:375])) + text("time,load", naive(demand.iloc[375:]))
    files = {"1.csv": text("time,demand", naive(demand.iloc[:200])), "2.csv": later}
    found = read(packed(files), tmp_path)
    same(found, demand)
    assert np.isfinite(found.frame["demand"]).all()


@pytest.mark.parametrize("changed", [250, 380])
def test_rows_that_have_a_column_more_without_its_header_are_left_out_and_told_of(
    changed: int, tmp_path: Path
) -> None:
    """Nobody knows which of their cells is the new one."""
    demand = days(BERLIN, SUMMER)
    more = [(*row, 7) for row in naive(demand.iloc[changed:])]
    found = read(text("time,demand", [*naive(demand.iloc[:changed]), *more]), tmp_path)
    same(found, demand.iloc[:changed])
    (told,) = [finding.text for finding in found.findings]
    assert f"left out: {384 - changed}, the first in line {changed + 2}: " in told
    assert told.endswith("; where a column is added, its header has to stand above these rows")
