"""Runs `airflow ...` lines one after the other in one process, on the DAGs of this repository.

Each line is what a reader would type, given as an argument; Airflow's machinery is started once for all of
them. Answers what Airflow's tables then hold.
"""

from __future__ import annotations

import shlex
import sys

from tests.integration.own_process import answer


def main() -> None:
    from airflow.cli.cli_parser import get_parser
    from airflow.dag_processing.dagbag import DagBag, sync_bag_to_db
    from airflow.models.backfill import Backfill  # noqa: TID251 - Airflow's own tables are what is looked into
    from airflow.models.dag import DagModel  # noqa: TID251
    from airflow.models.dagbundle import DagBundleModel  # noqa: TID251
    from airflow.models.dagrun import DagRun  # noqa: TID251
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with create_session() as session:
        session.add(DagBundleModel(name="dags-folder"))
    sync_bag_to_db(DagBag(), "dags-folder", None)  # as the DAG processor does
    for line in sys.argv[1:]:
        options = get_parser().parse_args(shlex.split(line)[1:])
        options.func(options)
    with create_session() as session:
        runs = session.execute(select(DagRun.dag_id, DagRun.run_type, DagRun.conf)).all()
        found = {
            "running": sorted(session.scalars(select(DagModel.dag_id).where(~DagModel.is_paused))),
            "triggered": {run.dag_id: run.conf for run in runs if run.run_type == "manual"},
            "backfilled": sum(run.run_type == "backfill" for run in runs),
            "backfills": list(session.scalars(select(Backfill.dag_id))),
        }
    answer(found)


if __name__ == "__main__":
    main()
