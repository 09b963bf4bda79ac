"""Which models a region has in shadow: how many, under which names, removed, listed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from demand_forecast.promotion import shadows
from stack import postgres
from tests.integration.steps.shadow_models.adding import add, rows
from trainer.commands.cli import main
from trainer.contract import ExitCode, Region, Shadow, ShadowKind
from trainer.errors import UsageError
from trainer.steps.shadow import remove_shadow
from trainer.store import Run

pytestmark = pytest.mark.integration


def test_a_shadow_too_many_is_refused_until_one_is_removed(run: Run, database: str) -> None:
    add(run, "one", most=2)
    add(run, "two", most=2)
    with pytest.raises(UsageError, match=r"has 2 shadows \(one, two\), at most 2"):
        add(run, "three", most=2)
    add(run, "two", most=2)  # it is there already
    remove_shadow(run, name="one")
    add(run, "three", most=2)
    assert {name for name, row in rows(database).items() if row.removed_at is None} == {"two", "three"}


def test_a_name_stands_for_one_model_for_ever(run: Run, database: str) -> None:
    add(run, "twin", kind=ShadowKind.WEATHERLESS)
    remove_shadow(run, name="twin")
    with pytest.raises(UsageError, match="twin stands for the champion's twin without weather"):
        add(run, "twin", kind=ShadowKind.BASELINE)
    add(run, "twin", kind=ShadowKind.WEATHERLESS)
    assert rows(database)["twin"].removed_at is None


def test_removing_twice_changes_nothing_and_what_never_was_is_refused(run: Run, database: str) -> None:
    add(run, "naive")
    remove_shadow(run, name="naive")
    before = rows(database)
    remove_shadow(run, name="naive")
    assert rows(database) == before
    with pytest.raises(UsageError, match="region T has no shadow 'twin'; it has none"):
        remove_shadow(run, name="twin")


def test_who_removed_it_and_why_stays_until_it_is_added_again(run: Run, database: str) -> None:
    add(run, "naive")
    remove_shadow(run, name="naive", removed_by="Lee", reason="it says nothing new")
    row = rows(database)["naive"]
    assert (row.removed_by, row.removed_reason) == ("Lee", "it says nothing new")
    add(run, "naive")
    row = rows(database)["naive"]
    assert (row.removed_by, row.removed_reason) == (None, None)


def test_a_region_without_weather_has_no_twin_without_it(run: Run, place: Region, database: str) -> None:
    assert not place.weather
    with pytest.raises(UsageError, match="region T has no weather"):
        add(replace(run, region=place), "twin", kind=ShadowKind.WEATHERLESS)
    assert rows(database) == {}


def test_a_forecast_is_handed_the_live_ones(run: Run, database: str) -> None:
    add(run, "naive")
    add(run, "twin", kind=ShadowKind.WEATHERLESS)
    remove_shadow(run, name="naive")
    with psycopg.connect(database) as connection:
        assert shadows.live(connection, "T") == [Shadow(name="twin", kind=ShadowKind.WEATHERLESS)]
        assert shadows.live(connection, "U") == []


def test_before_the_migration_that_brings_them_the_champion_forecasts_alone(postgres_url: str) -> None:
    url = postgres.create_database(postgres_url, "without_shadows")
    with psycopg.connect(url) as connection:
        assert shadows.live(connection, "T") == []
        assert connection.execute("SELECT 1").fetchone() == (1,)
    postgres.drop_database(postgres_url, "without_shadows")


def test_the_command_line_adds_lists_and_removes(
    run: Run,
    database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DEMAND_FORECAST_REGIONS", json.dumps({"T": run.region.to_dict()}))
    where, listed = ["--region", "T", "--store", str(tmp_path / "store")], tmp_path / "listed.json"

    def shadow(*words: str) -> int:
        return main(["shadow", *words, *where])

    of = ("--name", "naive", "--kind", "baseline", "--by", "Kim", "--reason", "see [/issues/4]")
    assert shadow("add", *of) == ExitCode.DONE
    assert shadow("list") == ExitCode.DONE
    assert "[/issues/4]" in capsys.readouterr().out
    assert shadow("list", "--json", str(listed)) == ExitCode.DONE
    (said,) = json.loads(listed.read_text())["shadows"]
    assert (said["name"], said["kind"], said["added_by"], said["removed_at"]) == (
        "naive",
        "baseline",
        "Kim",
        None,
    )
    assert shadow("remove", "--name", "naive") == ExitCode.DONE
    assert rows(database)["naive"].removed_at is not None
    assert shadow("add", "--name", "naive", "--reason", "x") == ExitCode.USAGE
    assert shadow("add", "--kind", "baseline", "--reason", "x") == ExitCode.USAGE
    monkeypatch.setenv("DEMAND_FORECAST_MAX_SHADOWS", "few")
    assert shadow("add", *of) == ExitCode.USAGE
