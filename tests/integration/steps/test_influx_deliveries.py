"""What InfluxDB is owed outlives its being away: delivered later, oldest first, all of it, nothing twice."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from stack import influxdb, influxdb_binary, process
from stack.state import Service, State
from tests.integration.influx.published import stored
from trainer.contract import Env, Manifest
from trainer.database import connect
from trainer.influx import InfluxSettings
from trainer.steps.ingest import ingest
from trainer.steps.publish import publish
from trainer.steps.score import score
from trainer.steps.snapshot import snapshot
from trainer.store import Run

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

DAYS = ("2024-03-13", "2024-03-14", "2024-03-15")
Day = Callable[[str], list[Manifest]]


@pytest.fixture(scope="module")
def state(
    influxdb_service: Service,  # it makes sure of a binary before the first test
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[State]:
    """Of an InfluxDB that tests may stop and freeze."""
    found = State(tmp_path_factory.mktemp("influxdb"))
    yield found
    for service in found.services():
        process.stop(service, grace=5)


@pytest.fixture
def start(state: State) -> Callable[[], Service]:
    influxd = influxdb_binary.obtain(print)
    return lambda: influxdb.ensure(state, influxd, environ={}, port=0)


@pytest.fixture
def settings(start: Callable[[], Service], monkeypatch: pytest.MonkeyPatch) -> Iterator[InfluxSettings]:
    service = start()
    bucket = f"test_{time.time_ns()}"
    influxdb.make_bucket(service, bucket)
    details = {
        Env.INFLUXDB_URL: service.url,
        Env.INFLUXDB_TOKEN: service.details["token"],
        Env.INFLUXDB_ORG: service.details["org"],
        Env.INFLUXDB_BUCKET: bucket,
    }
    for name, value in details.items():
        monkeypatch.setenv(name, value)
    found = InfluxSettings.from_environ(details)
    assert found is not None
    yield found
    influxdb.drop_bucket(start(), bucket)


@pytest.fixture
def day(make_run: Callable[..., Run], close_forecast: Callable[..., None], database: str) -> Day:
    """One day's verbs; their manifests."""

    def run_day(date: str) -> list[Manifest]:
        run = make_run(date, f"daily/{date}")
        ingested = ingest(run, source=None)
        snapshot(run, lookback_days=30, source=None)
        close_forecast(run)
        return [ingested, publish(run), score(run, days=2)]

    return run_day


def count(settings: InfluxSettings) -> dict[str, int]:
    """Points by measurement, one field of each."""
    fields = {
        "power_demand_forecast": "forecast",
        "power_demand_actual": "demand",
        "power_demand_quality": "verdict",
        "forecast_metrics": "mae",
        "model_decisions": "reason",
    }
    return {
        measurement: sum(record["_field"] == field for record in stored(settings, measurement))
        for measurement, field in fields.items()
    }


def decide(database: str, runs: int = 1) -> None:
    with connect(database) as connection:
        connection.execute(
            "INSERT INTO model_deployments (region, version, run_id, status, reason)"
            " SELECT 'T', 'T-' || run, 'weekly/' || run, 'rejected', 'no better'"
            " FROM generate_series(1, %s) AS run",
            [runs],
        )


def owed(database: str) -> list[str]:
    with connect(database) as connection:
        rows = connection.execute("SELECT kind FROM influx_deliveries ORDER BY id").fetchall()
    return [kind for (kind,) in rows]


def test_three_days_without_influxdb_are_all_there_after_one_further_run(
    start: Callable[[], Service], settings: InfluxSettings, day: Day, database: str
) -> None:
    decide(database)
    process.stop(start())
    for date in DAYS:
        for manifest in day(date):
            assert manifest.facts["influxdb_owed"] > 0
            assert "cannot be reached" in manifest.facts["influxdb_error"]
    assert Counter(owed(database)) == {"forecast": 3, "actuals": 2, "metrics": 2, "decisions": 1}

    start()
    last = day("2024-03-16")[-1]

    assert last.facts["influxdb_owed"] == 0
    assert owed(database) == []
    hours = 24 * 15  # from March 1st up to the last day's midnight
    assert count(settings) == {
        "power_demand_forecast": 4 * 24,
        "power_demand_actual": hours,
        "power_demand_quality": hours,
        "forecast_metrics": 3 * 25,
        "model_decisions": 1,
    }


def test_decisions_of_one_second_are_delivered_and_owed_no_more(
    settings: InfluxSettings, day: Day, database: str
) -> None:
    decide(database, runs=3)
    day(DAYS[0])
    assert owed(database) == []
    assert count(settings)["model_decisions"] == 3


def test_the_same_run_again_changes_nothing(settings: InfluxSettings, day: Day) -> None:
    day(DAYS[0])
    day(DAYS[1])
    once = count(settings)
    day(DAYS[1])
    assert count(settings) == once


def test_a_refused_token_leaves_all_owed_and_is_named(
    settings: InfluxSettings, day: Day, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as wrong:
        wrong.setenv(Env.INFLUXDB_TOKEN, "wrong")
        facts = day(DAYS[0])[1].facts
    assert facts["influxdb_owed"] > 0
    assert Env.INFLUXDB_TOKEN in facts["influxdb_error"]
    assert day(DAYS[1])[-1].facts["influxdb_owed"] == 0


def test_a_frozen_server_costs_a_bounded_time(
    start: Callable[[], Service],
    settings: InfluxSettings,
    make_run: Callable[..., Run],
    database: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("trainer.influx.server._TIMEOUT_MS", 2_000)
    pid = start().pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        began = time.monotonic()
        facts = ingest(make_run(), source=None).facts
        took = time.monotonic() - began
    finally:
        os.kill(pid, signal.SIGCONT)
    assert facts["influxdb_owed"] > 0
    assert took < 10


def test_a_run_delivers_a_bounded_number_the_oldest_first(
    start: Callable[[], Service],
    settings: InfluxSettings,
    day: Day,
    make_run: Callable[..., Run],
    database: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    process.stop(start())
    for date in DAYS:
        day(date)
    before = owed(database)
    start()
    monkeypatch.setattr("trainer.influx.delivery.UNITS_PER_RUN", 2)
    ingest(make_run(DAYS[-1], "hourly/1"), source=None)
    assert owed(database) == before[2:]


def test_an_hour_that_a_person_rejects_is_no_actual_of_influxdb_and_is_told_there_after_the_next_ingestion(
    settings: InfluxSettings, day: Day, make_run: Callable[..., Run], database: str
) -> None:
    day(DAYS[0])
    before = count(settings)
    with connect(database) as connection:
        connection.execute(
            """
            INSERT INTO demand_judgements (region, first_hour, last_hour, judgement, decided_by, reason)
            VALUES ('T', '2024-03-10 05:00+00', '2024-03-10 05:00+00', 'rejected', 'Kim', 'meter replaced')
            """
        )
    ingest(make_run(DAYS[0], "hourly/1"), source=None)
    after = count(settings)
    assert after["power_demand_actual"] == before["power_demand_actual"] - 1
    assert after["power_demand_quality"] == before["power_demand_quality"]
    quality = {
        (point["_time"].isoformat(), point["_field"]): point["_value"]
        for point in stored(settings, "power_demand_quality")
    }
    assert quality["2024-03-10T05:00:00+00:00", "verdict"] == "suspect"
    assert quality["2024-03-10T05:00:00+00:00", "reason"] == "rejected by Kim: meter replaced"
