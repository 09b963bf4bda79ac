"""Files of issued weather: what is read, what is left out and told of, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.unit.data.issues import issue_of
from tests.unit.data.series import KOREA, write_csv
from trainer.data.weather.issued_files import IssuedRead, read_issued_weather
from trainer.errors import DataError, UsageError

MIDNIGHT = pd.Timestamp("2024-03-01", tz="UTC")
HOURS = pd.date_range(MIDNIGHT, periods=4, freq="h")


def rows() -> pd.DataFrame:
    """Two issues of four hours each."""
    parts = [
        issue_of(moment, MIDNIGHT, temperature=np.arange(4) + shift, humidity=[50.0] * 4)
        for moment, shift in (("2024-02-28 18:00", 0.0), ("2024-02-29 18:00", 10.0))
    ]
    return pd.concat(parts, ignore_index=True)


def read(path: Path, frame: pd.DataFrame, region: object = KOREA) -> IssuedRead:
    return read_issued_weather(region, write_csv(path / "issued.csv", frame))  # type: ignore[arg-type]


def kinds(found: IssuedRead) -> dict[str, int]:
    return {finding.kind: finding.count for finding in found.findings}


def temperature(found: IssuedRead, hours: pd.DatetimeIndex = HOURS) -> list[float]:
    values: list[float] = found.issued.known_at(hours, MIDNIGHT)["temperature"].tolist()
    return values


def test_a_file_is_read_and_accounted_for(tmp_path: Path) -> None:
    found = read(tmp_path, rows())
    assert temperature(found) == [10.0, 11.0, 12.0, 13.0]
    assert found.findings[0].text.endswith(
        "issued.csv: 2 issues of the weather, 2024-02-28 18:00 .. 2024-02-29 18:00 UTC, of 4 hours on average"
    )
    assert kinds(found) == {"issues": 2}


def test_parquet_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "issued.parquet"
    rows().to_parquet(path)
    assert temperature(read_issued_weather(KOREA, str(path))) == [10.0, 11.0, 12.0, 13.0]


def test_several_places_are_one_weather_with_theirs_beside_it(tmp_path: Path) -> None:
    frame = rows().rename(columns={"temperature": "temperature_seoul"})
    frame["temperature_busan"] = frame["temperature_seoul"] + 4
    found = read(tmp_path, frame)
    known = found.issued.known_at(HOURS, MIDNIGHT)
    assert known["temperature"].tolist() == [12.0, 13.0, 14.0, 15.0]
    assert known["temperature_busan"].tolist() == [14.0, 15.0, 16.0, 17.0]


def test_bad_cells_and_rows_are_left_out_and_told_of(tmp_path: Path) -> None:
    frame = rows().astype({"temperature": object})
    frame.loc[4, "temperature"] = "broken"
    frame.loc[5, "temperature"] = 999
    again = frame.iloc[[6]].assign(temperature=20.0)
    late = frame.iloc[[7]].assign(time=pd.Timestamp("2024-02-29 02:00", tz="UTC"))
    nameless = frame.iloc[[7]].assign(issued_at=None)
    found = read(tmp_path, pd.concat([frame, again, late, nameless]))
    assert temperature(found) == [0.0, 1.0, 20.0, 13.0]
    assert kinds(found) == {
        "issues": 2,
        "no_number": 1,
        "implausible_weather": 1,
        "issued_again": 1,
        "issued_late": 1,
        "no_time": 1,
    }


def test_days_without_an_issue_are_told_of(tmp_path: Path) -> None:
    later = rows().iloc[:4].assign(issued_at=pd.Timestamp("2024-02-25 18:00", tz="UTC"))
    found = read(tmp_path, pd.concat([rows(), later]))
    assert kinds(found)["issue_gap"] == 2
    assert "the first 2024-02-26" in found.findings[1].text


def test_times_without_an_offset_are_local_and_a_repeated_hour_is_told_apart_within_each_issue(
    tmp_path: Path,
) -> None:
    berlin = replace(KOREA, timezone="Europe/Berlin", country="DE")
    hours = pd.date_range("2024-10-26 23:00", periods=4, freq="h", tz="UTC")  # 01:00, 02:00, 02:00, 03:00
    parts = [
        issue_of(moment, hours[0], temperature=[1.0, 2.0, 3.0, 4.0], humidity=[50.0] * 4)
        for moment in ("2024-10-26 06:00", "2024-10-26 12:00")
    ]
    frame = pd.concat(parts, ignore_index=True)
    for name in ("issued_at", "time"):
        frame[name] = frame[name].dt.tz_convert("Europe/Berlin").dt.tz_localize(None)
    known = read(tmp_path, frame, berlin).issued.known_at(hours, hours[0])
    assert known["temperature"].tolist() == [1.0, 2.0, 3.0, 4.0]
    assert (known["issued_at"] == pd.Timestamp("2024-10-26 12:00", tz="UTC")).all()


def test_an_issue_of_a_repeated_hour_is_taken_for_the_later_of_the_two(tmp_path: Path) -> None:
    berlin = replace(KOREA, timezone="Europe/Berlin", country="DE")
    frame = issue_of("2024-10-27 02:30", "2024-10-27 03:00", temperature=[1.0], humidity=[50.0])
    frame["issued_at"] = "2024-10-27 02:30"
    frame["time"] = "2024-10-27 03:00"
    issues = read(tmp_path, frame, berlin).issued.issues
    assert issues[0] == pd.Timestamp("2024-10-27 01:30", tz="UTC")


def test_a_header_may_name_its_clock_and_other_names_are_known(tmp_path: Path) -> None:
    frame = rows().rename(columns={"issued_at": "Issue time (UTC)", "time": "Valid time (UTC)"})
    for name in ("Issue time (UTC)", "Valid time (UTC)"):
        frame[name] = frame[name].dt.tz_localize(None)
    assert temperature(read(tmp_path, frame)) == [10.0, 11.0, 12.0, 13.0]


def test_settings_of_the_demand_file_are_not_those_of_this_one(tmp_path: Path) -> None:
    settings = {"decimal": ",", "date_columns": ["Datum", "Stunde"], "skip_lines": 3, "unit": "GW"}
    country = {key: getattr(KOREA, key) for key in ("title", "timezone", "country", "latitude", "longitude")}
    region = type(KOREA).parse("KR", {**country, "weather": ["temperature", "humidity"], **settings})
    assert temperature(read(tmp_path, rows(), region)) == [10.0, 11.0, 12.0, 13.0]


def test_a_column_that_is_missing_is_named(tmp_path: Path) -> None:
    for missing in ("issued_at", "humidity"):
        with pytest.raises(DataError, match=f"no column for '{missing}'"):
            read(tmp_path, rows().drop(columns=missing))


def test_exchanged_times_are_asked_about(tmp_path: Path) -> None:
    exchanged = rows().rename(columns={"issued_at": "time", "time": "issued_at"})
    with pytest.raises(DataError, match="no row has an hour that lay ahead when it was issued"):
        read(tmp_path, exchanged)


@pytest.mark.parametrize("as_written", ["%Y-%m-%d", "%Y%m%d", "%d.%m.%Y"])
def test_a_day_is_no_time_of_issue(tmp_path: Path, as_written: str) -> None:
    frame = rows()
    frame["issued_at"] = frame["issued_at"].dt.strftime(as_written)
    with pytest.raises(DataError, match="has days and no time of day"):
        read(tmp_path, frame)


def test_a_day_of_parquet_s_own_type_is_no_time_of_issue_either(tmp_path: Path) -> None:
    frame = rows()
    frame["issued_at"] = frame["issued_at"].dt.date
    frame.to_parquet(tmp_path / "issued.parquet")
    with pytest.raises(DataError, match="has days and no time of day"):
        read_issued_weather(KOREA, str(tmp_path / "issued.parquet"))


@pytest.mark.parametrize("header", ["Run time", "Init time", "Reference time"])
def test_the_time_of_a_model_s_run_is_not_taken_for_that_of_its_issue(tmp_path: Path, header: str) -> None:
    with pytest.raises(DataError, match=r"no column for 'issued_at'.*call the header so, or name it"):
        read(tmp_path, rows().rename(columns={"issued_at": header}))


def test_hours_that_no_weather_model_reaches_are_left_out_and_told_of(tmp_path: Path) -> None:
    frame = rows()
    frame.loc[1, "time"] = pd.Timestamp("9999-12-31", tz="UTC")
    found = read(tmp_path, frame)
    assert kinds(found)["issued_far"] == 1
    assert found.issued.rows["time"].max() == HOURS[-1]


def test_a_region_without_weather_has_none_to_be_issued(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="has no `weather`"):
        read(tmp_path, rows(), replace(KOREA, weather=()))
