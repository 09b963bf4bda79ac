"""The newest forecast, and one day's by its components."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime

from fastapi import Response
from pydantic import BaseModel, Field

from trainer.api.moments import Day, local_day
from trainer.api.problems import Problem
from trainer.api.read import queries
from trainer.api.read.downloads import AnswerFormat, as_asked
from trainer.api.read.hours import PublishedHour, figures_of_hour, with_quantiles
from trainer.api.read.quantiles import Quantiles
from trainer.api.read.quantities import Fallback, FallbackFrom, Megawatts
from trainer.api.read.queries import Row
from trainer.api.read.routes import ProductName, RegionName, Routes
from trainer.contract import Region
from trainer.contract.products import product_dag_id
from trainer.database.forecast_days import ForecastDay, read_days


class DayBody(BaseModel):
    """What a forecast says of one whole local day. The bands are of 80 %, from sample paths rather than from
    those of its hours; null where they are not known."""

    date: date
    hours: int = Field(ge=1, le=25, description="of the day: 23 to 25")
    peak_mw: Megawatts = Field(description="the highest hour of the day")
    peak_lower_mw: Megawatts | None
    peak_upper_mw: Megawatts | None
    peak_time: datetime = Field(description="beginning of that hour, UTC")
    peak_local_time: datetime
    energy_mwh: float = Field(description="of the day", examples=[1490210.0])
    energy_lower_mwh: float | None
    energy_upper_mwh: float | None


class ForecastBody(BaseModel):
    """One forecast as it was made and published."""

    region: str = Field(examples=["KR"])
    timezone: str = Field(examples=["Asia/Seoul"])
    origin: datetime = Field(description="first hour of the forecast, UTC; nothing from it on was known")
    local_origin: datetime
    model_version: str = Field(examples=["KR-20231029T1500-1a2b3c4d"], description="of the first hour")
    fallback: Fallback = Field(description="none: the champion made all hours; else what stood in for it")
    fallback_from: FallbackFrom
    run_id: str
    created_at: datetime
    hours: list[PublishedHour]
    days: list[DayBody] = Field(
        description="its whole local days; empty where the model says nothing of them"
    )


class ComponentsHour(PublishedHour):
    """trend, seasonality and residual add up to the forecast; null where a baseline stood in."""

    origin: datetime
    trend_mw: Megawatts | None
    seasonality_mw: Megawatts | None
    residual_mw: Megawatts | None
    actual_mw: Megawatts | None = Field(description="null while it has not arrived")
    model_version: str
    fallback: Fallback


class ComponentsBody(BaseModel):
    region: str
    timezone: str
    date: date
    hours: list[ComponentsHour] = Field(
        description="23 to 25 hours of the local day, each from the newest forecast of it; empty if none"
    )


def add_forecasts(routes: Routes) -> None:
    @routes.get("/predictions/latest", "latest", 404, 422, 503, hours=ForecastBody)
    def latest(
        region: RegionName,
        product: ProductName = "",
        quantiles: Quantiles = None,
        answer_format: AnswerFormat = "json",
    ) -> ForecastBody | Response:
        """The newest published forecast: every hour with its band, every day with its peak and energy."""
        of = routes.of_product(region, product)
        with routes.connect() as connection:
            rows = queries.latest(connection, region, product)
            days = read_days(connection, region, rows[0]["origin"], product) if rows else []
        if not rows:
            dag_id = product_dag_id(region, product) if product else f"daily_forecast_{region}"
            raise Problem(
                404,
                "no-forecast",
                f"region {region} has no published forecast{product and f' of product {product}'} yet",
                mend=f"run the DAG {dag_id}, or the trainer's verbs forecast and publish",
            )
        found = _forecast(of, rows, days, quantiles)
        return as_asked(
            answer_format, found, PublishedHour, (region, product, "forecast", found.local_origin)
        )

    @routes.get("/predictions/components", "components", 404, 422, 503, hours=ComponentsBody)
    def components(
        region: RegionName,
        date: Day,
        product: ProductName = "",
        quantiles: Quantiles = None,
        answer_format: AnswerFormat = "json",
    ) -> ComponentsBody | Response:
        """Trend, seasonality and residual of one local day, beside the actuals that have arrived."""
        of = routes.of_product(region, product)
        with routes.connect() as connection:
            rows = queries.components(connection, region, product, *local_day(date, of))
        found = _components(of, date, rows, quantiles)
        return as_asked(answer_format, found, ComponentsHour, (region, product, "components", date))


def _forecast(
    region: Region, rows: Sequence[Row], days: Sequence[ForecastDay], quantiles: str | None
) -> ForecastBody:
    """`quantiles`, here and below: those asked for (see `levels_of`)."""
    first = rows[0]
    stand_ins = [row for row in rows if row["fallback"] != "none"]
    return ForecastBody(
        region=region.name,
        timezone=region.timezone,
        origin=first["origin"].astimezone(UTC),
        local_origin=first["origin"].astimezone(region.zone),
        model_version=first["model_version"],
        fallback=stand_ins[-1]["fallback"] if stand_ins else "none",
        fallback_from=stand_ins[0]["lead_time"] if stand_ins else None,
        run_id=first["run_id"],
        created_at=first["created_at"].astimezone(UTC),
        hours=[
            PublishedHour(**figures_of_hour(region, row), **told)
            for row, told in with_quantiles(rows, quantiles)
        ],
        days=[_day(region, day) for day in days],
    )


def _day(region: Region, day: ForecastDay) -> DayBody:
    figures = asdict(day)
    peak: datetime = figures.pop("peak_time")
    return DayBody(**figures, peak_time=peak.astimezone(UTC), peak_local_time=peak.astimezone(region.zone))


def _components(region: Region, day: date, rows: Sequence[Row], quantiles: str | None) -> ComponentsBody:
    hours = [
        ComponentsHour(
            **figures_of_hour(region, row),
            **told,
            origin=row["origin"].astimezone(UTC),
            trend_mw=row["trend_mw"],
            seasonality_mw=row["seasonality_mw"],
            residual_mw=row["residual_mw"],
            actual_mw=row["actual_mw"],
            model_version=row["model_version"],
            fallback=row["fallback"],
        )
        for row, told in with_quantiles(rows, quantiles)
    ]
    return ComponentsBody(region=region.name, timezone=region.timezone, date=day, hours=hours)
