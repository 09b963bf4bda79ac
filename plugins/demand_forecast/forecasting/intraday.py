"""The one task of a product that is made several times a day, and what people are told of its forecast."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import partial
from typing import Any

from airflow.sdk import BaseOperator, Context

from demand_forecast.alerts import notify
from demand_forecast.forecasting.telling import tell_of_forecast, title_of
from demand_forecast.settings import settings
from demand_forecast.tasks.runtime import trainer_task
from trainer.contract import Product, Region, Verb
from trainer.contract.products import product_dag_id

log = logging.getLogger(__name__)


def intraday_task(region: Region, product: Product) -> BaseOperator:
    """From the source to the published forecast, in the DAG of the context."""
    config = settings()
    return trainer_task(
        Verb.INTRADAY,
        region,
        {
            "product": product.name,
            "lookback-days": str(config.forecast_lookback_days),
            "ingest-seconds": str(config.intraday_ingest_seconds),
        },
        kept_under=product_dag_id(region.name, product.name),
        post_execute=partial(tell_of_intraday, region=region, product=product),
    )


def tell_of_intraday(
    context: Context, result: Mapping[str, Any], *, region: Region, product: Product
) -> None:
    """Alerts of a fallback, of old actuals, and of a source that brought nothing, or that PostgreSQL did not
    take in; of a run that kept what was published, of nothing. result: the task's."""
    dag_run, facts = context["dag_run"], result["facts"]
    if kept := facts.get("kept"):
        log.info("nothing new: what run %s published at %s stays", kept["run_id"], kept["published_at"])
        return
    tell_of_forecast(region, product, facts, dag_run=dag_run)
    ingested, named = facts["ingest"], title_of(region, product)
    if "error" not in ingested:
        return
    title = f"{named}: the source brought nothing"
    if ingested["failed"] == "postgresql":
        title = f"{named}: PostgreSQL failed while the source was taken in"
    notify.send(
        title,
        "\n".join(
            [
                ingested["error"],
                f"The forecast was made from the actuals that are there: {_missing(facts)}.",
                notify.run_url(dag_run.dag_id, dag_run.run_id),
            ]
        ),
        kind="warning",
    )


def _missing(facts: Mapping[str, Any]) -> str:
    """Nothing, where others such as data_ingestion brought the hours before."""
    stale, origin = facts["stale_hours"], facts["origin"]
    return f"the last {stale} h before {origin} are missing" if stale else f"none before {origin} is missing"
