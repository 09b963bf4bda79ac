"""What the DAGs of this package share: names, schedules, Params, macros, and what happens on failure."""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any, Final

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import DAG, Asset, Context, CronTriggerTimetable, Param, get_parsing_context
from airflow.sdk.definitions.param import ParamsDict
from airflow.sdk.exceptions import AirflowSkipException

from demand_forecast.alerts.deadlines import deadline
from demand_forecast.alerts.notify import on_failure, on_stopped
from demand_forecast.promotion.sql import SQL_FOLDER
from demand_forecast.settings import regions, settings
from demand_forecast.tasks import run_arguments
from trainer.contract import Region
from trainer.contract.products import product_dag_id

log = logging.getLogger(__name__)

AS_OF: Final = Param(
    None,
    type=["null", "string"],
    format="date-time",
    title="As of",
    description="The moment the run speaks for: all before it is known, nothing after it. "
    "Empty: the run's logical date.",
)


_GRACE: Final = timedelta(minutes=10)
"""How long a DAG that never ran on its schedule still starts the run that was due. Until it has run, each
parse sets its next run anew: without a grace, a parse between the hour and the scheduler's next look puts
the first run off by a day, or a week."""


def regions_to_parse() -> list[Region]:
    """All regions, or, where Airflow asks for one DAG, that DAG's alone. Each task's process asks so, and
    with a thousand regions the others would take it seconds."""
    everyone = list(regions().values())
    if unknown := sorted(set(settings().refit_by_region) - set(regions())):
        log.warning("DEMAND_FORECAST_REFIT_BY_REGION names no region of %s: %s", sorted(regions()), unknown)
    dag_id = get_parsing_context().dag_id
    asked = [one for one in everyone if dag_id and _has_dag(one, dag_id)]
    return asked or everyone


def _has_dag(region: Region, dag_id: str) -> bool:
    of_products = {product_dag_id(region.name, product.name) for product in region.forecasts}
    return dag_id in of_products or dag_id.endswith(f"_{region.name}")


def retrain_dag_id(region: Region) -> str:
    return f"weekly_retrain_{region.name}"


def refit_dag_id(region: Region) -> str:
    return f"refit_model_{region.name}"


def refit_trigger(region: Region, *, task_id: str = "refit", **task_options: Any) -> TriggerDagRunOperator:
    """Starts the region's refit for the moment that this run speaks for, and waits for nothing. Skipped while
    that DAG is paused: runs would wait there, to be made one after the other for days long past."""
    dag_id = refit_dag_id(region)

    def unless_paused(context: Context) -> None:
        if context["ti"].get_dag(dag_id).is_paused:
            raise AirflowSkipException(f"{dag_id} is paused: the champion is not brought up to date")

    return TriggerDagRunOperator(
        task_id=task_id,
        trigger_dag_id=dag_id,
        pre_execute=unless_paused,
        trigger_run_id="refit__{{ dag_run.dag_id }}__{{ dag_run.run_id }}",
        conf={"as_of": "{{ as_of(dag_run, params, '" + region.timezone + "') }}"},
        logical_date=None,
        skip_when_already_exists=True,
        **task_options,
    )


def model_asset(region: Region) -> Asset:
    """The region's champion; it has an event for each promotion, and for nothing else."""
    return Asset(name=f"demand_forecast_model_{region.name}", uri=f"demand-forecast://model/{region.name}")


@contextmanager
def region_dag(
    region: Region,
    *,
    dag_id: str,
    cron: str | None,
    title: str,
    params: Mapping[str, Param],
    tags: list[str],
    doc_md: str | None,
    done_within: timedelta | None = None,
    stopped_after: timedelta | None = None,
    paused_at_first: bool | None = None,
) -> Iterator[DAG]:
    """A DAG of one region: on its own schedule in its own timezone, one run at a time, no catching up.
    Without a cron expression it runs on demand only. A run that takes longer than `done_within` alerts,
    one that takes longer than `stopped_after` ends, so that the next can begin, and alerts too.

    paused_at_first: whether it is paused until somebody unpauses it; None as Airflow is set. One that only
    others trigger is not: its runs would wait unseen.

    It has no start_date: with one, unpausing would start the latest missed run at once, a whole training
    where somebody only flipped a switch. A backfill names its own dates and needs none. Only
    a run that was due minutes ago is started.
    """
    config = settings()
    macros: dict[str, Callable[..., str]] = {
        "trainer_run_id": run_arguments.trainer_run_id,
        "as_of": run_arguments.as_of,
        "local_day": run_arguments.local_day,
        "hours_ahead": partial(run_arguments.hours_ahead, region=region),
    }
    with DAG(
        dag_id=dag_id,
        dag_display_name=f"{title}: {region.title}",
        description=f"{title} of {region.title}",
        schedule=cron and CronTriggerTimetable(cron, timezone=region.timezone, run_immediately=_GRACE),
        catchup=False,
        max_active_runs=1,
        is_paused_upon_creation=paused_at_first,
        deadline=deadline(done_within) if done_within else None,
        dagrun_timeout=stopped_after,
        on_failure_callback=on_stopped if stopped_after else None,
        tags=["demand-forecast", region.name, *tags],
        doc_md=doc_md,
        user_defined_macros=macros,
        template_searchpath=str(SQL_FOLDER),
        default_args=task_defaults(
            owner=config.owner, retries=config.retries, retry_delay_seconds=config.retry_delay_seconds
        ),
    ) as dag:
        yield dag
    # After its tasks: each would copy what its DAG has, and validate it whenever it is serialised, which with
    # hundreds of regions takes longer than Airflow gives a file. Copied for each DAG, since Airflow writes a
    # run's conf into it.
    dag.params = ParamsDict(copy.deepcopy(dict(params)))


def task_defaults(*, owner: str, retries: int, retry_delay_seconds: int) -> dict[str, Any]:
    """Short tasks retry and time out; the verbs' tasks bring timeouts of their own."""
    return {
        "owner": owner,
        "retries": retries,
        "retry_delay": timedelta(seconds=retry_delay_seconds),
        "execution_timeout": timedelta(minutes=10),
        "on_failure_callback": on_failure,
    }
