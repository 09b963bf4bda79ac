"""Files between a line HDR and a line FTR, as reports of Great Britain's market come."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.unit.data.formats.published import by_hour, days, region_in
from tests.unit.data.formats.written import Rows, local, read, same, text
from trainer.data.proposal import proposal
from trainer.data.sources import read_source
from trainer.errors import DataError

LONDON = region_in("Europe/London", "GB")
SUMMER = days(LONDON, "2022-06-06", minutes=30)


def rolling(demand: pd.Series[float], *, first: str = "HDR,ROLLING SYSTEM DEMAND", says: int = 0) -> bytes:
    rows = [f"VD,{time:%Y%m%d%H%M%S},{value}" for time, value in demand.items()]
    return "\r\n".join([first, *rows, f"FTR,{says or len(rows)}", ""]).encode()


def test_rows_between_the_two_lines_are_read(tmp_path: Path) -> None:
    said = {"columns": {"column 2": "time", "column 3": "demand"}, "stamp_timezone": "UTC"}
    found = read(rolling(SUMMER), tmp_path, LONDON, **said)
    same(found, by_hour(SUMMER))
    told = f"read as rows of ROLLING SYSTEM DEMAND between lines HDR and FTR: {len(SUMMER)}"
    assert told in [finding.text for finding in found.findings]
    assert not any("fetch it again" in finding.text for finding in found.findings)


def test_their_times_and_demand_are_found_by_the_verb_region(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(rolling(SUMMER))
    found = proposal(read_source(LONDON, source=str(path)), LONDON)
    assert found.columns == {"column 2": "time", "column 3": "demand"}


def test_a_day_and_a_settlement_period_are_joined(tmp_path: Path) -> None:
    demand = days(LONDON, "2021-10-25", minutes=30)
    times = local(demand, "Europe/London")
    period = demand.groupby(times.date).cumcount() + 1
    rows: Rows = [
        ("INDO", f"{time:%Y%m%d}", number, value)
        for time, number, value in zip(times, period, demand, strict=True)
    ]
    content = text("HDR,SYSTEM DEMAND", [*rows, ("FTR", len(rows))])
    same(read(content, tmp_path, LONDON, columns={"column 4": "demand"}), by_hour(demand))


def test_rows_that_are_missing_are_told_of(tmp_path: Path) -> None:
    said = {"columns": {"column 2": "time", "column 3": "demand"}, "stamp_timezone": "UTC"}
    found = read(rolling(SUMMER, says=1000), tmp_path, LONDON, **said)
    told = f"its last line says 1,000 rows, and it has {len(SUMMER)}: fetch it again"
    assert told in [finding.text for finding in found.findings]


def test_a_line_in_between_is_named_as_in_the_file(tmp_path: Path) -> None:
    lines = rolling(SUMMER).decode().splitlines()
    lines[7] = "VD,20220606030000,none"
    said = {"columns": {"column 2": "time", "column 3": "demand"}, "stamp_timezone": "UTC"}
    found = read("\n".join(lines).encode(), tmp_path, LONDON, **said)
    assert any("'none'" in finding.text and "line 8" in finding.text for finding in found.findings)


def test_a_header_that_is_named_so_is_one_where_the_region_names_it(tmp_path: Path) -> None:
    rows: Rows = [(f"{time:%Y-%m-%d %H:%M}", value) for time, value in SUMMER.items()]
    content = text("HDR,MW", [*rows, ("FTR", len(rows))])
    found = read(content, tmp_path, LONDON, columns={"HDR": "time", "MW": "demand"}, stamp_timezone="UTC")
    same(found, by_hour(SUMMER))


def test_a_file_without_a_last_line_has_no_such_frame(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="rows have more fields than the header"):
        read(rolling(SUMMER).rpartition(b"FTR")[0], tmp_path, LONDON)
