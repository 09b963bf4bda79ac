"""From the tables' rows to what the routes answer with: local times added, figures named by their unit."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from trainer.api.read.quantiles import known_quantiles, levels_of
from trainer.api.read.queries import Row
from trainer.api.read.shapes import (
    ActualHour,
    ActualsBody,
    BesideReference,
    ComponentsBody,
    ComponentsHour,
    DayAccuracy,
    DayBody,
    DeliveryBody,
    DeploymentBody,
    ForecastBody,
    LeadTimeAccuracy,
    ModelsBody,
    PerformanceBody,
    PublishedHour,
    QualityBody,
    RollingAccuracy,
    SummaryBody,
    SuspectStretch,
)
from trainer.contract import Region
from trainer.contract.local_days import day_of
from trainer.database.deliveries import Backlog
from trainer.database.forecast_days import ForecastDay

_WINDOWS: Final = (1, 7, 28)
"""Days of the rolling figures, beside those asked for."""


def summary(region: Region, row: Row, suspect: Sequence[Row], behind: Backlog) -> SummaryBody:
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


def forecast(
    region: Region, rows: Sequence[Row], days: Sequence[ForecastDay], quantiles: str | None
) -> ForecastBody:
    """`quantiles`, here and below: those asked for (see `levels_of`)."""
    first = rows[0]
    return ForecastBody(
        region=region.name,
        timezone=region.timezone,
        origin=first["origin"].astimezone(UTC),
        local_origin=first["origin"].astimezone(region.zone),
        model_version=first["model_version"],
        fallback=first["fallback"],
        run_id=first["run_id"],
        created_at=first["created_at"].astimezone(UTC),
        hours=[PublishedHour(**_hour(region, row), **told) for row, told in _told(rows, quantiles)],
        days=[_day(region, day) for day in days],
    )


def components(region: Region, day: date, rows: Sequence[Row], quantiles: str | None) -> ComponentsBody:
    hours = [
        ComponentsHour(
            **_hour(region, row),
            **told,
            origin=row["origin"].astimezone(UTC),
            trend_mw=row["trend_mw"],
            seasonality_mw=row["seasonality_mw"],
            residual_mw=row["residual_mw"],
            actual_mw=row["actual_mw"],
            model_version=row["model_version"],
            fallback=row["fallback"],
        )
        for row, told in _told(rows, quantiles)
    ]
    return ComponentsBody(region=region.name, timezone=region.timezone, date=day, hours=hours)


def actuals(
    region: Region, start: datetime, end: datetime, rows: Sequence[Row], quantiles: str | None
) -> ActualsBody:
    def error(row: Row) -> float | None:
        known = row["actual_mw"] is not None and row["forecast_mw"] is not None
        return row["forecast_mw"] - row["actual_mw"] if known else None

    hours = [
        ActualHour(
            **_hour(region, row),
            **told,
            actual_mw=row["actual_mw"],
            error_mw=error(row),
            model_version=row["model_version"],
            fallback=row["fallback"],
        )
        for row, told in _told(rows, quantiles)
    ]
    return ActualsBody(region=region.name, timezone=region.timezone, start=start, end=end, hours=hours)


def performance(
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


def quality(
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


def delivery(region: Region, behind: Backlog) -> DeliveryBody:
    return DeliveryBody(
        region=region.name,
        timezone=region.timezone,
        owed=behind.owed,
        hours=behind.hours,
        since=behind.since and behind.since.astimezone(UTC),
    )


def nothing_scored(region: Region) -> PerformanceBody:
    return PerformanceBody(
        region=region.name,
        timezone=region.timezone,
        start=None,
        until=None,
        by_day=[],
        by_lead_time=[],
        rolling=[],
    )


def models(region: str, champion: Row | None, rows: Sequence[Row], *, limit: int) -> ModelsBody:
    return ModelsBody(
        region=region,
        champion=DeploymentBody(**champion) if champion else None,
        deployments=[DeploymentBody(**row) for row in rows],
        next_before=rows[-1]["id"] if len(rows) == limit else None,
    )


def _hour(region: Region, row: Row) -> dict[str, Any]:
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


def _told(rows: Sequence[Row], quantiles: str | None) -> Iterator[tuple[Row, dict[str, Any]]]:
    """Each row, and its answer's `quantiles` where somebody asked for them."""
    known = [known_quantiles(row) for row in rows]
    levels = levels_of(quantiles, known)
    for row, of_row in zip(rows, known, strict=True):
        yield row, {} if levels is None else {"quantiles": {level: of_row.get(level) for level in levels}}


def _day(region: Region, day: ForecastDay) -> DayBody:
    figures = asdict(day)
    peak: datetime = figures.pop("peak_time")
    return DayBody(**figures, peak_time=peak.astimezone(UTC), peak_local_time=peak.astimezone(region.zone))


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
