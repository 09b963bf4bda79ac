"""What alerts are made of: a run, its task, what its steps left, and the database's record of champions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from demand_forecast.promotion import deployments
from trainer.contract import Manifest, load_regions, manifest_path
from trainer.store import Store

KR = load_regions({})["KR"]
FIGURES = {"mape": 1.4213, "smape": 1.4, "mae": 812.4, "mse": 1.1e6, "rmse": 1049.0, "r2": 0.981}
Said = Callable[[], str]
"""Of the fixture `said`: title and text of the one message."""


def dag_run(dag: str) -> Any:
    return SimpleNamespace(
        dag_id=f"{dag}_KR",
        run_id="manual__2026-01-04T03:00:00+00:00",
        logical_date=None,
        run_after=datetime(2026, 1, 4, 3, tzinfo=UTC),
    )


def link(dag: str) -> str:
    return f"https://airflow.example/dags/{dag}_KR/runs/manual__2026-01-04T03%3A00%3A00%2B00%3A00"


def task(**pulled: Any) -> Any:
    """A task instance, as far as it is asked: what was decided, and how it stands with retrainings."""
    return SimpleNamespace(
        task_id="train",
        xcom_pull=lambda **_: pulled,
        get_dr_count=lambda **_: 0,
        get_dag=lambda _: SimpleNamespace(is_paused=False),
        xcom_push=lambda **_: None,
    )


def record(database: Any, run_id: str, **changes: Any) -> None:
    """Makes KR-new champion, unless `changes` say otherwise."""
    values = {
        "region": "KR",
        "version": "KR-new",
        "run_id": run_id,
        "reason": "1.42 % against 2.00 %",
        "metrics": {"challenger": FIGURES},
        "champion_version": None,
        "artifact_path": "KR/models/KR-new",
        "artifact_checksum": "a" * 64,
        "trained_from": "2021-01-01T00:00:00+00:00",
        "trained_to": "2025-12-01T00:00:00+00:00",
    }
    deployments.record(database, deployments.parameters(**{**values, **changes}))


def leave(tmp_path: Path, dag: str, step: str, **content: Any) -> None:
    """The manifest of the step, in the store at `tmp_path`."""
    run_id = f"{dag}_KR/{dag_run(dag).run_id}"
    manifest = Manifest(
        step=step, region="KR", run_id=run_id, as_of="2026-01-04T03:00:00+00:00", parameters={}, **content
    )
    Store.at(tmp_path).write(manifest_path("KR", run_id, step), manifest.to_json().encode())
