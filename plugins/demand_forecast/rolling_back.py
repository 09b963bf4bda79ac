"""What rollback_model does: an earlier champion becomes champion again, with the reason on record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow.sdk.exceptions import AirflowFailException

from demand_forecast import deployments, notify
from demand_forecast.database import connection
from demand_forecast.deployments import DeploymentError
from demand_forecast.run_arguments import DagRun, trainer_run_id
from trainer.contract import Region


def roll_back(region: Region, *, dag_run: DagRun, params: Mapping[str, Any]) -> dict[str, str]:
    """Version and reason of the champion from now on. The same run again changes nothing.

    Raises AirflowFailException for a version that never was champion of the region; it names those that were.
    """
    try:
        with connection() as database:
            champion = deployments.rollback(
                database,
                region=region.name,
                version=params["version"],
                run_id=trainer_run_id(dag_run),
                reason=f"Rolled back: {params['reason']}",
            )
    except DeploymentError as error:
        raise AirflowFailException(str(error)) from error
    notify.send(
        f"{region.title}: rolled back to {champion.version}",
        f"{champion.reason}\n{notify.run_url(dag_run.dag_id, dag_run.run_id)}",
        kind="warning",
    )
    return {"version": champion.version, "reason": champion.reason}
