"""A region's entry from a file and a few answers."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.unit.data.formats.published import days, region_in, smard
from trainer.contract import Region
from trainer.errors import DataError, UsageError
from trainer.steps.region import add, entry, understand

GERMAN = {"country": "DE"}


@pytest.fixture
def published(tmp_path: Path) -> str:
    path = tmp_path / "smard.csv"
    path.write_bytes(smard().content)
    return str(path)


def written(folder: Path, header: str, *, third: str = "") -> str:
    path = folder / "own.csv"
    rows = [
        f"{time:%Y-%m-%dT%H:%MZ},{value}{third}"
        for time, value in days(region_in("UTC", "DE"), "2022-06-01").items()
    ]
    path.write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    return str(path)


def test_a_published_file_and_a_country_make_a_region(published: str) -> None:
    found = understand("DE", published, GERMAN)
    assert found.region.timezone == "Europe/Berlin"
    assert found.region.source == published
    assert found.held.report.known_hours == 385


def test_its_entry_is_read_back_as_the_same_region(published: str, tmp_path: Path) -> None:
    answers = {
        **GERMAN,
        "missing": ["n/e"],
        "where": {"Area": '"7"', "Zone": ["N", "S"]},
        "title": "Zähler\t7",
        "columns": {"a b": "demand"},
    }
    region = Region.parse("DE", {**understand("DE", published, GERMAN).region.to_dict(), **answers})
    assert Region.parse("DE", tomllib.loads(entry(region))["DE"]) == region


@pytest.mark.parametrize("ensemble", [[], ["trees"], ["reference", "trees"]])
def test_an_entry_keeps_what_is_said_of_the_ensemble(published: str, ensemble: list[str]) -> None:
    found = understand("DE", published, {**GERMAN, "ensemble": ensemble}).region
    assert Region.parse("DE", tomllib.loads(entry(found))["DE"]).ensemble == tuple(ensemble)


def test_an_entry_is_written_behind_those_that_are_there(published: str, tmp_path: Path) -> None:
    path = tmp_path / "sub" / "regions.toml"
    region = understand("DE", published, GERMAN).region
    add(region, path)
    before = path.read_text(encoding="utf-8") + "# mine"
    path.write_text(before, encoding="utf-8")
    add(Region.parse("second", region.to_dict()), path)
    assert path.read_text(encoding="utf-8").startswith(before)
    assert list(tomllib.loads(path.read_text(encoding="utf-8"))) == ["DE", "second"]


def test_a_region_that_is_there_is_not_written_over(published: str, tmp_path: Path) -> None:
    path = tmp_path / "regions.toml"
    path.write_text("[DE]\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"region DE is in .* already"):
        add(understand("DE", published, GERMAN).region, path)
    assert path.read_text(encoding="utf-8") == "[DE]\n"


def test_the_only_column_of_times_and_the_only_one_of_numbers_are_found_and_named(tmp_path: Path) -> None:
    region = understand("own", written(tmp_path, "Zeitpunkt,Bezug"), GERMAN).region
    assert region.columns == {"Zeitpunkt": "time", "Bezug": "demand"}


@pytest.mark.parametrize("header", ["Load forecast", "Day-ahead load", "Generation", "Price"])
def test_an_only_column_that_speaks_of_something_else_is_asked_about(header: str, tmp_path: Path) -> None:
    source = written(tmp_path, f"time,{header}")
    with pytest.raises(DataError, match=f'does not speak of measured demand.* --column "{header}=demand"'):
        understand("own", source, GERMAN)
    assert understand("own", source, {**GERMAN, "columns": {header: "demand"}}).held.report.known_hours


def test_of_two_columns_of_numbers_the_one_is_asked_for(tmp_path: Path) -> None:
    source = written(tmp_path, "time,Bezug,Abgabe")
    path = Path(source)
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text(
        "\n".join([lines[0], *(f"{line},{n}" for n, line in enumerate(lines[1:]))]), encoding="utf-8"
    )
    with pytest.raises(
        DataError,
        match=r'which column is demand\? Say it with --column "<header>=demand".*\'Bezug\', \'Abgabe\'',
    ):
        understand("own", source, GERMAN)
    assert (
        understand("own", source, {**GERMAN, "columns": {"Abgabe": "demand"}}).held.report.columns["demand"]
        == "Abgabe"
    )


def test_columns_that_are_added_up_are_kept_in_the_entry(tmp_path: Path) -> None:
    source = written(tmp_path, "time,north,south", third=",5")
    found = understand("own", source, {**GERMAN, "demand": ["north", "south"], "unit": "MW"})
    assert found.held.report.columns["demand"] == "north + south"
    assert found.held.report.unused_columns == ()
    assert 'demand = ["north", "south"]' in entry(found.region)


def test_weather_in_the_file_is_taken(tmp_path: Path) -> None:
    source = written(tmp_path, "time,demand,temp", third=",21.5")
    assert understand("own", source, GERMAN).region.weather == ("temperature",)


def test_settings_of_files_are_kept(tmp_path: Path) -> None:
    found = understand("own", written(tmp_path, "time,demand"), {**GERMAN, "unit": "kW"})
    assert 'unit = "kW"' in entry(found.region)
    assert found.held.report.demand_maximum < 60
