"""What housekeeping removes, what it leaves, and what it refuses, on a real PostgreSQL and a real MLflow."""

from __future__ import annotations

from pathlib import Path

import mlflow
import optuna
import psycopg
import pytest

from demand_forecast.promotion import deployments
from demand_forecast.promotion.deployments import DeploymentError
from tests.artifacts import leave_artifact
from tests.integration.housekeeping.upkeep import NOW, Upkeep
from trainer.contract import Env, slug
from trainer.database.studies import study_storage
from trainer.errors import ArtifactError, UsageError
from trainer.observers.tracking import registered_model, training_tracker

pytestmark = pytest.mark.integration


@pytest.fixture
def six_champions(upkeep: Upkeep) -> Upkeep:
    """One after the other, each over the one before, all of long ago; the last still is champion."""
    for number in range(1, 7):
        upkeep.promoted(f"v{number}", over=f"v{number - 1}" if number > 1 else None)
    upkeep.long_ago()
    return upkeep


def test_the_last_champions_stay_and_older_ones_go(six_champions: Upkeep) -> None:
    six_champions.keep_house(keep=3)
    assert six_champions.folders("models") == {"v4", "v5", "v6"}
    assert six_champions.retired() == {"v1", "v2", "v3"}


def test_a_kept_champion_s_run_stays_with_its_snapshot(six_champions: Upkeep) -> None:
    six_champions.keep_house(keep=3)
    kept = {slug(f"v{number}") for number in (4, 5, 6)}
    assert six_champions.folders("runs") == {*kept, slug("housekeeping")}
    assert {path.split("/")[2] for path in six_champions.snapshot_paths()} == kept


def test_what_a_kept_refit_was_made_from_stays(upkeep: Upkeep) -> None:
    upkeep.promoted("judged", over=None)
    for number in range(1, 7):
        upkeep.refitted(f"r{number}", parent=f"r{number - 1}" if number > 1 else "judged")
    upkeep.long_ago()
    upkeep.keep_house(keep=3)
    # r3 is the parent of r4
    assert upkeep.folders("models") == {"judged", "r3", "r4", "r5", "r6"}


def test_a_version_that_was_brought_back_counts_from_its_last_term(six_champions: Upkeep) -> None:
    six_champions.rolled_back("v1", "rollback-1")
    six_champions.long_ago(10)
    six_champions.keep_house(keep=3)
    assert {"v1", "v6"} <= six_champions.folders("models")
    assert six_champions.is_whole("v1")


def test_turned_away_champions_leave_room_for_those_that_a_forecast_may_fall_back_to(
    six_champions: Upkeep,
) -> None:
    six_champions.rolled_back("v3", "rollback-1")  # v4, v5, v6 stay, v6 is turned away
    six_champions.long_ago(10)
    with psycopg.connect(six_champions.database) as connection:
        fallback = deployments.usable_at(connection, six_champions.region.name, NOW, other_than="v3")
    six_champions.keep_house(keep=3)
    assert fallback is not None
    assert fallback.version in six_champions.folders("models")


def test_a_champion_that_was_followed_today_stays(upkeep: Upkeep) -> None:
    for number in range(1, 7):
        upkeep.promoted(f"v{number}", over=f"v{number - 1}" if number > 1 else None)
    upkeep.keep_house(keep=3)
    assert len(upkeep.folders("models")) == 6


def test_a_rollback_to_what_was_removed_is_refused_and_the_champion_stays(six_champions: Upkeep) -> None:
    six_champions.keep_house(keep=3)
    with pytest.raises(DeploymentError, match="v4, v5, v6"):
        six_champions.rolled_back("v1", "rollback-1")
    assert [row.version for row in six_champions.rows() if row.status == "active"] == ["v6"]


def test_a_replay_of_long_ago_takes_an_older_model_whose_files_are_there(upkeep: Upkeep) -> None:
    upkeep.promoted("judged", over=None)
    for number in range(1, 7):
        upkeep.refitted(f"r{number}", parent=f"r{number - 1}" if number > 1 else "judged")
    upkeep.long_ago()
    upkeep.keep_house(keep=3)
    with psycopg.connect(upkeep.database) as connection:
        row = deployments.usable_at(connection, upkeep.region.name, NOW, other_than="r6")
    assert row is not None
    assert upkeep.is_whole(row.version)


def test_old_runs_go_and_young_ones_stay(upkeep: Upkeep) -> None:
    old, young = upkeep.daily("old", days_old=29), upkeep.daily("young", days_old=27)
    manifest = upkeep.keep_house()
    assert set(manifest.facts["runs"]) == {old.folder}
    assert upkeep.folders("runs") == {slug("young"), slug("housekeeping")}
    assert upkeep.snapshot_paths() == {f"{young.folder}/snapshot.parquet"}


def test_a_candidate_that_was_turned_away_goes_with_its_run(upkeep: Upkeep) -> None:
    upkeep.promoted("v1", over=None)
    upkeep.turned_away("lost", over="v1")
    upkeep.keep_house()
    assert slug("lost") not in upkeep.folders("runs")


@pytest.mark.parametrize("days_old", [29, 89])
def test_a_run_that_has_not_come_to_its_end_stays_for_long(upkeep: Upkeep, days_old: float) -> None:
    upkeep.training("waits for its decision", days_old=days_old)
    upkeep.daily("waits for PostgreSQL", days_old=days_old, ended=False)
    upkeep.keep_house()
    assert {slug("waits for its decision"), slug("waits for PostgreSQL")} <= upkeep.folders("runs")


def test_an_old_run_that_goes_on_is_young_again(upkeep: Upkeep) -> None:
    run = upkeep.daily("cleared", days_old=60)
    run.close("score", started=NOW, parameters={})
    upkeep.keep_house()
    assert slug("cleared") in upkeep.folders("runs")


def test_a_published_version_that_no_decision_names_stays_for_long(upkeep: Upkeep) -> None:
    upkeep.promoted("v1", over=None)
    upkeep.published("waits to be recorded", days_old=89)
    upkeep.published("forgotten", days_old=91)
    upkeep.keep_house()
    assert upkeep.folders("models") == {"v1", "waits to be recorded"}


def test_where_no_champion_is_on_record_no_version_goes(upkeep: Upkeep) -> None:
    upkeep.published("trained by hand", days_old=400)
    upkeep.keep_house()
    assert upkeep.folders("models") == {"trained by hand"}


def test_the_store_of_another_database_is_left_alone(six_champions: Upkeep, tmp_path: Path) -> None:
    other = Upkeep(tmp_path / "another", six_champions.database, six_champions.region)
    leave_artifact(other.store, f"{other.region.name}/models/theirs")
    other.age(other.region.name, 400)
    with pytest.raises(ArtifactError, match="another database"):
        other.keep_house()
    assert other.folders("models") == {"theirs"}


def test_other_regions_are_left_alone(upkeep: Upkeep, tmp_path: Path) -> None:
    other = Upkeep(upkeep.folder, upkeep.database)
    other.daily("old", days_old=400)
    upkeep.keep_house()
    assert other.folders("runs") == {slug("old")}


def test_a_dry_run_says_what_would_go_and_removes_nothing(six_champions: Upkeep) -> None:
    before = six_champions.store.files(six_champions.region.name)
    said = six_champions.keep_house(keep=3, dry_run=True)
    assert set(before) <= set(six_champions.store.files(six_champions.region.name))
    assert six_champions.retired() == set()
    done = six_champions.keep_house(keep=3)
    assert {key: said.facts[key] for key in ("versions", "runs")} == {
        key: done.facts[key] for key in ("versions", "runs")
    }
    assert len(said.facts["versions"]) == 3


def test_it_tells_what_the_region_took_and_what_was_freed(six_champions: Upkeep) -> None:
    before = sum(file.bytes for file in six_champions.store.files(six_champions.region.name))
    facts = six_champions.keep_house(keep=3).facts
    own = f"{six_champions.run('housekeeping').folder}/"
    after = sum(
        file.bytes
        for file in six_champions.store.files(six_champions.region.name)
        if not file.path.startswith(own)
    )
    assert facts["bytes_before"] == before
    assert facts["bytes_freed"] == before - after


def test_without_a_database_it_removes_nothing(upkeep: Upkeep, monkeypatch: pytest.MonkeyPatch) -> None:
    upkeep.daily("old", days_old=400)
    monkeypatch.delenv(Env.POSTGRES_URL)
    with pytest.raises(UsageError, match="housekeeping needs a database"):
        upkeep.keep_house()
    assert upkeep.folders("runs") == {slug("old")}


def trained_in_mlflow(upkeep: Upkeep, run_id: str, folder: Path) -> str:
    (folder / "config.json").write_text("{}")
    tracker = training_tracker("weekly", region=upkeep.region.name, run_id=run_id, training="a")
    tracker.files(folder, "model")
    tracker.register(upkeep.region.name, run_id)
    tracker.end(failed=False)
    return str(tracker.run_id)


def test_mlflow_forgets_the_run_of_a_removed_candidate_its_files_and_what_is_registered(
    upkeep: Upkeep, mlflow_uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(Env.MLFLOW_TRACKING_URI, mlflow_uri)
    client = mlflow.MlflowClient(tracking_uri=mlflow_uri)
    identity = trained_in_mlflow(upkeep, "old", tmp_path)
    young = trained_in_mlflow(upkeep, "young", tmp_path)
    upkeep.training("old", days_old=100, mlflow_run_id=identity)
    upkeep.training("young", days_old=10, mlflow_run_id=young)
    upkeep.keep_house()
    assert client.get_run(identity).info.lifecycle_stage == "deleted"
    assert client.list_artifacts(identity) == []
    assert client.get_run(young).info.lifecycle_stage == "active"
    registered = client.search_model_versions(f"name = '{registered_model(upkeep.region.name)}'")
    assert [version.run_id for version in registered] == [young]


def test_while_mlflow_is_away_its_runs_wait_and_go_once_it_is_back(
    upkeep: Upkeep, mlflow_uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(Env.MLFLOW_TRACKING_URI, mlflow_uri)
    identity = trained_in_mlflow(upkeep, "old", tmp_path)
    upkeep.training("old", days_old=100, mlflow_run_id=identity)
    upkeep.daily("another", days_old=100)
    monkeypatch.setenv(Env.MLFLOW_TRACKING_URI, "http://127.0.0.1:9")
    upkeep.keep_house()
    assert upkeep.folders("runs") == {slug("old"), slug("housekeeping")}
    monkeypatch.setenv(Env.MLFLOW_TRACKING_URI, mlflow_uri)
    upkeep.keep_house()
    assert upkeep.folders("runs") == {slug("housekeeping")}


def test_a_study_goes_when_its_run_is_gone(upkeep: Upkeep) -> None:
    upkeep.training("old", days_old=100)
    upkeep.training("open", days_old=60)
    names = {run_id: f"{upkeep.region.name} {slug(run_id)} abc" for run_id in ("old", "open")}
    with study_storage(upkeep.database) as storage:
        for name in names.values():
            trial = optuna.trial.create_trial(value=1.0)
            trial.datetime_start = NOW.replace(tzinfo=None, year=NOW.year - 1)
            optuna.create_study(storage=storage, study_name=name).add_trial(trial)
    assert upkeep.keep_house(dry_run=True).facts["studies"] == [names["old"]]
    assert upkeep.keep_house().facts["studies"] == [names["old"]]
    with study_storage(upkeep.database) as storage:
        left = {study.study_name for study in optuna.get_all_study_summaries(storage)}
    assert names["open"] in left
    assert names["old"] not in left
