"""A region's named forecasts: when each is made, the hours it covers, and what is no such thing."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.contract import ContractError, Product, Region, load_regions
from trainer.contract.local_days import day_of
from trainer.contract.products import origin_of

GREECE = load_regions({})["GR"]
ZONES = sorted(zone for zone in available_timezones() if "/" in zone)
DAY_AHEAD = {"at": "10:00", "covers": "tomorrow"}
WEEK = {"at": "00:30", "hours": 168}
PAGE = (Path(__file__).parents[3] / "docs/products.md").read_text(encoding="utf-8")
INTRADAY = {"every": "1h", "hours": 12}


def product(**values: object) -> Product:
    return Product.parse("GR", "one", values)


def region_in(zone: str) -> Region:
    return replace(GREECE, timezone=zone)


def made(moment: str, **values: object) -> range:
    return product(**values).lead_times(datetime.fromisoformat(moment), GREECE)


@pytest.mark.parametrize(
    ("moment", "first", "last"),
    [
        ("2020-01-14T10:00+02:00", 15, 38),
        ("2020-10-24T10:00+03:00", 15, 39),  # tomorrow's clocks are put back: 25 hours
        ("2020-10-25T10:00+02:00", 15, 38),  # today's were, before 10:00
        ("2020-03-28T10:00+02:00", 15, 37),  # tomorrow has 23
    ],
)
def test_a_day_ahead_at_ten_is_the_whole_local_day_that_follows(moment: str, first: int, last: int) -> None:
    covered = made(moment, **DAY_AHEAD)
    assert (covered[0], covered[-1]) == (first, last)


def test_a_time_within_an_hour_begins_with_that_hour() -> None:
    assert origin_of(datetime.fromisoformat("2020-01-14T00:30+02:00")) == datetime(
        2020, 1, 13, 22, tzinfo=UTC
    )
    assert made("2020-01-14T00:30+02:00", **WEEK) == range(1, 169)
    assert made("2020-01-14T09:45+02:00", at="09:45", covers="tomorrow") == range(16, 40)


@pytest.mark.parametrize(("at", "first"), [("10:00", 15), ("10:30", 14), ("23:30", 1), ("00:00", 25)])
def test_where_the_clock_is_half_an_hour_beside_utc_the_origin_is_a_full_hour_of_utc(
    at: str, first: int
) -> None:
    india = region_in("Asia/Kolkata")
    one = product(at=at, covers="tomorrow")
    (moment,) = one.moments(date(2024, 3, 1), india)
    covered = one.lead_times(moment, india)
    assert (covered[0], len(covered)) == (first, 24)
    begins = origin_of(moment) + timedelta(hours=covered[0] - 1)
    assert day_of(begins, india) == date(2024, 3, 2)


@given(
    zone=st.sampled_from(ZONES), day=st.dates(date(1990, 1, 1), date(2037, 12, 1)), hour=st.integers(0, 23)
)
def test_tomorrow_is_covered_from_its_first_hour_to_its_last_in_every_zone(
    zone: str, day: date, hour: int
) -> None:
    region = region_in(zone)
    one = product(at=f"{hour:02}:00", covers="tomorrow")
    (moment,) = one.moments(day, region)
    covered, origin = one.lead_times(moment, region), origin_of(moment)
    first, last = (origin + timedelta(hours=lead - 1) for lead in (covered[0], covered[-1]))
    here = moment.astimezone(region.zone).date()
    assert covered[0] >= 1
    assert here < day_of(first, region) == day_of(last, region)
    assert day_of(first - timedelta(hours=1), region) <= here
    assert day_of(last + timedelta(hours=1), region) > day_of(last, region)


@pytest.mark.parametrize(
    ("day", "every", "count"),
    [
        (date(2020, 1, 14), "1h", 24),
        (date(2020, 10, 25), "1h", 25),
        (date(2020, 3, 29), "1h", 23),
        (date(2020, 1, 14), "6h", 4),
        (date(2020, 10, 25), "3h", 9),  # 03:00 comes twice
        (date(2020, 3, 29), "3h", 7),  # and here not at all
    ],
)
def test_what_is_made_every_few_hours_follows_the_local_clock(day: date, every: str, count: int) -> None:
    moments = product(every=every, hours=12).moments(day, GREECE)
    assert len(moments) == count
    assert moments == sorted(set(moments))
    assert all(moment.astimezone(GREECE.zone).hour % int(every[:-1]) == 0 for moment in moments)


@pytest.mark.parametrize(
    ("now", "last"),
    [
        ("2020-01-14T10:00+02:00", "2020-01-14T10:00+02:00"),
        ("2020-01-14T15:20+02:00", "2020-01-14T10:00+02:00"),
        ("2020-01-14T09:59+02:00", "2020-01-13T10:00+02:00"),
    ],
)
def test_between_two_moments_the_one_before_counts(now: str, last: str) -> None:
    found = product(**DAY_AHEAD).last_moment(datetime.fromisoformat(now), GREECE)
    assert found == datetime.fromisoformat(last)


@pytest.mark.parametrize(
    ("now", "following"),
    [
        ("2020-01-14T10:59+02:00", "2020-01-14T11:00+02:00"),
        ("2020-01-14T11:00+02:00", "2020-01-14T12:00+02:00"),
        ("2020-01-14T23:30+02:00", "2020-01-15T00:00+02:00"),
        ("2020-03-29T02:30+02:00", "2020-03-29T04:00+03:00"),  # 03:00 is skipped
        ("2020-10-25T03:30+03:00", "2020-10-25T03:00+02:00"),  # 03:00 comes twice
    ],
)
def test_the_next_moment_is_the_first_one_after(now: str, following: str) -> None:
    found = product(**INTRADAY).next_moment(datetime.fromisoformat(now), GREECE)
    assert found == datetime.fromisoformat(following)


def test_a_time_that_the_clocks_skip_is_the_one_that_it_would_have_been() -> None:
    (moment,) = product(at="03:30", hours=24).moments(date(2020, 3, 29), GREECE)
    assert moment == datetime.fromisoformat("2020-03-29T04:30+03:00")


def test_origin_hours_are_those_that_origins_lie_in() -> None:
    products = {"day_ahead": DAY_AHEAD, "week": WEEK, "noon": {"every": "12h", "hours": 6}}
    region = Region.parse("X", {**GREECE.to_dict(), "forecasts": products})
    assert region.origin_hours(2024) == {0, 10, 12}
    assert replace(region, timezone="Asia/Kolkata").origin_hours(2024) == {9, 0, 23, 11}
    assert replace(region, timezone="Australia/Lord_Howe").origin_hours(2024) == {10, 9, 0, 23, 12, 11}
    assert GREECE.origin_hours(2024) == set()


def test_products_keep_their_order_and_the_first_is_the_main_one() -> None:
    products = {"week": WEEK, "day_ahead": DAY_AHEAD, "intraday": INTRADAY}
    region = Region.parse("GR", {**GREECE.to_dict(), "forecasts": products})
    again = Region.parse("GR", json.loads(json.dumps(region.to_dict())))
    assert again == region
    assert [one.name for one in again.forecasts] == ["week", "day_ahead", "intraday"]
    assert region.main_product == region.product("week")
    assert again.to_dict()["forecasts"] == products


def test_a_region_without_products_tells_nothing_of_them() -> None:
    assert GREECE.main_product is None
    assert "forecasts" not in GREECE.to_dict()


def test_a_product_that_is_not_there_is_named_beside_those_that_are() -> None:
    region = Region.parse("GR", {**GREECE.to_dict(), "forecasts": {"week": WEEK}})
    with pytest.raises(ContractError, match=r"no product 'day_ahead'; its `forecasts` are week\. Add it"):
        region.product("day_ahead")


@pytest.mark.parametrize(
    ("products", "message"),
    [
        ([DAY_AHEAD], r"GR: forecasts .* is not a table of products; write \[GR\.forecasts\.day_ahead\]"),
        ({"Day Ahead": DAY_AHEAD}, "'Day Ahead' is no name of a product; use 1 to 32 small letters"),
        ({"": DAY_AHEAD}, "'' is no name of a product"),
        ({"one": "10:00"}, r"forecasts\.one '10:00' is not a table, such as"),
        ({"one": {**DAY_AHEAD, "zone": "UTC"}}, r"forecasts\.one: unknown keys \['zone'\]; known are \['at'"),
        ({"one": {"name": "x", **DAY_AHEAD}}, r"forecasts\.one: unknown keys \['name'\]"),
        ({"one": {"covers": "tomorrow"}}, r"forecasts\.one: give either `at` or `every`"),
        ({"one": {**DAY_AHEAD, "every": "1h"}}, r"forecasts\.one: give either `at` or `every`"),
        ({"one": {"at": "10:00"}}, r"forecasts\.one: give either `covers` or `hours`"),
        ({"one": {**DAY_AHEAD, "hours": 3}}, r"forecasts\.one: give either `covers` or `hours`"),
        ({"one": {"at": "10:00", "covers": "today"}}, "covers 'today' is not \"tomorrow\""),
        ({"one": {"at": "10:00", "hours": 0}}, r"hours 0 is no whole number of 1\.\.168"),
        ({"one": {"at": "10:00", "hours": 169}}, "hours 169 is no whole number"),
        ({"one": {"at": "10:00", "hours": True}}, "hours True is no whole number"),
        ({"one": {"at": "10:00", "hours": "24"}}, "hours '24' is no whole number"),
        ({"one": {"at": "9:00", "hours": 24}}, "at '9:00' is no time of day; write it in quotes"),
        ({"one": {"at": "24:00", "hours": 24}}, "at '24:00' is no time of day"),
        ({"one": {"at": 10, "hours": 24}}, "at 10 is no time of day"),
        ({"one": {"at": None, "hours": 24}}, "at None is no time of day"),
        ({"one": {"every": "5h", "hours": 24}}, "every '5h' does not divide the day; write one of \"1h\""),
        ({"one": {"every": "24h", "hours": 24}}, "every '24h' does not divide the day"),
        ({"one": {"every": "30m", "hours": 24}}, "every '30m' does not divide the day"),
        ({"one": {"every": 1, "hours": 24}}, "every 1 does not divide the day"),
    ],
)
def test_a_wrong_product_is_refused_by_name_and_says_what_to_write(products: object, message: str) -> None:
    with pytest.raises(ContractError, match=message):
        Region.parse("GR", {**GREECE.to_dict(), "forecasts": products})


def test_products_are_read_from_a_regions_file_as_the_documentation_writes_it(tmp_path: Path) -> None:
    (written,) = re.findall(r"```toml\n(.*?)```", PAGE, flags=re.DOTALL)
    path = tmp_path / "regions.toml"
    path.write_text(written)
    region = load_regions({"DEMAND_FORECAST_REGIONS_FILE": str(path)})["GR"]
    found = {one.name: one.to_dict() for one in region.forecasts}
    assert found == {"day_ahead": DAY_AHEAD, "week": WEEK, "intraday": INTRADAY}


def test_two_products_that_would_share_a_dag_are_refused() -> None:
    regions = {
        "KR": {**GREECE.to_dict(), "forecasts": {"day_ahead": DAY_AHEAD}},
        "KR_day": {**GREECE.to_dict(), "forecasts": {"ahead": DAY_AHEAD}},
    }
    with pytest.raises(
        ContractError, match=r"KR_day\.forecasts\.ahead would share the DAG forecast_KR_day_ahead"
    ):
        load_regions({"DEMAND_FORECAST_REGIONS": json.dumps(regions)})
