"""The read router refuses to be mounted with a route that nothing guards."""

from __future__ import annotations

import pytest
from fastapi import Depends

from trainer.api.read import ROUTES, Database, read_router


@pytest.mark.parametrize("forgotten", ROUTES)
def test_a_route_without_a_guard_stops_the_start(forgotten: str) -> None:
    guards = {name: [Depends(lambda: None)] for name in ROUTES if name != forgotten}
    with pytest.raises(ValueError, match=forgotten):
        read_router(connect=Database("postgresql://nowhere/none").connect, regions=dict, guards=guards)


def test_every_route_is_named_once() -> None:
    guards = {name: [Depends(lambda: None)] for name in ROUTES}
    router = read_router(connect=Database("postgresql://nowhere/none").connect, regions=dict, guards=guards)
    assert sorted(route.name for route in router.routes) == sorted(ROUTES)  # type: ignore[attr-defined]
