"""Files that no entry knows are read by settings of the region, and the file's own evidence is heard."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.data.formats.published import by_hour, days, region_in
from tests.unit.data.series import NOW
from trainer.contract import FileSettings, Region
from trainer.data.hours import SourceHours, hours_of
from trainer.data.sources import read_source
from trainer.errors import DataError

BERLIN = region_in("Europe/Berlin", "DE")
CHICAGO = region_in("America/Chicago", "US")
SPRING, AUTUMN, SUMMER = "2022-03-20", "2021-10-25", "2022-06-06"

Rows = list[tuple[Any, ...]]


def text(header: str, rows: Rows, delimiter: str = ",") -> bytes:
    lines = [delimiter.join(str(cell) for cell in row) for row in rows]
    return "\n".join([header.replace(",", delimiter), *lines, ""]).encode()


def read(content: bytes, folder: Path, region: Region = BERLIN, **said: Any) -> SourceHours:
    path = folder / "a.csv"
    path.write_bytes(content)
    columns = said.pop("columns", {})
    changed = replace(region, columns=columns, files=FileSettings.parse(region.name, said))
    return hours_of(read_source(changed, source=str(path)), changed, as_of=None, now=NOW)


def same(found: SourceHours, demand: pd.Series[float]) -> None:
    pd.testing.assert_series_equal(
        found.frame["demand"], demand, check_freq=False, check_index_type=False, atol=1e-6, rtol=0
    )


def local(demand: pd.Series[float], zone: str = "Europe/Berlin") -> pd.DatetimeIndex:
    return pd.DatetimeIndex(demand.index).tz_convert(zone)


def naive(demand: pd.Series[float], zone: str = "Europe/Berlin", *, ends: bool = False) -> Rows:
    stamps = local(demand, zone) + (demand.index[1] - demand.index[0] if ends else pd.Timedelta(0))
    return [(f"{stamp:%Y-%m-%d %H:%M}", value) for stamp, value in zip(stamps, demand, strict=True)]


@pytest.mark.parametrize("day", [SPRING, AUTUMN, SUMMER])
@pytest.mark.parametrize("minutes", [5, 15, 30, 60])
def test_stamps_at_the_end_of_intervals(day: str, minutes: int, tmp_path: Path) -> None:
    demand = days(BERLIN, day, minutes=minutes)
    same(read(text("time,demand", naive(demand, ends=True)), tmp_path, stamp="end"), by_hour(demand))


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
def test_ends_that_were_counted_on_from_the_beginnings_by_the_clock(day: str, tmp_path: Path) -> None:
    """02:00 follows 01:00 on the day when the clocks go from 02:00 to 03:00."""
    demand = days(BERLIN, day)
    stamps = local(demand).tz_localize(None) + pd.Timedelta(hours=1)
    rows: Rows = [(f"{stamp:%Y-%m-%d %H:%M}", value) for stamp, value in zip(stamps, demand, strict=True)]
    same(read(text("time,demand", rows), tmp_path, stamp="end"), demand)


@pytest.mark.parametrize("minutes", [30, 60])
def test_whole_days_of_what_may_be_ends_are_asked_about_once(minutes: int, tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER, minutes=minutes)
    content = text("time,demand", naive(demand, ends=True))
    with pytest.raises(DataError, match='say it once in the region: stamp = "end" or stamp = "start"'):
        read(content, tmp_path)
    same(read(content, tmp_path, stamp="end"), by_hour(demand))
    assert read(content, tmp_path, stamp="start").frame.index[0] == demand.index[0].ceil("h") + (
        pd.Timedelta(hours=1) if minutes == 60 else pd.Timedelta(0)
    )


def test_a_header_that_speaks_of_ends_is_believed_and_told_of(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    found = read(
        text("Hour Ending,demand", naive(demand, ends=True)), tmp_path, columns={"Hour Ending": "time"}
    )
    same(found, demand)
    assert "times read as the ends of their intervals" in found.findings[0].text


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
@pytest.mark.parametrize(
    ("zone", "said"), [("Etc/GMT-1", "standard"), ("UTC", "UTC"), ("Etc/GMT+5", "Etc/GMT+5")]
)
def test_stamps_of_another_clock(day: str, zone: str, said: str, tmp_path: Path) -> None:
    demand = days(BERLIN, day)
    same(read(text("time,demand", naive(demand, zone)), tmp_path, stamp_timezone=said), demand)


def test_a_year_of_standard_time_is_not_taken_for_local_time_in_silence(tmp_path: Path) -> None:
    index = pd.date_range("2021-01-01", "2022-01-01", freq="h", inclusive="left", tz="Etc/GMT-1")
    demand = pd.Series(np.arange(len(index)) % 977 + 40_000.0, index=index.tz_convert("UTC").rename("time"))
    content = text("time,demand", naive(demand.rename("demand"), "Etc/GMT-1"))
    with pytest.raises(DataError, match=r'go by another clock.*stamp_timezone = "standard"'):
        read(content, tmp_path)
    same(read(content, tmp_path, stamp_timezone="standard"), demand.rename("demand"))


def test_a_repeated_autumn_hour_says_local_time_whatever_the_region_says(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="showed twice: these times are local, but are said to be UTC"):
        read(text("time,demand", naive(days(BERLIN, AUTUMN))), tmp_path, stamp_timezone="UTC")


@pytest.mark.parametrize(
    ("unit", "factor"), [("kW", 1e3), ("GW", 1e-3), ("万kW", 0.1), ("100 MW", 0.01), ("MWh/h", 1.0)]
)
def test_units_of_power(unit: str, factor: float, tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    rows = naive((demand * factor).round(9))
    same(read(text("time,demand", rows), tmp_path, unit=unit), demand)


@pytest.mark.parametrize("minutes", [15, 30, 60])
def test_energy_of_an_interval(minutes: int, tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER, minutes=minutes)
    rows = naive((demand * minutes / 60).round(6))
    same(read(text("time,demand", rows), tmp_path, unit="MWh per interval"), by_hour(demand))


@pytest.mark.parametrize(
    ("decimal", "write"),
    [
        (",", lambda value: f"{value:.1f}".replace(".", ",")),
        (",", lambda value: f"{value:,.1f}".translate(str.maketrans(",.", ".,"))),
        (".", lambda value: f"{value:,.1f}"),
        (",", lambda value: f"{value:,.1f}".translate(str.maketrans(",.", " ,"))),
        (".", lambda value: f"{value:,.1f}".replace(",", "'")),
    ],
)
def test_decimal_signs_and_thousands(decimal: str, write: Callable[[float], str], tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    rows: Rows = [(stamp, write(value)) for stamp, value in naive(demand)]
    content = text("time,demand", rows, ";")
    same(read(content, tmp_path, decimal=decimal), demand)
    same(read(content, tmp_path), demand)  # their own evidence is enough


def test_a_comma_that_can_be_both_is_asked_about(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER).round()
    rows: Rows = [(stamp, f"{value:,.0f}") for stamp, value in naive(demand)]
    with pytest.raises(DataError, match=r"'35,\d{3}' in column 'demand', line 2, .* decimal = "):
        read(text("time,demand", rows, ";"), tmp_path)
    same(read(text("time,demand", rows, ";"), tmp_path, decimal="."), demand)


@pytest.mark.parametrize("delimiter", ["|", "\t", "#"])
def test_delimiters(delimiter: str, tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    same(read(text("time,demand", naive(demand), delimiter), tmp_path, delimiter=delimiter), demand)


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "cp932"])
def test_encodings(encoding: str, tmp_path: Path) -> None:
    header = "time,エリア需要" if encoding == "cp932" else "time,Nachfrage für"
    demand = days(BERLIN, SUMMER)
    content = text(header, naive(demand)).decode().encode(encoding)
    same(read(content, tmp_path, encoding=encoding, columns={header.split(",")[1]: "demand"}), demand)


def test_lines_above_the_header_are_left_out_by_count_and_by_themselves(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    content = b"Total demand; made 2022-07-01\nLicence: CC-BY, see site\n\n" + text(
        "time,demand", naive(demand)
    )
    same(read(content, tmp_path, skip_lines=3), demand)
    found = read(content, tmp_path)
    same(found, demand)
    assert found.findings[0].text.startswith("lines above the header, left out: 2")


@pytest.mark.parametrize("mark", ["-9999", "n/a", "99999.0"])
def test_marks_of_what_is_missing(mark: str, tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    rows = naive(demand)
    rows[30] = (rows[30][0], mark)
    demand.iloc[30] = np.nan
    same(read(text("time,demand", rows), tmp_path, missing=[mark]), demand)


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
@pytest.mark.parametrize(
    "hour",
    [
        pytest.param(lambda stamp: f"{stamp.hour}", id="0 to 23"),
        pytest.param(lambda stamp: f"{stamp:%H:%M}", id="clock"),
        pytest.param(lambda stamp: f"{stamp.hour + 1}", id="1 to 24"),
        pytest.param(lambda stamp: f"HE{stamp.hour + 1:02d}", id="hour ending"),
        pytest.param(lambda stamp: f"{stamp.hour + 1}시", id="Korean"),
        pytest.param(lambda stamp: f"{stamp.hour:02d}:00-{stamp.hour + 1:02d}:00", id="from - to"),
    ],
)
def test_date_and_hour_apart(day: str, hour: Callable[[pd.Timestamp], str], tmp_path: Path) -> None:
    demand = days(BERLIN, day)
    rows: Rows = [(f"{s:%d.%m.%Y}", hour(s), v) for s, v in zip(local(demand), demand, strict=True)]
    same(read(text("Day,Hour,demand", rows), tmp_path, date_columns=["Day", "Hour"]), demand)


def test_date_and_hours_that_end_at_24_00(tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    rows: Rows = [
        (f"{s:%Y-%m-%d}", f"{s.hour + 1:02d}:00", value)
        for s, value in zip(local(demand), demand, strict=True)
    ]
    same(read(text("Day,Hour,demand", rows), tmp_path, date_columns=["Day", "Hour"]), demand)


@pytest.mark.parametrize("mark", [" DST", "X", "*", "B"])
def test_the_repeated_hour_may_bear_a_mark(mark: str, tmp_path: Path) -> None:
    demand = days(CHICAGO, "2021-11-01")
    stamps = local(demand, "America/Chicago")
    again = stamps.tz_localize(None).duplicated()
    rows: Rows = [
        (f"{s:%m/%d/%Y}", f"{s.hour + 1:02d}{':00' if mark == ' DST' else ''}{mark if twice else ''}", value)
        for s, twice, value in zip(stamps, again, demand, strict=True)
    ]
    found = read(text("Date,Hour,demand", rows), tmp_path, CHICAGO, date_columns=["Date", "Hour"])
    same(found, demand)


def test_marks_that_name_the_clock_tell_the_repeated_hours_whatever_their_order(tmp_path: Path) -> None:
    demand = days(CHICAGO, "2021-11-01")
    rows: Rows = [
        (f"{s:%m/%d/%Y %H:%M:%S}", s.tzname(), value)
        for s, value in zip(local(demand, "America/Chicago"), demand, strict=True)
    ]
    again = next(n for n, row in enumerate(rows) if n and rows[n - 1][0] == row[0])
    rows[again - 1], rows[again] = rows[again], rows[again - 1]
    settings = {"date_columns": ["Time Stamp", "Time Zone"]}
    same(read(text("Time Stamp,Time Zone,demand", rows), tmp_path, CHICAGO, **settings), demand)


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
@pytest.mark.parametrize("minutes", [15, 30, 60])
def test_numbers_that_count_through_a_change_of_the_clocks(day: str, minutes: int, tmp_path: Path) -> None:
    demand = days(BERLIN, day, minutes=minutes)
    stamps = local(demand)
    number = pd.Series(1, index=demand.index).groupby(stamps.date).cumsum()
    rows: Rows = [
        (f"{s:%d/%m/%Y}", int(n), value) for s, n, value in zip(stamps, number, demand, strict=True)
    ]
    found = read(text("Day,Period,demand", rows), tmp_path, date_columns=["Day", "Period"])
    same(found, by_hour(demand))


def test_an_hour_24_speaks_against_stamps_at_the_start(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    rows: Rows = [
        (f"{s:%Y-%m-%d}", s.hour + 1, value) for s, value in zip(local(demand), demand, strict=True)
    ]
    with pytest.raises(DataError, match=r'has an hour 24.*stamp = "start"'):
        read(text("Day,Hour,demand", rows), tmp_path, date_columns=["Day", "Hour"], stamp="start")


def test_one_series_of_several(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    rows: Rows = [
        (stamp, area, value + more)
        for stamp, value in naive(demand)
        for area, more in (("N", 0), ("S", 7000))
    ]
    content = text("time,area,demand", rows)
    with pytest.raises(DataError, match=r"told apart by column 'area': N, S; .* where = \{.area. = .N.\}"):
        read(content, tmp_path)
    same(read(content, tmp_path, where={"area": "N"}), demand)
    with pytest.raises(DataError, match="no row has 'area' = 'W', as `where` says; there are N, S"):
        read(content, tmp_path, where={"area": "W"})


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (lambda hour: f"{hour + 1}", {}),
        (lambda hour: f"H{hour + 1:02d}", {}),
        (lambda hour: f"{hour:02d}:00", {}),
        (lambda hour: f"{hour + 1:02d}:00", {}),
        (lambda hour: f"Hour {hour + 1}", {"wide": True}),
        (lambda hour: f"{hour:02d}:00-{hour + 1:02d}:00", {}),
    ],
)
def test_a_day_in_each_row(head: Callable[[int], str], said: dict[str, Any], tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    table = demand.to_numpy().reshape(-1, 24)
    rows: Rows = [(f"{day:%d.%m.%Y}", *row) for day, row in zip(local(demand)[::24], table, strict=True)]
    same(read(text("date," + ",".join(head(hour) for hour in range(24)), rows), tmp_path, **said), demand)


def test_a_day_in_each_row_with_a_column_for_the_repeated_hour(tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    rows = []
    for day, of_day in demand.groupby(local(demand).date):
        cells = [f"{value}" for value in of_day]
        # The clocks go back at 03:00: the third hour of the day comes twice.
        again = cells.pop(3) if len(cells) == 25 else ""
        rows.append((day, *cells[:3], again, *cells[3:]))
    head = ["1", "2", "3A", "3B", *(str(hour) for hour in range(4, 25))]
    same(read(text("date," + ",".join(head), rows), tmp_path), demand)


@pytest.mark.parametrize(
    "time_format", ["%d.%m.%y %H:%M", "%y%m%d%H%M", "%H:%M %d-%b-%Y", "%A, %d %B %Y %I:%M %p", "%Y%j %H:%M"]
)
def test_a_format_of_times(time_format: str, tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    rows: Rows = [
        (f'"{stamp.strftime(time_format)}"', value)
        for stamp, value in zip(local(demand), demand, strict=True)
    ]
    same(read(text("time,demand", rows), tmp_path, time_format=time_format), demand)


def test_a_time_that_is_not_as_its_format_says_is_refused_by_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="line 2, is not as time_format '%d/%m/%Y %H:%M' says"):
        read(text("time,demand", naive(days(BERLIN, SUMMER))), tmp_path, time_format="%d/%m/%Y %H:%M")


@pytest.mark.parametrize("time_format", ["%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M"])
def test_day_and_month_are_told_apart_by_how_the_rows_follow_each_other(
    time_format: str, tmp_path: Path
) -> None:
    demand = days(BERLIN, SUMMER).iloc[:120]  # 6 to 10 June: each could be a month as well
    rows: Rows = [
        (f"{s.strftime(time_format)}", value) for s, value in zip(local(demand), demand, strict=True)
    ]
    same(read(text("time,demand", rows), tmp_path), demand)


@pytest.mark.parametrize("unit", ["s", "ms"])
def test_seconds_since_1970(unit: str, tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    seconds = demand.index.as_unit("s").asi8 * (1000 if unit == "ms" else 1)
    same(read(text("time,demand", list(zip(seconds, demand, strict=True))), tmp_path), demand)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    day=st.sampled_from([SPRING, AUTUMN, SUMMER]),
    minutes=st.sampled_from([15, 30, 60]),
    ends=st.booleans(),
    zone=st.sampled_from(["Europe/Berlin", "UTC", "Etc/GMT-1"]),
    unit=st.sampled_from([("kW", 1e3), ("MW", 1.0), ("GW", 1e-3)]),
    decimal=st.sampled_from([".", ","]),
    spelling=st.sampled_from(["%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M", "%Y%m%d%H%M", "%d-%b-%Y %I:%M %p"]),
)
def test_settings_go_together(
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
