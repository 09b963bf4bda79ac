"""The read routes. Whoever mounts them says how to reach the database and who may ask which route."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Query
from fastapi.params import Depends

from trainer.api.moments import Day, Moment, local_day, utc
from trainer.api.problems import Problem, responses
from trainer.api.read import answers, queries
from trainer.api.read.database import Connection
from trainer.api.read.shapes import (
    ActualsBody,
    ComponentsBody,
    DeliveryBody,
    ForecastBody,
    ModelsBody,
    PerformanceBody,
    QualityBody,
    RegionBody,
    RegionsBody,
)
from trainer.contract import Region
from trainer.contract.local_days import day_of
from trainer.database.deliveries import backlog

ROUTES: Final = (
    *("regions", "latest", "components", "performance", "actual_vs_forecast", "quality", "delivery"),
    "models",
)
"""What `guards` must name, every one."""
LONGEST_RANGE_DAYS: Final = 92
_RECENT_HOURS: Final = 14 * 24
"""As many as a forecast looks back on."""

RegionName = Annotated[
    str,
    Query(pattern=r"^[A-Za-z0-9_]{1,32}$", description="a configured region", examples=["KR"]),
]


def read_router(
    *,
    connect: Callable[[], AbstractContextManager[Connection]],
    regions: Callable[[], Mapping[str, Region]],
    guards: Mapping[str, Sequence[Depends]],
    prefix: str = "/api",
) -> APIRouter:
    """GET routes over the project's tables.

    `connect` gives one request its connection (see `Database`); `regions` the configured regions; `guards`
    per name of ROUTES the dependencies that authenticate and authorise it, which may read the same query
    parameters, `region` among them. Raises ValueError when a route is left without a guard.
    """
    if unguarded := [name for name in ROUTES if not guards.get(name)]:
        raise ValueError(f"routes {unguarded} have no guard; name the dependencies that authorise each")
    router = APIRouter(prefix=prefix, tags=["read"])

    def get(path: str, name: str, *statuses: int) -> Callable[..., Callable[..., object]]:
        return router.get(
            path,
            name=name,
            operation_id=name,
            dependencies=guards[name],
            responses=responses(401, 403, *statuses),
        )

    def configured(name: str) -> Region:
        known = regions()
        if name not in known:
            raise Problem(
                404,
                "unknown-region",
                f"region {name!r} is not configured; configured are {', '.join(sorted(known))}",
                mend="ask for one of these, or have the operator add the region to the regions file",
            )
        return known[name]

    @get("/regions", "regions")
    def list_regions() -> RegionsBody:
        """The configured regions."""
        found = [
            RegionBody(
                name=region.name,
                title=region.title,
                timezone=region.timezone,
                country=region.country,
                weather=list(region.weather),
            )
            for region in regions().values()
        ]
        return RegionsBody(regions=found)

    @get("/predictions/latest", "latest", 404, 422, 503)
    def latest(region: RegionName) -> ForecastBody:
        """The newest published forecast: every hour with its band."""
        of = configured(region)
        with connect() as connection:
            rows = queries.latest(connection, region)
        if not rows:
            raise Problem(
                404,
                "no-forecast",
                f"region {region} has no published forecast yet",
                mend=f"run the DAG daily_forecast_{region}, or the trainer's verbs forecast and publish",
            )
        return answers.forecast(of, rows)

    @get("/predictions/components", "components", 404, 422, 503)
    def components(region: RegionName, date: Day) -> ComponentsBody:
        """Trend, seasonality and residual of one local day, beside the actuals that have arrived."""
        of = configured(region)
        with connect() as connection:
            rows = queries.components(connection, region, *local_day(date, of))
        return answers.components(of, date, rows)

    @get("/metrics/performance", "performance", 404, 422, 503)
    def performance(
        region: RegionName,
        days: Annotated[int, Query(ge=1, le=400, description="local days, back from the last scored")] = 28,
    ) -> PerformanceBody:
        """How good the published forecasts were: by day, by lead time, and over rolling windows."""
        of = configured(region)
        with connect() as connection:
            end = queries.last_scored(connection, region)
            if end is None:
                return answers.nothing_scored(of)
            last = day_of(end, of) - timedelta(days=1)
            first = last - timedelta(days=days - 1)
            start, _ = local_day(first, of)
            by_day = queries.accuracy_by_day(connection, region, start, end)
            by_lead_time = queries.accuracy_by_lead_time(connection, region, start, end)
        return answers.performance(of, first, last, by_day, by_lead_time)

    @get("/actual-vs-forecast", "actual_vs_forecast", 404, 422, 503)
    def actual_vs_forecast(
        region: RegionName,
        start: Annotated[Moment, Query(description="first hour; local time unless it has an offset")],
        end: Annotated[Moment, Query(description=f"excluded; at most {LONGEST_RANGE_DAYS} days later")],
    ) -> ActualsBody:
        """Actual demand beside the newest forecast of each hour."""
        of = configured(region)
        first, after = utc(start, of), utc(end, of)
        if not timedelta(0) < after - first <= timedelta(days=LONGEST_RANGE_DAYS):
            raise Problem(
                422,
                "range-refused",
                f"from {first.isoformat()} to {after.isoformat()} is not within 0..{LONGEST_RANGE_DAYS} days",
                mend=f"give an end after the start, and ask for {LONGEST_RANGE_DAYS} days at a time",
            )
        with connect() as connection:
            rows = queries.actual_vs_forecast(connection, region, first, after)
        return answers.actuals(of, first, after, rows)

    _add_state_of_data(get, configured, connect)

    @get("/models", "models", 404, 422, 503)
    def models(
        region: RegionName,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        before: Annotated[
            int | None, Query(ge=1, le=2**63 - 1, description="`next_before` of the page before")
        ] = None,
    ) -> ModelsBody:
        """The champion, and every decision with its reason: promoted, archived, rejected."""
        configured(region)
        with connect() as connection:
            champion = queries.champion(connection, region)
            rows = queries.deployments(connection, region, before=before, limit=limit)
        return answers.models(region, champion, rows, limit=limit)

    return router


def _add_state_of_data(
    get: Callable[..., Callable[..., Callable[..., object]]],
    configured: Callable[[str], Region],
    connect: Callable[[], AbstractContextManager[Connection]],
) -> None:
    @get("/data-quality", "quality", 404, 422, 503)
    def quality(region: RegionName) -> QualityBody:
        """How much of the last 14 days' demand was measured, and which hours are suspect and why."""
        of = configured(region)
        with connect() as connection:
            span = queries.judged_span(connection, region)
            first, last = span["first"], span["last"]
            if last is None:
                return answers.quality(of, None, 0, 0, [])
            start = max(first, last - timedelta(hours=_RECENT_HOURS - 1))
            measured = queries.measured_hours(connection, region, start, last)
            suspect = queries.suspect_stretches(connection, region, start, last)
        hours = (last - start) // timedelta(hours=1) + 1
        return answers.quality(of, last, hours, measured, suspect)

    @get("/delivery", "delivery", 404, 422, 503)
    def delivery(region: RegionName) -> DeliveryBody:
        """What InfluxDB is still owed of the region's rows, and since when."""
        of = configured(region)
        with connect() as connection:
            return answers.delivery(of, backlog(connection, region))
