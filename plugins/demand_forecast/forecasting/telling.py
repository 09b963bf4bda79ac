"""What people are told of a forecast: that it was made with less than the champion, or from old actuals."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from demand_forecast.alerts import notify
from demand_forecast.settings import settings
from demand_forecast.tasks.run_arguments import DagRun
from trainer.contract import Product, Region

log = logging.getLogger(__name__)


def title_of(region: Region, product: Product | None) -> str:
    """Whose forecast an alert is of."""
    return f"{region.title}, {product.name}" if product else region.title


def tell_of_forecast(
    region: Region, product: Product | None, facts: Mapping[str, Any], *, dag_run: DagRun
) -> None:
    """Logs the `facts` of a forecast, which the trainer's `make_forecast` lists, and alerts of one that was
    made with less than the champion or from old actuals."""
    named = title_of(region, product)
    log.info(
        "up to %s h ahead of %s with %s, trained up to %s days before",
        *(facts[name] for name in ("horizon", "origin", "version", "model_age_days")),
    )
    if facts["fallback"] != "none":
        notify.send(
            f"{named}: the forecast is a fallback ({facts['fallback']})",
            "\n".join(
                [
                    f"Made with {facts['version']}, because:",
                    *facts["fallback_reasons"],
                    notify.run_url(dag_run.dag_id, dag_run.run_id),
                ]
            ),
            kind="warning",
        )
    # A trainer's image of the release before does not tell these yet.
    for name, reason in facts.get("shadow_failures", {}).items():
        log.warning("shadow %s made no forecast: %s", name, reason)
    for name, hours in facts.get("weather_carried_on", {}).items():
        log.warning(
            "%s was unknown for %s of the hours ahead; its last known anomaly stood for it", name, hours
        )
    allowed = settings().stale_hours
    if facts["stale_hours"] > allowed:
        notify.send(
            f"{named}: the forecast is made from old actuals",
            "\n".join(
                [
                    f"The last {facts['stale_hours']} h before {facts['origin']} are missing, and more than "
                    f"{allowed} h alert. See why ingest brings nothing, then clear the run.",
                    notify.run_url(dag_run.dag_id, dag_run.run_id),
                ]
            ),
            kind="warning",
        )
