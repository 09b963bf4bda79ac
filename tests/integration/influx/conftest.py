"""The server that the suite starts, as the trainer is told of it."""

from __future__ import annotations

from typing import Any

import pytest

from trainer.influx import InfluxSettings


@pytest.fixture
def settings(influxdb: Any) -> InfluxSettings:
    found = InfluxSettings.from_environ(influxdb.environ)
    assert found is not None
    return found
