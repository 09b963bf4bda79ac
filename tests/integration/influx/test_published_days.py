"""What dashboards find in InfluxDB of a forecast's days, their peak and their energy: on a real server."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.integration.influx.published import REGIONS, stored
from trainer.database.forecast_days import ForecastDay
from trainer.influx import InfluxSettings, publish_days

pytestmark = pytest.mark.integration

GREECE = REGIONS["GR"]
PEAK = datetime(2023, 10, 31, 17, tzinfo=UTC)
DAY = ForecastDay(
    date=date(2023, 10, 31),
    hours=24,
    peak_mw=6100.0,
    peak_time=PEAK,
    peak_lower_mw=6000.0,
    peak_upper_mw=6250.0,
    energy_mwh=120_000.0,
    energy_lower_mwh=118_500.0,
    energy_upper_mwh=121_700.0,
)


def days(settings: InfluxSettings, product: str | None = None) -> dict[datetime, dict[str, Any]]:
    found: dict[datetime, dict[str, Any]] = {}
    for point in stored(settings, "power_demand_day"):
        if point.get("product") == product:
            found.setdefault(point["_time"], {})[point["_field"]] = point["_value"]
    return found


def test_a_day_s_peak_and_energy_stand_with_their_bands_at_its_local_beginning(
    settings: InfluxSettings,
) -> None:
    assert publish_days(settings, [DAY], region=GREECE) == 1
    assert days(settings) == {
        datetime(2023, 10, 30, 22, tzinfo=UTC): {
            "peak": 6100.0,
            "peak_lower": 6000.0,
            "peak_upper": 6250.0,
            "peak_time": PEAK.timestamp(),
            "energy": 120_000.0,
            "energy_lower": 118_500.0,
            "energy_upper": 121_700.0,
        }
    }


def test_the_newest_forecast_of_a_day_takes_the_place_of_those_before(settings: InfluxSettings) -> None:
    for peak in (6100.0, 6200.0):
        publish_days(settings, [replace(DAY, peak_mw=peak)], region=GREECE)
    assert [day["peak"] for day in days(settings).values()] == [6200.0]


def test_a_day_that_a_forecast_covers_in_part_leaves_what_was_said_of_the_whole(
    settings: InfluxSettings,
) -> None:
    publish_days(settings, [DAY], region=GREECE)
    assert publish_days(settings, [replace(DAY, hours=12, energy_mwh=60_000.0)], region=GREECE) == 0
    assert [day["energy"] for day in days(settings).values()] == [120_000.0]


@pytest.mark.parametrize(("day", "hours"), [(date(2023, 10, 29), 25), (date(2023, 3, 26), 23)])
def test_a_day_of_changing_clocks_is_whole_with_25_or_23_hours(
    settings: InfluxSettings, day: date, hours: int
) -> None:
    assert publish_days(settings, [replace(DAY, date=day, hours=hours)], region=GREECE) == 1
    assert publish_days(settings, [replace(DAY, date=day, hours=22)], region=GREECE) == 0


def test_a_band_that_is_not_known_is_left_out(settings: InfluxSettings) -> None:
    bandless = replace(
        DAY, peak_lower_mw=None, peak_upper_mw=None, energy_lower_mwh=None, energy_upper_mwh=None
    )
    publish_days(settings, [bandless], region=GREECE)
    (day,) = days(settings).values()
    assert set(day) == {"peak", "peak_time", "energy"}


def test_a_named_forecast_s_days_stand_beside_the_daily_one_s(settings: InfluxSettings) -> None:
    publish_days(settings, [replace(DAY, peak_mw=6500.0)], region=GREECE, product="day_ahead")
    publish_days(settings, [DAY], region=GREECE)
    assert [day["peak"] for day in days(settings, "day_ahead").values()] == [6500.0]
    assert [day["peak"] for day in days(settings).values()] == [6100.0]
