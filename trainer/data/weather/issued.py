"""Weather forecasts with their time of issue: what was known of the weather at any moment of the past."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from trainer.contract import MAX_ISSUE_DAYS
from trainer.errors import DataError, DemandForecastError

log = logging.getLogger(__name__)

ISSUED_AT: Final = "issued_at"
TIME: Final = "time"
_KEY: Final = [ISSUED_AT, TIME]
_LONGEST_STEP: Final = 7
"""Hours between two values of an issue that a line is drawn between: as over holes of measured weather."""
_FARTHEST: Final = pd.Timedelta(days=MAX_ISSUE_DAYS)
ISSUE_FAULTS: Final = (DataError, KeyError, TypeError, ValueError)
"""Of a file of issues, or of what is in it. A store that cannot be reached is none: another try has them."""


@dataclass(frozen=True)
class IssuedWeather:
    """The issues of one region."""

    rows: pd.DataFrame
    """Columns `issued_at` and `time` (UTC, whole hours), and weather, that of single places too; each pair of
    the two once, in order of `issued_at`. A figure that an issue lacks is that of the newest issue before it
    that has one for the hour, NaN where none has."""

    @classmethod
    def of(cls, rows: pd.DataFrame) -> Self:
        """From rows in any order. Of several of one issue and time the last figure of each column wins. Rows
        within an hour are averaged; between two values of a column and issue at most 7 hours apart, such as
        those of a model with steps of three or six hours, lies a line. Hours more than 30 days after their
        issue are left out: no weather model reaches so far.
        """
        rows = rows.astype(dict.fromkeys(_KEY, "datetime64[us, UTC]"))
        rows = rows[rows[TIME] - rows[ISSUED_AT] <= _FARTHEST]
        if rows.duplicated(_KEY).any():
            rows = rows.groupby(_KEY, as_index=False, sort=False).last()
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
        rows = self.rows
        if isinstance(origins, pd.Timestamp):  # no other issue speaks of what is ahead of it
            first = rows[ISSUED_AT].searchsorted(asked[TIME].min() - _FARTHEST)
            rows = rows.iloc[first : rows[ISSUED_AT].searchsorted(origins, side="right")]
        of_hours = rows[rows[TIME].isin(asked[TIME])]
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
    """`rows` (in order, of whole hours) with those of the hours between two of one issue, each column on the
    line between its own values before and after."""
    issue = rows.groupby(ISSUED_AT).ngroup().to_numpy().astype(np.int64)
    hour = rows[TIME].dt.tz_localize(None).to_numpy("datetime64[h]").astype(np.int64)
    step = np.where(issue == np.append(issue[1:], -1), np.append(np.diff(hour), 1), 1)
    step = np.where(step <= _LONGEST_STEP, step, 1)
    weather = rows.drop(columns=_KEY)
    if (step == 1).all() and not weather.isna().any(axis=None):
        return rows
    place = np.repeat(np.arange(len(rows)), step)
    past = np.arange(len(place)) - np.repeat(np.cumsum(step) - step, step)  # hours since that row
    values = np.where(past[:, None] == 0, weather.to_numpy(dtype=np.float64)[place], np.nan)
    for column in values.T:
        _draw_lines(column, hour[place] + past, issue[place])
    found = rows[_KEY].take(place).reset_index(drop=True)
    found[TIME] += pd.to_timedelta(past, unit="h").as_unit("us")
    return found.join(pd.DataFrame(values, columns=weather.columns))


def _draw_lines(
    values: npt.NDArray[np.float64], hour: npt.NDArray[np.int64], issue: npt.NDArray[np.int64]
) -> None:
    """Fills the NaN of `values` (rows,) between two figures of one issue at most 7 hours apart, in place."""
    known, count = np.isfinite(values), len(values)
    number = np.arange(count)
    before = np.maximum.accumulate(np.where(known, number, -1))
    after = np.minimum.accumulate(np.where(known, number, count)[::-1])[::-1]
    between = np.flatnonzero(~known & (before >= 0) & (after < count))
    left, right = before[between], after[between]
    near = (issue[left] == issue[right]) & (hour[right] - hour[left] <= _LONGEST_STEP)
    between, left, right = between[near], left[near], right[near]
    share = (hour[between] - hour[left]) / (hour[right] - hour[left])
    values[between] = values[left] + share * (values[right] - values[left])


def why_left_out(error: Exception) -> str:
    """For the manifest, what is wrong with the issues; the log is warned that the step goes on without."""
    why = str(error) if isinstance(error, DemandForecastError) else repr(error)
    log.warning("the weather as it was issued is left out: %s", why)
    return why
