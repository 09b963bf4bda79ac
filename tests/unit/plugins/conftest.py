"""Settings are read once per process: tests that set them start and end with none read."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from demand_forecast.settings import PREFIX, Settings, regions, settings
from tests.names import TRAINER_IMAGE

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


@pytest.fixture
def on_kubernetes(configure: Configure, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tasks become pods of TRAINER_IMAGE; no cluster is asked."""
    monkeypatch.setenv("AIRFLOW_CONN_KUBERNETES_DEFAULT", "kubernetes://")
    configure(RUNTIME="kubernetes", POD__IMAGE=TRAINER_IMAGE)
