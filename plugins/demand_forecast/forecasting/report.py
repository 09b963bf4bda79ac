"""What is told of a run's forecast: that it was made with less than the champion, from old actuals, or from
demand that is in doubt."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from demand_forecast.alerts import notify
from demand_forecast.forecasting.forecast_alerts import alerts_of_forecast, log_forecast
from demand_forecast.forecasting.issued_weather import alert_of_issues
from demand_forecast.settings import settings
from demand_forecast.tasks.manifests import ManifestError, read_manifest
from demand_forecast.tasks.run_arguments import DagRun, trainer_run_id
from demand_forecast.tasks.run_manifests import manifest_of
from trainer.contract import Product, Region, Verb

_NEW: Final = timedelta(days=2)
"""Suspect hours that end within this time before the forecast raise an alert; older ones did before."""
_RECENT_HOURS: Final = 14 * 24
_MEASURED_SHARE: Final = 0.95
"""With less measured of the last two weeks people are told, whatever the reason."""


def report_forecast(region: Region, product: Product | None = None, *, dag_run: DagRun) -> dict[str, Any]:
    """The facts of the run's forecast. Alerts of one that was made with less than the champion or from old
    actuals; for the daily forecast, which is without a `product`, also of what is wrong with the data, so
    that it is told once a day."""
    facts = dict(manifest_of(Verb.FORECAST, region, dag_run).facts)
    log_forecast(facts)
    for alert in alerts_of_forecast(region, product, facts, dag_run=dag_run):
        notify.send(alert.title, alert.body, kind="warning")
    if product is None:
        _alert_of_data(region, dag_run, stale_hours=facts["stale_hours"])
        ingested = _ingested(region, dag_run)
        _alert_of_delivery(region, dag_run, ingested)
        frozen = manifest_of(Verb.SNAPSHOT, region, dag_run).facts
        alert_of_issues(region, dag_run, ingested=ingested, frozen=frozen, forecast=facts)
    return facts


def _alert_of_data(region: Region, dag_run: DagRun, *, stale_hours: int) -> None:
    """Alerts of suspect demand in the last days, and of too little measured in the last two weeks."""
    frozen = manifest_of(Verb.SNAPSHOT, region, dag_run)
    # A snapshot of an earlier version says neither: a run that was begun before an update.
    report = {"suspect": [], "measured_share": 1.0, **frozen.facts.get("report", {})}
    since = datetime.fromisoformat(frozen.as_of) - _NEW
    suspect = [one for one in report["suspect"] if datetime.fromisoformat(one["last"]) >= since]
    # Hours that are merely late have their own alert.
    share = min(1.0, report["measured_share"] + stale_hours / _RECENT_HOURS)
    if not suspect and share >= _MEASURED_SHARE:
        return

    def local(hour: str) -> str:
        return f"{datetime.fromisoformat(hour).astimezone(region.zone):%Y-%m-%d %H:%M}"

    notify.send(
        f"{region.title}: demand of the last days is in doubt",
        "\n".join(
            [
                *(
                    f"{local(one['first'])} .. {local(one['last'])} ({one['hours']} h): {one['reason']}"
                    for one in suspect
                ),
                f"Measured of the last 14 days: {100 * report['measured_share']:.1f} %. "
                "The forecast was made without the rest.",
                f"Mend the source, or overrule: python -m trainer judge --region {region.name}",
                notify.run_url(dag_run.dag_id, dag_run.run_id),
            ]
        ),
        kind="warning",
    )


def _ingested(region: Region, dag_run: DagRun) -> Mapping[str, Any]:
    """The facts of this run's ingest; none without one."""
    try:
        run_id = trainer_run_id(dag_run)
        return read_manifest(settings().store_url, region.name, run_id, Verb.INGEST.value).facts
    except ManifestError:
        return {}


def _alert_of_delivery(region: Region, dag_run: DagRun, ingested: Mapping[str, Any]) -> None:
    """Alerts of deliveries that InfluxDB did not take when this run's ingest tried; without an ingest nothing
    is known of them."""
    if not (error := ingested.get("influxdb_error")):
        return
    notify.send(
        f"{region.title}: InfluxDB is behind",
        "\n".join(
            [
                f"{ingested['influxdb_owed']} deliveries are owed, the oldest since "
                f"{ingested['influxdb_owed_since']}: {error}",
                "PostgreSQL has everything; each run delivers what is owed, oldest first.",
                notify.run_url(dag_run.dag_id, dag_run.run_id),
            ]
        ),
        kind="warning",
    )
