"""Every error a user can meet, under one base; each says what, where and how to mend it."""

from __future__ import annotations

from trainer.contract import ExitCode


class DemandForecastError(Exception):
    """A fault with a known cause. `exit_code` is what the command line ends with."""

    exit_code = ExitCode.INFRASTRUCTURE


class UsageError(DemandForecastError):
    """The request itself is wrong: an unknown region, a value out of range, a missing option."""

    exit_code = ExitCode.USAGE


class DataError(DemandForecastError):
    """The data cannot be used as it is; the message names the column, the row or the hours."""

    exit_code = ExitCode.DATA


class StampUnknownError(DataError):
    """Times of a file may be the beginnings of their intervals or the ends; nothing in it tells which."""


class WeatherColumnError(DataError):
    """A source lacks the column of a weather that its region's forecasts read; its demand can be read."""


class WeatherUnknownError(DataError):
    """A model that reads weather cannot forecast hours of which none is known; its weatherless twin can."""


class ArtifactError(DataError):
    """A model's files are missing, damaged, or of a schema this code does not know."""


class NoModelError(UsageError):
    """The region has no trained model yet."""

    def __init__(self, region: str) -> None:
        super().__init__(
            f"region {region} has no model yet; train one first: "
            f"python -m trainer train --csv data.csv --region {region}"
        )


class InfrastructureError(DemandForecastError):
    """A server or the disk refused; the same run can be started again once it is back."""


class DatabaseError(InfrastructureError):
    """PostgreSQL cannot be reached, went away, or lacks this version's tables."""
