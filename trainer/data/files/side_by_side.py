"""Tables of the same headers beside each other, such as a month each, as one below the other."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Final

import pandas as pd

from trainer.data.files.table import as_in_file

_MOSTLY: Final = 0.9
_NAMELESS: Final = re.compile(r"(?:column|Unnamed:) \d+")


def one_below_the_other(
    frame: pd.DataFrame, titles: Sequence[str] = (), named: Collection[str] = ()
) -> pd.DataFrame:
    """`frame` whose columns are the same headers again and again, between them empty ones or not, with each
    of these once; its rows are those of the first table, then of the second. Where no headers repeat, or a
    cell of the first column is in two tables, it stays as it is, but for headers that repeat: they have the
    `titles` of their columns before them, the cells of the row above, of which one may stand over several; or
    a number behind them where there are none, or the region has `named` one without.
    """
    headers = [as_in_file(str(header)) for header in frame.columns]
    kept = [
        place
        for place, header in enumerate(headers)
        if not (_NAMELESS.fullmatch(header) and frame.iloc[:, place].isna().all())
    ]
    width = _repeated([str(frame.columns[place]) for place in kept])
    if width:
        parts = [frame.iloc[:, kept[first : first + width]] for first in range(0, len(kept), width)]
        parts = [part.set_axis([headers[place] for place in kept[:width]], axis=1) for part in parts]
        parts = [part.dropna(how="all") for part in parts]
        first_cells = [cell for part in parts for cell in part.iloc[:, 0].dropna().unique()]
        if len(set(first_cells)) == len(first_cells):
            return pd.concat(parts, ignore_index=True)
    written = [str(header) for header in frame.columns]
    titled = written if {*written} & {*named} else _titled(written, titles)
    return frame.set_axis(_numbered(titled), axis=1)


def _titled(headers: Sequence[str], titles: Sequence[str]) -> list[str]:
    """Those that repeat with the title over them; as they are where titles do not tell all of them apart."""
    plain = [as_in_file(header) for header in headers]
    title, found = "", []
    for place, (header, base) in enumerate(zip(headers, plain, strict=True)):
        title = (titles[place].strip() if place < len(titles) else "") or title
        found.append(f"{title} {base}" if plain.count(base) > 1 and title else header)
    changed = [each for each, header in zip(found, headers, strict=True) if each != header]
    repeated = sum(plain.count(base) > 1 for base in plain)
    return found if len(set(found)) == len(found) and len(changed) == repeated else list(headers)


def without_marks_of_records(frame: pd.DataFrame) -> pd.DataFrame:
    """`frame` without columns that say in each row what their header does, where another has that header too:
    files that begin each row with the name of its kind do so, which may be that of what is measured.
    """
    headers = [as_in_file(str(header)) for header in frame.columns]
    marks = [
        place
        for place, header in enumerate(headers)
        if headers.count(header) > 1 and (frame.iloc[:, place].astype("str") == header).mean() > _MOSTLY
    ]
    if not marks:
        return frame
    kept = [place for place in range(len(headers)) if place not in marks]
    return frame.iloc[:, kept].set_axis(_numbered([headers[place] for place in kept]), axis=1)


def _repeated(headers: Sequence[str]) -> int:
    """How many of them repeat to the end, numbered or not; 0 where none do, or one alone does."""
    plain = [as_in_file(header) for header in headers]
    for width in range(2, len(headers) // 2 + 1):
        block = list(headers[:width])
        if plain[width] == block[0] and len(set(block)) == width and block * (len(headers) // width) == plain:
            return width
    return 0


def _numbered(headers: Sequence[str]) -> list[str]:
    """All different: `time`, `time.1`."""
    found: list[str] = []
    for header in headers:
        again = sum(as_in_file(before) == header for before in found)
        found.append(f"{header}.{again}" if header in found else header)
    return found
