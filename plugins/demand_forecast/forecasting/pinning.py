"""Which models forecast in a run: pinned once, so that a promotion in the middle of it changes nothing."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from airflow.sdk.exceptions import AirflowFailException

from demand_forecast.dag_defaults import retrain_dag_id
from demand_forecast.database import connection
from demand_forecast.promotion import deployments, shadows
from demand_forecast.promotion.pinned_versions import pinned, version_options
from demand_forecast.tasks.run_arguments import DagRun, as_of
from trainer.contract import Product, Region, shadows_to_json

log = logging.getLogger(__name__)


def pin_model(
    region: Region, product: Product | None = None, *, dag_run: DagRun, params: Mapping[str, Any]
) -> dict[str, Any]:
    """Pins what the run forecasts with, once, so that a promotion in the middle of it changes nothing.

    Returns `model`, version and checksum of the champion; `fallback`, those of the champion before it, or
    None; `shadows`, the models to forecast beside it, as the verb takes them, empty without any.

    A version counts only if it learned from nothing after the run's moment (for a `product` its last moment
    up to that), so that a backfill forecasts without hindsight. Where none counts the champion is pinned,
    which `forecast` turns away for the baseline, and says why.
    Raises AirflowFailException for a region that has no model.
    """
    moment = datetime.fromisoformat(as_of(dag_run, params, region.timezone))
    if product:
        moment = product.last_moment(moment, region)
    with connection() as database:
        champion = deployments.active(database, region.name)
        usable = deployments.usable_at(database, region.name, moment) or champion
        before = usable and deployments.usable_at(database, region.name, moment, other_than=usable.version)
        beside = shadows.live(database, region.name)
    if usable is None:
        raise AirflowFailException(
            f"region {region.name} has no model yet; train one first: "
            f"airflow dags trigger {retrain_dag_id(region)}"
        )
    if usable != champion:
        log.info("the champion learned from data after %s; %s forecasts in its place", moment, usable.version)
    return {
        "model": pinned(usable),
        "fallback": pinned(before) if before else None,
        "shadows": shadows_to_json(beside) if beside else "",
    }


def model_options(task_id: str) -> dict[str, str]:
    """Options of `forecast` from the output of the task that runs pin_model."""
    pulled = f"ti.xcom_pull(task_ids='{task_id}')"
    return {
        **version_options("model", f"{pulled}['model']"),
        **version_options("fallback", f"{pulled}['fallback'] or {{}}"),
        # A run that was pinned before an update has none.
        "shadows": "{{ " + pulled + ".get('shadows', '') }}",
    }
