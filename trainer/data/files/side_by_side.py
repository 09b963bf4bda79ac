"""Tables of the same headers beside each other, such as a month each, as one below the other."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Final

import pandas as pd

from trainer.data.files.table import as_in_file
from trainer.data.tables.columns import unit_in
from trainer.data.tables.likely_columns import speaks_of_forecast

_MOSTLY: Final = 0.9
_NAMELESS: Final = re.compile(r"(?:column|Unnamed:) \d+")


def one_below_the_other(
    frame: pd.DataFrame, titles: Sequence[str] = (), named: Collection[str] = ()
) -> pd.DataFrame:
    """`frame` whose columns are the same headers again and again, between them empty ones or not, with each
    of these once; its rows are those of the first table, then of the second.

    It stays as it is where no headers repeat, where a cell of the first column is in two tables beside other
    cells, and where the `titles` over them, the cells of the row above, say different things. Headers that
    repeat then have the titles of their columns before them, of which one may stand over several; or a number
    behind them where there are none, or the region has `named` one without.
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
        over = [
            " ".join(titles[place] for place in kept[first : first + width] if place < len(titles))
            for first in range(0, len(kept), width)
        ]
        rows = None if _differ(over) else _of_one_series(parts)
        if rows is not None:
            return rows
    written = [str(header) for header in frame.columns]
    titled = written if {*written} & {*named} else _titled(written, titles)
    return frame.set_axis(_numbered(titled), axis=1)


def _differ(titles: Sequence[str]) -> bool:
    """Whether the titles over tables name different units, or some of them a forecast."""
    units = {unit for title in titles if (unit := unit_in(title))}
    return len(units) > 1 or len({speaks_of_forecast(title) for title in titles if title.strip()}) > 1


def _of_one_series(parts: Sequence[pd.DataFrame]) -> pd.DataFrame | None:
    """The rows of tables one below the other, those that two of them share, which are few, once; None where
    these are not the same in both, or many."""
    cells = [set(part.iloc[:, 0].dropna()) for part in parts]
    shared = {cell for place, of_part in enumerate(cells) for cell in of_part & set().union(*cells[:place])}
    if not shared:
        return pd.concat(parts, ignore_index=True)
    again = pd.concat([part[part.iloc[:, 0].isin(shared)] for part in parts]).drop_duplicates()
    if len(again) > len(shared) or 2 * len(shared) > min(map(len, cells)):
        return None
    rows = pd.concat(parts, ignore_index=True)
    return rows[~(rows.iloc[:, 0].isin(shared) & rows.duplicated())].reset_index(drop=True)


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
