"""The read router refuses to be mounted with a route that nothing guards, and counts local days."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from fastapi import Depends, FastAPI

from trainer.api.read import ROUTES, Database, queries, read_router
from trainer.contract import load_regions


@pytest.mark.parametrize("forgotten", ROUTES)
def test_a_route_without_a_guard_stops_the_start(forgotten: str) -> None:
    guards = {name: [Depends(lambda: None)] for name in ROUTES if name != forgotten}
    with pytest.raises(ValueError, match=forgotten):
        read_router(connect=Database("postgresql://nowhere/none").connect, regions=dict, guards=guards)


def test_every_route_is_named_once() -> None:
    guards = {name: [Depends(lambda: None)] for name in ROUTES}
    router = read_router(connect=Database("postgresql://nowhere/none").connect, regions=dict, guards=guards)
    assert sorted(route.name for route in router.routes) == sorted(ROUTES)  # type: ignore[attr-defined]


def test_the_last_scored_day_is_the_one_before_its_end_also_where_that_is_01_00(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    santiago = replace(load_regions({})["GR"], timezone="America/Santiago")
    midnight_of_8_september = datetime(2024, 9, 8, 4, tzinfo=UTC)  # 01:00, for there is no 00:00
    figures = {
        "hours": 24,
        "mae": 1.0,
        "mse": 1.0,
        "rmse": 1.0,
        "r2": 1.0,
        "mape": 1.0,
        "smape": 1.0,
        "rmae": 1.0,
        "crps": None,
    }
    names = ("common_hours", "common_mae", "common_mape", "reference_mae", "reference_mape")
    day = {"window_start": datetime(2024, 9, 7, 4, tzinfo=UTC), "model_version": "S-1", **figures}
    day |= dict.fromkeys(names)
    monkeypatch.setattr(queries, "last_scored", lambda *_: midnight_of_8_september)
    monkeypatch.setattr(queries, "accuracy_by_day", lambda *_: [day])
    monkeypatch.setattr(queries, "accuracy_by_lead_time", lambda *_: [])
    connection: Any = None
    app = FastAPI()
    app.include_router(
        read_router(
            connect=lambda: nullcontext(connection),
            regions=lambda: {"GR": santiago},
            guards={name: [Depends(lambda: None)] for name in ROUTES},
        )
    )

    async def answer() -> Any:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://api") as client:
            return (await client.get("/api/metrics/performance?region=GR&days=1")).json()

    body = asyncio.run(answer())
    assert (body["start"], body["until"]) == ("2024-09-07", "2024-09-07")
    assert [row["date"] for row in body["by_day"]] == ["2024-09-07"]
