"""The tasks that make a decided model champion: the same whoever decided, a retraining or the live days."""

from __future__ import annotations

from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import Asset, BaseOperator

from demand_forecast.promotion.operators import PostgresOperator
from demand_forecast.promotion.sql import RECORD_DEPLOYMENT
from demand_forecast.promotion.superseded import unless_superseded
from demand_forecast.settings import settings
from demand_forecast.tasks.runtime import trainer_task
from trainer.contract import Region, Verb


def champion_tasks(region: Region, verify: PythonOperator, model: Asset) -> tuple[BaseOperator, BaseOperator]:
    """Records the parameters that `verify` returns in one transaction, then announces the version; in the DAG
    of the context. model: the asset that the record is an event of. Returns both, to be followed."""
    record = PostgresOperator(
        task_id="record_deployment",
        conn_id=settings().postgres_conn_id,
        sql=RECORD_DEPLOYMENT,
        parameters=verify.output,
        outlets=[model],
        pre_execute=unless_superseded(region),
    )
    announce = trainer_task(
        Verb.ANNOUNCE,
        region,
        {"model-version": "{{ ti.xcom_pull(task_ids='" + verify.task_id + "')['version'] }}"},
        pre_execute=unless_superseded(region),
    )
    verify >> record >> announce
    return record, announce
