"""
### Every day a forecast, whatever happened to the week

Pins the active model by version and checksum, forecasts, and publishes to InfluxDB and PostgreSQL, where
the points are read back. A broken model gives way to the previous one, then to a seasonal baseline; such
points are marked, and an alert goes out. Forecasts whose actuals have arrived are scored; when the rolling
7-day MAPE is over the threshold, the region is retrained once, unless its weekly_retrain is paused.

A source that hangs holds the forecast back for minutes only: the DAG data_ingestion asks it again every hour.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.providers.standard.operators.python import BranchPythonOperator
from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import DAG, Param

from demand_forecast.dag_defaults import AS_OF, refit_trigger, region_dag, regions_to_parse, retrain_dag_id
from demand_forecast.forecasting.drift_watch import drift_run_id, watch_drift
from demand_forecast.forecasting.tasks import daily_cron, forecast_tasks
from demand_forecast.settings import settings
from demand_forecast.tasks.runtime import trainer_task
from trainer.contract import MAX_HORIZON, Region, Verb

PARAMS = {
    "as_of": AS_OF,
    "horizon": Param(
        settings().horizon,
        type="integer",
        minimum=1,
        maximum=MAX_HORIZON,
        description="Hours to forecast; 24 from a day's first hour are 25 where clocks go back on that day",
    ),
}


def daily_forecast(region: Region) -> DAG:
    with region_dag(
        region,
        dag_id=f"daily_forecast_{region.name}",
        cron=daily_cron(region),
        title="Daily forecast",
        params=PARAMS,
        tags=["forecast"],
        doc_md=__doc__,
        done_within=settings().forecast_deadline,
        # Before the next day's run, even on the 23 hours of a day in spring.
        stopped_after=timedelta(hours=22),
    ) as dag:
        ingest = forecast_tasks(region, {"horizon": "{{ hours_ahead(dag_run, params) }}"})
        score = trainer_task(Verb.SCORE, region)
        watch = BranchPythonOperator(
            task_id="watch_drift",
            python_callable=watch_drift,
            op_kwargs={"region": region, "retrain": "retrain"},
        )
        retrain = TriggerDagRunOperator(
            task_id="retrain",
            trigger_dag_id=retrain_dag_id(region),
            trigger_run_id=drift_run_id(region),
            conf={"as_of": "{{ as_of(dag_run, params, '" + region.timezone + "') }}"},
            logical_date=None,
            skip_when_already_exists=True,
        )
        ingest >> score >> watch >> retrain
        if settings().refit_of(region) == "daily":
            ingest >> refit_trigger(region)
    return dag


for _region in regions_to_parse():
    daily_forecast(_region)
