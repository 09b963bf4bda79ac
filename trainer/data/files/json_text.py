"""Text of JSON, one value or one in each line, as the table in it."""

from __future__ import annotations

import json
import re
from typing import Any, Final

import pandas as pd

from trainer.contract import Region
from trainer.data.files.encoding import decoded
from trainer.data.files.json_tables import longest_table
from trainer.data.files.table import Table
from trainer.data.report import Finding
from trainer.errors import DataError

_BEGINS: Final = re.compile(rb'(?:\xef\xbb\xbf)?\s*(?:\{\s*["}]|\[\s*[\[{\]])')
_SHOWN: Final = 60


def is_json(content: bytes) -> bool:
    """Whether it begins as an object or a list of JSON does."""
    return _BEGINS.match(content[:1000]) is not None


def read_json(content: bytes, region: Region, place: str) -> Table:
    """The longest table in it, see `longest_table`; numbers as they are written, rows without line numbers.

    Raises DataError for damaged text, and where nothing in it has a row for each of several times.
    """
    text = decoded(content, region, place)
    found = longest_table(_parsed(text, place))
    if found is None:
        raise DataError(
            f"{place} is JSON without a table of hours, such as an error or a refusal: it begins with "
            f"{text.strip()[:_SHOWN]!r}; see what it says, and give the file itself"
        )
    frame = pd.DataFrame(found.rows, dtype=object)
    frame = frame.where(frame.notna() & (frame != ""), None).dropna(how="all").reset_index(drop=True)
    if not found.path:
        return Table(frame)
    told = Finding("json", len(frame), f"rows read from {found.path!r} of the JSON")
    return Table(frame, findings=(told,))


def _parsed(text: str, place: str) -> Any:
    """One value; those of the lines as a list where each line is one."""
    try:
        return _value(text)
    except json.JSONDecodeError as error:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2:
            raise DataError(f"{place} is damaged JSON: {error}; fetch it again") from error
    try:
        return [_value(line) for line in lines]
    except json.JSONDecodeError as error:
        raise DataError(f"{place} is damaged JSON: {error}; fetch it again") from error


def _value(text: str) -> Any:
    """With numbers as text: what a file says is read as that of a file of text is."""
    return json.loads(text, parse_int=str, parse_float=str, parse_constant=lambda _: None)
