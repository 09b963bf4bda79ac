"""Settings are read once per process: tests that set them start and end with none read."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from demand_forecast.settings import PREFIX, Settings, regions, settings

Configure = Callable[..., Settings]


@pytest.fixture
def configure(monkeypatch: pytest.MonkeyPatch) -> Iterator[Configure]:
    """`configure(POD__IMAGE="...")` sets DEMAND_FORECAST_POD__IMAGE; returns the settings as read."""

    def set_variables(**variables: str) -> Settings:
        for name, value in variables.items():
            monkeypatch.setenv(PREFIX + name, value)
        settings.cache_clear()
        regions.cache_clear()
        return settings()

    yield set_variables
    settings.cache_clear()
    regions.cache_clear()
