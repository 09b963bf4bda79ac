"""Moments and days as requests give them: ISO 8601, the region's local time unless they carry an offset."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator

from trainer.contract import FIRST_YEAR, LAST_YEAR, Region
from trainer.contract.local_days import midnight


def _moment(value: Any) -> Any:
    # Without this pydantic would take a bare number for seconds since 1970.
    if not isinstance(value, str):
        return value if isinstance(value, datetime) else _refuse("is no ISO 8601 moment")
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(
            "is no ISO 8601 moment: write 2023-10-31T00:00 for local time, 2023-10-30T15:00Z, or "
            "2023-10-31T00:00%2B09:00, since a plain '+' in a URL means a space"
        ) from None


def _day(value: Any) -> Any:
    if not isinstance(value, str):
        return value if isinstance(value, date) else _refuse("is no day")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("is no day: write it as 2023-10-31") from None


def _in_reach(value: Any) -> Any:
    if FIRST_YEAR <= value.year <= LAST_YEAR:
        return value
    return _refuse(f"is not within the years {FIRST_YEAR}..{LAST_YEAR}")


def _refuse(why: str) -> None:
    raise ValueError(why)


Moment = Annotated[datetime, BeforeValidator(_moment), AfterValidator(_in_reach)]
Day = Annotated[date, BeforeValidator(_day), AfterValidator(_in_reach)]


def utc(moment: datetime, region: Region) -> datetime:
    """A moment without an offset is in the region's local time."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=region.zone)
    return moment.astimezone(UTC)


def local_day(day: date, region: Region) -> tuple[datetime, datetime]:
    """Beginning and end (excluded) of a local day in UTC: 23, 24 or 25 hours apart."""
    return midnight(day, region), midnight(day + timedelta(days=1), region)
