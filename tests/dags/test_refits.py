"""Every way that a refit can go, through the real DAG, on a real PostgreSQL.

Each case is a region of its own. What the trainer's `refit` would have left lies in the store as its
manifest; the steps up to it are marked successful, and the record is written by the DAG.
"""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from demand_forecast.promotion import deployments
from demand_forecast.promotion.deployment_rows import Deployment, Status, read_rows
from tests.dags.replay import Outcome, Replay, replay
from tests.dags.site import Site, crown
from trainer.contract import Manifest, manifest_path
from trainer.store import Store

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

CHAMPION, SUCCESSOR = "the-champion", "its-successor"
TRAINED = ("2021-01-01T00:00:00+00:00", "2025-12-07T00:00:00+00:00")
UP_TO_DATE = "2026-01-04T00:00:00+00:00"
CHECK = {"mae": 90.0, "parent_mae": 100.0, "hours": 168}
ACCEPTED = {
    "accepted": True,
    "tried": True,
    "reason": "the-champion, refitted up to 2026-01-04",
    "check": CHECK,
    "train_from": TRAINED[0],
    "train_until": UP_TO_DATE,
}
CASES: dict[str, dict[str, Any]] = {
    "ACCEPTED": ACCEPTED,
    "WORSE": {
        "accepted": False,
        "tried": True,
        "reason": "refitted, it errs more",
        "check": {**CHECK, "mae": 200.0},
    },
    "NOTHING_NEW": {"accepted": False, "tried": False, "reason": "it has learned from that already"},
    "FOLLOWED": ACCEPTED,
    "NO_MANIFEST": {},
    "REGRETTED": ACCEPTED,
}


def run_of(region: str) -> Replay:
    return Replay(
        dag_id=f"refit_model_{region}",
        logical_date=UP_TO_DATE,
        run_after="2026-01-04T00:45:00+00:00",
        done="^(snapshot|refit)$",
    )


def refit_of(region: str) -> str:
    return f"{region}-refit"


def leave_refit(store: Store, region: str, facts: dict[str, Any]) -> None:
    artifact = {"path": f"{region}/models/{refit_of(region)}", "checksum": "1" * 64}
    published = {"version": refit_of(region), "artifact": artifact} if facts["accepted"] else {}
    manifest = Manifest(
        step="refit",
        region=region,
        run_id=run_of(region).run_id,
        as_of=UP_TO_DATE,
        parameters={},
        facts={"parent": CHAMPION, **published, **facts},
    )
    store.write(manifest_path(region, manifest.run_id, "refit"), manifest.to_json().encode())


@pytest.fixture(scope="module")
def outcomes(site: Site) -> dict[str, Outcome]:
    environ = site.environ_of(CASES, "refit_model.py", "rollback_model.py")
    with psycopg.connect(site.database) as connection:
        for region, facts in CASES.items():
            crown(connection, region, CHAMPION, trained=TRAINED)
            if facts:
                leave_refit(site.store, region, facts)
    # Between the pin and the record somebody promotes another model.
    with psycopg.connect(site.database) as connection:
        crown(connection, "FOLLOWED", SUCCESSOR, trained=TRAINED)
    runs = [*map(run_of, CASES), run_of("ACCEPTED")]
    ended, _ = replay(runs, environ)
    return dict(zip([*CASES, "AGAIN"], ended, strict=True))


@pytest.fixture
def rows(site: Site, outcomes: dict[str, Outcome]) -> Any:
    def of(region: str) -> list[Deployment]:
        with psycopg.connect(site.database) as connection:
            return read_rows(connection, "region = %(region)s", {"region": region}, limit=9)

    return of


def test_an_accepted_refit_follows_its_parent_as_champion(outcomes: dict[str, Outcome], rows: Any) -> None:
    assert outcomes["ACCEPTED"].state == "success"
    refit, parent = rows("ACCEPTED")
    assert (refit.version, refit.status) == (refit_of("ACCEPTED"), Status.ACTIVE)
    assert (refit.parent, refit.judged_version) == (CHAMPION, CHAMPION)
    assert refit.trained_to.isoformat() == UP_TO_DATE
    assert (parent.version, parent.status) == (CHAMPION, Status.ARCHIVED)


def test_the_same_run_again_changes_nothing(outcomes: dict[str, Outcome], rows: Any) -> None:
    assert len(rows("ACCEPTED")) == 2


@pytest.mark.parametrize("region", ["WORSE", "NOTHING_NEW"])
def test_one_that_was_turned_away_leaves_its_parent(
    region: str, outcomes: dict[str, Outcome], rows: Any
) -> None:
    assert outcomes[region].state == "success"
    (only,) = rows(region)
    assert (only.version, only.status) == (CHAMPION, Status.ACTIVE)


def test_one_whose_parent_was_followed_meanwhile_is_left_alone(
    outcomes: dict[str, Outcome], rows: Any
) -> None:
    assert outcomes["FOLLOWED"].state == "success"
    assert [row.version for row in rows("FOLLOWED")] == [SUCCESSOR, CHAMPION]


def test_one_that_failed_leaves_its_parent_and_a_failed_run(outcomes: dict[str, Outcome], rows: Any) -> None:
    assert outcomes["NO_MANIFEST"].state == "failed"
    assert [row.version for row in rows("NO_MANIFEST")] == [CHAMPION]


def test_a_refit_is_rolled_back_like_any_other(site: Site, outcomes: dict[str, Outcome], rows: Any) -> None:
    with psycopg.connect(site.database) as connection:
        deployments.rollback(
            connection, region="REGRETTED", version=CHAMPION, run_id="rollback/1", reason="Rolled back."
        )
    champion = rows("REGRETTED")[0]
    assert (champion.version, champion.status, champion.parent) == (CHAMPION, Status.ACTIVE, None)


def test_no_decision_is_forgotten_for_a_refit_and_none_made(site: Site, outcomes: dict[str, Outcome]) -> None:
    with psycopg.connect(site.database) as connection:
        assert [row.version for row in deployments.history(connection, "ACCEPTED")] == [CHAMPION]
        same = deployments.versions_judged_as(connection, "ACCEPTED", CHAMPION)
    assert same == [refit_of("ACCEPTED"), CHAMPION]


def test_a_challenger_measured_against_the_parent_follows_its_refit(
    site: Site, outcomes: dict[str, Outcome]
) -> None:
    values = deployments.parameters(
        region="ACCEPTED",
        version="challenger",
        run_id="weekly/1",
        reason="It won.",
        metrics={},
        champion_version=CHAMPION,
        artifact_path="ACCEPTED/models/challenger",
        artifact_checksum="2" * 64,
        trained_from=TRAINED[0],
        trained_to=TRAINED[1],
    )
    with psycopg.connect(site.database) as connection:
        deployments.record(connection, values)
        champion = deployments.active(connection, "ACCEPTED")
    assert champion is not None
    assert champion.version == "challenger"
