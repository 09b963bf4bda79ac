"""Whether a retraining searches, and in which pods: the champion's parameters are kept until they age."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from airflow.sdk.exceptions import AirflowFailException

from demand_forecast.database import connection
from demand_forecast.promotion import deployments, searches
from demand_forecast.promotion.pinned_versions import pinned, version_options
from demand_forecast.settings import settings
from demand_forecast.tasks.run_arguments import DagRun, as_of
from trainer.contract import Region, search_step

log = logging.getLogger(__name__)

_TASK: Final = "plan_search"
_PLANNED: Final = "{{ ti.xcom_pull(task_ids='" + _TASK + "') | length }}"
SHARD: Final = {"shard": "{{ ti.map_index }}/" + _PLANNED}
"""The option of a mapped `search`: which part of the trials is this pod's."""
SHARDS: Final = {"shards": _PLANNED}
"""The option of `train`: how many planned searches it chooses from. With 0 it makes the search itself, unless
`parameters_options` tell it whose parameters to keep."""
_KEPT: Final = "kept"
"""XCom key of the champion whose parameters are kept, as version and checksum."""


def plan_search(region: Region, *, dag_run: DagRun, params: Mapping[str, Any], ti: Any) -> list[str]:
    """The manifests that close the run's search, one per pod of its own; none where the pod of train makes
    the search, nor where the champion's parameters are kept.

    They are kept where the region's last search of this effort or more, won or lost, is less than
    `search_every_days` before the run's moment, and a champion is usable that has learned from nothing after
    it. Raises AirflowFailException for pods without a trial.
    """
    pods, trials = params["search_pods"], params["trials"]
    if pods > trials:
        raise AirflowFailException(
            f"search_pods {pods} is more than the {trials} trials that the pods would share; "
            f"start the run again with search_pods of at most {trials}, or with more trials"
        )
    moment = datetime.fromisoformat(as_of(dag_run, params, region.timezone))
    with connection() as database:
        champion = deployments.usable_at(database, region.name, moment)
        searched = searches.last_search(
            database, region.name, before=moment, trials=trials, epochs=params["epochs"]
        )
    every = params["search_every_days"]
    if champion and searched and moment - searched < timedelta(days=every):
        log.info(
            "the parameters of %s are kept: region %s searched for %s last, and does so every %d days",
            *(champion.version, region.name, searched.isoformat(), every),
        )
        ti.xcom_push(key=_KEPT, value=pinned(champion))
        return []
    if settings().search_with_train and pods == 1:
        log.info("train searches first, in its own pod")
        return []
    return [search_step(index, pods) for index in range(pods)]


def parameters_options() -> dict[str, str]:
    """Options of `train` that name the model whose parameters are kept; they render to nothing after a
    search."""
    return version_options("parameters", f"ti.xcom_pull(task_ids='{_TASK}', key='{_KEPT}') or {{}}")
