"""The faults of metering and of weather that the replay brings, each with what is to be said of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final

import numpy as np
import pandas as pd

Values = Callable[["pd.Series[float]"], object]


class Where(Enum):
    METER = "meter"
    """What came in is not what was consumed."""
    DEMAND = "demand"
    """What was consumed is another than it would have been, and the meter is right."""
    AHEAD = "weather ahead"
    """The last hours of the day's weather forecast are not there when the forecast is made."""
    HISTORY = "weather history"
    """Weather of the two weeks before the first day that nobody has."""
    MODELS = "models"
    """As many published versions as hours are named, the newest first, are damaged for a day."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """`hours`: how long it lasts at least and at most. `days`: that the schedule sets apart for it."""

    name: str
    where: Where
    hours: tuple[int, int]
    days: int = 3
    values: Values | None = None
    """The demand of its hours in MW to what stands there instead."""
    verdict: str
    """What becomes of its hours, for the page in docs/."""
    told: str | None = None
    """What the manifests of its days say."""
    alert: str | None = None
    """The title of the alert that goes out on one of its days."""
    fallback: str = "none"
    """The mark of the forecasts made on the day that it lasts."""


_DOUBT: Final = "demand of the last days is in doubt"
_UNIT: Final = "about a thousand times off: kW?"

FAULTS: Final = (
    Fault(
        name="gap",
        where=Where.METER,
        hours=(20, 40),
        verdict="missing, left out",
        values=lambda _: np.nan,
        told="hours without demand, neither trained on nor scored",
        alert=_DOUBT,
    ),
    Fault(
        name="flat line",
        where=Where.METER,
        hours=(8, 24),
        verdict="suspect, masked",
        values=lambda demand: demand.iloc[0],
        told="flat line: is a meter stuck?",
        alert=_DOUBT,
    ),
    Fault(
        name="zeros",
        where=Where.METER,
        hours=(3, 12),
        verdict="suspect, masked",
        values=lambda _: 0.0,
        told="zero or negative, which this series never is",
        alert=_DOUBT,
    ),
    Fault(
        name="negative values",
        where=Where.METER,
        hours=(1, 6),
        verdict="suspect, masked",
        values=lambda demand: -demand,
        told="zero or negative, which this series never is",
        alert=_DOUBT,
    ),
    Fault(
        name="absurd spike",
        where=Where.METER,
        hours=(1, 3),
        verdict="suspect, masked",
        values=lambda demand: 3 * demand,
        told="spike: far outside of what is usual at that hour",
        alert=_DOUBT,
    ),
    Fault(
        name="unit x1000",
        where=Where.METER,
        hours=(12, 40),
        verdict='suspect, "kW?"',
        values=lambda demand: 1000 * demand,
        told=_UNIT,
        alert=_DOUBT,
    ),
    Fault(
        name="unit x0.001",
        where=Where.METER,
        hours=(12, 40),
        verdict='suspect, "kW?"',
        values=lambda demand: demand / 1000,
        told=_UNIT,
        alert=_DOUBT,
    ),
    Fault(
        name="weather that ends before the horizon",
        where=Where.AHEAD,
        hours=(4, 20),
        verdict="carried on by its last known anomaly",
        days=2,
        told="weather_carried_on {'temperature'",
    ),
    Fault(
        name="no weather for the target day",
        where=Where.AHEAD,
        hours=(24, 24),
        verdict="reported",
        days=2,
        told="which is missing for 24 of the 24 hours",
        alert="the forecast is a fallback (weatherless)",
        fallback="weatherless",
    ),
    Fault(
        name="the champion's files damaged",
        where=Where.MODELS,
        hours=(1, 1),
        verdict="told of",
        days=2,
        told="does not fit its checksum",
        alert="the forecast is a fallback (previous)",
        fallback="previous",
    ),
    Fault(
        name="the previous champion's damaged too",
        where=Where.MODELS,
        hours=(2, 2),
        verdict="told of",
        days=2,
        told="does not fit its checksum",
        alert="the forecast is a fallback (baseline)",
        fallback="baseline",
    ),
    Fault(
        name="level shift of -20 % for eight days",
        where=Where.DEMAND,
        hours=(192, 192),
        verdict="measured",
        days=14,
        values=lambda demand: 0.8 * demand,
    ),
)
"""In any order, each on its days."""

LEVEL_JUMP: Final = Fault(
    name="level jump to 35 %, for ever",
    where=Where.DEMAND,
    hours=(24 * 17, 24 * 17),
    verdict="suspect until it has held for 7 days",
    days=17,
    values=lambda demand: 0.35 * demand,
    told="level jump: accepted once it has held for 7 days",
    alert=_DOUBT,
)
"""The last days of the replay, since nothing is as before it."""

WEATHER_HOLE: Final = Fault(
    name="weather missing in history",
    where=Where.HISTORY,
    hours=(60, 120),
    verdict="reported, left out",
    days=14,
    told="hours without temperature, left out of what needs it",
)
"""Before the first day, and looked back on for two weeks."""
