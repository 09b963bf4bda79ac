"""The weather that a forecast reads, with what was issued of it. A fault of the issues costs these alone."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from trainer.contract import MAX_ISSUE_AGE_HOURS, FileRef, Region
from trainer.data.weather.issued import ISSUE_FAULTS, ISSUED_AT, IssuedWeather, why_left_out
from trainer.model.covariates.issued_errors import with_issues
from trainer.steps.snapshot import read_issues
from trainer.store import Run

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class FrozenIssues:
    """The weather as it was issued that goes with a history."""

    issued: IssuedWeather | None
    files: Mapping[str, FileRef]
    """Of a snapshot those that hold it, by name; empty without issues, and where they cannot be read."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """For the manifest: `issued_error` where they cannot be read."""

    @classmethod
    def of(cls, run: Run) -> FrozenIssues:
        """Raises InfrastructureError where the store cannot be reached."""
        try:
            return cls(*read_issues(run))
        except ISSUE_FAULTS as error:
            return cls(None, {}, {"issued_error": why_left_out(error)})


def weather_ahead(
    history: pd.DataFrame,
    frozen: FrozenIssues,
    region: Region,
    origin: pd.Timestamp,
    hours: pd.DatetimeIndex,
) -> tuple[pd.DataFrame, Mapping[str, Any]]:
    """`history` (hourly, UTC) with the weather of the newest issue from `origin` (UTC) on, and as it was
    issued a day ahead beside all of it; as it is where there are no issues or something is wrong with them.

    And the facts of that: issued_age_hours, from the newest issue up to the origin (None without one),
    issued_covered, the share (0..1) of `hours`, those to forecast, of which an issue of the last 36 h speaks;
    or issued_error alone, why the issues were left out. None where the region has no issues."""
    if frozen.issued is None:
        return history, frozen.facts
    try:
        seen = with_issues(history, frozen.issued, region, origin)
        return seen, _told_of(frozen.issued, region, origin, hours)
    except ISSUE_FAULTS as error:
        return history, {"issued_error": why_left_out(error)}


def _told_of(
    issued: IssuedWeather, region: Region, origin: pd.Timestamp, hours: pd.DatetimeIndex
) -> dict[str, Any]:
    """A warning where no issue came in the last 36 h."""
    oldest = origin - pd.Timedelta(hours=MAX_ISSUE_AGE_HOURS)
    known = issued.known_at(hours, origin)
    told = known.reindex(columns=[*region.weather]).notna().all(axis=1) & (known[ISSUED_AT] >= oldest)
    before = issued.issues[issued.issues <= origin]
    newest = before[-1] if len(before) else None
    if newest is not None and newest < oldest:
        log.warning(
            "the newest weather as it was issued is of %s, more than %d h before the forecast: it counts "
            "only where the source has none; is it late?",
            newest.isoformat(),
            MAX_ISSUE_AGE_HOURS,
        )
    age = None if newest is None else round((origin - newest) / pd.Timedelta(hours=1), 1)
    return {"issued_age_hours": age, "issued_covered": round(float(told.mean()), 3)}
