"""Settings of a region do not get in each other's way."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.data.formats.published import by_hour, days
from tests.unit.data.formats.written import (
    AUTUMN,
    BERLIN,
    SPRING,
    SUMMER,
    Rows,
    local,
    read,
    same,
    text,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    day=st.sampled_from([SPRING, AUTUMN, SUMMER]),
    minutes=st.sampled_from([15, 30, 60]),
    ends=st.booleans(),
    zone=st.sampled_from(["Europe/Berlin", "UTC", "Etc/GMT-1"]),
    unit=st.sampled_from([("kW", 1e3), ("MW", 1.0), ("GW", 1e-3)]),
    decimal=st.sampled_from([".", ","]),
    spelling=st.sampled_from(["%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M", "%Y%m%d%H%M", "%d-%b-%Y %I:%M %p"]),
)
def test_any_settings_together_read_the_same_hours(
    day: str,
    minutes: int,
    ends: bool,
    zone: str,
    unit: tuple[str, float],
    decimal: str,
    spelling: str,
    tmp_path: Path,
) -> None:
    demand = days(BERLIN, day, minutes=minutes)
    stamps = local(demand, zone) + (pd.Timedelta(minutes=minutes) if ends else pd.Timedelta(0))
    rows: Rows = [
        (stamp.strftime(spelling), f"{value * unit[1]:.6f}".replace(".", decimal))
        for stamp, value in zip(stamps, demand, strict=True)
    ]
    found = read(
        text("time,demand", rows, ";"),
        tmp_path,
        stamp="end" if ends else "start",
        stamp_timezone=zone,
        unit=unit[0],
        decimal=decimal,
    )
    same(found, by_hour(demand))
