"""Kinds of files that are not read, told by how they begin, and what to do with each."""

from __future__ import annotations

import codecs
from types import MappingProxyType
from typing import Final

from trainer.contract import Region
from trainer.errors import DataError

_WIDE: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
"""How text of two bytes a sign begins."""
_LOOK: Final = 4096
_PDF: Final = b"%PDF"
_WITH_PANDAS: Final = "write its table as CSV or Parquet, as Python's pandas does"
_KINDS: Final = MappingProxyType(
    {
        _PDF: ("a PDF, whose tables are a picture", "give the text or workbook beside it"),
        b"SQLite format 3\0": (
            "a database of SQLite",
            'write the query of its table as CSV: sqlite3 -csv -header FILE "SELECT ..."',
        ),
        b"\0\1\0\0Standard ": ("a database of Access", "export its table there as text or a workbook"),
        **dict.fromkeys(
            (b"\t\0\4\0", b"\t\2\6\0", b"\t\4\6\0", b"\t\x08\x08\0", b"\0\0\2\0\6\4", b"\0\0\x1a\0"),
            ("a workbook of the years before 1997", "open it in a spreadsheet and save it as xlsx or CSV"),
        ),
        b"\x89HDF\r\n\x1a\n": ("HDF5 or NetCDF-4", _WITH_PANDAS + " (read_hdf) or xarray (to_dataframe)"),
        **dict.fromkeys(
            (b"CDF\1", b"CDF\2", b"CDF\5"), ("NetCDF", _WITH_PANDAS + " after xarray's to_dataframe")
        ),
        b"GRIB": ("GRIB, fields of weather", "give the table of demand; weather goes beside it as a column"),
        b"ORC": ("ORC", _WITH_PANDAS + " (read_orc)"),
        b"Obj\1": ("Avro", "write its records as JSON, one in each line, as avro-tools tojson does"),
        b"\x93NUMPY": ("an array of NumPy", "write it with its times as CSV"),
        b"MATLAB 5.0 MAT": ("a file of MATLAB", "write its table there: writetable(T, 'demand.csv')"),
        **dict.fromkeys(
            (b"RDX2\n", b"RDX3\n", b"X\n\0\0\0", b"RDA2\n"),
            ("a file of R", "write its table there: write.csv(x, 'demand.csv')"),
        ),
        **dict.fromkeys((b"$FL2", b"$FL3"), ("a file of SPSS", _WITH_PANDAS + " (read_spss)")),
        b"<stata_dta>": ("a file of Stata", _WITH_PANDAS + " (read_stata)"),
        b"\0\0\0\0\0\0\0\0\0\0\0\0\xc2\xea\x81\x60": ("a file of SAS", _WITH_PANDAS + " (read_sas)"),
        **dict.fromkeys(
            (b"\x80\2", b"\x80\3", b"\x80\4", b"\x80\5"),
            ("a pickle of Python, which can run any code", _WITH_PANDAS),
        ),
        **dict.fromkeys(
            (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*"),
            ("a picture", "give the numbers that it was drawn from"),
        ),
        **dict.fromkeys(
            (b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\7", b"\x28\xb5\x2f\xfd", b"\x04\x22\x4d\x18", b"\x1f\x9d"),
            ("packed in a way that is not unpacked here", "unpack it, or pack it as zip, gzip, bz2 or xz"),
        ),
    }
)
"""How files begin -> what they are, and what to give instead."""
_TAR: Final = slice(257, 262)


def refuse_other_kinds(content: bytes, region: Region, place: str) -> None:
    """Raises DataError for what is neither text nor one of the kinds that are read, with what it is and a way
    to what is read; where nobody knows it, with how it begins, unless the region names an encoding."""
    head = content[:_LOOK]
    if head.startswith(_WIDE):
        return
    if head[_TAR] == b"ustar":
        raise DataError(f"{place} is packed by tar; unpack it, or pack its files as zip")
    for begins, (kind, instead) in _KINDS.items():
        is_no_text = begins == _PDF or 0 in head or not begins.decode("latin-1").isprintable()
        if head.startswith(begins) and is_no_text:  # a header may begin as some do, with letters
            raise DataError(f"{place} is {kind}; {instead}")
    if head.count(0) > len(head) / 20 and region.files.encoding is None:
        raise DataError(
            f"{place} begins with {head[:16]!r}: it is no text, workbook, JSON, XML, Parquet or Arrow; write "
            "its table as one of these, or, if it is text, name its encoding in the region, such as "
            'encoding = "utf-16"'
        )
