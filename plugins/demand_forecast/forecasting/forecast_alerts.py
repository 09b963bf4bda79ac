"""What people are told of a forecast: that it was made with less than the champion, or from old actuals."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from demand_forecast.alerts import notify
from demand_forecast.alerts.notify import Alert
from demand_forecast.settings import settings
from demand_forecast.tasks.run_arguments import DagRun
from trainer.contract import Product, Region

log = logging.getLogger(__name__)


def title_of(region: Region, product: Product | None) -> str:
    """Whose forecast an alert is of."""
    return f"{region.title}, {product.name}" if product else region.title


def log_forecast(facts: Mapping[str, Any]) -> None:
    """The `facts` of a forecast, which the trainer's `make_forecast` lists, for the task's log."""
    log.info(
        "up to %s h ahead of %s with %s, trained up to %s days before",
        *(facts[name] for name in ("horizon", "origin", "version", "model_age_days")),
    )
    # A trainer's image of the release before does not tell these yet.
    for name, reason in facts.get("shadow_failures", {}).items():
        log.warning("shadow %s made no forecast: %s", name, reason)
    for name, hours in facts.get("weather_carried_on", {}).items():
        log.warning(
            "%s was unknown for %s of the hours ahead; its last known anomaly was carried on instead",
            name,
            hours,
        )


def alerts_of_forecast(
    region: Region, product: Product | None, facts: Mapping[str, Any], *, dag_run: DagRun
) -> list[Alert]:
    """What people are told of a forecast, by its `facts`: that it was made with less than the champion, and
    that it was made from old actuals."""
    named, url = title_of(region, product), notify.run_url(dag_run.dag_id, dag_run.run_id)
    alerts = []
    if facts["fallback"] != "none":
        reasons, first = facts["fallback_reasons"], facts.get("fallback_from") or 1
        later = f" and, from {first} h ahead on, its twin" if first > facts.get("first_lead_time", 1) else ""
        alerts.append(
            Alert(
                of="fallback",
                title=f"{named}: the forecast is a fallback ({facts['fallback']})",
                body="\n".join([f"Made with {facts['version']}{later}, because:", *reasons, url]),
                cause="\n".join([facts["fallback"], *reasons]),
            )
        )
    stale, allowed = facts["stale_hours"], settings().stale_hours
    if stale > allowed:
        mend = "See why ingest brings nothing, then clear the run."
        if product and product.every:
            mend = "See why its source brings nothing; the next run asks it again."
        told = f"The last {stale} h before {facts['origin']} are missing, and more than {allowed} h alert."
        alerts.append(
            Alert(
                of="actuals",
                title=f"{named}: the forecast is made from old actuals",
                body=f"{told} {mend}\n{url}",
            )
        )
    return alerts
