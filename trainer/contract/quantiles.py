"""The quantiles that a region's forecasts state, in percent, and the names of their columns.

The forecast itself is the median, and `lower` and `upper` are the 10 and the 90 %: these three every forecast
has. The others are optional columns; a forecast by a model of an earlier release has none of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from trainer.contract.errors import ContractError

BAND: Final = (10, 50, 90)
"""What `lower`, `forecast` and `upper` are."""
DEFAULT_QUANTILES: Final[tuple[float, ...]] = (5, 10, 25, 50, 75, 90, 95)
MAX_QUANTILES: Final = 25
_DIGITS: Final = 3
"""Behind the decimal point: finer ones would share a column."""
_COLUMN: Final = re.compile(r"q[0-9]+(\.[0-9]+)?")


def quantile_column(level: float) -> str:
    """The name of a quantile's column: q5 of 5, q97.5 of 97.5 (percent)."""
    return f"q{level:g}"


def quantile_levels(columns: Iterable[str]) -> dict[str, float]:
    """Those of `columns` that are a quantile's, with its level in percent, ascending by level."""
    found = {name: float(name[1:]) for name in columns if _COLUMN.fullmatch(name)}
    return dict(sorted(found.items(), key=lambda column: column[1]))


def stated_quantiles(columns: Iterable[str]) -> dict[str, float]:
    """`quantile_levels` with `lower`, `forecast` and `upper`."""
    names = list(columns)
    of_band = zip(("lower", "forecast", "upper"), BAND, strict=True)
    found = {name: level for name, level in of_band if name in names} | quantile_levels(names)
    return dict(sorted(found.items(), key=lambda column: column[1]))


def beside_band(levels: Iterable[float]) -> tuple[float, ...]:
    """The levels that have a column of their own."""
    return tuple(level for level in levels if level not in BAND)


def parse_quantiles(region: str, values: object) -> tuple[float, ...]:
    """A region's `quantiles`, ascending, each once, those of the band among them. Raises ContractError naming
    the region, what is wrong and what to write."""
    place = f"region {region}: quantiles"
    if not isinstance(values, list | tuple):
        raise ContractError(f"{place} {values!r} is not a list of percentages; write it as [5, 25, 75, 95]")
    for level in values:
        if isinstance(level, bool) or not isinstance(level, int | float) or not 0 < level < 100:
            raise ContractError(f"{place}: {level!r} is no percentage between 0 and 100; write one such as 5")
        if round(level, _DIGITS) != level:
            raise ContractError(f"{place}: {level!r} is too fine; write at most {_DIGITS} decimals")
    levels = tuple(sorted({*values, *BAND}))
    if len(levels) > MAX_QUANTILES:
        raise ContractError(
            f"{place} are {len(levels)}, with 10, 50 and 90, which are always there; "
            f"leave at most {MAX_QUANTILES}"
        )
    return levels
