"""How good published forecasts were: by day, by lead time, and over windows of days."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, Any, Final

from fastapi import Query
from pydantic import BaseModel, Field

from trainer.api.moments import local_day
from trainer.api.read import queries
from trainer.api.read.quantities import Megawatts, Percent
from trainer.api.read.queries import Row
from trainer.api.read.routes import ProductName, RegionName, Routes
from trainer.contract import Region
from trainer.contract.local_days import day_of

_WINDOWS: Final = (1, 7, 28)
"""Days of the rolling figures, beside those asked for."""


class BesideReference(BaseModel):
    """The grid operator's own forecast and ours, over the hours of which both are known."""

    hours: int = Field(ge=1)
    reference_mae_mw: Megawatts
    reference_mape_percent: Percent
    mae_mw: Megawatts
    mape_percent: Percent


class Accuracy(BaseModel):
    """Errors over `hours` pairs of forecast and actual. mse is in MW squared."""

    hours: int = Field(ge=1)
    mae_mw: Megawatts
    mse_mw2: float
    rmse_mw: Megawatts
    mape_percent: Percent
    smape_percent: Percent
    rmae: float | None = Field(
        description="MAE over that of the seasonal naive forecast (168 h) on the same hours; null where that "
        "is not known"
    )
    crps_mw: Megawatts | None = Field(
        description="continuous ranked probability score: twice the mean pinball loss of all quantiles, "
        "which of the median alone is the MAE; null where the forecasts have no more than the band"
    )
    beside_reference: BesideReference | None = Field(
        description="null where the grid operator's own forecast is known of none of the hours"
    )


class DayAccuracy(Accuracy):
    """One local day's forecasts up to 24 h ahead by one model version."""

    date: date
    model_version: str
    r2: float | None = Field(description="null where demand was constant")


class LeadTimeAccuracy(Accuracy):
    lead_time_hours: int = Field(ge=1, le=168)


class RollingAccuracy(Accuracy):
    days: int = Field(description="local days of the window that ends with `until`")


class PerformanceBody(BaseModel):
    region: str
    timezone: str
    start: date | None = Field(description="first local day asked for; null while nothing is scored")
    until: date | None = Field(description="last local day that is scored; `days` count back from it")
    by_day: list[DayAccuracy]
    by_lead_time: list[LeadTimeAccuracy] = Field(description="all the days together, hour by hour ahead")
    rolling: list[RollingAccuracy] = Field(description="the last 1, 7, 28 and `days` days")


def add_performance(routes: Routes) -> None:
    @routes.get("/metrics/performance", "performance", 404, 422, 503)
    def performance(
        region: RegionName,
        days: Annotated[int, Query(ge=1, le=400, description="local days, back from the last scored")] = 28,
        product: ProductName = "",
    ) -> PerformanceBody:
        """How good the published forecasts were: by day, by lead time, and over rolling windows."""
        of = routes.of_product(region, product)
        with routes.connect() as connection:
            end = queries.last_scored(connection, region, product)
            if end is None:
                return _nothing_scored(of)
            last = day_of(end, of) - timedelta(days=1)
            first = last - timedelta(days=days - 1)
            start, _ = local_day(first, of)
            by_day = queries.accuracy_by_day(connection, region, product, start, end)
            by_lead_time = queries.accuracy_by_lead_time(connection, region, product, start, end)
        return _performance(of, first, last, by_day, by_lead_time)


def _performance(
    region: Region, first: date, last: date, by_day: Sequence[Row], by_lead_time: Sequence[Row]
) -> PerformanceBody:
    days = [
        DayAccuracy(
            date=day_of(row["window_start"], region),
            model_version=row["model_version"],
            r2=row["r2"],
            **_accuracy(row),
        )
        for row in by_day
    ]
    lengths = sorted({*_WINDOWS, (last - first).days + 1})
    return PerformanceBody(
        region=region.name,
        timezone=region.timezone,
        start=first,
        until=last,
        by_day=days,
        by_lead_time=[
            LeadTimeAccuracy(lead_time_hours=row["lead_time"], **_accuracy(row)) for row in by_lead_time
        ],
        rolling=[
            _together([day for day in days if day.date > last - timedelta(days=length)], length)
            for length in lengths
            if length <= (last - first).days + 1
        ],
    )


def _nothing_scored(region: Region) -> PerformanceBody:
    return PerformanceBody(
        region=region.name,
        timezone=region.timezone,
        start=None,
        until=None,
        by_day=[],
        by_lead_time=[],
        rolling=[],
    )


def _accuracy(row: Row) -> dict[str, Any]:
    return {
        "hours": row["hours"],
        "mae_mw": row["mae"],
        "mse_mw2": row["mse"],
        "rmse_mw": row["rmse"],
        "mape_percent": row["mape"],
        "smape_percent": row["smape"],
        "rmae": row["rmae"],
        "crps_mw": row["crps"],
        "beside_reference": _beside_reference(row),
    }


def _beside_reference(row: Row) -> BesideReference | None:
    if row["common_hours"] is None:
        return None
    return BesideReference(
        hours=row["common_hours"],
        reference_mae_mw=row["reference_mae"],
        reference_mape_percent=row["reference_mape"],
        mae_mw=row["common_mae"],
        mape_percent=row["common_mape"],
    )


def _together(days: Sequence[DayAccuracy], length: int) -> RollingAccuracy:
    """Means over the days weighted by their hours: the same figures as over all of the hours at once.

    The last scored day is among the days, so there is always one.
    """
    mse = _mean(days, "mse_mw2")
    return RollingAccuracy(
        days=length,
        hours=sum(day.hours for day in days),
        mae_mw=_mean(days, "mae_mw"),
        mse_mw2=mse,
        rmse_mw=math.sqrt(mse),
        mape_percent=_share(days, "mape_percent"),
        smape_percent=_share(days, "smape_percent"),
        rmae=_together_relative(days),
        crps_mw=_mean(scored, "crps_mw")
        if (scored := [day for day in days if day.crps_mw is not None])
        else None,
        beside_reference=_together_beside([day.beside_reference for day in days if day.beside_reference]),
    )


def _together_beside(days: Sequence[BesideReference]) -> BesideReference | None:
    if not days:
        return None
    return BesideReference(
        hours=sum(day.hours for day in days),
        reference_mae_mw=_mean(days, "reference_mae_mw"),
        reference_mape_percent=_share(days, "reference_mape_percent"),
        mae_mw=_mean(days, "mae_mw"),
        mape_percent=_share(days, "mape_percent"),
    )


def _together_relative(days: Sequence[DayAccuracy]) -> float | None:
    """MAE over that of the seasonal naive forecast, of all days of which that is known."""
    known = [(day.mae_mw * day.hours, day.rmae) for day in days if day.rmae]
    of_naive = sum(error / relative for error, relative in known)
    return sum(error for error, _ in known) / of_naive if of_naive else None


def _mean(days: Sequence[DayAccuracy] | Sequence[BesideReference], name: str) -> float:
    total = sum(float(getattr(day, name)) * day.hours for day in days)
    return total / sum(day.hours for day in days)


def _share(days: Sequence[DayAccuracy] | Sequence[BesideReference], name: str) -> float | None:
    """None where one of the days has none."""
    return None if any(getattr(day, name) is None for day in days) else _mean(days, name)
