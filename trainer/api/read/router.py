"""The read routes. Whoever mounts them says how to reach the database and who may ask which route."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Final

from fastapi import APIRouter
from fastapi.params import Depends

from trainer.api.read.actuals import add_actuals
from trainer.api.read.database import Connection
from trainer.api.read.forecasts import add_forecasts
from trainer.api.read.models import add_models
from trainer.api.read.performance import add_performance
from trainer.api.read.regions import add_regions
from trainer.api.read.routes import Routes
from trainer.api.read.shadows import add_shadows
from trainer.api.read.size import add_size
from trainer.api.read.state import add_state
from trainer.contract import Region

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
        "size",
    ),
    *("models", "shadows"),
)
"""What `guards` must name, every one."""


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
    routes = Routes(router=router, connect=connect, regions=regions, guards=guards)
    add_regions(routes)
    add_forecasts(routes)
    add_performance(routes)
    add_actuals(routes)
    add_state(routes)
    add_size(routes)
    add_models(routes)
    add_shadows(routes)
    return router
