"""The one task of a product that is made several times a day, and what people are told of its forecast."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from airflow.sdk import BaseOperator, Context

from demand_forecast.alerts import notify
from demand_forecast.alerts.notify import Alert
from demand_forecast.forecasting import standing_alerts
from demand_forecast.forecasting.forecast_alerts import alerts_of_forecast, log_forecast, title_of
from demand_forecast.settings import settings
from demand_forecast.tasks.run_arguments import DagRun
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
    """Alerts of what `alerts_of_intraday` finds, as `standing_alerts.tell` does; of nothing, where the run
    kept what was published. result: the task's."""
    facts = result["facts"]
    if kept := facts.get("kept"):
        log.info("nothing new: what run %s published at %s stays", kept["run_id"], kept["published_at"])
        return
    log_forecast(facts)
    alerts = alerts_of_intraday(region, product, facts, dag_run=context["dag_run"])
    standing_alerts.tell(region.name, product.name, alerts, now=datetime.now(UTC))


def alerts_of_intraday(
    region: Region, product: Product, facts: Mapping[str, Any], *, dag_run: DagRun
) -> list[Alert]:
    """Of a fallback, of old actuals, and of a source that brought nothing or that PostgreSQL did not take."""
    alerts = alerts_of_forecast(region, product, facts, dag_run=dag_run)
    ingested, named = facts["ingest"], title_of(region, product)
    if "error" in ingested:
        title = f"{named}: the source brought nothing"
        if ingested["failed"] == "postgresql":
            title = f"{named}: PostgreSQL failed while the source was taken in"
        made_from = f"The forecast was made from the actuals that are there: {_missing(facts)}."
        url = notify.run_url(dag_run.dag_id, dag_run.run_id)
        body = "\n".join([ingested["error"], made_from, url])
        alerts.append(Alert(of="source", title=title, body=body, cause=ingested["error"]))
    return alerts


def _missing(facts: Mapping[str, Any]) -> str:
    """Nothing, where others such as data_ingestion brought the hours before."""
    stale, origin = facts["stale_hours"], facts["origin"]
    return f"the last {stale} h before {origin} are missing" if stale else f"none before {origin} is missing"
