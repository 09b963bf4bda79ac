"""What may be recorded as a promotion: only what the manifests carry, whatever tasks and XComs say."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException

from demand_forecast.promotion.retrain import deployment_to_record, policy
from trainer.contract import Manifest, load_regions, manifest_path
from trainer.store import Store

KR = load_regions({})["KR"]
RUN: Any = SimpleNamespace(dag_id="weekly_retrain_KR", run_id="manual__1", logical_date=None, run_after=None)
RUN_ID = "weekly_retrain_KR/manual__1"
PARAMS = {"margin": 0.01, "force_promote": False, "dry_run": False}
FIGURES = {"mape": 1.0, "smape": 1.0, "mae": 1.0, "mse": 1.0, "rmse": 1.0, "r2": 0.9}


@pytest.fixture
def store(configure, tmp_path: Path) -> Store:
    configure(STORE_URL=tmp_path.as_uri())
    return Store.at(tmp_path)


def leave(store: Store, step: str, **content: Any) -> None:
    manifest = Manifest(
        step=step, region="KR", run_id=RUN_ID, as_of="2026-01-01T00:00:00+00:00", parameters={}, **content
    )
    store.write(manifest_path("KR", RUN_ID, step), manifest.to_json().encode())


def leave_evaluation(store: Store, champion_mape: float = 2.0, *, search: Any = None) -> None:
    leave(
        store,
        "evaluate",
        metrics={"challenger": FIGURES, "champion": {**FIGURES, "mape": champion_mape}, "baseline": FIGURES},
        facts={
            "challenger_version": "new",
            "champion_version": "old",
            "hours": 672,
            "mlflow_run_id": "6d1f",
            "members": {"model": 0.62, "trees": 0.38},
            "places": {},
            "search": search,
            "beside_reference": {"hours": 640, "reference": {"mape": 1.83}, "challenger": {"mape": 0.9}},
        },
    )


def leave_publication(store: Store, version: str = "new") -> None:
    facts = {
        "version": version,
        "artifact": {"path": f"KR/models/{version}", "checksum": "a" * 64},
        "train_from": "2021-01-01T00:00:00+00:00",
        "train_until": "2025-12-01T00:00:00+00:00",
    }
    leave(store, "promote", facts=facts)


def test_a_promotion_is_recorded_as_the_manifests_tell_it(store: Store) -> None:
    leave_evaluation(store)
    leave_publication(store)
    values = deployment_to_record(KR, dag_run=RUN, params=PARAMS)
    assert values["run_id"] == RUN_ID
    assert (values["version"], values["champion_version"]) == ("new", "old")
    assert (values["artifact_path"], values["artifact_checksum"]) == ("KR/models/new", "a" * 64)
    assert json.loads(values["metrics"] or "")["challenger"]["mape"] == 1.0
    assert json.loads(values["metrics"] or "")["mlflow_run_id"] == "6d1f"
    assert json.loads(values["metrics"] or "")["beside_reference"]["reference"]["mape"] == 1.83
    assert "50.0% better" in (values["reason"] or "")
    assert "The operator's own forecast has MAPE 1.830 % on 640 of these hours" in (values["reason"] or "")


def test_what_the_model_is_made_of_is_on_record_where_it_is_not_alone(store: Store) -> None:
    leave_evaluation(store)
    leave_publication(store)
    metrics = json.loads(deployment_to_record(KR, dag_run=RUN, params=PARAMS)["metrics"] or "")
    assert metrics["members"] == {"model": 0.62, "trees": 0.38}
    assert "places" not in metrics


@pytest.mark.parametrize(
    ("search", "recorded"),
    [
        (
            {"trials": 20, "epochs": 50},
            {"as_of": "2026-01-01T00:00:00+00:00", "trials": 20, "epochs": 50},
        ),
        (None, None),
    ],
)
def test_a_decision_tells_for_which_moment_its_run_searched_and_how_much(
    store: Store, search: Any, recorded: Any
) -> None:
    leave_evaluation(store, search=search)
    leave_publication(store)
    metrics = json.loads(deployment_to_record(KR, dag_run=RUN, params=PARAMS)["metrics"] or "")
    assert metrics.get("search") == recorded


def test_figures_that_do_not_win_are_not_recorded_as_a_promotion(store: Store) -> None:
    leave_evaluation(store, champion_mape=0.9)
    leave_publication(store)
    with pytest.raises(AirflowFailException, match="does not support a promotion"):
        deployment_to_record(KR, dag_run=RUN, params=PARAMS)


def test_a_version_that_nobody_measured_is_not_recorded(store: Store) -> None:
    leave_evaluation(store)
    leave_publication(store, version="another")
    with pytest.raises(AirflowFailException, match="another was published, but new was measured"):
        deployment_to_record(KR, dag_run=RUN, params=PARAMS)


def test_without_a_publication_nothing_is_recorded(store: Store) -> None:
    leave_evaluation(store)
    with pytest.raises(AirflowFailException, match="left no manifest"):
        deployment_to_record(KR, dag_run=RUN, params=PARAMS)


def test_a_damaged_evaluation_records_nothing(store: Store) -> None:
    leave_evaluation(store)
    leave_publication(store)
    path = manifest_path("KR", RUN_ID, "evaluate")
    store.write(path, store.read(path).replace(b"672", b"673"))
    with pytest.raises(AirflowFailException, match="checksum does not fit"):
        deployment_to_record(KR, dag_run=RUN, params=PARAMS)


def test_the_form_s_wishes_become_the_gate_s_policy() -> None:
    asked = policy({"margin": 0.05, "force_promote": True, "dry_run": True})
    assert (asked.margin, asked.force, asked.dry_run) == (0.05, True, True)
