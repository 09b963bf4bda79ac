"""A region is read as it was written, from wherever it stands, or refused by the key that is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from trainer.contract import ContractError, Region, load_regions, regions_file

KR = {
    "title": "South Korea",
    "timezone": "Asia/Seoul",
    "country": "KR",
    "latitude": 36.5,
    "longitude": 127.5,
}


@pytest.mark.parametrize("name", ["../KR", "KR/models", ".", "", "K R", "KR\n", "k" * 33])
def test_no_region_s_name_leads_out_of_the_store(name: str) -> None:
    values = {"title": "T", "timezone": "UTC", "country": "KR", "latitude": 0, "longitude": 0}
    with pytest.raises(ContractError, match="region name"):
        Region.parse(name, values)


def test_the_regions_that_ship_are_read_without_any_configuration() -> None:
    assert set(load_regions({})) == {"KR", "GR"}


def test_regions_come_from_json_in_the_environment_first() -> None:
    regions = load_regions({"DEMAND_FORECAST_REGIONS": json.dumps({"SEOUL": KR})})
    assert regions["SEOUL"].zone.key == "Asia/Seoul"


def test_a_region_reads_back_from_what_it_tells_of_itself() -> None:
    days = {"2023-01-19": "strike"}
    more = {"weather": ["temperature"], "subdivision": "11", "weather_error": 0.5, "days": days}
    more["weather_issued"] = "/data/issued.csv"
    region = Region.parse("KR", {**KR, **more})
    assert region.days == days
    assert Region.parse("KR", json.loads(json.dumps(region.to_dict()))) == region


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"timezone": "Asia/Soul"}, "timezone 'Asia/Soul' is unknown"),
        ({"latitude": 91}, "latitude 91 is not within"),
        ({"longitude": -181}, "longitude -181 is not within"),
        ({"weather_error": -1}, "weather_error -1 is not within 0..10"),
        ({"latitude": float("nan")}, "latitude nan is not within"),
        ({"timezone": "Asia"}, "timezone 'Asia' is unknown"),
        ({"timezon": "x"}, "unknown keys"),
        ({"timezone": 9}, "timezone 9 is not text; write an IANA name"),
        ({"country": 82}, "country 82 is not text"),
        ({"subdivision": 11}, "subdivision 11 is not text; write it in quotes"),
        ({"latitude": "37"}, "latitude '37' is not a number; write it without quotes"),
        ({"longitude": None}, "longitude None is not a number"),
        ({"weather_error": True}, "weather_error True is not a number"),
        ({"weather_issued": ["a.csv"]}, "weather_issued .* is not a path or URL; write it in quotes"),
        ({"weather": "temperature"}, "weather 'temperature' is not a list of names; write it as"),
        ({"weather": None}, "weather None is not a list"),
        ({"weather": [1]}, "is not a list of names"),
        ({"weather": ["reference"]}, r"\['reference'\] in `weather` have a meaning of their own"),
        ({"columns": ["Load"]}, "is not a table of the source's headers"),
        ({"columns": {"Load": 1}}, "is not a table of the source's headers"),
        ({"days": ["2023-01-19"]}, "days .* is not a table of dates and names, such as"),
        ({"days": {"2023-01-19": 1}}, "days .* is not a table of dates and names, such as"),
        ({"days": {"19.01.2023": "strike"}}, "days: '19.01.2023' is no date; write it as in 2023-01-19"),
        ({"days": {"20230119": "strike"}}, "days: '20230119' is no date"),
        ({"days": {"2023-02-29": "strike"}}, "days: '2023-02-29' is no date"),
        ({"days": {"2023-01-19": " "}}, "days: 2023-01-19 has no name; write one"),
    ],
)
def test_a_wrong_region_is_refused_by_the_key_that_is_wrong(change: dict[str, object], message: str) -> None:
    with pytest.raises(ContractError, match=message):
        Region.parse("KR", {**KR, **change})


def test_a_region_without_a_required_key_is_refused_by_name() -> None:
    with pytest.raises(ContractError, match=r"missing keys \['timezone'\]"):
        Region.parse("KR", {key: value for key, value in KR.items() if key != "timezone"})


def written_regions(folder: Path, encoding: str) -> dict[str, str]:
    values = {**KR, "title": "대한민국"}
    lines = ["[KR]", *(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items())]
    path = folder / "regions.toml"
    path.write_text("\n".join(lines), encoding=encoding)
    return {"DEMAND_FORECAST_REGIONS_FILE": str(path)}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_regions_file_is_read_with_and_without_a_byte_order_mark(tmp_path: Path, encoding: str) -> None:
    assert load_regions(written_regions(tmp_path, encoding))["KR"].title == "대한민국"


def test_a_regions_file_in_cp949_is_refused_by_its_line_and_says_how_to_save_it(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"regions\.toml is not UTF-8 in line 2; save it as UTF-8"):
        load_regions(written_regions(tmp_path, "cp949"))


def test_a_regions_file_that_is_not_there_is_named() -> None:
    with pytest.raises(ContractError, match=r"nowhere\.toml cannot be read"):
        load_regions({"DEMAND_FORECAST_REGIONS_FILE": "nowhere.toml"})


def test_regions_of_the_user_s_own_stand_beside_those_that_ship(tmp_path: Path) -> None:
    own = tmp_path / "demand-forecast" / "regions.toml"
    own.parent.mkdir()
    own.write_text(
        '[DE]\ntitle = "DE"\ntimezone = "Europe/Berlin"\ncountry = "DE"\nlatitude = 52\nlongitude = 13\n'
    )
    environ = {"XDG_CONFIG_HOME": str(tmp_path)}
    assert regions_file(environ) == own
    assert set(load_regions(environ)) == {"KR", "GR", "DE"}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("stamp", "middle"),
        ("stamp_timezone", "Berlin"),
        ("time_format", "dd.mm.yyyy"),
        ("unit", "tonnes"),
        ("decimal", ";"),
        ("delimiter", ";;"),
        ("encoding", "utf-99"),
        ("skip_lines", -1),
        ("missing", "n/e"),
        ("date_columns", []),
        ("where", {}),
        ("where", {"area": []}),
        ("where", {"area": ["N", "N"]}),
        ("where", {"area": [["N"]]}),
        ("demand", "north"),
        ("demand", []),
        ("demand", ["north", "north "]),
        ("wide", 1),
    ],
)
def test_a_setting_of_files_that_is_none_is_refused_by_name(key: str, value: object) -> None:
    values = {"title": "X", "timezone": "UTC", "country": "DE", "latitude": 1, "longitude": 2, key: value}
    with pytest.raises(ContractError, match=f"region X: {key} .* is not "):
        Region.parse("X", values)


def test_series_that_are_added_up_are_read_back_as_they_were_written() -> None:
    said = {"demand": ["north", "south"], "where": {"area": ["N", "S"], "kind": "load"}}
    region = Region.parse("KR", {**KR, **said})
    assert region.files.demand == ("north", "south")
    assert region.files.where == {"area": ("N", "S"), "kind": "load"}
    assert said.items() <= region.to_dict().items()
    assert Region.parse("KR", json.loads(json.dumps(region.to_dict()))) == region


def test_one_value_of_a_list_is_that_value() -> None:
    assert Region.parse("KR", {**KR, "where": {"area": [7]}}).files.where == {"area": "7"}


@pytest.mark.parametrize("columns", [{"total": "demand"}, {"north": "temperature"}])
def test_a_sum_beside_another_demand_is_refused(columns: dict[str, str]) -> None:
    with pytest.raises(
        ContractError, match=r"demand is the sum of \['north', 'south'\], and `columns` takes"
    ):
        Region.parse("KR", {**KR, "demand": ["north", "south"], "columns": columns})


def test_a_home_that_is_not_to_be_had_leaves_the_regions_that_ship(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "home").write_text("no folder")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert set(load_regions({})) == {"KR", "GR"}
