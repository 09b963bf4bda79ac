"""Sixty days of daily_forecast over a region to which everything happens that happens to metering."""

from __future__ import annotations

from collections import Counter

import pytest

from stack.state import Service
from tests.dags.fault_replay.conftest import World
from tests.dags.fault_replay.faults import FAULTS, LEVEL_JUMP, WEATHER_HOLE, Fault
from tests.dags.fault_replay.page import PAGE, page, rows, written
from tests.dags.fault_replay.replayed import days_of, own_days, sound_days, until_accepted
from tests.dags.fault_replay.schedule import DAYS
from tests.integration.influx.published import stored
from trainer.influx import InfluxSettings

pytestmark = [
    pytest.mark.integration,
    pytest.mark.timeout(900),
    # Apprise's plugins are imported when the first alert goes out.
    pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning"),
]

ALL = (*FAULTS, LEVEL_JUMP, WEATHER_HOLE)
FOLLOWED_WITHIN_DAYS = 3
ALIKE = 0.1
"""Of a figure on two machines, whose arithmetic makes slightly different models."""
NAMES = [fault.name for fault in ALL]


def test_no_day_is_without_its_24_published_hours(world: World) -> None:
    for replayed in (world.clean, world.faulty):
        hours = replayed.published.groupby("origin")["forecast_mw"].count()
        assert hours.to_list() == [24] * DAYS
        assert (replayed.published["forecast_mw"] > 0).all()


def test_no_task_of_any_day_fails(world: World) -> None:
    for replayed in (world.clean, world.faulty):
        for day in replayed.days:
            assert set(day.states.values()) == {"success"}, day


def test_on_days_without_a_fault_the_forecast_is_as_good_as_ever(world: World) -> None:
    sound = sound_days(world.faults, world.faulty.start)
    assert len(sound) >= 14
    clean, faulty = (replayed.errors()[sound].mean() for replayed in (world.clean, world.faulty))
    assert faulty <= 1.05 * clean


def test_the_clean_region_is_told_of_nothing(world: World) -> None:
    assert [alert for alerts in world.clean.alerts for alert in alerts] == []


@pytest.mark.parametrize("fault", ALL, ids=NAMES)
def test_a_fault_is_told_of(world: World, fault: Fault) -> None:
    one = world.occurrence(fault.name)
    days = days_of(one, world.faulty.start)
    if fault.told is not None:
        assert any(fault.told in world.faulty.told(day) for day in days)
    titles = {alert["title"] for day in days for alert in world.faulty.alerts[day]}
    if fault.alert is not None:
        assert f"FAULTY: {fault.alert}" in titles


@pytest.mark.parametrize("fault", ALL[:-1], ids=NAMES[:-1])
def test_a_forecast_is_marked_by_who_made_it(world: World, fault: Fault) -> None:
    for day in own_days(world.occurrence(fault.name), world.faulty.start):
        assert world.faulty.marks(day) == {fault.fallback}


def test_a_level_that_shifts_is_followed_within_days(world: World) -> None:
    shift = world.occurrence("level shift of -20 % for eight days")
    _, *within, _ = own_days(shift, world.faulty.start)[FOLLOWED_WITHIN_DAYS - 1 :]
    errors, clean = world.faulty.errors(), world.clean.errors()
    assert errors[within].mean() < 2 * clean.mean()
    titles = {alert["title"] for day in within for alert in world.faulty.alerts[day]}
    assert not {title for title in titles if "in doubt" in title}


def test_a_level_that_jumps_is_followed_within_days_of_its_acceptance(world: World) -> None:
    jump = world.occurrence(LEVEL_JUMP.name)
    errors, clean = world.faulty.errors(), world.clean.errors()
    assert errors[until_accepted(jump) + FOLLOWED_WITHIN_DAYS :].mean() < 2 * clean.mean()


def test_all_other_days_are_the_champion_s(world: World) -> None:
    lacking = [one for one in world.faults if one.fault.fallback != "none"]
    fallen = {day for one in lacking for day in own_days(one, world.faulty.start)}
    assert {day for day in range(DAYS) if world.faulty.marks(day) != {"none"}} == fallen
    assert all(world.clean.marks(day) == {"none"} for day in range(DAYS))


def test_influxdb_is_owed_what_it_does_not_take_and_an_alert_says_so(world: World) -> None:
    assert world.away
    for day in world.away:
        assert world.faulty.days[day].facts("publish")["influxdb_owed"] > 0
        titles = [alert["title"] for alert in world.faulty.alerts[day]]
        assert "FAULTY: InfluxDB is behind" in titles


def test_influxdb_has_every_published_hour_in_the_end(world: World, influxdb_service: Service) -> None:
    assert world.faulty.days[-1].facts("score")["influxdb_owed"] == 0
    settings = InfluxSettings.from_environ(world.influxdb)
    assert settings is not None
    points = Counter(
        record["region"]
        for record in stored(settings, "power_demand_forecast")
        if record["_field"] == "forecast"
    )
    assert points == {"FAULTY": 24 * DAYS}


def test_the_page_in_docs_holds_what_the_replay_gives(world: World, request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--write-docs"):
        PAGE.write_text(page(world), encoding="utf-8")
    for found, on_page in zip(rows(world), written(), strict=True):
        assert (found.fault, found.did, found.days) == (on_page.fault, on_page.did, on_page.days)
        assert found.clean == pytest.approx(on_page.clean, rel=ALIKE)
        assert found.faulty == pytest.approx(on_page.faulty, rel=ALIKE)
