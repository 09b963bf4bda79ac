"""GET /api/health, the one open route: whether this replica should be sent requests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from trainer.api.model_cache import Shelf
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


def health_router(shelf: Shelf, workers: Workers, regions: Callable[[], Mapping[str, Region]]) -> APIRouter:
    router = APIRouter(prefix="/api", tags=["operations"])

    @router.get(
        "/health",
        name="health",
        operation_id="health",
        responses={503: {"model": HealthBody, "description": "starting, or a server is out of reach"}},
    )
    async def health(response: Response) -> HealthBody:
        """What the last look at the servers found, some seconds ago: an open route must not cause work."""
        body = _health(shelf, workers, regions())
        if body.status in {"starting", "down"}:
            response.status_code = 503
            response.headers["Retry-After"] = "5"
        return body

    return router


def _health(shelf: Shelf, workers: Workers, regions: Mapping[str, Region]) -> HealthBody:
    database: Literal["ok", "unreachable"] = "unreachable" if shelf.database_fault else "ok"
    store: Literal["ok", "unreachable"] = "unreachable" if shelf.store_fault else "ok"
    models = {name: _model(shelf, name) for name in regions}
    status: Literal["ok", "degraded", "starting", "down"] = "ok"
    if not (shelf.ready and workers.ready):
        status = "starting"
    elif "unreachable" in {database, store} or shelf.silent_seconds > _SILENT_SECONDS:
        status = "down"
    elif {"previous", "baseline"} & set(models.values()):
        status = "degraded"
    return HealthBody(status=status, database=database, store=store, models=models)


def _model(shelf: Shelf, region: str) -> ModelHealth:
    place = shelf.places.get(region)
    if place is None:
        return "none"
    return "champion" if place.fallback == "none" else place.fallback
