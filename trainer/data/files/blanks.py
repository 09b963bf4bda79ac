"""Columns that blanks part, as in tables that programs print: one blank, or as many as make them align."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_LOOK: Final = 200
_MOSTLY: Final = 0.9
_SEVERAL: Final = re.compile(r"\s{2,}|\t")
_ONE: Final = re.compile(r"\s+")
_DATE_AND_CLOCK: Final = re.compile(r"(\d[-/.]\d{1,4}) +(\d{1,2}:\d\d)")


def with_blanks_as_tabs(lines: Sequence[str], delimiters: str) -> list[str]:
    """`lines` with a tab for what parts their columns, where that is blanks: where few lines have one of the
    `delimiters`, and most as many columns as the first, two at least. A date and a clock time below one
    header are one. Any other lines as they are.
    """
    first = [line.strip() for line in lines[:_LOOK] if line.strip()]
    if len(first) < 3 or sum(any(sign in line for sign in delimiters) for line in first) > len(first) / 10:
        return list(lines)
    for parts in (_SEVERAL, _ONE):
        for joined in (False, True):
            rows = [parts.split(_joined(line) if joined else line) for line in first]
            width = len(rows[0])
            if width > 1 and sum(len(row) == width for row in rows) > _MOSTLY * len(rows):
                return [
                    "\t".join(parts.split(_joined(line.strip()) if joined else line.strip()))
                    for line in lines
                ]
    return list(lines)


def _joined(line: str) -> str:
    return _DATE_AND_CLOCK.sub(r"\1T\2", line)
