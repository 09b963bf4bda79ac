"""
### Actuals into `raw_demand`

Reads the region's source and upserts demand before the run's moment, and weather beyond it, into the table
`raw_demand`. A run can be repeated at will: the same hours are written over.

Backfill: `airflow backfill create --dag-id data_ingestion_KR --from-date 2026-01-01 --to-date 2026-01-31`
runs it once for every hour of that time, each run speaking for its own logical date. While the DAG is paused
its runs wait: `airflow dags unpause data_ingestion_KR`.
"""

from __future__ import annotations

from airflow.sdk import DAG

from demand_forecast.dag_defaults import AS_OF, region_dag, regions_to_parse
from demand_forecast.tasks.runtime import trainer_task
from trainer.contract import Region, Verb


def data_ingestion(region: Region) -> DAG:
    with region_dag(
        region,
        dag_id=f"data_ingestion_{region.name}",
        cron="10 * * * *",
        title="Data ingestion",
        params={"as_of": AS_OF},
        tags=["data"],
        doc_md=__doc__,
    ) as dag:
        trainer_task(Verb.INGEST, region)
    return dag


for _region in regions_to_parse():
    data_ingestion(_region)
