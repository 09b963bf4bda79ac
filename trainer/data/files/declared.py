"""Text that declares its columns before its data: ARFF of Weka, and TSF of the Monash archive."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

import pandas as pd

from trainer.contract import Region
from trainer.data.files.encoding import decoded
from trainer.data.files.table import Table
from trainer.data.report import Finding
from trainer.errors import DataError

_BEGINS: Final = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:[%#][^\r\n]*[\r\n]|\s)*@(?:relation|attribute|frequency)\s", re.IGNORECASE
)
_LOOK: Final = 20_000
_ATTRIBUTE: Final = re.compile(r"""@attribute\s+(?:'([^']*)'|"([^"]*)"|(\S+))\s+(.*)""", re.IGNORECASE)
_FREQUENCY: Final = re.compile(r"@frequency\s+(\S+)", re.IGNORECASE)
_UNKNOWN: Final = "?"
_START: Final = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d)-(\d\d)-(\d\d)")
_STEPS: Final = MappingProxyType(
    {"minutely": 1, "half_hourly": 30, "hourly": 60, **{f"{n}_minutes": n for n in (5, 10, 15, 20, 30)}}
)
"""Frequencies of TSF -> minutes."""

Lines = Sequence[tuple[int, str]]
"""Those of data, each with its number in the file."""


def is_declared(content: bytes) -> bool:
    """Whether it begins as one of the two, below comments or not."""
    return _BEGINS.match(content[:_LOOK]) is not None


def read_declared(content: bytes, region: Region, place: str) -> Table:
    """The rows of an ARFF file under the names of its attributes; of a TSF file a row for each value: what is
    said of its series, `time` and `value`. `?` is unknown.

    Raises DataError for lines that are not as declared, by their number, for sparse rows, and for series
    without a beginning or of a frequency that is no minute to an hour.
    """
    lines = [line.strip() for line in decoded(content, region, place).splitlines()]
    begin = next((n for n, line in enumerate(lines) if line.casefold() == "@data"), None)
    if begin is None:
        raise DataError(f"{place} declares columns and has no line @data; fetch it again")
    names = [
        next(filter(None, found.groups())) for line in lines[:begin] if (found := _ATTRIBUTE.match(line))
    ]
    frequency = next((found[1] for line in lines[:begin] if (found := _FREQUENCY.match(line))), None)
    data = [
        (number, line)
        for number, line in enumerate(lines[begin + 1 :], start=begin + 2)
        if line and not line.startswith(("%", "#"))
    ]
    taken = names if frequency is None else [*names, "time", "value"]
    if len({*taken}) < len(taken):
        raise DataError(f"{place} declares two columns of one name, or one that its values need: {names}")
    if not data:
        raise DataError(f"{place} is empty: it declares columns and has no rows")
    try:
        frame = _rows(data, names) if frequency is None else _points(data, names, frequency)
    except (ValueError, csv.Error) as error:
        raise DataError(f"{place}: {error}") from error
    frame = frame.where(~frame.isin(["", _UNKNOWN]), None)
    kind = "an ARFF file of Weka" if frequency is None else "a TSF file of the Monash archive"
    # Lines of data follow each other where no comment or empty one is between them.
    is_whole = frequency is None and data[-1][0] - data[0][0] == len(data) - 1
    told = Finding("declared", len(frame), f"read as {kind}")
    return Table(frame, data[0][0] if is_whole else None, findings=(told,))


def _rows(data: Lines, names: Sequence[str]) -> pd.DataFrame:
    rows = []
    for number, line in data:
        if line.startswith("{"):
            raise ValueError(f"line {number} is a sparse row; write all its values")
        quote = "'" if "'" in line and '"' not in line else '"'
        cells = next(csv.reader([line], quotechar=quote, skipinitialspace=True))
        if len(cells) != len(names):
            raise ValueError(f"line {number} has {len(cells)} values, and {len(names)} are declared")
        rows.append([cell.strip() for cell in cells])
    return pd.DataFrame(rows, columns=list(names), dtype=object)


def _points(data: Lines, names: Sequence[str], frequency: str) -> pd.DataFrame:
    if frequency not in _STEPS:
        raise ValueError(f"its frequency {frequency!r} is no minute to an hour")
    frames = []
    for number, line in data:
        parts = [part.strip() for part in line.split(":")]
        if len(parts) != len(names) + 1:
            raise ValueError(
                f"line {number} has {len(parts) - 1} parts before its values, and {len(names)} are declared"
            )
        said: Mapping[str, str] = dict(zip(names, parts, strict=False))
        begins = [(name, start) for name, part in said.items() if (start := _START.fullmatch(part))]
        if len(begins) != 1:
            raise ValueError(f"line {number} does not say when its series begins, as 2024-01-31 00-00-00")
        ((beginning, start),) = begins
        values = [value.strip() for value in parts[-1].split(",")]
        first = pd.Timestamp(f"{start[1]} {start[2]}:{start[3]}:{start[4]}")
        times = pd.date_range(first, periods=len(values), freq=f"{_STEPS[frequency]}min")
        others = {name: part for name, part in said.items() if name != beginning}
        frame = pd.DataFrame({"time": times.strftime("%Y-%m-%d %H:%M:%S"), "value": values}, dtype=object)
        frames.append(frame.assign(**others))
    return pd.concat(frames, ignore_index=True)
