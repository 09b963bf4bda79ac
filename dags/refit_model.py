"""
### The champion, brought up to date

A challenger is judged on held-out days, so what wins has not seen the last weeks; and where challengers lose,
the champion grows older. This solves anew all of the champion that has a closed form, up to the last measured
hour; its networks stay. The result is a version of its own (`parent`, `judged_version` in
`model_deployments`), recorded in one transaction, and rolled back like any other.

Triggered by weekly_retrain after each decision, or by daily_forecast after each ingest
(DEMAND_FORECAST_REFIT), and by hand. No forecast waits for it. One that errs more than its parent on the last
days, or fails, leaves the parent in place and alerts.
"""

from __future__ import annotations

from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import DAG

from demand_forecast.dag_defaults import AS_OF, refit_dag_id, region_dag, regions_to_parse
from demand_forecast.promotion import refit
from demand_forecast.settings.setting_params import setting_param
from demand_forecast.tasks.run_arguments import params
from demand_forecast.tasks.runtime import trainer_task
from trainer.contract import Region, Verb

PARAMS = {"as_of": AS_OF, "lookback_days": setting_param("lookback_days", "Days of history")}


def refit_model(region: Region) -> DAG:
    with region_dag(
        region,
        dag_id=refit_dag_id(region),
        cron=None,
        title="Model refit",
        params=PARAMS,
        tags=["training"],
        doc_md=__doc__,
        paused_at_first=False,
    ) as dag:
        of_region = {"region": region}
        champion = PythonOperator(
            task_id="champion", python_callable=refit.champion_to_refit, op_kwargs=of_region
        )
        snapshot = trainer_task(Verb.SNAPSHOT, region, params("lookback_days"))
        update = trainer_task(Verb.REFIT, region, refit.model_options("champion"))
        record = PythonOperator(
            task_id="record_refit", python_callable=refit.record_refit, op_kwargs=of_region
        )
        champion >> snapshot >> update >> record
    return dag


for _region in regions_to_parse():
    refit_model(_region)
