"""Ways that a promotion can go, a region each: what training and evaluation would have measured, in the store
as the manifests they would have left.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.dags.replay import Replay
from trainer.contract import FileRef, Manifest, manifest_path, model_version, run_folder
from trainer.store import Store

LOGICAL_DATE = "2026-01-04T00:00:00+00:00"
RUN_AFTER = "2026-01-04T00:05:00+00:00"
TRAINED = ("2021-01-01T00:00:00+00:00", "2025-12-07T00:00:00+00:00")
HOURS = 672
CHAMPION = "the-champion"


def figures(mape: float | None) -> dict[str, float | None]:
    return {"mape": mape, "smape": 2.0, "mae": 100.0, "mse": 2e4, "rmse": 141.0, "r2": 0.98}


@dataclass(frozen=True)
class Case:
    challenger: float | None = 1.0
    champion: float | None = 2.0
    has_champion: bool = True
    manifest: bool = True
    p_value: float | None = None
    """Of the improvement; None where the evaluation tested none."""
    conf: dict[str, Any] = field(default_factory=dict)


CASES = {
    "FIRST": Case(challenger=3.0, has_champion=False),
    "BETTER": Case(challenger=1.9),
    "WORSE": Case(challenger=2.1),
    "TIE": Case(challenger=2.0),
    "CHANCE": Case(challenger=1.9, p_value=0.4),
    "NO_FIGURE": Case(challenger=None),
    "NO_MANIFEST": Case(manifest=False),
    "FORCED": Case(challenger=9.0, conf={"force_promote": True}),
    "DRY_RUN": Case(challenger=1.0, conf={"dry_run": True}),
    "REGRETTED": Case(challenger=1.9),
}


def run_of(region: str) -> Replay:
    return Replay(
        dag_id=f"weekly_retrain_{region}",
        logical_date=LOGICAL_DATE,
        run_after=RUN_AFTER,
        conf=CASES[region].conf,
        done="snapshot|search|train|evaluate",
    )


def rollback_to(version: str) -> Replay:
    return Replay(
        dag_id="rollback_model_REGRETTED",
        logical_date=None,
        run_after="2026-01-05T00:00:00+00:00" if version == CHAMPION else "2026-01-06T00:00:00+00:00",
        conf={"version": version, "reason": "wrong on holidays"},
    )


def version_of(region: str) -> str:
    return model_version(region, run_of(region).run_id, datetime.fromisoformat(LOGICAL_DATE))


def leave(store: Store, region: str, step: str, **content: Any) -> None:
    manifest = Manifest(
        step=step, region=region, run_id=run_of(region).run_id, as_of=LOGICAL_DATE, parameters={}, **content
    )
    store.write(manifest_path(region, manifest.run_id, step), manifest.to_json().encode())


def prepare(store: Store, region: str, case: Case) -> None:
    """What the steps up to `evaluate` would have left behind."""
    folder = f"{run_folder(region, run_of(region).run_id)}/candidate"
    files: dict[str, FileRef] = {
        name: store.write(f"{folder}/{name}", f"{name} of {region}".encode())
        for name in ("config.json", "lstm_model.safetensors", "manifest.json")
    }
    facts = {
        "version": version_of(region),
        "artifact": {"path": folder, "checksum": files["manifest.json"].sha256},
        "train_from": TRAINED[0],
        "train_until": TRAINED[1],
        "mlflow_run_id": None,
    }
    leave(store, region, "train", outputs=files, facts=facts)
    if case.manifest:
        metrics = {
            "challenger": figures(case.challenger),
            "champion": figures(case.champion) if case.has_champion else None,
            "baseline": figures(5.0),
        }
        compared: dict[str, object] = {
            "challenger_version": version_of(region),
            "champion_version": CHAMPION if case.has_champion else None,
            "hours": HOURS,
        }
        if case.p_value is not None:
            tested = {"days": 28, "mean": 0.1, "lower": -0.2, "upper": 0.4, "p_value": case.p_value}
            compared["improvement"] = tested
        leave(store, region, "evaluate", metrics=metrics, facts=compared)
