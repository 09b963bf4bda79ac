"""Columns side by side in a value of JSON, `{"time": [...], "load": [...]}`, as rows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from trainer.errors import DataError

_FEWEST: Final = 2
_FEWEST_TIMES: Final = 24
_TIME: Final = re.compile(
    r"(?:19|20)\d\d[-/.]?\d\d[-/.]?\d\d(?:[T ]?\d\d(?::?\d\d.*)?Z?)?"
    r"|\d{9,10}(?:\.\d+)?|\d{12,13}|\d{15,16}|\d{18,19}"
)
"""A day, a time or a count since 1970."""
_NAMES: Final = ("name", "label", "title", "id", "key", "field", "code", "type")
"""Keys that name a column, or a list of values."""


def rows_side_by_side(value: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Of lists of one length, their keys or names as headers; none where there are not two of them.

    Raises DataError where some are a little shorter than their times.
    """
    columns = {str(key): item for key, item in value.items() if is_column(item)}
    for items in value.values():
        for item in items if isinstance(items, list) else ():
            name = name_of(item) if isinstance(item, dict) else None
            own = [each for each in item.values() if is_column(each)] if name else []
            if name and len(own) == 1:
                columns.setdefault(name, own[0])
    lengths = [len(cells) for cells in columns.values()]
    longest = max(lengths, default=0)
    _refuse_uneven(columns, longest)
    if lengths.count(longest) < _FEWEST or longest < _FEWEST:
        return []
    kept = {name: cells for name, cells in columns.items() if len(cells) == longest}
    return [dict(zip(kept, cells, strict=True)) for cells in zip(*kept.values(), strict=True)]


def _refuse_uneven(columns: Mapping[str, Sequence[Any]], longest: int) -> None:
    """Raises DataError for columns of which it cannot be told which times their values are of."""
    times = [n for n, cells in columns.items() if len(cells) == longest and is_text_of_time(cells[0])]
    short = [name for name, cells in columns.items() if longest / 2 < len(cells) < longest]
    if times and short and longest >= _FEWEST_TIMES:
        count = len(columns[short[0]])
        raise DataError(
            f"{times[0]!r} has {longest:,} values and {short[0]!r} beside it {count:,}: it is unclear which "
            "it lacks; give null where nothing is known"
        )


def is_column(item: Any) -> bool:
    return isinstance(item, list) and len(item) > 0 and not any(isinstance(c, list | dict) for c in item)


def name_of(item: Mapping[str, Any]) -> str | None:
    found = next((item[key] for key in _NAMES if isinstance(item.get(key), str) and item[key]), None)
    return found if isinstance(found, str) else None


def is_text_of_time(cell: Any) -> bool:
    return isinstance(cell, str) and _TIME.fullmatch(cell) is not None
