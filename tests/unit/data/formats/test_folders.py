"""A folder of files, such as one for each month, is read as a zip file of them is."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest

from tests.unit.data.formats.published import days
from tests.unit.data.formats.written import BERLIN, SUMMER, naive, packed, read, same, text
from tests.unit.data.series import NOW
from trainer.data.files import content
from trainer.data.hours import SourceHours, hours_of
from trainer.data.sources import read_source
from trainer.errors import DataError, UsageError

DEMAND = days(BERLIN, SUMMER)
FIRST = text("time,demand", naive(DEMAND.iloc[:240]))
SECOND = text("time,demand", naive(DEMAND.iloc[240:]))
CUT_OFF = gzip.compress(SECOND)[:100]


def _read(folder: Path, files: Mapping[str, bytes]) -> SourceHours:
    for name, each in files.items():
        (folder / name).write_bytes(each)
    return hours_of(read_source(BERLIN, source=str(folder)), BERLIN, as_of=None, now=NOW)


def test_its_files_are_one_series(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    files = {"1.csv": FIRST, "2.csv.gz": gzip.compress(SECOND), ".3.csv.part": b"x", "~$1.xlsx": b"x"}
    found = _read(tmp_path, files)
    same(found, DEMAND)
    assert [finding.text for finding in found.findings] == ["2 files ('1.csv', '2.csv.gz') were read"]


def test_one_file_alone_is_read_as_it_would_be_by_its_own_name(tmp_path: Path) -> None:
    found = _read(tmp_path, {"1.csv": FIRST})
    same(found, DEMAND.iloc[:240])
    assert found.findings == ()


@pytest.mark.parametrize(
    "newest", [CUT_OFF, b"", b"time,demand\n", b"<html><body>502 Bad Gateway</body></html>"]
)
def test_a_newest_file_that_cannot_be_read_costs_itself_alone(newest: bytes, tmp_path: Path) -> None:
    found = _read(tmp_path, {"1.csv": FIRST, "2.csv.gz": newest})
    same(found, DEMAND.iloc[:240])
    (told,) = [finding.text for finding in found.findings if finding.kind == "files_left_out"]
    assert "left out: 1, the first: " in told
    assert "2.csv.gz" in told


def test_a_damaged_file_in_a_zip_file_costs_itself_alone(tmp_path: Path) -> None:
    found = read(packed({"1.csv": FIRST, "2.csv.gz": CUT_OFF}), tmp_path)
    same(found, DEMAND.iloc[:240])
    assert "2.csv.gz is a damaged gzip file" in found.findings[-1].text


def test_a_folder_without_a_file_that_can_be_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError, match="holds no file; name another"):
        _read(tmp_path, {})
    with pytest.raises(DataError, match=r"2\.csv\.gz is a damaged gzip file"):
        _read(tmp_path, {"2.csv.gz": CUT_OFF})
    monkeypatch.setattr(content, "MOST_BYTES", 50)
    with pytest.raises(DataError, match="holds more than"):
        _read(tmp_path, {})


def test_a_file_that_grows_in_it_is_read_up_to_its_last_whole_row(tmp_path: Path) -> None:
    found = _read(tmp_path, {"1.csv": FIRST, "2.csv": SECOND[: SECOND.rfind(b" ")]})
    pd.testing.assert_series_equal(
        found.frame["demand"].dropna(), DEMAND.iloc[:-1], check_freq=False, check_index_type=False
    )
