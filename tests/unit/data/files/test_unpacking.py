"""Packed files are unpacked whatever packs them, damaged and hostile ones refused."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile

import pytest

from trainer.data.files import unpacking
from trainer.data.files.unpacking import unpacked
from trainer.errors import DataError

TABLE = b"time,demand\n2024-01-01 00:00,41.5\n"
PACKERS = {"gzip": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}
EACH = pytest.mark.parametrize("kind", [*PACKERS, "zip"])


def zipped(**files: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file:
        for name, inner in files.items():
            file.writestr(name, inner)
    return content.getvalue()


def packed(kind: str, content: bytes) -> bytes:
    return zipped(table=content) if kind == "zip" else PACKERS[kind](content)


@EACH
def test_a_packed_file_is_the_file_in_it(kind: str) -> None:
    assert [*unpacked(packed(kind, TABLE), "demand.csv").values()] == [TABLE]


@EACH
def test_a_damaged_file_is_told_as_what_it_is(kind: str) -> None:
    content = packed(kind, TABLE)
    with pytest.raises(DataError, match=rf"demand\.csv is a damaged {kind} file"):
        unpacked(content[: len(content) // 2], "demand.csv")


@pytest.mark.parametrize("kind", PACKERS)
def test_what_a_zip_file_packs_packed_is_unpacked(kind: str) -> None:
    content = zipped(a=PACKERS[kind](TABLE), b=zipped(c=TABLE, d=TABLE * 2))
    assert unpacked(content, "all.zip") == {"a": TABLE, "b/c": TABLE, "b/d": TABLE * 2}


@EACH
def test_a_small_file_that_unpacks_beyond_measure_is_refused_before_it_does(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacking, "MOST_BYTES", 1000)
    with pytest.raises(DataError, match="unpacks to more than"):
        unpacked(packed(kind, bytes(2000)), "demand.csv")


def test_the_files_of_a_zip_file_are_measured_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "MOST_BYTES", 1000)
    assert len(unpacked(zipped(a=bytes(400), b=bytes(400)), "all.zip")) == 2
    with pytest.raises(DataError, match="unpacks to more than"):
        unpacked(zipped(a=bytes(400), b=bytes(400), c=bytes(400)), "all.zip")


def test_a_workbook_stays_whole_and_is_measured_by_its_members(monkeypatch: pytest.MonkeyPatch) -> None:
    workbook = zipped(**{"[Content_Types].xml": b"", "xl/worksheets/sheet1.xml": bytes(2000)})
    assert unpacked(workbook, "demand.xlsx") == {"demand.xlsx": workbook}
    monkeypatch.setattr(unpacking, "MOST_BYTES", 1000)
    with pytest.raises(DataError, match="unpacks to more than"):
        unpacked(workbook, "demand.xlsx")


@EACH
def test_a_file_packed_again_and_again_is_refused(kind: str) -> None:
    content = TABLE
    for _ in range(8):
        content = packed(kind, content)
    with pytest.raises(DataError, match="packed more than 5 times over"):
        unpacked(content, "demand.csv")


def test_a_zip_file_without_files_is_refused() -> None:
    with pytest.raises(DataError, match="packs no file"):
        unpacked(zipped(**{"__MACOSX/a": b"x"}), "all.zip")
