"""
### The store, kept tidy

Every Saturday: removes the versions that nothing would go back to, and the runs that are older than their
setting, with their snapshots, their runs in MLflow and the trials of their searches. Never touched: the
champion, the last champions (DEMAND_FORECAST_KEEP_CHAMPIONS), what they were made from, and runs in progress.
Forecasts and their figures stay in the tables. `dry_run` removes nothing; the task's result says what would
go, with sizes.

Airflow's own rows and logs are Airflow's: docs/runbook.md has its command.
"""

from __future__ import annotations

from airflow.sdk import DAG, Param

from demand_forecast.dag_defaults import AS_OF, region_dag, regions_to_parse
from demand_forecast.settings.setting_params import setting_param
from demand_forecast.tasks.run_arguments import params
from demand_forecast.tasks.runtime import trainer_task
from trainer.contract import Region, Verb

PARAMS = {
    "as_of": AS_OF,
    "keep_champions": setting_param("keep_champions", "Champions to leave, to roll back to"),
    "keep_training_days": setting_param("keep_training_days", "Days that other trainings stay"),
    "keep_run_days": setting_param("keep_run_days", "Days that other runs stay"),
    "dry_run": Param(False, type="boolean", description="Say what would go, and remove nothing"),
}

DRY_RUN = "{{ 'dry-run' if params.dry_run else 'no-dry-run' }}"


def housekeeping(region: Region) -> DAG:
    with region_dag(
        region,
        dag_id=f"housekeeping_{region.name}",
        cron="0 5 * * 6",
        title="Housekeeping",
        params=PARAMS,
        tags=["upkeep"],
        doc_md=__doc__,
    ) as dag:
        options = params("keep_champions", "keep_training_days", "keep_run_days")
        trainer_task(Verb.HOUSEKEEPING, region, {**options, DRY_RUN: None})
    return dag


for _region in regions_to_parse():
    housekeeping(_region)
