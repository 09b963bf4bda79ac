"""The tasks that make a forecast and publish it, the same in the daily DAG and in that of each product."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import BaseOperator

from demand_forecast.forecasting.pinning import model_options, pin_model
from demand_forecast.forecasting.report import report_forecast
from demand_forecast.settings import settings
from demand_forecast.tasks.runtime import trainer_task
from trainer.contract import Product, Region, Verb
from trainer.contract.local_days import daily_forecast_at


def daily_cron(region: Region) -> str:
    """When the daily forecast is made, by the region's clocks of this year (`daily_forecast_at`)."""
    at = daily_forecast_at(region, datetime.now(UTC).year)
    return f"{at.minute} {at.hour} * * *"


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
    pin = PythonOperator(task_id="pin_model", python_callable=pin_model, op_kwargs=of_region)
    forecast = trainer_task(
        Verb.FORECAST,
        region,
        {**covered, **model_options("pin_model"), **plot_options()},
    )
    report = PythonOperator(task_id="report_forecast", python_callable=report_forecast, op_kwargs=of_region)
    ingest >> snapshot >> pin >> forecast >> [report, trainer_task(Verb.PUBLISH, region)]
    return ingest


def plot_options() -> dict[str, None]:
    """Options of `forecast`: no picture unless somebody looks at it, which the settings tell."""
    return {} if settings().plot_forecasts else {"no-plot": None}
