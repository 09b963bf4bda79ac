"""What an operator may set: one object from DEMAND_FORECAST_* variables, the trainer's pods within it.

Each setting says what it is for; the trigger forms and docs/configuration.md are made from that.
"""

from demand_forecast.settings.dag_settings import PREFIX, Settings
from demand_forecast.settings.environment import (
    SettingsError,
    environment_names,
    load_settings,
    regions,
    settings,
)
from demand_forecast.settings.task_settings import Timeouts

__all__ = [
    "PREFIX",
    "Settings",
    "SettingsError",
    "Timeouts",
    "environment_names",
    "load_settings",
    "regions",
    "settings",
]
