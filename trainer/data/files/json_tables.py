"""Values of JSON -> the rows in them: lists of objects or of lists, columns side by side, tables by key."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from trainer.data.files.json_columns import is_column, is_text_of_time, name_of, rows_side_by_side

Row = dict[str, Any]
_UNIT: Final = re.compile(r"unit|uom", re.IGNORECASE)
_CLOCK: Final = re.compile(r"time_?zone|(?<![^\W_])tz(?![^\W_])", re.IGNORECASE)
_HEADERS: Final = ("columns", "fields", "headers", "header", "names", "keys", "dimensions")
"""Keys beside a list of lists that name what stands in these."""
_FEWEST: Final = 2
_SMALL: Final = 20
"""Keys of an object that says something about a table."""
_VALUES_OF_A_DAY: Final = frozenset((23, 24, 25, 46, 48, 50, 92, 96, 100))


@dataclass(frozen=True)
class JsonTable:
    """The rows of one place in a value."""

    rows: list[Row]
    path: str
    """Keys that lead there, such as `response.data`; empty for the whole value."""
    above: tuple[str, ...] = ()
    """What is said about it of units and clocks, as lines above a table of text would say it."""


def tables_in(value: Any) -> list[JsonTable]:
    """The tables in `value`, of two rows at least, the outer ones first, of

    - a list of objects, whose own objects are flattened: `{"v": {"load": 1}}` is a column `load`, or `v.load`
      where there are several; a list of the values of a day in each is a column for each of its hours;
    - the same with a list of rows in each object, as one series after the other beside what is said of it;
    - a list of lists, with the names that stand beside it; `time` and `value` for pairs that begin with one;
    - columns side by side: `{"time": [...], "load": [...]}`, those with names of their own too;
    - objects by key: `{"load": {"2024-01-01T00:00": 1}}`, or a row for each time.

    Raises DataError for columns side by side of which some are a little shorter than their times.
    """
    found = [table for table in _tables(value, "", ()) if len(table.rows) >= _FEWEST]
    return [replace(table, rows=_shortened(table.rows)) for table in found]


def _tables(value: Any, path: str, above: tuple[str, ...]) -> Iterator[JsonTable]:
    """All that are in `value`, about which `above` is said."""
    if isinstance(value, list):
        yield from _of_list(value, {}, path)
        for item in value[:1]:  # what lies deeper is alike in all, and is read with them
            if isinstance(item, list):
                yield from _tables(item, path, above)
    elif isinstance(value, dict):
        yield from _of_object(value, path, (*above, *_lines_of(value)))


def _of_object(value: Mapping[str, Any], path: str, above: tuple[str, ...]) -> Iterator[JsonTable]:
    """The table that an object is by its keys, and those that it holds."""
    if rows := _rows_by_key(value) or rows_side_by_side(value):
        yield JsonTable(rows, path, above)
    for key, item in value.items():
        inner = f"{path}.{key}" if path else str(key)
        if isinstance(item, list):
            for table in _of_list(item, value, inner):
                beside = _said_of_all(value, table.rows)
                yield JsonTable([{**beside, **row} for row in table.rows], table.path, above)
        elif isinstance(item, dict):
            yield from _tables(item, inner, above)


def _lines_of(value: Mapping[str, Any]) -> Iterator[str]:
    """What an object says of units and clocks, itself or in small objects about its tables."""
    small = {key: cell for key, cell in value.items() if not isinstance(cell, dict) or len(cell) <= _SMALL}
    for key, cell in _flat(small).items():
        if isinstance(cell, str) and (_UNIT.search(key) or _CLOCK.search(key)):
            yield f"{'time zone' if _CLOCK.search(key) else key}: {cell}"


def _of_list(items: Sequence[Any], beside: Mapping[str, Any], path: str) -> Iterator[JsonTable]:
    """The table that a list is, or those that its objects hold, by the keys that lead to them."""
    objects = [item for item in items if isinstance(item, dict)]
    lists = [dict(_inner(item)) for item in objects]
    keys = dict.fromkeys(key for of_item in lists for key, rows in of_item.items() if rows)
    for key in keys if len(objects) == len(items) else ():
        rows = []
        for item, of_item in zip(objects, lists, strict=True):
            said = _beside(item, key)
            rows += [{**said, **row} for row in of_item.get(key, [])]
        yield JsonTable(rows, f"{path}.{key}" if path else key)
    if not keys and (rows := _rows_of_list(items, beside)):
        yield JsonTable(rows, path)


def _said_of_all(beside: Mapping[str, Any], rows: Sequence[Row]) -> Row:
    """What an object says of all `rows` in it: their unit, and their day where none of them has a time."""
    said = {key: cell for key, cell in beside.items() if isinstance(cell, str)}
    units = {key: cell for key, cell in said.items() if _UNIT.search(key)}
    if any(is_text_of_time(cell) for cell in rows[0].values()):
        return units
    return {**units, **{key: cell for key, cell in said.items() if is_text_of_time(cell)}}


def _rows_of_list(items: Sequence[Any], beside: Mapping[str, Any]) -> list[Row]:
    """Of a list; none where it is no table. `beside`: the object that has it, which may name its columns."""
    if not items:
        return []
    if all(isinstance(item, dict) for item in items):
        return [row for item in items for row in _rows_of_object(item)]
    if not all(isinstance(item, list) for item in items):
        return []
    width = max(map(len, items))
    if width < _FEWEST or any(isinstance(cell, list | dict) for item in items for cell in item):
        return []
    names = _headers_beside(beside, width)
    if names is None and all(is_text_of_time(item[0]) for item in items if item):
        names = ["time", "value"] if width == _FEWEST else ["time", *_numbered(1, width)]
    names = names or _numbered(0, width)
    return [dict(zip(names, item, strict=False)) for item in items]


def _rows_of_object(item: Mapping[str, Any]) -> list[Row]:
    """One row, or, where it holds lists of rows, the longest beside what else it says."""
    key, longest = max(_inner(item), key=lambda each: len(each[1]), default=("", []))
    if not longest:
        return [_with_values(item)]
    said = _beside(item, key)
    return [{**said, **row} for row in longest]


def _inner(item: Mapping[str, Any]) -> list[tuple[str, list[Row]]]:
    """The lists of rows in an object, by the keys that lead to them."""
    return [(key, rows) for key, value, owner in _lists(item) if (rows := _rows_of_list(value, owner))]


def _beside(item: Mapping[str, Any], key: str) -> Row:
    """What an object says beside the rows at `key`."""
    return {name: cell for name, cell in _flat(item).items() if not name.startswith(f"{key}.")}


def _with_values(item: Mapping[str, Any]) -> Row:
    """An object as a row; its only list, where that is of a day's values, as a column for each."""
    days = [value for _, value, _ in _lists(item) if is_column(value) and len(value) in _VALUES_OF_A_DAY]
    numbered = {str(place): cell for place, cell in enumerate(days[0], start=1)} if len(days) == 1 else {}
    return {**_flat(item), **numbered}


def _lists(item: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, list[Any], Mapping[str, Any]]]:
    """Its lists, those of its objects too, with the object that has each."""
    for key, value in item.items():
        name = f"{path}.{key}" if path else str(key)
        if isinstance(value, list):
            yield name, value, item
        elif isinstance(value, dict):
            yield from _lists(value, name)


def _flat(item: Mapping[str, Any], path: str = "") -> Row:
    """What it says without lists, by the keys that lead there."""
    found: Row = {}
    for key, value in item.items():
        name = f"{path}.{key}" if path else str(key)
        if isinstance(value, dict):
            found |= _flat(value, name)
        elif not isinstance(value, list):
            found[name] = value
    return found


def _headers_beside(beside: Mapping[str, Any], width: int) -> list[str] | None:
    for key in _HEADERS:
        names = beside.get(key)
        if isinstance(names, list) and len(names) == width:
            said = [name_of(name) if isinstance(name, dict) else name for name in names]
            if all(isinstance(name, str) for name in said) and len(set(said)) == width:
                return [str(name) for name in said]
    return None


def _rows_by_key(value: Mapping[str, Any]) -> list[Row]:
    """Of objects by key: a row for each time, or a column for each key; none where keys are neither."""
    if len(value) >= _FEWEST and all(map(is_text_of_time, value)):
        rows = [_with_values(item if isinstance(item, dict) else {"value": item}) for item in value.values()]
        return [{"time": key, **row} for key, row in zip(value, rows, strict=True)]
    columns = {key: item for key, item in value.items() if isinstance(item, dict) and len(item) >= _FEWEST}
    keys = next((list(item) for item in columns.values()), [])
    if not keys or any(
        list(item) != keys or any(isinstance(cell, list | dict) for cell in item.values())
        for item in columns.values()
    ):
        return []
    if all(map(is_text_of_time, keys)):
        return [{"time": key, **{name: item[key] for name, item in columns.items()}} for key in keys]
    if keys == [str(number) for number in range(len(keys))]:
        return [{name: item[key] for name, item in columns.items()} for key in keys]
    return []


def _numbered(first: int, width: int) -> list[str]:
    return [f"column {place + 1}" for place in range(first, width)]


def _shortened(rows: Sequence[Row]) -> list[Row]:
    """With the last key as a header where no other column has it."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    last = [name.rsplit(".", 1)[-1] for name in names]
    short = {
        name: end if end and last.count(end) == 1 else name for name, end in zip(names, last, strict=True)
    }
    return [{short[name]: cell for name, cell in row.items()} for row in rows]
