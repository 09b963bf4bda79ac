"""Which quantiles of a forecast's hours a caller asks for, and what an hour has of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from fastapi import Query

_LEVEL: Final = r"([1-9][0-9]?(\.[0-9]{1,3})?|0\.0{0,2}[1-9][0-9]{0,2})"
LEVELS_PATTERN: Final = rf"^(all|{_LEVEL}(,{_LEVEL}){{0,24}})$"
LEVELS_DESCRIPTION: Final = (
    "`all`, or levels in percent such as `5,95`: each hour then has `quantiles` (as CSV a column each, "
    "`q5_mw`). A level that an hour's forecast does not have is null there, not an error: the hours of an "
    "answer may come from models with other levels, or from a baseline that has none"
)
Quantiles = Annotated[
    str | None, Query(pattern=LEVELS_PATTERN, description=LEVELS_DESCRIPTION, examples=["5,95"])
]


def levels_of(asked: str | None, hours: Sequence[Mapping[str, float]]) -> list[str] | None:
    """The levels that the answer tells of each hour, as asked or, where all are, those that any of `hours`
    (see `known_quantiles`) has, ascending; None where nobody asked."""
    if asked is None:
        return None
    if asked == "all":
        return sorted({level for hour in hours for level in hour}, key=float)
    return list(dict.fromkeys(f"{float(level):g}" for level in asked.split(",")))


def known_quantiles(row: Mapping[str, Any]) -> dict[str, float]:
    """MW by level in percent, of a row of `predictions` with its band among them."""
    band = {"10": row["lower_mw"], "50": row["forecast_mw"], "90": row["upper_mw"]}
    return {level: value for level, value in (band | (row["quantiles"] or {})).items() if value is not None}
