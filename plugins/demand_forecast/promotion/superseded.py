"""Whether a run's decision still stands: an old run may be cleared whose model others have followed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from airflow.sdk import Context
from airflow.sdk.exceptions import AirflowFailException

from demand_forecast.database import connection
from demand_forecast.promotion import deployments
from demand_forecast.promotion.deployment_rows import Status
from demand_forecast.tasks.run_arguments import DagRun, trainer_run_id
from trainer.contract import Region


def refuse_superseded(database: Any, region: Region, dag_run: DagRun) -> None:
    """Raises AirflowFailException when the model that this run made champion has been followed by another. A
    refit of it is the same model, and so is itself after a rollback.

    Nothing is to be done then: not the promotion again, its event, its alert, or MLflow's alias.
    """
    row = deployments.of_run(database, region.name, trainer_run_id(dag_run))
    champion = deployments.active(database, region.name)
    if row is None or champion is None:
        return
    if row.status is Status.ARCHIVED and champion.judged != row.judged:
        raise AirflowFailException(
            f"this run made {row.version} champion of region {region.name}; since "
            f"{champion.decided_at.isoformat(timespec='seconds')} {champion.version} is, and stays it. "
            f"To bring {row.version} back, trigger a new run of rollback_model_{region.name}"
        )


def unless_superseded(region: Region) -> Callable[[Context], None]:
    """`refuse_superseded` as a task's `pre_execute`."""

    def check(context: Context) -> None:
        with connection() as database:
            refuse_superseded(database, region, context["dag_run"])

    return check
