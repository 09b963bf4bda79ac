"""The demo's series: whose it is, that it can be read, and the midnight that its runs speak for."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from stack.series import choose, describe, write_regions
from stack.state import State
from trainer.contract import Env, Region, load_regions
from trainer.errors import DataError, UsageError


def csv(folder: Path, first: str, last: str, ahead: int = 48) -> str:
    """Hourly demand of South Korea, both ends included, in local time, and weather `ahead` hours further."""
    hours = pd.date_range(first, pd.Timestamp(last) + pd.Timedelta(hours=ahead), freq="h", tz="Asia/Seoul")
    demand = (50_000 + 5_000 * pd.Series(range(len(hours))).mod(24)).where(hours <= hours[-1 - ahead])
    frame = pd.DataFrame(
        {"time": hours.tz_localize(None), "demand": demand, "temperature": 12.5, "humidity": 60.0}
    )
    path = folder / "demand.csv"
    frame.to_csv(path, index=False)
    return str(path)


def test_without_a_wish_it_is_greece_to_the_end_of_its_last_whole_day() -> None:
    series = choose(None, None)
    assert series.region.name == "GR"
    assert series.as_of == datetime(2020, 11, 2, tzinfo=ZoneInfo("Europe/Athens"))


@pytest.mark.parametrize(
    ("last", "as_of"),
    [
        ("2023-03-31 23:00", "2023-04-01T00:00:00+09:00"),
        ("2023-03-31 22:00", "2023-03-31T00:00:00+09:00"),
        ("2023-04-01 00:00", "2023-04-01T00:00:00+09:00"),
    ],
)
def test_a_file_speaks_up_to_its_last_whole_local_day(tmp_path: Path, last: str, as_of: str) -> None:
    series = choose(csv(tmp_path, "2023-02-01 00:00", last), "KR")
    assert series.as_of.isoformat() == as_of


def test_where_no_weather_is_known_ahead_the_last_day_is_the_one_to_forecast(tmp_path: Path) -> None:
    series = choose(csv(tmp_path, "2023-02-01 00:00", "2023-03-31 23:00", ahead=0), "KR")
    assert series.as_of.isoformat() == "2023-03-31T00:00:00+09:00"


def test_a_url_is_told_without_its_password_and_signature() -> None:
    region = replace(load_regions({})["KR"], source="https://user:tr0ub4dor@host/demand.csv?sig=tr0ub4dor")
    assert describe(region) == "https://host/demand.csv"


def test_a_file_is_named_by_its_full_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = csv(tmp_path, "2023-02-01 00:00", "2023-03-31 23:00")
    monkeypatch.chdir(tmp_path)
    assert choose("demand.csv", "KR").region.source == path


def test_a_file_that_covers_no_whole_day_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no whole local day"):
        choose(csv(tmp_path, "2023-03-31 05:00", "2023-03-31 23:00"), "KR")


def test_a_file_without_a_region_asks_whose_it_is(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="REGION=KR"):
        choose(csv(tmp_path, "2023-02-01 00:00", "2023-03-31 23:00"), None)


def test_a_region_without_data_of_its_own_asks_for_a_file() -> None:
    with pytest.raises(UsageError, match="CSV=path REGION=KR"):
        choose(None, "KR")


def test_an_unknown_region_is_told_the_known_ones() -> None:
    with pytest.raises(UsageError, match="'FR' is not configured; configured are GR, KR"):
        choose(None, "FR")


def test_a_file_that_is_not_there_is_refused() -> None:
    with pytest.raises(UsageError, match=r"nowhere\.csv does not exist"):
        choose("nowhere.csv", "KR")


def region_with_tables() -> Region:
    """One whose settings hold tables within tables."""
    settings = {
        **load_regions()["GR"].to_dict(),
        "where": {"area": ["N", "S"]},
        "days": {"2020-05-04": "strike"},
        "forecasts": {"day_ahead": {"at": "10:00", "covers": "tomorrow"}},
        "quantiles": [5, 95],
    }
    return Region.parse("GR", settings)


def test_a_region_s_products_and_parts_of_files_are_given_back(tmp_path: Path) -> None:
    region = region_with_tables()
    path, _ = write_regions(State(tmp_path), region)
    assert load_regions({Env.REGIONS_FILE: str(path)}) == {"GR": region}


def test_the_regions_file_gives_back_what_was_written_and_keeps_earlier_regions(tmp_path: Path) -> None:
    state, known = State(tmp_path), load_regions()
    korea = replace(
        known["KR"], source='/a "quoted"/한국.csv', columns={"수요(MW)": "demand"}, subdivision="11"
    )
    write_regions(state, known["GR"])
    path, changed = write_regions(state, korea)
    assert changed
    assert load_regions({Env.REGIONS_FILE: str(path)}) == {"GR": known["GR"], "KR": korea}


def test_the_same_region_again_changes_nothing(tmp_path: Path) -> None:
    region = region_with_tables()
    write_regions(State(tmp_path), region)
    assert write_regions(State(tmp_path), region)[1] is False
