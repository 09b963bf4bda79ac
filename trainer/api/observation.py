"""What Prometheus is told: requests, forecasts, and which model stands ready."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Final

from fastapi import APIRouter, Response
from fastapi.params import Depends
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trainer.api.model_cache import ModelCache
from trainer.api.problems import responses

_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_NOWHERE: Final = "unmatched"
"""The route of requests that no route takes: their paths are anybody's, and labels must stay few."""


class Observation:
    """The figures of one service, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._requests = Counter(
            "demand_forecast_api_requests",
            "Requests answered",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "demand_forecast_api_request_seconds",
            "Time to the last byte of the answer",
            ["route"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._forecasts = Counter(
            "demand_forecast_api_forecasts",
            "Forecasts delivered, by what made them",
            ["region", "fallback"],
            registry=self.registry,
        )
        self._forecast_seconds = Histogram(
            "demand_forecast_api_forecast_seconds",
            "Time of a forecast, waiting for its turn included",
            buckets=_SECONDS,
            registry=self.registry,
        )

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def forecast(self, region: str, fallback: str, seconds: float) -> None:
        self._forecasts.labels(region, fallback).inc()
        self._forecast_seconds.observe(seconds)

    def watch(self, model_cache: ModelCache, taken: Callable[[], int]) -> None:
        self.registry.register(_Standing(model_cache, taken))


class _Standing(Collector):
    """Read when scraped, so that a model no longer served leaves no figure behind."""

    def __init__(self, model_cache: ModelCache, taken: Callable[[], int]) -> None:
        self._model_cache = model_cache
        self._taken = taken

    def collect(self) -> Iterable[Metric]:
        model = GaugeMetricFamily(
            "demand_forecast_api_model",
            "1 for the model that serves a region; fallback tells whether it is the champion",
            labels=["region", "version", "fallback"],
        )
        for name, served in self._model_cache.served.items():
            version = served.loaded.deployed.version if served.loaded else ""
            model.add_metric([name, version, served.fallback], 1)
        yield model
        yield GaugeMetricFamily(
            "demand_forecast_api_forecasts_in_hand", "Forecasts computing or waiting", value=self._taken()
        )
        yield GaugeMetricFamily(
            "demand_forecast_api_database_up",
            "Whether the deployments could be read at the last pass",
            value=float(self._model_cache.database_fault is None),
        )
        yield GaugeMetricFamily(
            "demand_forecast_api_store_up",
            "Whether the store answered at the last pass",
            value=float(self._model_cache.store_fault is None),
        )


class Observed:
    """ASGI middleware that tells an Observation of every request."""

    def __init__(self, app: ASGIApp, *, observation: Observation) -> None:
        self._app = app
        self._observation = observation

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            route = getattr(scope.get("route"), "path", _NOWHERE)
            method = scope["method"] if route != _NOWHERE else "any"
            self._observation.request(method, route, status, time.perf_counter() - began)


def metrics_router(observation: Observation, *, guard: Depends) -> APIRouter:
    router = APIRouter(tags=["operations"], dependencies=[guard])

    @router.get(
        "/metrics",
        name="metrics",
        operation_id="metrics",
        response_class=Response,
        responses={
            200: {
                "description": "Prometheus text format",
                "content": {"text/plain": {"schema": {"type": "string"}}},
            },
            **responses(401, 403),
        },
    )
    def metrics() -> Response:
        """Figures for Prometheus."""
        return Response(generate_latest(observation.registry), media_type=CONTENT_TYPE_LATEST)

    return router
