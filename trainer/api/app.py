"""The service as one ASGI application: routes, guards, limits, and the description of them all."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from fastapi.openapi.utils import get_openapi

from trainer.api.body_limit import BodyLimit
from trainer.api.health import health_router
from trainer.api.history import Histories
from trainer.api.model_cache import ModelCache
from trainer.api.observation import Observation, Observed, metrics_router
from trainer.api.predict import predict_router
from trainer.api.problems import ProblemBody, add_problem_handlers, responses
from trainer.api.read import ROUTES, Database, read_router
from trainer.api.tokens import Scope, Tokens, requires
from trainer.api.workers import Workers
from trainer.contract import Region
from trainer.store import Store

_DESCRIPTION: Final = """
Hourly power demand: the forecasts as they were published, how good they were, which model made them and why,
and forecasts on demand.

Power is in MW and named so (`forecast_mw`). Hours are named by their beginning, `time` in UTC beside
`local_time` of the region. A figure that is not known is `null`. Errors are `application/problem+json`
(RFC 9457); their `mend` says what to do.
"""


@dataclass(frozen=True, kw_only=True)
class Service:
    """What the service runs with."""

    database_url: str
    store: Store
    regions: Mapping[str, Region]
    tokens: Tokens
    processes: int = 2
    """Forecasts computed at a time."""
    waiting: int = 32
    """Forecasts that may wait for their turn; one more is answered 503."""
    connections: int = 8
    reload_seconds: float = 5.0
    """Between two looks at which models are champions."""


def create_app(service: Service) -> FastAPI:
    """Opens nothing yet: connections and models come with the application's start, and go with its end."""
    database = Database(service.database_url, size=service.connections)
    model_cache = ModelCache(
        connect=database.connect,
        store=service.store,
        every_seconds=service.reload_seconds,
    )
    workers = Workers(processes=service.processes, waiting=service.waiting)
    observation = Observation()
    observation.watch(model_cache, lambda: workers.taken)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        workers.start()
        model_cache.start()
        yield
        # The server has answered the requests under way by now.
        await run_in_threadpool(model_cache.stop)
        await workers.close()
        database.close()

    app = FastAPI(
        title="demand-forecast",
        version="1",
        description=_DESCRIPTION,
        lifespan=lifespan,
        openapi_url=None,  # behind a token, below
        docs_url=None,  # the page would come from a CDN
        redoc_url=None,
    )
    add_problem_handlers(app)
    app.add_middleware(BodyLimit)
    app.add_middleware(Observed, observation=observation)

    def regions() -> Mapping[str, Region]:
        return service.regions

    may_read = requires(service.tokens, Scope.READ)
    app.include_router(health_router(model_cache, workers, regions))
    app.include_router(
        read_router(connect=database.connect, regions=regions, guards={name: [may_read] for name in ROUTES})
    )
    app.include_router(
        predict_router(
            model_cache=model_cache,
            histories=Histories(database.connect),
            workers=workers,
            regions=regions,
            observation=observation,
            guard=requires(service.tokens, Scope.PREDICT),
        )
    )
    app.include_router(metrics_router(observation, guard=requires(service.tokens, Scope.METRICS)))

    @app.get(
        "/api/openapi.json",
        name="openapi",
        operation_id="openapi",
        tags=["operations"],
        dependencies=[may_read],
        responses=responses(401, 403),
    )
    async def openapi() -> dict[str, Any]:
        """This description."""
        return description(app)

    return app


def description(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, with the problem body that every route's errors refer to."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        problem = ProblemBody.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas = document["components"]["schemas"]
        schemas.update(problem.pop("$defs"))
        schemas["ProblemBody"] = problem
        app.openapi_schema = document
    return app.openapi_schema
