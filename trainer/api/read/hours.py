"""One hour of an answer: when it is, and what was forecast of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, Field

from trainer.api.read.quantiles import known_quantiles, levels_of
from trainer.api.read.quantities import Megawatts, QuantilesOfHour
from trainer.api.read.queries import Row
from trainer.contract import Region


class Hour(BaseModel):
    """One hour, named by its beginning."""

    time: datetime = Field(description="UTC", examples=["2023-10-30T15:00:00Z"])
    local_time: datetime = Field(
        description="the same moment in the region's timezone", examples=["2023-10-31T00:00:00+09:00"]
    )


class ForecastHour(Hour):
    lead_time_hours: int = Field(ge=1, le=168)
    forecast_mw: Megawatts
    lower_mw: Megawatts | None = Field(description="lower edge of the 80 % band")
    upper_mw: Megawatts | None = Field(description="upper edge of the 80 % band")
    quantiles: QuantilesOfHour = None


class PublishedHour(ForecastHour):
    reference_mw: Megawatts | None = Field(description="the grid operator's own forecast, where it is known")


def figures_of_hour(region: Region, row: Row) -> dict[str, Any]:
    """What every hour of an answer has, of a row with a forecast's figures in MW, `time` as UTC and local."""
    moment: datetime = row["time"]
    return {
        "time": moment.astimezone(UTC),
        "local_time": moment.astimezone(region.zone),
        "lead_time_hours": row["lead_time"],
        "forecast_mw": row["forecast_mw"],
        "lower_mw": row["lower_mw"],
        "upper_mw": row["upper_mw"],
        "reference_mw": row["reference_mw"],
    }


def with_quantiles(rows: Sequence[Row], quantiles: str | None) -> Iterator[tuple[Row, dict[str, Any]]]:
    """Each row, and its answer's `quantiles` where somebody asked for them."""
    known = [known_quantiles(row) for row in rows]
    levels = levels_of(quantiles, known)
    for row, of_row in zip(rows, known, strict=True):
        yield row, {} if levels is None else {"quantiles": {level: of_row.get(level) for level in levels}}
