"""The hours of a source, read as before where the file itself does not say how."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Final

import numpy as np
import pandas as pd

from trainer.contract import Region
from trainer.data.hours import SourceHours, hours_of
from trainer.data.report import Finding
from trainer.data.sources import SourceFrame
from trainer.database.actuals import read_actuals
from trainer.database.connection import connect
from trainer.errors import StampUnknownError, WeatherColumnError

log = logging.getLogger(__name__)

_FEWEST: Final = 24
"""Hours that the file and the table both have, to say anything."""
_AGREEING: Final = 0.9
"""Share of them that is the same; the rest may have been revised."""
_DIFFERING: Final = 0.5
"""Share that the other reading stays below: demand that stands still agrees with both."""


def source_hours(
    raw: SourceFrame, region: Region, *, as_of: datetime, now: datetime, url: str
) -> SourceHours:
    """The hours of a source, as `hours_of` reads them. Where times may be ends of intervals as well as
    beginnings, which a daily file meets by chance when it begins with 01:00, they are what they were when the
    hours stored at `url` were read; where weather of which hours are stored lacks its column, it is unknown,
    and told of: a region whose forecasts go on is stopped by neither. Raises as `hours_of` does,
    StampUnknownError and WeatherColumnError too where stored hours do not say.
    """
    read = partial(hours_of, region=region, as_of=as_of, now=now)
    try:
        return _stamped_as_stored(raw, region, read, url)
    except WeatherColumnError as error:
        with connect(url) as connection:
            known = read_actuals(connection, region.name, weather=region.weather)
        if known[[*region.weather]].isna().all(axis=None):
            raise
        log.warning("%s", error)
    return _stamped_as_stored(raw, region, partial(read, weather_may_lack=True), url)


def _stamped_as_stored(
    raw: SourceFrame, region: Region, read: Callable[[SourceFrame], SourceHours], url: str
) -> SourceHours:
    try:
        return read(raw)
    except StampUnknownError:
        both = {
            stamp: read(replace(raw, files=replace(raw.files, stamp=stamp))) for stamp in ("start", "end")
        }
        span = both["end"].frame.index[0], both["start"].frame.index[-1] + pd.Timedelta(hours=1)
        with connect(url) as connection:
            stored = read_actuals(connection, region.name, *(hour.to_pydatetime() for hour in span))["demand"]
        share = {stamp: _share(stored, hours.frame["demand"]) for stamp, hours in both.items()}
        stamp, other = ("start", "end") if share["start"] >= share["end"] else ("end", "start")
        if share[stamp] < _AGREEING or share[other] >= _DIFFERING:
            raise
    hours = both[stamp]
    spelled = "ends" if stamp == "end" else "beginnings"
    text = (
        f"times read as the {spelled} of their intervals, as the hours stored before agree with; the file "
        f'does not say: stamp = "{stamp}" in the region settles it'
    )
    log.warning("%s", text)
    return replace(hours, findings=(*hours.findings, Finding("stamp_as_stored", len(hours.frame), text)))


def _share(stored: pd.Series[float], demand: pd.Series[float]) -> float:
    """0..1: of the hours that both have how many are the same; 0 where those are too few."""
    both = pd.concat([stored, demand], axis=1, join="inner").dropna().to_numpy()
    return float(np.isclose(both[:, 0], both[:, 1], rtol=1e-6).mean()) if len(both) >= _FEWEST else 0.0
