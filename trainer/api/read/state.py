"""How a region stands: its newest forecast, its data of late, what InfluxDB is owed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from pydantic import BaseModel, Field

from trainer.api.read import queries
from trainer.api.read.quantities import Fallback, Megawatts, Percent
from trainer.api.read.queries import Row
from trainer.api.read.routes import ProductName, RegionName, Routes
from trainer.contract import Region
from trainer.database.deliveries import Backlog, backlog

_RECENT_HOURS: Final = 14 * 24
"""As many as a forecast looks back on."""


class SummaryBody(BaseModel):
    """How a region stands, in one line; null where there is nothing of it yet."""

    region: str = Field(examples=["KR"])
    timezone: str = Field(examples=["Asia/Seoul"])
    origin: datetime | None = Field(description="first hour of the newest forecast, UTC")
    until: datetime | None = Field(description="end of its last hour, UTC")
    model_version: str | None = Field(description="what made it")
    fallback: Fallback | None
    last_actual: datetime | None = Field(description="the last hour whose demand is known and believed, UTC")
    scored_hours: int = Field(ge=0, description="of the last 7 scored days, which the errors are of")
    mae_mw: Megawatts | None
    mape_percent: Percent
    champion: str | None = Field(examples=["KR-20231029T1500-1a2b3c4d"])
    trained_to: datetime | None = Field(description="end of the champion's training data")
    suspect_hours: int = Field(ge=0, description="of the 14 days up to the last hour that is judged")
    owed: int = Field(ge=0, description="deliveries to InfluxDB; see /delivery")


class SuspectStretch(BaseModel):
    """Hours in a row whose demand is not believed, for one reason; UTC, both ends included."""

    first: datetime
    last: datetime
    hours: int = Field(ge=1)
    reason: str = Field(examples=["spike: far outside of what is usual at that hour"])


class QualityBody(BaseModel):
    """How much of the demand of 14 days was measured."""

    region: str
    timezone: str
    last: datetime | None = Field(description="the last hour that is judged, UTC; null where none is stored")
    hours: int = Field(
        ge=0, description="hours looked at: 14 days up to `last`, fewer where the series begins"
    )
    measured_share: float | None = Field(ge=0, le=1, description="of these hours; null where there are none")
    suspect: list[SuspectStretch] = Field(description="newest first, at most 50")


class DeliveryBody(BaseModel):
    """How far InfluxDB, where dashboards read, is behind PostgreSQL. Each run delivers what is owed."""

    region: str
    timezone: str
    owed: int = Field(
        ge=0,
        description="deliveries: forecasts, UTC months of demand, scored days, the decisions; 0 also where "
        "there is no InfluxDB",
    )
    hours: int = Field(
        ge=0, description="of forecasts and of demand in them; a month of demand is delivered whole"
    )
    since: datetime | None = Field(
        description="when the oldest of them came to be owed, UTC; null where nothing is"
    )


def add_state(routes: Routes) -> None:
    @routes.get("/summary", "summary", 404, 422, 503)
    def summary(region: RegionName, product: ProductName = "") -> SummaryBody:
        """How a region stands: its newest forecast, its error of late, its data, its champion."""
        of = routes.of_product(region, product)
        with routes.connect() as connection:
            row = queries.summary(connection, region, product)
            start, last = _recent(queries.judged_span(connection, region))
            suspect = queries.suspect_stretches(connection, region, start, last) if start and last else []
            return _summary(of, row, suspect, backlog(connection, region))

    @routes.get("/data-quality", "quality", 404, 422, 503)
    def quality(region: RegionName) -> QualityBody:
        """How much of the last 14 days' demand was measured, and which hours are suspect and why."""
        of = routes.of_product(region, "")
        with routes.connect() as connection:
            start, last = _recent(queries.judged_span(connection, region))
            if start is None or last is None:
                return _quality(of, None, 0, 0, [])
            measured = queries.measured_hours(connection, region, start, last)
            suspect = queries.suspect_stretches(connection, region, start, last)
        hours = (last - start) // timedelta(hours=1) + 1
        return _quality(of, last, hours, measured, suspect)

    @routes.get("/delivery", "delivery", 404, 422, 503)
    def delivery(region: RegionName) -> DeliveryBody:
        """What InfluxDB is still owed of the region's rows, and since when."""
        of = routes.of_product(region, "")
        with routes.connect() as connection:
            return _delivery(of, backlog(connection, region))


def _summary(region: Region, row: Row, suspect: Sequence[Row], behind: Backlog) -> SummaryBody:
    def moment(name: str) -> datetime | None:
        found: datetime | None = row[name]
        return found and found.astimezone(UTC)

    return SummaryBody(
        region=region.name,
        timezone=region.timezone,
        origin=moment("origin"),
        until=moment("until"),
        model_version=row["model_version"],
        fallback=row["fallback"],
        last_actual=moment("last_actual"),
        scored_hours=row["hours"] or 0,
        mae_mw=row["mae"],
        mape_percent=row["mape"],
        champion=row["champion"],
        trained_to=moment("trained_to"),
        suspect_hours=sum(stretch["hours"] for stretch in suspect),
        owed=behind.owed,
    )


def _quality(
    region: Region, last: datetime | None, hours: int, measured: int, rows: Sequence[Row]
) -> QualityBody:
    return QualityBody(
        region=region.name,
        timezone=region.timezone,
        last=last and last.astimezone(UTC),
        hours=hours,
        measured_share=measured / hours if hours else None,
        suspect=[
            SuspectStretch(
                first=row["first"].astimezone(UTC),
                last=row["last"].astimezone(UTC),
                hours=row["hours"],
                reason=row["reason"],
            )
            for row in rows
        ],
    )


def _delivery(region: Region, behind: Backlog) -> DeliveryBody:
    return DeliveryBody(
        region=region.name,
        timezone=region.timezone,
        owed=behind.owed,
        hours=behind.hours,
        since=behind.since and behind.since.astimezone(UTC),
    )


def _recent(judged: queries.Row) -> tuple[datetime | None, datetime | None]:
    """First and last hour of the recent ones among those that are judged; None where none is."""
    first, last = judged["first"], judged["last"]
    return (max(first, last - timedelta(hours=_RECENT_HOURS - 1)) if last else None), last
