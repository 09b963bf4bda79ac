"""Runs that take too long raise an alert while there is time to act.

Airflow's scheduler finds the missed deadline and its triggerer calls `missed`, by its import path. A deadline
is off unless it is set: in Airflow 3.3.2 `dag.test()` of a DAG with one looks for it in the tables by the
wrong key and fails, while the scheduler finds it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

# airflow.sdk exports these too, but its type stub does not know them.
from airflow.sdk.definitions.callback import AsyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference

from demand_forecast.alerts import notify


def deadline(limit: timedelta) -> DeadlineAlert:
    """Alerts when a run is not done `limit` after it was queued.

    Not after its logical date: a backfill's and a replay's lie in the past, and each run would be late.
    """
    return DeadlineAlert(
        name=f"done within {limit}",
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=limit,
        callback=AsyncCallback(missed, kwargs={"limit_minutes": round(limit.total_seconds() / 60)}),
    )


async def missed(limit_minutes: int, context: Mapping[str, Any]) -> str:
    """Called by the triggerer with the run as the API shows it; what it returns is kept by Airflow."""
    run = context["dag_run"]
    was_due = context["deadline"]["deadline_time"]
    if isinstance(was_due, datetime):
        was_due = was_due.isoformat(timespec="seconds")
    title = f"{run['dag_id']}: not done in time"
    body = "\n".join(
        [
            f"It is {run['state']}. It was due at {was_due}, {limit_minutes} minutes after it was queued.",
            "It goes on. If it waits for a GPU or a slot, its tasks say so.",
            notify.run_url(run["dag_id"], run["dag_run_id"]),
        ]
    )
    # Sending waits for other servers; the triggerer's other work must not.
    sent = await asyncio.to_thread(notify.send, title, body, kind="warning")
    return "sent" if sent else "not every target took it"
