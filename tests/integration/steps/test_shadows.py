"""Which models a region has in shadow: added from what was trained, refused by name, removed, how many."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import psycopg
import pytest

from demand_forecast.promotion import deployments, shadows
from stack import postgres
from tests.integration.steps.small_model import checksum, leave_candidate
from trainer.commands.cli import main
from trainer.contract import ExitCode, Manifest, Region, Shadow, ShadowKind, model_folder, shadow_mark
from trainer.database import connect
from trainer.database.shadows import ShadowRow, read_shadows
from trainer.errors import DataError, NoModelError, UsageError
from trainer.model.artifact import MANIFEST
from trainer.steps.announce import announce
from trainer.steps.pinned_models import PinnedModel, newest_models
from trainer.steps.promote import promote
from trainer.steps.shadow import add_shadow, remove_shadow
from trainer.store import Run, Store

pytestmark = pytest.mark.integration

AS_OF = pd.Timestamp("2024-04-10", tz="Asia/Seoul").tz_convert("UTC").to_pydatetime()


@pytest.fixture
def run(place: Region, tmp_path: Path, database: str) -> Run:
    """Of who adds and removes, in a store without a model."""
    with_weather = replace(place, weather=("temperature",))
    return Run(region=with_weather, run_id="shadow/1", as_of=AS_OF, store=Store.at(tmp_path / "store"))


@pytest.fixture
def retrain(run: Run, artifact: Path) -> Run:
    """A retraining whose candidate nobody published."""
    weekly = replace(run, run_id="weekly/1")
    leave_candidate(weekly, artifact)
    return weekly


def add(run: Run, name: str = "lost", **options: Any) -> Manifest:
    kind = ShadowKind.VERSION if {"version", "candidate_of"} & set(options) else ShadowKind.BASELINE
    defaults = {"kind": kind, "version": None, "candidate_of": None, "most": 3}
    return add_shadow(run, name=name, added_by="Kim", reason="it lost narrowly", **{**defaults, **options})


def rows(database: str) -> dict[str, ShadowRow]:
    with connect(database) as connection:
        return {row.shadow.name: row for row in read_shadows(connection, "T")}


def published(run: Run) -> list[str]:
    return run.store.names("T/models")


def test_the_candidate_of_a_retraining_is_published_for_it_and_no_champion(
    run: Run, retrain: Run, artifact: Path, database: str
) -> None:
    add(run, candidate_of="weekly/1")
    assert published(run) == [retrain.version]
    row = rows(database)["lost"]
    assert row.shadow == Shadow(
        name="lost", kind=ShadowKind.VERSION, version=retrain.version, checksum=checksum(artifact)
    )
    assert (row.added_by, row.reason, row.removed_at) == ("Kim", "it lost narrowly", None)
    with psycopg.connect(database) as connection:
        assert deployments.active(connection, "T") is None
        assert deployments.history(connection, "T") == []


def newest(run: Run) -> str:
    return newest_models(run)[0].version


def test_without_a_pinned_model_nobody_is_served_by_it(run: Run, retrain: Run, artifact: Path) -> None:
    run.store.upload(artifact, model_folder("T", "T-1"))
    add(run, candidate_of="weekly/1")
    assert retrain.version > "T-1"
    assert newest_models(run) == (PinnedModel("T-1"), None)
    remove_shadow(run, name="lost")
    assert newest(run) == "T-1"


def test_in_a_store_with_nothing_else_there_is_no_model_to_serve(run: Run, retrain: Run) -> None:
    add(run, candidate_of="weekly/1")
    with pytest.raises(NoModelError):
        newest_models(run)


@pytest.mark.parametrize("promoted", ["announced as champion", "promoted by its own retraining"])
def test_once_it_is_champion_it_serves(run: Run, retrain: Run, artifact: Path, promoted: str) -> None:
    run.store.upload(artifact, model_folder("T", "T-1"))
    add(run, candidate_of="weekly/1")
    if promoted == "announced as champion":
        announce(run, version=retrain.version)
    else:
        promote(retrain)
    assert newest(run) == retrain.version
    add(run, "again", candidate_of="weekly/1")
    assert newest(run) == retrain.version


def test_one_that_may_serve_goes_on_serving_when_it_is_in_shadow_too(run: Run, retrain: Run) -> None:
    promote(retrain)
    add(run, candidate_of="weekly/1")
    assert newest(run) == retrain.version


def test_adding_it_again_changes_nothing(run: Run, retrain: Run, database: str) -> None:
    add(run, candidate_of="weekly/1")
    before, files = rows(database), run.store.files("T/models")
    add(run, candidate_of="weekly/1")
    assert (rows(database), run.store.files("T/models")) == (before, files)


def test_a_publication_that_was_cut_off_goes_on(
    run: Run, retrain: Run, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, left = Store.write, 2

    class Killed(BaseException):
        pass

    def dying(store: Store, path: str, content: bytes) -> Any:
        nonlocal left
        if not left:
            raise Killed
        left -= 1
        return write(store, path, content)

    with monkeypatch.context() as killed:
        killed.setattr(Store, "write", dying)
        with pytest.raises(Killed):
            add(run, candidate_of="weekly/1")
    assert not run.store.exists(f"{model_folder('T', retrain.version)}/{MANIFEST}")
    assert rows(database) == {}
    assert run.store.exists(shadow_mark("T", retrain.version))
    add(run, candidate_of="weekly/1")
    assert set(rows(database)) == {"lost"}
    assert len(run.store.files("T/models")) == len(run.store.files(f"{retrain.folder}/candidate"))


def test_a_published_version_is_taken_by_its_name(run: Run, artifact: Path, database: str) -> None:
    run.store.upload(artifact, model_folder("T", "T-1"))
    add(run, version="T-1")
    assert rows(database)["lost"].shadow.version == "T-1"


def test_an_unknown_version_is_refused_with_those_that_are_there(run: Run, artifact: Path) -> None:
    run.store.upload(artifact, model_folder("T", "T-1"))
    with pytest.raises(UsageError, match=r"region T has no version T-9 in .*; it has T-1"):
        add(run, version="T-9")


def test_an_unknown_retraining_is_refused(run: Run) -> None:
    with pytest.raises(DataError, match="run 'weekly/9' has no finished step 'train'"):
        add(run, candidate_of="weekly/9")


def test_a_model_of_another_region_is_refused(run: Run, artifact: Path, tmp_path: Path) -> None:
    folder = Path(run.store.locate(model_folder("T", "U-1")))
    run.store.upload(artifact, model_folder("T", "U-1"))
    manifest = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps({**manifest, "region": {**manifest["region"], "name": "U"}}))
    with pytest.raises(UsageError, match="is a model of region U, not of T"):
        add(run, version="U-1")


def test_a_damaged_model_is_refused_and_nothing_is_published(run: Run, retrain: Run, database: str) -> None:
    Path(run.store.locate(f"{retrain.folder}/candidate/trend.json")).write_text("{}")
    with pytest.raises(DataError, match=r"trend\.json does not fit its checksum"):
        add(run, candidate_of="weekly/1")
    assert (rows(database), published(run)) == ({}, [])


def test_the_champion_is_no_shadow_of_itself(run: Run, artifact: Path, database: str) -> None:
    run.store.upload(artifact, model_folder("T", "T-1"))
    values = deployments.parameters(
        region="T",
        version="T-1",
        run_id="weekly/0",
        reason="First.",
        metrics={},
        champion_version=None,
        artifact_path=model_folder("T", "T-1"),
        artifact_checksum=checksum(artifact),
        trained_from="2024-01-01T00:00:00+09:00",
        trained_to="2024-03-31T00:00:00+09:00",
    )
    with psycopg.connect(database) as connection:
        deployments.record(connection, values)
    with pytest.raises(UsageError, match="T-1 is the champion of region T"):
        add(run, version="T-1")


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
