"""A run that misses its deadline, as Airflow's scheduler and triggerer handle it, in a process of its own.

Answers what came of it. The two processes' loops are left out; what they call is called.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from tests.integration.own_process import answer


def main() -> None:
    from airflow.dag_processing.dagbag import DagBag, sync_bag_to_db
    from airflow.models.dag_version import DagVersion  # noqa: TID251 - Airflow's side of it is what is tried here
    from airflow.models.dagbundle import DagBundleModel  # noqa: TID251
    from airflow.models.dagrun import DagRun  # noqa: TID251
    from airflow.models.deadline import Deadline  # noqa: TID251
    from airflow.models.serialized_dag import SerializedDagModel  # noqa: TID251
    from airflow.models.trigger import Trigger  # noqa: TID251
    from airflow.triggers.callback import CallbackTrigger
    from airflow.utils.session import create_session
    from airflow.utils.state import DagRunState, TaskInstanceState
    from airflow.utils.types import DagRunTriggeredByType, DagRunType
    from sqlalchemy import func, select

    dag_id = "daily_forecast_KR"
    with create_session() as session:
        if session.get(DagBundleModel, "dags-folder") is None:
            session.add(DagBundleModel(name="dags-folder"))
    for _ in range(2):  # as the DAG processor does every few minutes
        sync_bag_to_db(DagBag(), "dags-folder", None)
    with create_session() as session:
        versions = session.scalar(select(func.count()).where(DagVersion.dag_id == dag_id))
        dag = SerializedDagModel.get_dag(dag_id, session=session)

        def queued(run_id: str) -> DagRun:
            run = dag.create_dagrun(
                run_id=run_id,
                run_after=datetime.now(UTC),
                run_type=DagRunType.MANUAL,
                triggered_by=DagRunTriggeredByType.TEST,
                state=DagRunState.QUEUED,
                session=session,
            )
            session.flush()
            return run

        def deadlines(run: DagRun) -> Sequence[Deadline]:
            return session.scalars(select(Deadline).where(Deadline.dagrun_id == run.id)).all()

        in_time = queued("manual__in_time")
        in_time.dag = dag  # as the scheduler does before it asks how the run stands
        for instance in in_time.get_task_instances(session=session):
            instance.state = TaskInstanceState.SUCCESS
        in_time.update_state(session=session)
        left = len(deadlines(in_time))
        session.delete(in_time)

        run = queued("manual__late")
        (deadline,) = deadlines(run)
        minutes = (deadline.deadline_time - run.queued_at).total_seconds() / 60
        deadline.handle_miss(session)
        trigger_id = deadline.callback.trigger.id
    with create_session() as session:  # from the database, as the triggerer has it
        row = session.get(Trigger, trigger_id)
        assert row is not None
        trigger = CallbackTrigger(**row.kwargs)

    async def states() -> list[str]:
        return [str(event.payload["state"]) async for event in trigger.run()]

    ended = asyncio.run(states())
    with create_session() as session:  # other tests of the session find no run of ours
        session.delete(session.get(type(run), run.id))
    answer({"versions": versions, "left": left, "minutes": minutes, "states": ended})


if __name__ == "__main__":
    main()
