"""Which header means what."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.data.series import GREECE, KOREA
from trainer.data.tables.columns import claimed, map_columns
from trainer.errors import DataError


def test_our_own_names_are_found_and_the_rest_is_unused() -> None:
    mapping = map_columns(["humidity", "time", "demand", "temperature", "holiday_name"], KOREA, place="f.csv")
    assert mapping.headers == {n: n for n in ("time", "demand", "temperature", "humidity")}
    assert mapping.unused == ("holiday_name",)


def test_headers_of_the_original_system_are_accepted() -> None:
    headers = ["일시", "power demand(MW)", "hm (humidity)", "ta (temperature)"]
    mapping = map_columns(headers, KOREA, place="f.csv")
    assert mapping.headers == {
        "time": "일시",
        "demand": "power demand(MW)",
        "temperature": "ta (temperature)",
        "humidity": "hm (humidity)",
    }


@pytest.mark.parametrize(
    ("time", "demand"),
    [
        ("일시", "전력수요"),
        ("날짜", "전력수요(MW)"),
        ("ds", "Total load [MW]"),
        ("timestamp", "demand_mw"),
        ("DateTime", "Load"),
        ("date_time", "Actual Load (MW)"),
        ("ds", "y"),
    ],
)
def test_common_spellings_of_time_and_demand(time: str, demand: str) -> None:
    mapping = map_columns([time, demand], GREECE, place="f.csv")
    assert mapping.headers == {"time": time, "demand": demand}


def test_korean_weather_headers_are_accepted() -> None:
    mapping = map_columns(["일시", "전력수요", "기온(°C)", "습도(%)"], KOREA, place="f.csv")
    assert mapping.headers["temperature"] == "기온(°C)"
    assert mapping.headers["humidity"] == "습도(%)"


def test_the_regions_own_mapping_goes_first() -> None:
    region = replace(GREECE, columns={"net": "demand"})
    mapping = map_columns(["time", "demand", "net"], region, place="f.csv")
    assert mapping.headers["demand"] == "net"
    assert mapping.unused == ("demand",)


def test_further_weather_is_found_by_its_own_name() -> None:
    region = replace(GREECE, weather=("wind_speed",))
    mapping = map_columns(["time", "demand", "Wind Speed (m/s)"], region, place="f.csv")
    assert mapping.headers["wind_speed"] == "Wind Speed (m/s)"


def test_a_missing_column_is_named_with_what_was_found_and_how_to_map_it() -> None:
    with pytest.raises(DataError) as caught:
        map_columns(["time", "소비량"], GREECE, place="f.csv")
    message = str(caught.value)
    assert "f.csv" in message
    assert "'demand'" in message
    assert "소비량" in message
    assert "[GR.columns]" in message


def test_missing_weather_may_be_taken_out_of_the_region() -> None:
    with pytest.raises(DataError, match=r"'humidity'.*\['humidity'\] out of the region's `weather`"):
        map_columns(["time", "demand", "temperature"], KOREA, place="f.csv")


@pytest.mark.parametrize("other", ["Demand ($)", "Load (% of peak)", "Load [EUR/MWh]", "demand (p.u.)"])
def test_demand_in_money_or_as_a_share_is_none_beside_power(other: str) -> None:
    name = other.partition(" ")[0]
    assert claimed("demand", [other, f"{name} (MW)"]) == [f"{name} (MW)"]


def test_two_headers_that_claim_one_column_are_refused() -> None:
    with pytest.raises(DataError, match=r"\['load', 'power demand'\].*\[GR\.columns\]"):
        map_columns(["time", "power demand", "load"], GREECE, place="f.csv")


@pytest.mark.parametrize(
    ("header", "unit"),
    [
        ("demand", None),
        ("demand (kW)", "kw"),
        ("load_gw", "gw"),
        ("전력수요(MWh)", "mwh"),
        ("load [kWh]", "kwh"),
    ],
)
def test_the_unit_of_demand_is_read_from_its_header(header: str, unit: str | None) -> None:
    assert map_columns(["time", header], GREECE, place="f.csv").demand_unit == unit
