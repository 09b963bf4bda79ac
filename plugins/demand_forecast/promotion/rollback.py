"""What rollback_model does: an earlier champion becomes champion again, with the reason on record."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from airflow.sdk.exceptions import AirflowFailException

from demand_forecast.alerts import notify
from demand_forecast.database import connection
from demand_forecast.promotion import deployments
from demand_forecast.promotion.deployments import DeploymentError
from demand_forecast.promotion.superseded import refuse_superseded
from demand_forecast.settings import settings
from demand_forecast.tasks.manifests import ManifestError, verify_artifact
from demand_forecast.tasks.run_arguments import DagRun, trainer_run_id
from trainer.contract import Region

log = logging.getLogger(__name__)


def roll_back(region: Region, *, dag_run: DagRun, params: Mapping[str, Any]) -> dict[str, str]:
    """Version and reason of the champion from now on. The same run again changes nothing, nor does a rollback
    to what is champion already, of which nobody is alerted.

    Raises AirflowFailException for a version that never was champion of the region, naming those that were;
    for one whose files cannot serve any more; and for an old run, cleared, whose champion has been followed.
    """
    try:
        with connection() as database:
            refuse_superseded(database, region, dag_run)
            wanted = deployments.last_term(database, region.name, params["version"])
            if wanted is not None:
                path, checksum = str(wanted.artifact_path), str(wanted.artifact_checksum)
                verify_artifact(settings().store_url, path, checksum)
            champion = deployments.rollback(
                database,
                region=region.name,
                version=params["version"],
                run_id=trainer_run_id(dag_run),
                reason=f"Rolled back: {params['reason']}",
            )
    except DeploymentError as error:
        raise AirflowFailException(str(error)) from error
    except ManifestError as error:
        raise AirflowFailException(f"{error}; the champion stays, choose another version") from error
    if champion.run_id != trainer_run_id(dag_run):
        reason = f"{champion.version} is champion already; nothing was changed"
        log.info("%s", reason)
        return {"version": champion.version, "reason": reason}
    notify.send(
        f"{region.title}: rolled back to {champion.version}",
        f"{champion.reason}\n{notify.run_url(dag_run.dag_id, dag_run.run_id)}",
        kind="warning",
    )
    return {"version": champion.version, "reason": champion.reason}
