"""Whether the daily forecast drifts, and the retraining that this starts."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from demand_forecast.alerts import notify
from demand_forecast.dag_defaults import retrain_dag_id
from demand_forecast.database import connection
from demand_forecast.forecasting import drift
from demand_forecast.promotion import deployments
from demand_forecast.settings import settings
from demand_forecast.tasks.run_arguments import DagRun, as_of
from trainer.contract import Region

log = logging.getLogger(__name__)


def watch_drift(
    region: Region, retrain: str, *, dag_run: DagRun, params: Mapping[str, Any], ti: Any
) -> str | None:
    """`retrain` when the champion's recent error calls for it, else None; too high a one alerts."""
    config = settings()
    moment = datetime.fromisoformat(as_of(dag_run, params, region.timezone))
    with connection() as database:
        champion = deployments.active(database, region.name)
        if champion is None:
            log.info("region %s has no champion, so there is no drift to watch", region.name)
            return None
        same = deployments.versions_judged_as(database, region.name, champion.judged)
        recent = drift.recent_error(database, region.name, same, moment)
        latest = deployments.history(database, region.name, limit=1)
    dag_id = retrain_dag_id(region)
    verdict = drift.judge(
        recent,
        limit=config.drift_mape,
        moment=moment,
        decided_at=latest[0].decided_at,
        cooldown=timedelta(days=config.retrain_cooldown_days),
        retraining=ti.get_dr_count(dag_id=dag_id, states=["queued", "running"]) > 0,
        paused_dag=dag_id if ti.get_dag(dag_id).is_paused else None,
    )
    log.info("%s", verdict.reason)
    if verdict.drifted:
        notify.send(
            f"{region.title}: the forecast drifts",
            f"{verdict.reason}\nModel: {champion.version}\n{notify.run_url(dag_run.dag_id, dag_run.run_id)}",
            kind="warning",
        )
    return retrain if verdict.retrain else None


def drift_run_id(region: Region) -> str:
    """Template of the retraining's run id: one per region and local day, so a rerun starts no second one."""
    return "drift__{{ local_day(dag_run, params, '" + region.timezone + "') }}"
