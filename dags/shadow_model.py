"""
### Models beside the champion, and one of them in its place

On demand only. `add` has a model forecast in shadow from the next run on: a published version, the candidate
of a retraining that was turned away, the champion's twin without weather, or the seasonal baseline. `remove`
ends that. `promote` makes a shadow champion where the days that both have forecast say so: by the margin,
the test and the hours that the gate asks of every challenger, after `DEMAND_FORECAST_SHADOW_DAYS` days.
Either way the decision and its reason are a row of `model_deployments`; a champion is no shadow any more.
"""

from __future__ import annotations

from airflow.providers.standard.operators.python import BranchPythonOperator, PythonOperator
from airflow.sdk import DAG, Param

from demand_forecast.dag_defaults import model_asset, refit_trigger, region_dag, regions_to_parse
from demand_forecast.promotion import shadow_promotion
from demand_forecast.promotion.tasks import champion_tasks
from demand_forecast.settings import settings
from demand_forecast.tasks.run_arguments import params
from demand_forecast.tasks.runtime import trainer_task
from trainer.contract import Region, ShadowKind, Verb

PARAMS = {
    "action": Param("add", type="string", enum=["add", "remove", "promote"], description="What to do"),
    "name": Param(
        type="string",
        pattern="^[a-z][a-z0-9_-]{0,31}$",
        description="Of the shadow: small letters, digits, '_' and '-'",
    ),
    "version": Param(
        None,
        type=["null", "string"],
        description="Of add: a published version, as model_deployments spells it",
    ),
    "run": Param(
        None,
        type=["null", "string"],
        description="Of add, instead: the retraining whose candidate was turned away, as "
        "model_deployments.run_id spells it",
    ),
    "kind": Param(
        None,
        type=["null", "string"],
        enum=[None, *(kind.value for kind in ShadowKind if kind is not ShadowKind.VERSION)],
        description="Of add, instead: the champion's twin without weather, or the seasonal naive forecast",
    ),
    "reason": Param(type="string", minLength=3, description="Why, for the record"),
}


def shadow_model(region: Region) -> DAG:
    with region_dag(
        region,
        dag_id=f"shadow_model_{region.name}",
        cron=None,
        title="Shadow model",
        params=PARAMS,
        tags=["training"],
        doc_md=__doc__,
    ) as dag:
        of_region = {"region": region}
        shadow = trainer_task(
            Verb.SHADOW,
            region,
            {
                **params("name", "version", "run", "kind", "reason"),
                "by": "{{ dag_run.triggering_user_name | default('Airflow', true) }}",
                "max-shadows": str(settings().max_shadows),
            },
            words=("{{ 'compare' if params.action == 'promote' else params.action }}",),
        )
        judge = BranchPythonOperator(
            task_id="judge_shadow", python_callable=shadow_promotion.judge_shadow, op_kwargs=of_region
        )
        verify = PythonOperator(
            task_id="verify_promotion",
            python_callable=shadow_promotion.deployment_to_record,
            op_kwargs=of_region,
        )
        record, announce = champion_tasks(region, verify, model_asset(region))
        keep = PythonOperator(
            task_id="keep_production", python_callable=shadow_promotion.keep_production, op_kwargs=of_region
        )
        notify = PythonOperator(
            task_id="notify",
            python_callable=shadow_promotion.notify_of_decision,
            op_kwargs=of_region,
            trigger_rule="none_failed_min_one_success",
        )
        shadow >> judge >> verify
        announce >> notify
        judge >> keep >> notify
        if settings().refit_of(region) != "never":
            record >> refit_trigger(region)
    return dag


for _region in regions_to_parse():
    shadow_model(_region)
