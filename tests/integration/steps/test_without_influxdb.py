"""Without InfluxDB a forecast is published and scored in PostgreSQL alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.steps.stores import times, values
from trainer.steps.ingest import ingest
from trainer.steps.publish import publish
from trainer.steps.score import score
from trainer.steps.snapshot import snapshot
from trainer.store import Run

pytestmark = pytest.mark.integration
MakeRun = Callable[..., Run]
CloseForecast = Callable[..., None]
WITHOUT_INFLUXDB = "INFLUXDB_URL is not set: nothing goes to InfluxDB, PostgreSQL alone"


@pytest.fixture
def without_influxdb(
    make_run: MakeRun, close_forecast: CloseForecast, database: str, caplog: pytest.LogCaptureFixture
) -> Run:
    """A run that has its forecast, on a machine that knows PostgreSQL alone."""
    caplog.set_level("INFO")
    run = make_run()
    ingest(run, source=None)
    snapshot(run, lookback_days=30, source=None)
    close_forecast(run)
    caplog.clear()
    return run


def test_without_influxdb_a_forecast_is_published_to_postgresql_alone(
    without_influxdb: Run, database: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert publish(without_influxdb).facts == {"postgres_rows": 24}
    assert values(database, "SELECT count(*) FROM predictions") == [(24,)]
    assert caplog.messages.count(WITHOUT_INFLUXDB) == 1


def test_without_influxdb_it_is_scored_in_postgresql_alone(
    without_influxdb: Run,
    make_run: MakeRun,
    database: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    publish(without_influxdb)
    later = make_run("2024-03-16", "daily/2")
    ingest(later, source=None)
    caplog.clear()
    assert score(later, days=7).facts["hours"] == 24
    assert values(database, "SELECT count(*) FROM model_metrics WHERE lead_time = 0") == [(1,)]
    assert caplog.messages.count(WITHOUT_INFLUXDB) == 1


def test_an_influxdb_that_is_set_up_later_gets_what_was_published_without_it(
    without_influxdb: Run, influxdb: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(without_influxdb)
    for name, value in influxdb.environ.items():
        monkeypatch.setenv(name, value)
    assert publish(without_influxdb).facts["influxdb_owed"] == 0
    assert times(influxdb, "power_demand_forecast") == 24
    assert times(influxdb, "power_demand_actual") == 14 * 24
