"""Params of a trigger form whose defaults are settings."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from airflow.sdk import Param

from demand_forecast.settings.dag_settings import Settings
from demand_forecast.settings.environment import settings

_PASSED_ON: Final = ("type", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")


def setting_param(name: str, description: str) -> Param:
    """A number with the setting's value as its default and the setting's bounds as its own.

    The bounds are held once: Airflow drops a DAG whose default does not fit, for every region.
    """
    field = _fields()[name]
    bounds = {key: field[key] for key in _PASSED_ON if key in field}
    return Param(getattr(settings(), name), **bounds, description=description)


@cache
def _fields() -> dict[str, Any]:
    fields: dict[str, Any] = Settings.model_json_schema()["properties"]
    return fields
