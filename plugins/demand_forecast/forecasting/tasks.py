"""The tasks that make a forecast and publish it: the same in the daily DAG and in that of each product."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import BaseOperator

from demand_forecast.forecasting import daily
from demand_forecast.settings import settings
from demand_forecast.tasks.runtime import trainer_task
from trainer.contract import Product, Region, Verb


def forecast_tasks(
    region: Region, covered: Mapping[str, str | None], product: Product | None = None
) -> BaseOperator:
    """From ingest to publish, in the DAG of the context; returns ingest, which more may follow.

    covered: the options of `forecast` that say of which hours.
    """
    of_region = {"region": region, "product": product}
    ingest = trainer_task(
        Verb.INGEST,
        region,
        retries=1,
        execution_timeout=timedelta(minutes=settings().forecast_ingest_minutes),
    )
    snapshot = trainer_task(
        Verb.SNAPSHOT,
        region,
        {"lookback-days": str(settings().forecast_lookback_days)},
        # Without today's actuals a forecast from older ones is better than none. The daily run still fails,
        # because its scores wait for ingest.
        trigger_rule="all_done",
    )
    pin_model = PythonOperator(task_id="pin_model", python_callable=daily.pin_model, op_kwargs=of_region)
    forecast = trainer_task(
        Verb.FORECAST,
        region,
        {**covered, **daily.model_options("pin_model"), **daily.plot_options()},
    )
    report = PythonOperator(
        task_id="report_forecast", python_callable=daily.report_forecast, op_kwargs=of_region
    )
    ingest >> snapshot >> pin_model >> forecast >> [report, trainer_task(Verb.PUBLISH, region)]
    return ingest
