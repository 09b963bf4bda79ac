"""What a reader of files gives back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from trainer.data.report import Finding

_COPY: Final = re.compile(r"\.\d+$")


def headers_of(row: Sequence[str], below: Sequence[object]) -> list[str]:
    """A name for each column: where the row of headers has none, that of the row below it, else its place."""
    return [
        header.strip() or (str(cell).strip() if _is_name(cell) else f"column {place}")
        for place, (header, cell) in enumerate(zip(row, below, strict=True), start=1)
    ]


def as_in_file(header: str) -> str:
    """Without what pandas puts behind a header that is there already: `load.1` was `load`."""
    return _COPY.sub("", header)


def _is_name(cell: object) -> bool:
    return isinstance(cell, str) and cell.strip() != "" and not any(sign.isdigit() for sign in cell)


@dataclass(frozen=True)
class Table:
    """The table in a file, with its own headers."""

    frame: pd.DataFrame
    """Labelled from 0."""
    first_line: int | None = None
    """In the file, of the row with label 0; None where rows have no line numbers."""
    above: tuple[str, ...] = ()
    """The lines above the header, empty ones left out."""
    findings: tuple[Finding, ...] = ()
    """What was left out."""
    is_across: bool = False
    """In the file a column was a day, and a row an hour of all days."""
    others: tuple[tuple[str, Table], ...] = ()
    """Tables of other headers that say demand too, and what each is called for people."""
    question: str | None = None
    """What is to be asked if these say demand of the same hours."""
    lines_of_hours: tuple[int, ...] = ()
    """In the file, of the hours of such a table; none where it has no line numbers."""
