"""Where two results differ, to the last digit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def differences(first: Any, second: Any) -> list[str]:
    """One line for each place in two JSON values that are not the same there, in the order of the first."""
    return list(_between(first, second, ""))


def _between(first: Any, second: Any, place: str) -> Iterator[str]:
    if isinstance(first, Mapping) and isinstance(second, Mapping):
        for key in (*first, *(key for key in second if key not in first)):
            yield from _held(first, second, key, f"{place}.{key}" if place else str(key))
    elif isinstance(first, list) and isinstance(second, list):
        if len(first) != len(second):
            yield f"{place}: {len(first)} and {len(second)} entries"
        for number, (one, other) in enumerate(zip(first, second, strict=False)):
            yield from _between(one, other, f"{place}[{number}]")
    elif first != second:
        yield f"{place}: {first!r} and {second!r}"


def _held(first: Mapping[str, Any], second: Mapping[str, Any], key: str, place: str) -> Iterator[str]:
    if key not in first or key not in second:
        yield f"{place}: only in the {'second' if key not in first else 'first'}"
    else:
        yield from _between(first[key], second[key], place)
