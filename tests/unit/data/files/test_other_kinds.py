"""Kinds of files that are not read: told by what they are, with what to give instead."""

from __future__ import annotations

import io
import pickle
import sqlite3
import tarfile
from pathlib import Path

import numpy as np
import pytest

from tests.unit.data.formats.published import days
from tests.unit.data.formats.written import BERLIN, SUMMER, naive, packed, read, same, text
from trainer.data.sources import read_source
from trainer.errors import DataError, UsageError

DEMAND = days(BERLIN, SUMMER)
TABLE = text("time,demand", naive(DEMAND))


def database(folder: Path) -> bytes:
    path = folder / "demand.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE demand (time TEXT, mw REAL)")
    connection.close()
    return path.read_bytes()


def array() -> bytes:
    content = io.BytesIO()
    np.save(content, DEMAND.to_numpy())
    return content.getvalue()


def tape() -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as file:
        member = tarfile.TarInfo("demand.csv")
        member.size = len(TABLE)
        file.addfile(member, io.BytesIO(TABLE))
    return content.getvalue()


def test_a_database_is_told_with_the_query_that_writes_its_table(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a\.csv is a database of SQLite; .* sqlite3 -csv -header"):
        read(database(tmp_path), tmp_path)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"%PDF-1.7\n%\xe2\xe3", "is a PDF, whose tables are a picture; give the text or workbook"),
        (b"\t\4\6\0\0\0\x10\0" + bytes(90), "is a workbook of the years before 1997; .*save it as xlsx"),
        (b"\0\0\2\0\6\4\6\0" + bytes(90), "is a workbook of the years before 1997"),
        (b"PAR1 but no more", "is not a Parquet file: .*; fetch it again"),
        (b"\x89HDF\r\n\x1a\n" + bytes(range(256)), r"is HDF5 or NetCDF-4; .*read_hdf"),
        (b"CDF\1" + bytes(range(256)), "is NetCDF; .*xarray"),
        (b"\0\1\0\0Standard Jet DB\0" + bytes(90), "is a database of Access; export its table"),
        (b"GRIB\0\0\4\2" + bytes(range(256)), "is GRIB, fields of weather; give the table of demand"),
        (b"ORC\n\x03\0\0" + bytes(range(256)), "is ORC; .*read_orc"),
        (b"Obj\1\4\x16avro.schema", "is Avro; write its records as JSON"),
        (b"MATLAB 5.0 MAT-file" + bytes(200), r"is a file of MATLAB; .*writetable"),
        (b"RDX3\nX\n\0\0\0\3" + bytes(90), r"is a file of R; .*write\.csv"),
        (b"$FL2@(#) SPSS DATA FILE" + bytes(90), "is a file of SPSS; .*read_spss"),
        (pickle.dumps(DEMAND), "is a pickle of Python, which can run any code"),
        (array(), "is an array of NumPy; write it with its times"),
        (tape(), "is packed by tar; unpack it"),
        (
            b"7z\xbc\xaf\x27\x1c\0\4",
            "is packed in a way that is not unpacked here; unpack it, or pack it as zip",
        ),
        (b"\x89PNG\r\n\x1a\n", "is a picture; give the numbers"),
        (b"\x03|\x05\x14" + bytes(500), r"begins with b'\\x03.*: it is no text, workbook, JSON, XML"),
    ],
)
def test_each_kind_has_a_remedy_of_its_own(content: bytes, told: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=told):
        read(content, tmp_path)


@pytest.mark.parametrize(
    ("part", "remedy"),
    [
        ("EncryptedPackage", "it asks for a password: save it without one"),
        ("WordDocument", "it is a document: give its table as a workbook or as text"),
        ("Contents", "open it in a spreadsheet and save it as xlsx or CSV, or fetch it again"),
    ],
)
def test_what_begins_as_a_workbook_and_is_none_has_a_remedy_too(
    part: str, remedy: str, tmp_path: Path
) -> None:
    content = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + part.encode("utf-16-le") + bytes(600)
    with pytest.raises(DataError, match=rf"a\.csv is not a workbook that can be read: .*; {remedy}"):
        read(content, tmp_path)


def test_a_document_packed_as_a_workbook_is_told_as_one(tmp_path: Path) -> None:
    content = packed({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<document/>"})
    with pytest.raises(DataError, match=r"is not a workbook .* it is a document"):
        read(content, tmp_path)


@pytest.mark.parametrize("word", ["ORC", "GRIB", "RDX2", "$FL2", "Obj", "CDF", "MATLAB 5.0 MAT"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_text_that_begins_with_the_same_letters_is_read(word: str, encoding: str, tmp_path: Path) -> None:
    rows = [(f"{value}", stamp) for stamp, value in naive(DEMAND)]
    content = text(f"{word},time", rows).decode().encode(encoding)
    same(read(content, tmp_path, columns={word: "demand"}), DEMAND)


def test_beside_a_table_in_a_zip_file_it_is_left_out_and_told_of(tmp_path: Path) -> None:
    found = read(packed({"demand.csv": TABLE, "map.png": b"\x89PNG\r\n\x1a\n"}), tmp_path)
    same(found, DEMAND)
    assert any("map.png is a picture" in finding.text for finding in found.findings)


@pytest.mark.parametrize(
    "source", ["demand.feather", "demand.arff", "/nowhere/demand", "./demand.unknown", "demand.csv.xz"]
)
def test_a_path_where_nothing_is_does_not_exist_whatever_its_ending(source: str) -> None:
    with pytest.raises(UsageError, match="does not exist or is no file"):
        read_source(BERLIN, source=source)


@pytest.mark.parametrize("source", ["demand", "raw-demand", "sample:athens", ""])
def test_a_word_that_names_no_source_is_not_understood(source: str) -> None:
    with pytest.raises(UsageError, match=r"is not understood; use a \.csv"):
        read_source(BERLIN, source=source)
