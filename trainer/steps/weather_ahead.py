"""The weather that a forecast reads, with what was issued of it. A fault of the issues costs these alone."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pandas as pd

from trainer.contract import FileRef, Region
from trainer.data.issued_weather import IssuedWeather
from trainer.errors import DataError
from trainer.model.covariates.issued_errors import with_day_ahead
from trainer.model.covariates.weather_as_issued import with_newest_issue
from trainer.steps.snapshot import read_issues
from trainer.store import Run

log = logging.getLogger(__name__)

_FAULTS: Final = (DataError, KeyError, TypeError, ValueError)
"""Of the issues' file, or of what is in it. A store that cannot be reached is none: another try has them."""


@dataclass(frozen=True)
class FrozenIssues:
    """The weather as it was issued of a run's snapshot."""

    issued: IssuedWeather | None
    files: Mapping[str, FileRef]
    """By name; empty without issues, and where they cannot be read."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """For the manifest: `issued_error` where they cannot be read."""

    @classmethod
    def of(cls, run: Run) -> FrozenIssues:
        """Raises InfrastructureError where the store cannot be reached."""
        try:
            return cls(*read_issues(run))
        except _FAULTS as error:
            return cls(None, {}, _left_out(error))


def weather_ahead(
    history: pd.DataFrame, frozen: FrozenIssues, region: Region, origin: pd.Timestamp
) -> tuple[pd.DataFrame, Mapping[str, Any]]:
    """`history` (hourly, UTC) with the weather of the newest issue from `origin` (UTC) on, and as it was
    issued a day ahead beside all of it; as it is where there are no issues or something is wrong with them.
    And the facts of that, which are those of `frozen`, else `issued_error` alone."""
    if frozen.issued is None:
        return history, frozen.facts
    try:
        beside = with_day_ahead(history, frozen.issued, region, region.main_product)
        return with_newest_issue(beside, frozen.issued, origin, region), frozen.facts
    except _FAULTS as error:
        return history, _left_out(error)


def _left_out(error: Exception) -> dict[str, Any]:
    said = str(error) if isinstance(error, DataError) else repr(error)
    log.warning("the weather as it was issued is left out: %s", said)
    return {"issued_error": said}
