"""Dates of other calendars: those of Thailand, Taiwan, Japan and Iran are read as ours, or asked about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from tests.unit.data.formats.published import days, region_in
from tests.unit.data.formats.written import Rows, local, naive, read, same, text
from trainer.contract import Region
from trainer.data.hours import SourceHours
from trainer.data.proposal import proposal
from trainer.data.sources import read_source
from trainer.data.stamps.jalali import FIRST, LAST, is_leap, to_gregorian
from trainer.errors import DataError

BANGKOK = region_in("Asia/Bangkok", "TH")
TAIPEI = region_in("Asia/Taipei", "TW")
TOKYO = region_in("Asia/Tokyo", "JP")
TEHRAN = region_in("Asia/Tehran", "IR")
DEMAND = days(BANGKOK, "2024-02-20")
"""Over a 29th of February."""
OF_IRAN = {
    to_gregorian(year, month, day): f"{year}/{month:02d}/{day:02d}"
    for year in range(1389, 1411)
    for month in range(1, 13)
    for day in range(1, 32)
}


def written(region: Region, spelled: Callable[[pd.Timestamp], str], first: str = "2024-02-20") -> Rows:
    """The times of `days` as `spelled`, with their values."""
    demand = days(region, first)
    times = local(demand, region.timezone)
    return [(spelled(time), value) for time, value in zip(times, demand, strict=True)]


def same_as_ours(found: SourceHours, folder: Path, first: str = "2024-02-20") -> None:
    """As the same rows with dates of ours; the hours of Tehran's clock begin on halves of ours."""
    rows = written(TEHRAN, lambda time: f"{time:%Y-%m-%d %H:%M}", first)
    ours = read(text("time,demand", rows), folder, TEHRAN)
    assert ours.frame["demand"].notna().sum() == len(rows) + 1
    same(found, ours.frame["demand"])


@pytest.mark.parametrize("pattern", ["{0}-%m-%d %H:%M", "%d/%m/{0} %H:%M", "{0}%m%d %H:%M"])
def test_years_of_the_buddhist_era_are_read(pattern: str, tmp_path: Path) -> None:
    rows = written(BANGKOK, lambda time: f"{time:{pattern.format(time.year + 543)}}")
    found = read(text("time,demand", rows), tmp_path, BANGKOK)
    same(found, DEMAND)
    assert any("years of the Buddhist era, read as 543 less" in finding.text for finding in found.findings)


def test_clock_times_that_look_like_such_years_are_none(tmp_path: Path) -> None:
    rows = written(BANGKOK, lambda time: f"{time:%d/%m/%Y %H%M}")
    same(read(text("time,demand", rows), tmp_path, BANGKOK), DEMAND)


@pytest.mark.parametrize(
    "pattern",
    [
        *("{0}/%m/%d %H:%M", "{0}-%-m-%-d %H:%M", "{0}.%m.%d %H:%M", "{0}%m%d %H%M", "{0}年%-m月%-d日 %H:%M"),
        *("民國{0}年%-m月%-d日 %H:%M", "中華民國 {0} 年 %m 月 %d 日 %H:%M", "民國{0}/%m/%d %H:%M"),
    ],
)
def test_years_of_the_republic_of_china_are_read(pattern: str, tmp_path: Path) -> None:
    rows = written(TAIPEI, lambda time: f"{time:{pattern.format(time.year - 1911)}}")
    found = read(text("time,demand", rows), tmp_path, TAIPEI)
    same(found, days(TAIPEI, "2024-02-20"))
    assert any("dates of the Republic of China, read as ours" in finding.text for finding in found.findings)


def test_of_two_and_three_digits_its_years_are_read_over_the_hundredth(tmp_path: Path) -> None:
    rows = written(TAIPEI, lambda time: f"{time.year - 1911}/{time:%m/%d %H:%M}", "2010-12-25")
    assert str(rows[0][0]).startswith("99/12/25")
    same(read(text("time,demand", rows), tmp_path, TAIPEI), days(TAIPEI, "2010-12-25"))


def test_its_dates_beside_numbered_hours_are_found_by_what_they_are(tmp_path: Path) -> None:
    rows = [
        (*stamp.split(" "), value)
        for stamp, value in written(TAIPEI, lambda time: f"{time.year - 1911}/{time:%m/%d} {time.hour}")
    ]
    same(read(text("some,other,demand", rows), tmp_path, TAIPEI), days(TAIPEI, "2024-02-20"))


def test_its_dates_in_columns_of_years_months_and_days_are_joined(tmp_path: Path) -> None:
    rows = [
        (*stamp.split(" "), value)
        for stamp, value in written(TAIPEI, lambda time: f"{time.year - 1911} {time:%-m %-d %-H}")
    ]
    same(read(text("年,月,日,時間,demand", rows), tmp_path, TAIPEI), days(TAIPEI, "2024-02-20"))


@pytest.mark.parametrize(
    ("region", "spelled"),
    [
        (TAIPEI, lambda time: f"{time.year - 1911}/{time:%m/%d}"),
        (TOKYO, lambda time: f"令和{time.year - 2018}年{time:%-m月%-d日}"),
    ],
)
def test_such_days_in_headers_are_turned(
    region: Region, spelled: Callable[[pd.Timestamp], str], tmp_path: Path
) -> None:
    demand = days(region, "2024-02-20")
    times = local(demand, region.timezone)
    header = ",".join(["Hour", *dict.fromkeys(map(spelled, times))])
    rows: Rows = [(hour, *demand[times.hour == hour]) for hour in range(24)]
    same(read(text(header, rows), tmp_path, region, unit="MW"), demand)


def test_the_header_may_say_what_the_country_does(tmp_path: Path) -> None:
    elsewhere = region_in("Asia/Taipei", "CN")
    rows = written(elsewhere, lambda time: f"{time.year - 1911}/{time:%m/%d %H:%M}")
    found = read(text("日期 (民國),demand", rows), tmp_path, elsewhere, columns={"日期 (民國)": "time"})
    same(found, days(elsewhere, "2024-02-20"))


@pytest.mark.parametrize(
    ("spelled", "first"),
    [
        (lambda time: f"令和{time.year - 2018}年{time:%-m月%-d日 %H:%M}", "2024-02-20"),
        (lambda time: f"令和{time.year - 2018}年{time:%-m月%-d日%-H時}", "2024-02-20"),
        (lambda time: f"R{time.year - 2018}.{time:%-m.%-d %H:%M}", "2024-02-20"),
        (lambda time: f"R{time.year - 2018:02d}/{time:%m/%d %H:%M}", "2024-02-20"),
        (
            lambda time: (
                f"令和元年{time:%-m月%-d日 %H:%M}"
                if f"{time:%m%d}" >= "0501"
                else f"平成31年{time:%-m月%-d日 %H:%M}"
            ),
            "2019-04-22",
        ),
    ],
)
def test_years_of_japan_s_eras_are_read(
    spelled: Callable[[pd.Timestamp], str], first: str, tmp_path: Path
) -> None:
    found = read(text("time,demand", written(TOKYO, spelled, first)), tmp_path, TOKYO)
    same(found, days(TOKYO, first))
    assert any("dates of Japan's eras, read as ours" in finding.text for finding in found.findings)


@pytest.mark.parametrize("first", ["2024-03-10", "2021-03-14", "2022-09-15"])
@pytest.mark.parametrize("sign", ["/", "-", ".", ""])
def test_dates_of_iran_s_calendar_are_read(sign: str, first: str, tmp_path: Path) -> None:
    rows = written(TEHRAN, lambda time: f"{OF_IRAN[time.date()].replace('/', sign)} {time:%H:%M}", first)
    found = read(text("time,demand", rows), tmp_path, TEHRAN, stamp_timezone="Asia/Tehran")
    same_as_ours(found, tmp_path, first)
    assert any("dates of Iran's calendar, read as ours" in finding.text for finding in found.findings)


def test_digits_of_persian_are_read(tmp_path: Path) -> None:
    persian = str.maketrans("0123456789", "".join(chr(0x6F0 + digit) for digit in range(10)))
    rows = written(TEHRAN, lambda time: f"{OF_IRAN[time.date()]} {time:%H:%M}".translate(persian))
    same_as_ours(read(text("time,demand", rows), tmp_path, TEHRAN), tmp_path)


def test_a_day_that_iran_s_year_does_not_have_is_left_out_and_no_year_of_ours(tmp_path: Path) -> None:
    rows = written(TEHRAN, lambda time: f"{OF_IRAN[time.date()].replace('/', '-')} {time:%H:%M}")
    found = read(text("time,demand", [*rows, ("1402-12-30 05:00", 43_000)]), tmp_path, TEHRAN)
    same_as_ours(found, tmp_path)
    assert any("'1402-12-30 05:00'" in finding.text for finding in found.findings)


def test_times_of_other_calendars_are_found_whatever_their_header(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(text("t0,demand", written(TEHRAN, lambda time: f"{OF_IRAN[time.date()]} {time:%H:%M}")))
    assert proposal(read_source(TEHRAN, source=str(path)), TEHRAN).columns == {"t0": "time"}


@pytest.mark.parametrize(
    ("stamp", "said"),
    [
        ("113/02/{day:02d}", "of Taiwan's calendar, or its year is counted from 1900"),
        ("1402/11/{day:02d}", "of Iran's calendar, or of the lunar one of Islam"),
        ("R6.2.{day}", "of an era of Japan, or has a mark before it"),
        ("{day:02d}/11/1402", "of Iran's calendar; write its year first"),
    ],
)
def test_what_may_be_another_calendar_is_asked_about(stamp: str, said: str, tmp_path: Path) -> None:
    rows: Rows = [
        (f"{stamp.format(day=day)} {hour:02d}:00", 500) for day in range(1, 10) for hour in range(24)
    ]
    with pytest.raises(DataError, match=rf"line 2, is a date {said}"):
        read(text("time,demand", rows), tmp_path, region_in("Europe/Berlin", "DE"))


def test_a_format_of_times_that_reads_them_as_they_are_goes_before(tmp_path: Path) -> None:
    rows = written(TOKYO, lambda time: f"H{time:%y.%m.%d %H:%M}")
    found = read(text("time,demand", rows), tmp_path, TOKYO, time_format="H%y.%m.%d %H:%M")
    same(found, days(TOKYO, "2024-02-20"))


def test_our_own_dates_are_those_of_no_other_calendar(tmp_path: Path) -> None:
    for region in (BANGKOK, TAIPEI, TOKYO):
        demand = days(region, "2024-02-20")
        found = read(text("time,demand", naive(demand, region.timezone)), tmp_path, region)
        same(found, demand)
        assert not any("read as ours" in finding.text for finding in found.findings)


@pytest.mark.parametrize(
    ("nowruz", "of_march"),
    [
        *((1390, 21), (1391, 20), (1392, 21), (1393, 21), (1394, 21), (1395, 20), (1396, 21), (1397, 21)),
        *((1398, 21), (1399, 20), (1400, 21), (1401, 21), (1402, 21), (1403, 20), (1404, 21), (1405, 21)),
        *((1406, 21), (1407, 20), (1408, 20), (1409, 21), (1410, 21)),
    ],
)
def test_iran_s_year_begins_with_the_equinox(nowruz: int, of_march: int) -> None:
    assert to_gregorian(nowruz, 1, 1) == date(nowruz + 621, 3, of_march)


@pytest.mark.parametrize(
    ("of_iran", "ours"),
    [
        ((1357, 11, 22), date(1979, 2, 11)),
        ((1378, 10, 11), date(2000, 1, 1)),
        ((1399, 12, 30), date(2021, 3, 20)),
        ((1403, 12, 30), date(2025, 3, 20)),
    ],
)
def test_known_days_of_iran(of_iran: tuple[int, int, int], ours: date) -> None:
    assert to_gregorian(*of_iran) == ours


def test_its_days_follow_each_other_one_by_one() -> None:
    found = [
        day
        for year in range(FIRST, LAST + 1)
        for month in range(1, 13)
        for number in range(1, 32)
        if (day := to_gregorian(year, month, number))
    ]
    assert found == [day.date() for day in pd.date_range(found[0], found[-1])]
    assert len(found) == sum(366 if is_leap(year) else 365 for year in range(FIRST, LAST + 1))
