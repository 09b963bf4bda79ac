"""Issues of weather for the tests: rows as a file has them."""

from __future__ import annotations

import numpy as np
import pandas as pd


def issue_of(issued_at: str | pd.Timestamp, first: str | pd.Timestamp, **weather: object) -> pd.DataFrame:
    """One issue, by consecutive hours (UTC) from `first`; `weather`: a list of figures by name."""
    size = len(np.atleast_1d(next(iter(weather.values()))))
    hours = pd.date_range(pd.Timestamp(first), periods=size, freq="h")
    hours = hours.tz_localize("UTC") if hours.tz is None else hours
    moment = pd.Timestamp(issued_at)
    moment = moment.tz_localize("UTC") if moment.tz is None else moment
    return pd.DataFrame({"issued_at": moment, "time": hours, **weather})


def true_issues(
    history: pd.DataFrame, weather: list[str], *, every: int = 24, hours: int = 72
) -> pd.DataFrame:
    """Issues that come true: one each `every` hours from the first of `history` on, of the next `hours`."""
    parts = []
    for row in range(0, len(history), every):
        part = history[weather].iloc[row : row + hours]
        parts.append(part.rename_axis("time").reset_index().assign(issued_at=history.index[row]))
    return pd.concat(parts, ignore_index=True)[["issued_at", "time", *weather]]
