"""Weather forecasts with their time of issue: what was known of the weather at any moment of the past."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import pandas as pd

ISSUED_AT: Final = "issued_at"
TIME: Final = "time"
_KEY: Final = [ISSUED_AT, TIME]
_LONGEST_STEP: Final = 7
"""Hours between two values of an issue that a line is drawn between: as over holes of measured weather."""


@dataclass(frozen=True)
class IssuedWeather:
    """The issues of one region."""

    rows: pd.DataFrame
    """Columns `issued_at` and `time` (UTC, whole hours), and weather, that of single places too; each pair of
    the two once, in order of `issued_at`. A figure that an issue lacks is that of the newest issue before it
    that has one for the hour, NaN where none has."""

    @classmethod
    def of(cls, rows: pd.DataFrame) -> Self:
        """From rows in any order, of which the last wins where several are of one issue and time. Rows within
        an hour are averaged; between two values of an issue at most 7 hours apart, such as those of a model
        with steps of three or six hours, lies a line.
        """
        rows = rows.astype(dict.fromkeys(_KEY, "datetime64[us, UTC]"))
        rows = rows.drop_duplicates(_KEY, keep="last")
        hours = rows[TIME].dt.floor("h")
        if not hours.equals(rows[TIME]):
            rows = rows.assign(**{TIME: hours}).groupby(_KEY, as_index=False).mean()
        rows = _with_lines(rows.sort_values(_KEY, ignore_index=True))
        weather = [name for name in rows.columns if name not in _KEY]
        if rows[weather].isna().any(axis=None):
            rows[weather] = rows.groupby(TIME, sort=False)[weather].ffill()
        return cls(rows)

    @property
    def weather(self) -> list[str]:
        return [name for name in self.rows.columns if name not in _KEY]

    @property
    def issues(self) -> pd.DatetimeIndex:
        """When they were issued, each once, ascending."""
        return pd.DatetimeIndex(self.rows[ISSUED_AT].unique())

    def last_hour(self, origin: pd.Timestamp) -> pd.Timestamp | None:
        """The latest hour that any issue up to `origin` (UTC) speaks of; None without such an issue."""
        hours = self.rows[TIME].iloc[: self.rows[ISSUED_AT].searchsorted(origin, side="right")]
        return hours.max() if len(hours) else None

    def known_at(self, hours: pd.DatetimeIndex, origins: pd.Timestamp | pd.DatetimeIndex) -> pd.DataFrame:
        """The weather of each of `hours` (UTC) as it was known at its origin: by the newest issue of which
        `issued_at` is not after that. Indexed by `hours`; `issued_at` and weather, NaT and NaN where no issue
        up to the origin speaks of the hour.

        `origins` (UTC): one of each hour, or one for all.
        """
        asked = pd.DataFrame({TIME: hours, "origin": origins}).astype("datetime64[us, UTC]")
        asked["place"] = np.arange(len(asked))
        of_hours = self.rows[self.rows[TIME].isin(asked[TIME])]
        found = pd.merge_asof(
            asked.sort_values("origin", kind="stable"),
            of_hours,
            left_on="origin",
            right_on=ISSUED_AT,
            by=TIME,
        )
        found = found.sort_values("place").set_axis(hours, axis=0)
        return found[[ISSUED_AT, *self.weather]]


def _with_lines(rows: pd.DataFrame) -> pd.DataFrame:
    """`rows` (in order, of whole hours) with those of the hours between two of one issue, on the line between
    them."""
    hour = rows[TIME].dt.tz_localize(None).to_numpy("datetime64[h]").astype(np.int64)
    same_issue = rows[ISSUED_AT].eq(rows[ISSUED_AT].shift(-1)).to_numpy()
    step = np.where(same_issue, np.append(np.diff(hour), 1), 1)
    step = np.where(step <= _LONGEST_STEP, step, 1)
    if (step == 1).all():
        return rows
    place = np.repeat(np.arange(len(rows)), step)
    past = np.arange(len(place)) - np.repeat(np.cumsum(step) - step, step)  # hours since that row
    share = (past / step[place])[:, None]
    values = rows.drop(columns=_KEY)
    here, there = values.to_numpy()[place], np.roll(values.to_numpy(), -1, axis=0)[place]
    lines = np.where(share == 0, here, here + share * (there - here))
    found = rows[_KEY].take(place).reset_index(drop=True)
    found[TIME] += pd.to_timedelta(past, unit="h").as_unit("us")
    return found.join(pd.DataFrame(lines, columns=values.columns))
