"""What refit_model does around the trainer's verb: which champion, and the record that its refit serves."""

from __future__ import annotations

import logging
from typing import Any

from airflow.sdk.exceptions import AirflowSkipException

from demand_forecast.alerts import notify
from demand_forecast.database import connection
from demand_forecast.promotion import deployments
from demand_forecast.promotion.pinned_versions import pinned, version_options
from demand_forecast.tasks.run_arguments import DagRun, trainer_run_id
from demand_forecast.tasks.run_manifests import manifest_of
from trainer.contract import Region, Verb

log = logging.getLogger(__name__)


def champion_to_refit(region: Region) -> dict[str, str]:
    """Version and checksum of the champion. Raises AirflowSkipException for a region without one."""
    with connection() as database:
        champion = deployments.active(database, region.name)
    if champion is None:
        raise AirflowSkipException(f"region {region.name} has no champion to bring up to date")
    return pinned(champion)


def model_options(task_id: str) -> dict[str, str]:
    """Options of `refit` from the output of the task that runs champion_to_refit."""
    return version_options("model", f"ti.xcom_pull(task_ids='{task_id}')")


def record_refit(region: Region, *, dag_run: DagRun) -> dict[str, Any]:
    """Lets the refit follow its parent as champion, from the evidence of its manifest alone.

    One that was tried and turned away leaves the parent in place and alerts; one whose parent was followed
    meanwhile is left alone. Raises AirflowFailException when the evidence is missing or damaged.
    """
    facts = manifest_of(Verb.REFIT, region, dag_run).facts
    if not facts["accepted"]:
        if facts["tried"]:
            notify.send(
                f"{region.title}: the champion could not be brought up to date",
                f"{facts['reason']}. It stays as it is.\n{notify.run_url(dag_run.dag_id, dag_run.run_id)}",
                kind="warning",
            )
        return {"champion": facts["parent"], "reason": facts["reason"]}
    values = {
        "region": region.name,
        "version": facts["version"],
        "run_id": trainer_run_id(dag_run),
        "parent": facts["parent"],
        "reason": facts["reason"],
        "artifact_path": facts["artifact"]["path"],
        "artifact_checksum": facts["artifact"]["checksum"],
        "trained_from": facts["train_from"],
        "trained_to": facts["train_until"],
    }
    with connection() as database:
        row = deployments.record_refit(database, values)
        champion = deployments.active(database, region.name)
    reason = facts["reason"]
    if row is None or row.version != facts["version"]:
        reason = f"{facts['parent']} is champion no more, or knows as much; its refit does not serve"
        if row is not None:  # a run has one row
            reason = (
                f"this run made {row.version} champion before; start a new run to refit {facts['parent']}"
            )
        log.warning("%s", reason)
    return {"champion": champion.version if champion else None, "reason": reason}
