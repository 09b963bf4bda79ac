"""
### Every week a better model, or the old one kept, with the reason on record

Trains a candidate on data frozen for this run, with the parameters of a search or, while the last one is
young, those of the champion. Compares both on held-out days that neither was trained on. The candidate is
promoted only when it wins by the margin; either way the decision and its reason are a row of
`model_deployments`. Whichever way it falls, refit_model then brings the champion up to date.

Trigger it by hand for a form. `dry_run` decides and records nothing; `force_promote` promotes whatever the
comparison says, and says so in the reason.
"""

from __future__ import annotations

from airflow.providers.standard.operators.python import BranchPythonOperator, PythonOperator
from airflow.sdk import DAG, Param

from demand_forecast.dag_defaults import (
    AS_OF,
    model_asset,
    refit_trigger,
    region_dag,
    regions_to_parse,
    retrain_dag_id,
)
from demand_forecast.promotion import retrain, search_plan
from demand_forecast.promotion.tasks import champion_tasks
from demand_forecast.settings import settings
from demand_forecast.settings.setting_params import setting_param
from demand_forecast.tasks.run_arguments import params
from demand_forecast.tasks.runtime import mapped_trainer_task, trainer_task
from trainer.contract import Region, Verb

PARAMS = {
    "as_of": AS_OF,
    "lookback_days": setting_param("lookback_days", "Days of history"),
    "trials": setting_param("trials", "Hyperparameter trials"),
    "epochs": setting_param("epochs", "Most epochs of a fit"),
    "search_every_days": setting_param(
        "search_every_days", "Days that a search's parameters are kept for; 0 searches in this run"
    ),
    "search_pods": setting_param(
        "search_pods", "Pods that share the trials; each takes its own GPU and a slot of the training pool"
    ),
    "seed": setting_param("seed", "Same seed, same model"),
    "holdout_days": setting_param("holdout_days", "Days kept to compare on"),
    "margin": setting_param(
        "margin", "Share of the champion's MAPE that the candidate must win by; 0.01 is one percent of it"
    ),
    "force_promote": Param(False, type="boolean", description="Promote whatever the comparison says"),
    "dry_run": Param(False, type="boolean", description="Decide, and record nothing"),
}


def weekly_retrain(region: Region) -> DAG:
    with region_dag(
        region,
        dag_id=retrain_dag_id(region),
        cron="0 3 * * 0",
        title="Weekly retrain",
        params=PARAMS,
        tags=["training"],
        doc_md=__doc__,
        done_within=settings().retrain_deadline,
    ) as dag:
        effort = params("lookback_days", "holdout_days", "trials", "epochs", "seed")
        of_region = {"region": region}
        snapshot = trainer_task(Verb.SNAPSHOT, region, params("lookback_days"))
        plan = PythonOperator(
            task_id="plan_search", python_callable=search_plan.plan_search, op_kwargs=of_region
        )
        search = mapped_trainer_task(Verb.SEARCH, region, plan.output, {**effort, **search_plan.SHARD})
        trained_with = {
            **search_plan.SHARDS,
            **search_plan.parameters_options(),
            "origin-hours": settings().origin_hours,
        }
        # Without a search of its own pod the mapped task counts as skipped.
        train = trainer_task(Verb.TRAIN, region, {**effort, **trained_with}, trigger_rule="none_failed")
        active_model = PythonOperator(
            task_id="active_model", python_callable=retrain.active_model, op_kwargs=of_region
        )
        evaluate = trainer_task(
            Verb.EVALUATE, region, {**params("holdout_days"), **retrain.champion_options("active_model")}
        )
        decide = BranchPythonOperator(
            task_id="decide_promotion", python_callable=retrain.decide_promotion, op_kwargs=of_region
        )
        promote = trainer_task(Verb.PROMOTE, region)
        verify = PythonOperator(
            task_id="verify_promotion", python_callable=retrain.deployment_to_record, op_kwargs=of_region
        )
        record, announce = champion_tasks(region, verify, model_asset(region))
        keep = PythonOperator(
            task_id="keep_production", python_callable=retrain.keep_production, op_kwargs=of_region
        )
        notify = PythonOperator(
            task_id="notify",
            python_callable=retrain.notify_of_decision,
            op_kwargs=of_region,
            trigger_rule="none_failed_min_one_success",
        )
        plan >> snapshot >> search >> train >> active_model >> evaluate >> decide
        decide >> promote >> verify
        announce >> notify
        decide >> keep >> notify
        decide >> notify  # a dry run ends here
        if settings().refit_of(region) != "never":
            [record, keep] >> refit_trigger(region, trigger_rule="none_failed_min_one_success")
    return dag


for _region in regions_to_parse():
    weekly_retrain(_region)
