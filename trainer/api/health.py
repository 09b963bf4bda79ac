"""GET /api/health, the one open route: whether this replica should be sent requests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from trainer.api.model_cache import ModelCache
from trainer.api.workers import Workers
from trainer.contract import Region

_SILENT_SECONDS: Final = 120.0
"""After which the thread that follows the deployments counts as stuck; loading a model takes a few."""

ModelHealth = Literal["champion", "previous", "baseline", "none"]


class HealthBody(BaseModel):
    status: Literal["ok", "degraded", "starting", "down"] = Field(
        description="degraded: some region is served by a fallback, the answers say so"
    )
    database: Literal["ok", "unreachable"]
    store: Literal["ok", "unreachable"]
    models: dict[str, ModelHealth] = Field(
        description="by region: what POST /api/predict forecasts with; none while nothing is promoted",
        examples=[{"KR": "champion", "GR": "none"}],
    )


def health_router(
    model_cache: ModelCache, workers: Workers, regions: Callable[[], Mapping[str, Region]]
) -> APIRouter:
    router = APIRouter(prefix="/api", tags=["operations"])

    @router.get(
        "/health",
        name="health",
        operation_id="health",
        responses={503: {"model": HealthBody, "description": "starting, or a server is out of reach"}},
    )
    async def health(response: Response) -> HealthBody:
        """What the last look at the servers found, some seconds ago: an open route must not cause work."""
        body = _health(model_cache, workers, regions())
        if body.status in {"starting", "down"}:
            response.status_code = 503
            response.headers["Retry-After"] = "5"
        return body

    return router


def _health(model_cache: ModelCache, workers: Workers, regions: Mapping[str, Region]) -> HealthBody:
    database: Literal["ok", "unreachable"] = "unreachable" if model_cache.database_fault else "ok"
    store: Literal["ok", "unreachable"] = "unreachable" if model_cache.store_fault else "ok"
    models = {name: _model(model_cache, name) for name in regions}
    status: Literal["ok", "degraded", "starting", "down"] = "ok"
    if not (model_cache.ready and workers.ready):
        status = "starting"
    elif "unreachable" in {database, store} or model_cache.silent_seconds > _SILENT_SECONDS:
        status = "down"
    elif {"previous", "baseline"} & set(models.values()):
        status = "degraded"
    return HealthBody(status=status, database=database, store=store, models=models)


def _model(model_cache: ModelCache, region: str) -> ModelHealth:
    model = model_cache.served.get(region)
    if model is None:
        return "none"
    return "champion" if model.fallback == "none" else model.fallback
