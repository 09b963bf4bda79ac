"""Shadows added, removed and promoted through the real DAG, on a real PostgreSQL and by the trainer's verb.

Each case is a region of its own. What champion and shadow forecast, and what came, is in the tables as daily
runs leave it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import psycopg
import pytest

from demand_forecast.promotion import deployments
from demand_forecast.promotion.deployment_rows import Deployment
from stack.state import REPOSITORY
from tests.artifacts import leave_artifact
from tests.dags.replay import Outcome, Replay, replay
from tests.dags.site import Site, crown
from trainer.contract import Manifest, Shadow, ShadowKind, manifest_path, model_folder, run_folder
from trainer.database.actuals import upsert_actuals
from trainer.database.connection import connect
from trainer.database.predictions import upsert_predictions
from trainer.database.shadows import ShadowRow, read_shadows, store_shadow, upsert_shadow_predictions
from trainer.store import Store

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

NOW = datetime(2026, 2, 1, tzinfo=UTC)
TRAINED = ("2021-01-01T00:00:00+00:00", "2025-01-01T00:00:00+00:00")
CHAMPION, SHADOW = "the-champion", "the-shadow"
KEPT_MODEL = REPOSITORY / "tests/unit/model/artifact/artifacts/schema_2/model"
"""A real one, of a region KR."""
TURNED_AWAY = "weekly_retrain_KR/manual__2026-01-25"


@dataclass(frozen=True)
class Case:
    """Percent that the shadow is off, where the champion is off by 4, and for how many days both forecast."""

    shadow: float
    days: int


CASES = {
    "BETTER": Case(shadow=2.0, days=20),
    "WORSE": Case(shadow=5.0, days=20),
    "NEW": Case(shadow=2.0, days=8),
}
PROMOTION = ["verify_promotion", "record_deployment", "announce"]


def run_of(region: str, day: int = 0, **conf: Any) -> Replay:
    moment = (NOW + timedelta(days=day)).isoformat()
    return Replay(
        dag_id=f"shadow_model_{region}",
        logical_date=moment,
        run_after=moment,
        conf={"name": "candidate", "reason": "as it did on live days", **conf},
    )


def leave_shadow(store: Store, region: str) -> str:
    """The files of a published version; its checksum."""
    folder = model_folder(region, SHADOW)
    weights = store.write(f"{folder}/lstm_model.safetensors", b"weights")
    data = dict(zip(("train_from", "train_until"), TRAINED, strict=True))
    manifest = json.dumps({"files": {"lstm_model.safetensors": weights.sha256}, "data": data}).encode()
    store.write(f"{folder}/manifest.json", manifest)
    return hashlib.sha256(manifest).hexdigest()


def live(database: str, region: str, case: Case, checksum: str) -> None:
    """Days up to NOW on which both forecast; errors vary from day to day."""
    shadow = Shadow(name="candidate", kind=ShadowKind.VERSION, version=SHADOW, checksum=checksum)
    nothing = dict.fromkeys(("trend", "seasonality", "residual", "lower", "upper"), float("nan"))
    with connect(database) as connection:
        store_shadow(connection, region, shadow, added_by="Kim", reason="it lost narrowly")
        for day in range(case.days):
            origin = NOW - timedelta(days=case.days - day)
            index = pd.date_range(origin, periods=24, freq="h", name="time")
            demand = 6000 + 100.0 * np.arange(24)
            off = 0.003 * np.sin(day)
            upsert_actuals(connection, pd.DataFrame({"demand": demand}, index), region=region, source="test")
            said = pd.DataFrame({"lead_time": range(1, 25), "origin": index[0]}, index)
            served = said.assign(forecast=demand * (1.04 + off), model_version=CHAMPION, fallback="none")
            beside = said.assign(
                forecast=demand * (1 + case.shadow / 100 - off), model_version=SHADOW, shadow="candidate"
            )
            upsert_predictions(connection, served.assign(**nothing), region=region, run_id=f"daily-{day}")
            upsert_shadow_predictions(
                connection, beside.assign(lower=np.nan, upper=np.nan), region=region, run_id=f"daily-{day}"
            )


def leave_candidate(store: Store) -> None:
    """Of KR's retraining, as `train` closes it."""
    folder = f"{run_folder('KR', TURNED_AWAY)}/candidate"
    files = {
        path.name: store.write(f"{folder}/{path.name}", path.read_bytes())
        for path in sorted(KEPT_MODEL.iterdir())
    }
    manifest = Manifest(
        step="train",
        region="KR",
        run_id=TURNED_AWAY,
        as_of=NOW.isoformat(),
        parameters={},
        outputs=files,
        facts={"version": "KR-lost", "artifact": {"path": folder, "checksum": files["manifest.json"].sha256}},
    )
    store.write(manifest_path("KR", TURNED_AWAY, "train"), manifest.to_json().encode())


@dataclass(frozen=True)
class World:
    database: str
    store: Store
    outcomes: Mapping[str, Outcome]
    again: Outcome
    """BETTER, promoted a second time by the same run."""
    added: Outcome
    removed: Outcome
    unknown: Outcome
    """KR, asked to remove what it never had."""
    log: str

    def rows(self, region: str) -> list[Deployment]:
        with psycopg.connect(self.database) as connection:
            return deployments.history(connection, region)

    def champion(self, region: str) -> str | None:
        return next((row.version for row in self.rows(region) if row.status == "active"), None)

    def shadow(self, region: str, name: str = "candidate") -> ShadowRow:
        with connect(self.database) as connection:
            (row,) = [row for row in read_shadows(connection, region) if row.shadow.name == name]
        return row


@pytest.fixture(scope="module")
def world(site: Site) -> World:
    with psycopg.connect(site.database) as connection:
        for region in CASES:
            checksum = leave_artifact(site.store, f"{region}/models/{CHAMPION}")
            crown(connection, region, CHAMPION, trained=TRAINED, checksum=checksum)
    for region, case in CASES.items():
        live(site.database, region, case, leave_shadow(site.store, region))
    leave_candidate(site.store)
    environ = site.environ_of([*CASES, "KR"], "shadow_model.py")
    promotions = [run_of(region, action="promote") for region in [*CASES, "BETTER"]]
    lost = {"action": "add", "name": "lost", "run": TURNED_AWAY}
    orders = [
        run_of("KR", **lost),
        run_of("KR", 1, action="remove", name="lost"),
        run_of("KR", 2, action="remove", name="unheard-of"),
    ]
    (*outcomes, again, added, removed, unknown), log = replay([*promotions, *orders], environ)
    cases = dict(zip(CASES, outcomes, strict=True))
    return World(site.database, site.store, cases, again, added, removed, unknown, log)


def test_a_shadow_that_wins_on_live_days_becomes_champion(world: World) -> None:
    outcome = world.outcomes["BETTER"]
    assert outcome.state == "success", world.log[-3000:]
    assert {outcome.tasks[task] for task in ["shadow", *PROMOTION, "notify"]} == {"success"}
    assert outcome.tasks["keep_production"] == "skipped"
    (row,) = [row for row in world.rows("BETTER") if row.status == "active"]
    assert (row.version, row.run_id) == (SHADOW, run_of("BETTER").run_id)
    assert "over the same 480 h is 50.0% better" in row.reason
    assert "over 20 days it saves 2 points of MAPE a day" in row.reason
    assert row.reason.endswith(": as it did on live days")
    assert row.metrics["challenger"]["mape"] == pytest.approx(2.0, abs=0.2)
    assert row.trained_to == datetime.fromisoformat(TRAINED[1])


def test_it_is_no_shadow_any_more_and_the_champion_before_it_is_archived(world: World) -> None:
    row = world.shadow("BETTER")
    assert row.removed_at is not None
    assert (row.removed_by, row.removed_reason) == (run_of("BETTER").run_id, "It became champion.")
    assert {row.version: str(row.status) for row in world.rows("BETTER")} == {
        SHADOW: "active",
        CHAMPION: "archived",
    }


def test_the_same_promotion_again_changes_nothing(world: World) -> None:
    assert world.again.state == "success", world.log[-3000:]
    assert len(world.rows("BETTER")) == 2


@pytest.mark.parametrize(
    ("region", "words"),
    [
        ("WORSE", "over the same 480 h is 24.9% worse"),
        ("NEW", "can be compared on 8 days, and 14 days are needed"),
    ],
)
def test_one_that_does_not_is_refused_with_the_reason_on_record_and_stays_a_shadow(
    world: World, region: str, words: str
) -> None:
    outcome = world.outcomes[region]
    assert outcome.state == "success", world.log[-3000:]
    assert outcome.tasks["keep_production"] == "success"
    assert {outcome.tasks[task] for task in PROMOTION} == {"skipped"}
    assert world.champion(region) == CHAMPION
    (row,) = [row for row in world.rows(region) if row.status == "rejected"]
    assert (row.version, row.run_id) == (SHADOW, run_of(region).run_id)
    assert words in row.reason
    assert "Asked for by " in row.reason
    assert world.shadow(region).removed_at is None


def test_the_candidate_of_a_retraining_is_added_and_published(world: World) -> None:
    assert world.added.state == "success", world.log[-3000:]
    assert world.added.tasks["judge_shadow"] == "success"
    assert {world.added.tasks[task] for task in [*PROMOTION, "keep_production", "notify"]} == {"skipped"}
    row = world.shadow("KR", "lost")
    assert (row.shadow.version, row.reason) == ("KR-lost", "as it did on live days")
    assert row.added_by
    assert world.store.exists("KR/models/KR-lost/manifest.json")
    assert world.rows("KR") == []


def test_it_is_removed_by_its_name_and_another_name_is_refused(world: World) -> None:
    assert world.removed.state == "success"
    row = world.shadow("KR", "lost")
    assert row.removed_at is not None
    assert row.removed_by
    assert row.removed_reason == "as it did on live days"
    assert world.unknown.state == "failed"
    assert "region KR has no shadow 'unheard-of'" in world.log
