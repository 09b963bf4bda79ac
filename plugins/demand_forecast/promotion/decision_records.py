"""What every decision puts on record, of a candidate and of a shadow alike."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from demand_forecast.database import connection
from demand_forecast.promotion import deployments
from demand_forecast.promotion.gate import Decision
from demand_forecast.promotion.searches import search_on_record
from demand_forecast.tasks.run_arguments import DagRun, trainer_run_id
from trainer.contract import Manifest, Region

log = logging.getLogger(__name__)


def decision_record(
    region: Region, dag_run: DagRun, evaluation: Manifest, decision: Decision
) -> dict[str, Any]:
    """What is put on record of a decision: all that `deployments.parameters` takes, but the artifact.
    evaluation: the manifest of `evaluate`, or of a shadow's comparison."""
    return {
        "region": region.name,
        "version": evaluation.facts["challenger_version"],
        "run_id": trainer_run_id(dag_run),
        "reason": decision.reason,
        "metrics": {
            **evaluation.metrics,
            "beside_reference": evaluation.facts.get("beside_reference"),
            "mlflow_run_id": evaluation.facts.get("mlflow_run_id"),
            **{name: shares for name in ("places", "members") if (shares := evaluation.facts.get(name))},
            **search_on_record(evaluation),
        },
        "champion_version": evaluation.facts["champion_version"],
    }


def reject(decided: Mapping[str, Any]) -> dict[str, str]:
    """Records that the model of `decided` (see `decision_record`) was turned away; its version and why."""
    values = deployments.parameters(
        **decided, artifact_path=None, artifact_checksum=None, trained_from=None, trained_to=None
    )
    with connection() as database:
        row = deployments.record_rejection(database, values)
    log.info("kept the champion; on record as deployment %s: %s", row.id, row.reason)
    return {"version": row.version, "reason": row.reason}
