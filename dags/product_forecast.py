"""
### A named forecast, at its own time

The day ahead at 10:00, the week at half past midnight, the next hours every hour: what a region's
`forecasts` say, under a name of its own. One DAG per region and product: each has its schedule in the
region's timezone, its history, its pause switch and its failures. So an hourly product that waits for its
source holds back no other, and pausing one pauses none.

With `at` it is made by the tasks of the daily forecast, from ingest to publish. People buy and plan by it for
a day and ask later why it said so: its snapshot and its model stay, and a run that is cleared says the same.
With `every` the next run replaces it within hours; what counts is that it comes soon and leaves nothing. One
task, `intraday`, takes in the source, forecasts with the champion on record and publishes, in one process and
in memory. A run that is cleared before the next one is due forecasts from what is known by then, and replaces
its rows; later what was said stays.

What is needed once a day stays with daily_forecast: scores, of products too, the watch for drift, refits, and
what is told of the data. A run that is late forecasts from the product's last moment, as it would have then.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG

from demand_forecast.dag_defaults import AS_OF, region_dag, regions_to_parse
from demand_forecast.forecasting.intraday import intraday_task
from demand_forecast.forecasting.tasks import forecast_tasks
from demand_forecast.settings import settings
from trainer.contract import Product, Region
from trainer.contract.products import product_dag_id


def product_forecast(region: Region, product: Product) -> DAG:
    title = f"Forecast {product.name}"
    if product.at:
        cron = f"{product.at.minute} {product.at.hour} * * *"
        # Before the next day's run, even on the 23 hours of a day in spring.
        stopped_after = timedelta(hours=22)
    else:
        assert product.every is not None
        cron = f"0 */{product.every} * * *"
        stopped_after = timedelta(hours=product.every, minutes=-5)
    with region_dag(
        region,
        dag_id=product_dag_id(region.name, product.name),
        cron=cron,
        title=title,
        params={"as_of": AS_OF},
        tags=["forecast", product.name],
        doc_md=__doc__,
        done_within=settings().forecast_deadline,
        stopped_after=stopped_after,
    ) as dag:
        if product.at:
            forecast_tasks(region, {"product": product.name}, product)
        else:
            intraday_task(region, product)
    return dag


for _region in regions_to_parse():
    for _product in _region.forecasts:
        product_forecast(_region, _product)
