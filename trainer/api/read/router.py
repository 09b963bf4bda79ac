"""The read routes. Whoever mounts them says how to reach the database and who may ask which route."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response
from fastapi.params import Depends
from pydantic import BaseModel

from trainer.api.moments import Day, Moment, local_day, utc
from trainer.api.problems import Problem, responses
from trainer.api.read import answers, queries
from trainer.api.read.database import Connection
from trainer.api.read.downloads import DESCRIPTION, AnswerFormat, as_asked
from trainer.api.read.quantiles import Quantiles
from trainer.api.read.shadows import ShadowsBody, read_shadows
from trainer.api.read.shapes import (
    ActualHour,
    ActualsBody,
    ComponentsBody,
    ComponentsHour,
    DeliveryBody,
    ForecastBody,
    ModelsBody,
    PerformanceBody,
    PublishedHour,
    QualityBody,
    RegionBody,
    RegionsBody,
    SummaryBody,
)
from trainer.contract import Region
from trainer.contract.local_days import day_of
from trainer.contract.products import product_dag_id
from trainer.database.deliveries import backlog
from trainer.database.forecast_days import read_days

ROUTES: Final = (
    *(
        "regions",
        "summary",
        "latest",
        "components",
        "performance",
        "actual_vs_forecast",
        "quality",
        "delivery",
    ),
    *("models", "shadows"),
)
"""What `guards` must name, every one."""
LONGEST_RANGE_DAYS: Final = 92
_RECENT_HOURS: Final = 14 * 24
"""As many as a forecast looks back on."""

RegionName = Annotated[
    str,
    Query(pattern=r"^[A-Za-z0-9_]{1,32}$", description="a configured region", examples=["KR"]),
]

ProductName = Annotated[
    str,
    Query(
        pattern=r"^([a-z][a-z0-9_]{0,31})?$",
        description="a named forecast of the region, one of its `products`; empty for the daily one",
        examples=["day_ahead"],
    ),
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

    def get(
        path: str, name: str, *statuses: int, hours: type[BaseModel] | None = None
    ) -> Callable[..., Callable[..., object]]:
        """`hours`: the answer's body, where its hours can be had as CSV too."""
        as_file: dict[str, Any] = {"response_model": hours} if hours else {}
        return router.get(
            path,
            name=name,
            operation_id=name,
            dependencies=guards[name],
            responses={**responses(401, 403, *statuses), **(DESCRIPTION if hours else {})},
            **as_file,
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

    def of_product(name: str, product: str) -> Region:
        of = configured(name)
        if product and product not in (names := [one.name for one in of.forecasts]):
            raise Problem(
                404,
                "unknown-product",
                f"region {name} has no product {product!r}; it has {', '.join(names) or 'none'}",
                mend="ask for one of these, or for none to get the daily forecast",
            )
        return of

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
                products=[product.name for product in region.forecasts],
            )
            for region in regions().values()
        ]
        return RegionsBody(regions=found)

    @get("/predictions/latest", "latest", 404, 422, 503, hours=ForecastBody)
    def latest(
        region: RegionName,
        product: ProductName = "",
        quantiles: Quantiles = None,
        answer_format: AnswerFormat = "json",
    ) -> ForecastBody | Response:
        """The newest published forecast: every hour with its band, every day with its peak and energy."""
        of = of_product(region, product)
        with connect() as connection:
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
        found = answers.forecast(of, rows, days, quantiles)
        return as_asked(
            answer_format, found, PublishedHour, (region, product, "forecast", found.local_origin)
        )

    @get("/predictions/components", "components", 404, 422, 503, hours=ComponentsBody)
    def components(
        region: RegionName,
        date: Day,
        product: ProductName = "",
        quantiles: Quantiles = None,
        answer_format: AnswerFormat = "json",
    ) -> ComponentsBody | Response:
        """Trend, seasonality and residual of one local day, beside the actuals that have arrived."""
        of = of_product(region, product)
        with connect() as connection:
            rows = queries.components(connection, region, product, *local_day(date, of))
        found = answers.components(of, date, rows, quantiles)
        return as_asked(answer_format, found, ComponentsHour, (region, product, "components", date))

    _add_accuracy(get, of_product, connect)
    _add_state_of_data(get, of_product, connect)

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

    @get("/shadows", "shadows", 404, 422, 503)
    def shadows(region: RegionName) -> ShadowsBody:
        """The models that forecast beside the champion, and how both did on the same hours."""
        of = configured(region)
        with connect() as connection:
            return read_shadows(connection, of)

    return router


def _add_accuracy(
    get: Callable[..., Callable[..., Callable[..., object]]],
    of_product: Callable[[str, str], Region],
    connect: Callable[[], AbstractContextManager[Connection]],
) -> None:
    @get("/metrics/performance", "performance", 404, 422, 503)
    def performance(
        region: RegionName,
        days: Annotated[int, Query(ge=1, le=400, description="local days, back from the last scored")] = 28,
        product: ProductName = "",
    ) -> PerformanceBody:
        """How good the published forecasts were: by day, by lead time, and over rolling windows."""
        of = of_product(region, product)
        with connect() as connection:
            end = queries.last_scored(connection, region, product)
            if end is None:
                return answers.nothing_scored(of)
            last = day_of(end, of) - timedelta(days=1)
            first = last - timedelta(days=days - 1)
            start, _ = local_day(first, of)
            by_day = queries.accuracy_by_day(connection, region, product, start, end)
            by_lead_time = queries.accuracy_by_lead_time(connection, region, product, start, end)
        return answers.performance(of, first, last, by_day, by_lead_time)

    @get("/actual-vs-forecast", "actual_vs_forecast", 404, 422, 503, hours=ActualsBody)
    def actual_vs_forecast(
        region: RegionName,
        start: Annotated[Moment, Query(description="first hour; local time unless it has an offset")],
        end: Annotated[Moment, Query(description=f"excluded; at most {LONGEST_RANGE_DAYS} days later")],
        product: ProductName = "",
        quantiles: Quantiles = None,
        answer_format: AnswerFormat = "json",
    ) -> ActualsBody | Response:
        """Actual demand beside the newest forecast of each hour."""
        of = of_product(region, product)
        first, after = utc(start, of), utc(end, of)
        if not timedelta(0) < after - first <= timedelta(days=LONGEST_RANGE_DAYS):
            raise Problem(
                422,
                "range-refused",
                f"from {first.isoformat()} to {after.isoformat()} is not within 0..{LONGEST_RANGE_DAYS} days",
                mend=f"give an end after the start, and ask for {LONGEST_RANGE_DAYS} days at a time",
            )
        with connect() as connection:
            rows = queries.actual_vs_forecast(connection, region, product, first, after)
        found = answers.actuals(of, first, after, rows, quantiles)
        name = (region, product, "actual-vs-forecast", first.astimezone(of.zone))
        return as_asked(answer_format, found, ActualHour, name)


def _add_state_of_data(
    get: Callable[..., Callable[..., Callable[..., object]]],
    of_product: Callable[[str, str], Region],
    connect: Callable[[], AbstractContextManager[Connection]],
) -> None:
    @get("/summary", "summary", 404, 422, 503)
    def summary(region: RegionName, product: ProductName = "") -> SummaryBody:
        """How a region stands: its newest forecast, its error of late, its data, its champion."""
        of = of_product(region, product)
        with connect() as connection:
            row = queries.summary(connection, region, product)
            start, last = _recent(queries.judged_span(connection, region))
            suspect = queries.suspect_stretches(connection, region, start, last) if start and last else []
            return answers.summary(of, row, suspect, backlog(connection, region))

    @get("/data-quality", "quality", 404, 422, 503)
    def quality(region: RegionName) -> QualityBody:
        """How much of the last 14 days' demand was measured, and which hours are suspect and why."""
        of = of_product(region, "")
        with connect() as connection:
            start, last = _recent(queries.judged_span(connection, region))
            if start is None or last is None:
                return answers.quality(of, None, 0, 0, [])
            measured = queries.measured_hours(connection, region, start, last)
            suspect = queries.suspect_stretches(connection, region, start, last)
        hours = (last - start) // timedelta(hours=1) + 1
        return answers.quality(of, last, hours, measured, suspect)

    @get("/delivery", "delivery", 404, 422, 503)
    def delivery(region: RegionName) -> DeliveryBody:
        """What InfluxDB is still owed of the region's rows, and since when."""
        of = of_product(region, "")
        with connect() as connection:
            return answers.delivery(of, backlog(connection, region))


def _recent(judged: queries.Row) -> tuple[datetime | None, datetime | None]:
    """First and last hour of the recent ones among those that are judged; None where none is."""
    first, last = judged["first"], judged["last"]
    return (max(first, last - timedelta(hours=_RECENT_HOURS - 1)) if last else None), last
