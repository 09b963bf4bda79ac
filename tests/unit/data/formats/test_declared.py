"""Text that declares its columns before its data: ARFF and TSF."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.unit.data.formats.published import by_hour, days
from tests.unit.data.formats.written import AUTUMN, BERLIN, SUMMER, naive, read, same
from trainer.data.proposal import proposal
from trainer.data.sources import read_source
from trainer.errors import DataError

DEMAND = days(BERLIN, SUMMER)
HEAD = """% Demand of a city
@RELATION demand

@attribute 'the time' date "yyyy-MM-dd HH:mm"
@ATTRIBUTE demand NUMERIC
@attribute kind {work, rest}

@DATA
"""


def arff(demand: pd.Series[float], *, quote: str = '"', head: str = HEAD) -> bytes:
    rows = [f"{quote}{stamp}{quote},{value},work" for stamp, value in naive(demand)]
    return (head + "\n".join(rows).replace("nan", "?") + "\n").encode()


def tsf(*series: pd.Series[float], frequency: str = "hourly", zone: str = "Europe/Berlin") -> bytes:
    lines = [
        *("# Demand", "@relation demand", "@attribute series_name string"),
        *("@attribute start_timestamp date", f"@frequency {frequency}", "@missing true", "@data"),
    ]
    for number, each in enumerate(series, start=1):
        first = each.index[0].tz_convert(zone)
        lines.append(f"T{number}:{first:%Y-%m-%d %H-%M-%S}:{','.join(map(str, each))}".replace("nan", "?"))
    return "\n".join(lines).encode()


@pytest.mark.parametrize("quote", ['"', "'"])
def test_rows_of_arff_are_read_under_the_names_that_it_declares(quote: str, tmp_path: Path) -> None:
    demand = DEMAND.copy()
    demand.iloc[7] = np.nan
    found = read(arff(demand, quote=quote), tmp_path, columns={"the time": "time"})
    same(found, demand)
    assert "read as an ARFF file of Weka" in [finding.text for finding in found.findings]


def test_a_row_of_arff_is_named_by_its_line(tmp_path: Path) -> None:
    content = arff(DEMAND).replace(str(DEMAND.iloc[3]).encode(), b"none")
    found = read(content, tmp_path, columns={"the time": "time"})
    assert any("'none' in column 'demand', line 12" in finding.text for finding in found.findings)


@pytest.mark.parametrize(("minutes", "frequency"), [(60, "hourly"), (30, "half_hourly"), (10, "10_minutes")])
def test_a_series_of_tsf_is_read_from_its_beginning_on(minutes: int, frequency: str, tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER, minutes=minutes)
    found = read(tsf(demand, frequency=frequency), tmp_path, columns={"value": "demand"})
    same(found, by_hour(demand))


def test_its_values_count_on_while_clocks_change(tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    said = {"columns": {"value": "demand"}, "stamp_timezone": "Etc/GMT-2"}
    same(read(tsf(demand), tmp_path, **said), demand)
    with pytest.raises(DataError, match="these times seem to go by another clock"):
        read(tsf(demand), tmp_path, columns={"value": "demand"})


def test_several_series_of_tsf_are_asked_about_and_chosen(tmp_path: Path) -> None:
    demand = DEMAND.copy()
    demand.iloc[5] = np.nan
    content = tsf(DEMAND * 2, demand)
    with pytest.raises(DataError, match=r'where = {"series_name" = "T1"}'):
        read(content, tmp_path, columns={"value": "demand"})
    found = read(content, tmp_path, columns={"value": "demand"}, where={"series_name": "T2"})
    same(found, demand)


@pytest.mark.parametrize("content", [arff(DEMAND), tsf(DEMAND)])
def test_the_verb_region_finds_their_columns(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    assert set(proposal(read_source(BERLIN, source=str(path)), BERLIN).columns) <= {"the time", "value"}


@pytest.mark.parametrize(
    ("content", "trouble"),
    [
        (HEAD.encode() + b'"2024-01-01 00:00",5\n', "line 9 has 2 values, and 3 are declared"),
        (HEAD.encode() + b"{0 5, 1 6}\n", "line 9 is a sparse row; write all its values"),
        (HEAD.encode(), "is empty: it declares columns and has no rows"),
        (HEAD.replace("@DATA", "").encode(), "declares columns and has no line @data"),
        (HEAD.replace("kind", "demand").encode() + b"1,2,work\n", "declares two columns of one name"),
        (tsf(DEMAND).replace(b"series_name", b"value"), "or one that its values need"),
        (tsf(DEMAND, frequency="daily"), "its frequency 'daily' is no minute to an hour"),
        (tsf(DEMAND).replace(b"T1:", b"T1:x:"), "line 8 has 3 parts before its values, and 2 are declared"),
        (tsf(DEMAND).replace(b" 00-00-00:", b":"), "line 8 does not say when its series begins"),
    ],
)
def test_what_is_not_as_declared_is_refused_by_its_line(content: bytes, trouble: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=trouble):
        read(content, tmp_path)
