"""Figures that many answers hold. Units are in the names; `null` where one is not known, never NaN."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

Fallback = Literal["none", "weatherless", "previous", "baseline"]

FallbackFrom = Annotated[
    int | None,
    Field(description="the lead time, in hours, of the first hour that the fallback made; null without one"),
]

Megawatts = Annotated[float, Field(allow_inf_nan=False, examples=[64210.5])]

QuantilesOfHour = Annotated[
    dict[str, Megawatts | None] | None,
    Field(
        description="MW by level in percent, where `quantiles` asks for them; null for a level that the "
        "hour's forecast does not have",
        examples=[{"5": 62890.0, "95": 65610.5}],
        exclude_if=lambda found: found is None,
    ),
]

Percent = Annotated[float | None, Field(description="null where demand is zero or below at one of the hours")]
