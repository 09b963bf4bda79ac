"""
### An earlier champion again

On demand only: makes a version that was champion before champion again, in the same one transaction as a
promotion, and puts the reason on record. The next forecast uses it. `model_deployments` lists the versions.
The version's files are read first: what cannot serve does not become champion. The version that it turns away
is no fallback any more.
"""

from __future__ import annotations

from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import DAG, Param

from demand_forecast.dag_defaults import region_dag, regions_to_parse
from demand_forecast.promotion.rollback import roll_back
from demand_forecast.promotion.superseded import unless_superseded
from demand_forecast.tasks.run_arguments import params
from demand_forecast.tasks.runtime import trainer_task
from trainer.contract import Region, Verb

PARAMS = {
    "version": Param(
        type="string", minLength=1, description="The version to go back to, as model_deployments spells it"
    ),
    "reason": Param(type="string", minLength=3, description="Why, for the record"),
}


def rollback_model(region: Region) -> DAG:
    with region_dag(
        region,
        dag_id=f"rollback_model_{region.name}",
        cron=None,
        title="Model rollback",
        params=PARAMS,
        tags=["training"],
        doc_md=__doc__,
    ) as dag:
        back = PythonOperator(task_id="roll_back", python_callable=roll_back, op_kwargs={"region": region})
        back >> trainer_task(
            Verb.ANNOUNCE,
            region,
            {"model-version": params("version")["version"]},
            pre_execute=unless_superseded(region),
        )
    return dag


for _region in regions_to_parse():
    rollback_model(_region)
