"""Every way that a promotion can go, through the real DAG, on a real PostgreSQL.

Each case is a region of its own. What training and evaluation would have measured lies in the store as the
manifests they would have left, so that figures can be such as no training gives on demand; the steps up to
`evaluate` are marked successful, and all that follows them runs: the decision, the publication by the
trainer's own `promote`, the transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg
import pytest

from demand_forecast.promotion import deployments
from demand_forecast.promotion.deployment_rows import Deployment
from tests.artifacts import leave_artifact
from tests.dags.promotion_cases import CASES, CHAMPION, TRAINED, prepare, rollback_to, run_of, version_of
from tests.dags.replay import Outcome, replay
from tests.dags.site import Site, crown
from trainer.contract import FileRef
from trainer.store import Store

# Seconds each on an idle machine; a busy one may take ten times that for all the runs.
pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]


@dataclass(frozen=True)
class World:
    """All cases, run once: how each run ended, and what it left."""

    database: str
    store: Store
    outcomes: Mapping[str, Outcome]
    again: Outcome
    """BETTER, run a second time under the same run id."""
    back: Outcome
    """REGRETTED, rolled back to the champion before it."""
    nowhere: Outcome
    """REGRETTED, asked to roll back to a version that never was champion."""
    cleared: Outcome
    """REGRETTED, its retraining run a second time after the rollback."""

    def rows(self, region: str) -> list[Deployment]:
        with psycopg.connect(self.database) as connection:
            return deployments.history(connection, region)

    def champion(self, region: str) -> str | None:
        return next((row.version for row in self.rows(region) if row.status == "active"), None)


@pytest.fixture(scope="module")
def world(site: Site) -> World:
    with psycopg.connect(site.database) as connection:
        for region, case in CASES.items():
            prepare(site.store, region, case)
            if case.has_champion:
                checksum = leave_artifact(site.store, f"{region}/models/{CHAMPION}")
                crown(connection, region, CHAMPION, trained=TRAINED, checksum=checksum)
    environ = {
        **site.environ_of(CASES, "weekly_retrain.py", "rollback_model.py"),
        "DEMAND_FORECAST_MARGIN": "0.01",
    }
    runs = [run_of(region) for region in [*CASES, "BETTER"]]
    *outcomes, again, back, nowhere, cleared = replay(
        [*runs, rollback_to(CHAMPION), rollback_to("unheard-of"), run_of("REGRETTED")], environ
    )[0]
    cases = dict(zip(CASES, outcomes, strict=True))
    return World(site.database, site.store, cases, again, back, nowhere, cleared)


PROMOTED = ["FIRST", "BETTER", "FORCED"]
KEPT = ["WORSE", "TIE", "CHANCE", "NO_FIGURE"]
PROMOTION = ["promote", "verify_promotion", "record_deployment", "announce"]


@pytest.mark.parametrize("region", PROMOTED)
def test_a_winner_is_published_and_recorded(world: World, region: str) -> None:
    outcome = world.outcomes[region]
    assert outcome.state == "success"
    assert {outcome.tasks[task] for task in [*PROMOTION, "notify"]} == {"success"}
    assert outcome.tasks["keep_production"] == "skipped"
    assert world.champion(region) == version_of(region)


@pytest.mark.parametrize("region", PROMOTED)
def test_the_record_points_at_the_published_files(world: World, region: str) -> None:
    (row,) = [row for row in world.rows(region) if row.status == "active"]
    assert row.run_id == run_of(region).run_id
    assert row.artifact_checksum is not None
    published = FileRef(f"{row.artifact_path}/manifest.json", row.artifact_checksum, 0)
    assert world.store.read_checked(published) == f"manifest.json of {region}".encode()
    assert row.trained_to == datetime.fromisoformat(TRAINED[1]).astimezone(UTC)
    assert row.metrics["challenger"]["mape"] == CASES[region].challenger


@pytest.mark.parametrize("region", KEPT)
def test_without_a_clear_win_the_champion_stays_and_the_reason_is_on_record(
    world: World, region: str
) -> None:
    outcome = world.outcomes[region]
    assert outcome.state == "success"
    assert outcome.tasks["keep_production"] == "success"
    assert {outcome.tasks[task] for task in PROMOTION} == {"skipped"}
    assert world.champion(region) == CHAMPION
    (row,) = [row for row in world.rows(region) if row.status == "rejected"]
    assert row.version == version_of(region)
    assert row.reason


@pytest.mark.parametrize(
    ("region", "words"),
    [
        ("FIRST", "First model of its region"),
        ("BETTER", "5.0% better"),
        ("WORSE", "5.0% worse"),
        ("TIE", "is a tie"),
        ("CHANCE", "which chance explains"),
        ("NO_FIGURE", "its MAPE is missing"),
        ("FORCED", "Promoted by force"),
    ],
)
def test_the_reason_says_what_decided(world: World, region: str, words: str) -> None:
    (row,) = [row for row in world.rows(region) if row.run_id == run_of(region).run_id]
    assert words in row.reason


def test_a_better_one_archives_the_champion_before_it(world: World) -> None:
    assert {row.version: str(row.status) for row in world.rows("BETTER")} == {
        version_of("BETTER"): "active",
        CHAMPION: "archived",
    }


def test_a_step_marked_successful_without_a_manifest_promotes_nothing(world: World) -> None:
    outcome = world.outcomes["NO_MANIFEST"]
    assert outcome.tasks["evaluate"] == "success"
    assert outcome.tasks["decide_promotion"] == "failed"
    assert outcome.state == "failed"
    assert [row.version for row in world.rows("NO_MANIFEST")] == [CHAMPION]


def test_a_dry_run_records_nothing(world: World) -> None:
    outcome = world.outcomes["DRY_RUN"]
    assert outcome.state == "success"
    assert outcome.tasks["notify"] == "success"
    assert {outcome.tasks[task] for task in [*PROMOTION, "keep_production"]} == {"skipped"}
    assert [row.version for row in world.rows("DRY_RUN")] == [CHAMPION]


def test_the_same_run_again_changes_nothing(world: World) -> None:
    assert world.again.state == "success"
    assert len(world.rows("BETTER")) == 2
    assert world.champion("BETTER") == version_of("BETTER")


def test_each_promotion_is_one_event_of_its_region_s_asset(
    world: World, airflow_environment: dict[str, str]
) -> None:
    metadata = airflow_environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].replace("+psycopg", "")
    query = """SELECT asset.name FROM asset_event JOIN asset ON asset.id = asset_event.asset_id
               WHERE asset_event.source_dag_id LIKE 'weekly_retrain_%'"""
    with psycopg.connect(metadata) as connection:
        names = {name for (name,) in connection.execute(query)}
    assert {name for name in names if name.removeprefix("demand_forecast_model_") in CASES} == {
        f"demand_forecast_model_{region}" for region in [*PROMOTED, "REGRETTED"]
    }


def test_a_rollback_makes_the_champion_before_it_champion_again_with_the_reason(world: World) -> None:
    assert world.back.state == "success"
    (active,) = [row for row in world.rows("REGRETTED") if row.status == "active"]
    assert active.version == CHAMPION
    assert active.reason == "Rolled back: wrong on holidays"
    assert version_of("REGRETTED") in {
        row.version for row in world.rows("REGRETTED") if row.status == "archived"
    }


def test_a_rollback_to_a_version_that_never_was_champion_changes_nothing(world: World) -> None:
    assert world.nowhere.state == "failed"
    assert world.champion("REGRETTED") == CHAMPION
    assert len(world.rows("REGRETTED")) == 3


def test_a_retraining_cleared_after_its_model_was_followed_neither_records_nor_announces_it(
    world: World,
) -> None:
    assert world.cleared.tasks["record_deployment"] == "failed"
    assert world.cleared.tasks["announce"] == "upstream_failed"
    assert world.champion("REGRETTED") == CHAMPION
