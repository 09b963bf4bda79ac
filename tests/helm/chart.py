"""The chart's places, and how its rendered objects are looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stack.node.layout import REPOSITORY

CHART = REPOSITORY / "helm" / "demand-forecast"
VALUES = {
    "default": CHART / "values.yaml",
    "minimal": CHART / "ci" / "minimal-values.yaml",
    "maximal": CHART / "ci" / "maximal-values.yaml",
}

Objects = list[dict[str, Any]]
Render = Callable[..., Objects]


class RefusedError(Exception):
    """helm's own words about values that it does not take."""


def of_kind(objects: Objects, kind: str) -> Objects:
    return [item for item in objects if item["kind"] == kind]


def named(objects: Objects, kind: str, name: str) -> dict[str, Any]:
    (found,) = [item for item in of_kind(objects, kind) if item["metadata"]["name"] == name]
    return found
