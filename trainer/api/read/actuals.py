"""Actual demand beside the newest forecast of each hour."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Final

from fastapi import Query, Response
from pydantic import BaseModel, Field

from trainer.api.moments import Moment, utc
from trainer.api.problems import Problem
from trainer.api.read import queries
from trainer.api.read.downloads import AnswerFormat, as_asked
from trainer.api.read.hours import Hour, figures_of_hour, with_quantiles
from trainer.api.read.quantiles import Quantiles
from trainer.api.read.quantities import Fallback, Megawatts, QuantilesOfHour
from trainer.api.read.queries import Row
from trainer.api.read.routes import ProductName, RegionName, Routes
from trainer.contract import Region

LONGEST_RANGE_DAYS: Final = 92


class ActualHour(Hour):
    actual_mw: Megawatts | None
    forecast_mw: Megawatts | None
    lower_mw: Megawatts | None
    upper_mw: Megawatts | None
    reference_mw: Megawatts | None = Field(description="the grid operator's own forecast, where it is known")
    error_mw: Megawatts | None = Field(description="forecast minus actual")
    quantiles: QuantilesOfHour = None
    lead_time_hours: int | None
    model_version: str | None
    fallback: Fallback | None


class ActualsBody(BaseModel):
    """Hours with an actual, a forecast, or both; each with the newest forecast of it."""

    region: str
    timezone: str
    start: datetime
    end: datetime = Field(description="excluded")
    hours: list[ActualHour]


def add_actuals(routes: Routes) -> None:
    @routes.get("/actual-vs-forecast", "actual_vs_forecast", 404, 422, 503, hours=ActualsBody)
    def actual_vs_forecast(
        region: RegionName,
        start: Annotated[Moment, Query(description="first hour; local time unless it has an offset")],
        end: Annotated[Moment, Query(description=f"excluded; at most {LONGEST_RANGE_DAYS} days later")],
        product: ProductName = "",
        quantiles: Quantiles = None,
        answer_format: AnswerFormat = "json",
    ) -> ActualsBody | Response:
        """Actual demand beside the newest forecast of each hour."""
        of = routes.of_product(region, product)
        first, after = utc(start, of), utc(end, of)
        if not timedelta(0) < after - first <= timedelta(days=LONGEST_RANGE_DAYS):
            raise Problem(
                422,
                "range-refused",
                f"from {first.isoformat()} to {after.isoformat()} is not within 0..{LONGEST_RANGE_DAYS} days",
                mend=f"give an end after the start, and ask for {LONGEST_RANGE_DAYS} days at a time",
            )
        with routes.connect() as connection:
            rows = queries.actual_vs_forecast(connection, region, product, first, after)
        found = _actuals(of, first, after, rows, quantiles)
        name = (region, product, "actual-vs-forecast", first.astimezone(of.zone))
        return as_asked(answer_format, found, ActualHour, name)


def _actuals(
    region: Region, start: datetime, end: datetime, rows: Sequence[Row], quantiles: str | None
) -> ActualsBody:
    def error(row: Row) -> float | None:
        known = row["actual_mw"] is not None and row["forecast_mw"] is not None
        return row["forecast_mw"] - row["actual_mw"] if known else None

    hours = [
        ActualHour(
            **figures_of_hour(region, row),
            **told,
            actual_mw=row["actual_mw"],
            error_mw=error(row),
            model_version=row["model_version"],
            fallback=row["fallback"],
        )
        for row, told in with_quantiles(rows, quantiles)
    ]
    return ActualsBody(region=region.name, timezone=region.timezone, start=start, end=end, hours=hours)
