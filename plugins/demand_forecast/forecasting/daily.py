"""What forecasts do between the trainer's verbs: which model speaks, and how well it still does."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from airflow.sdk.exceptions import AirflowFailException

from demand_forecast.alerts import notify
from demand_forecast.dag_defaults import retrain_dag_id
from demand_forecast.database import connection
from demand_forecast.forecasting import drift
from demand_forecast.forecasting.issued_weather import alert_of_issues
from demand_forecast.forecasting.telling import alerts_of_forecast, log_forecast
from demand_forecast.promotion import deployments, shadows
from demand_forecast.promotion.pinned_versions import pinned, version_options
from demand_forecast.settings import settings
from demand_forecast.tasks.manifests import ManifestError, read_manifest
from demand_forecast.tasks.run_arguments import DagRun, as_of, trainer_run_id
from demand_forecast.tasks.run_manifests import manifest_of
from trainer.contract import Product, Region, Verb, shadows_to_json
from trainer.contract.local_days import daily_forecast_at

log = logging.getLogger(__name__)

_NEW: Final = timedelta(days=2)
"""Suspect hours that end within this time before the forecast raise an alert; older ones did before."""
_RECENT_HOURS: Final = 14 * 24
_MEASURED_SHARE: Final = 0.95
"""With less measured of the last two weeks people are told, whatever the reason."""


def cron(region: Region) -> str:
    """When the daily forecast is made, by the region's clocks of this year (`daily_forecast_at`)."""
    at = daily_forecast_at(region, datetime.now(UTC).year)
    return f"{at.minute} {at.hour} * * *"


def pin_model(
    region: Region, product: Product | None = None, *, dag_run: DagRun, params: Mapping[str, Any]
) -> dict[str, Any]:
    """`model`: version and checksum of the champion; `fallback`: those of the champion before it, or None;
    `shadows`: the models to forecast beside it, as the verb takes them, empty without any.

    A version counts only if it learned from nothing after the run's moment (for a `product` its last moment
    up to that), so that a backfill forecasts without hindsight. Where none counts the champion is pinned,
    which `forecast` turns away for the baseline, and says why. Pinned once, so that a promotion in the middle
    of the run changes nothing.
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
        log.info("the champion learned from data after %s; %s speaks in its place", moment, usable.version)
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


def plot_options() -> dict[str, None]:
    """Options of `forecast`: no picture unless somebody looks at it, which the settings tell."""
    return {} if settings().plot_forecasts else {"no-plot": None}


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


def watch_drift(
    region: Region, retrain: str, *, dag_run: DagRun, params: Mapping[str, Any], ti: Any
) -> str | None:
    """`retrain` when the champion's recent error calls for it, else None; too high a one alerts."""
    config = settings()
    moment = datetime.fromisoformat(as_of(dag_run, params, region.timezone))
    with connection() as database:
        champion = deployments.active(database, region.name)
        if champion is None:
            log.info("region %s has no champion: nothing drifts", region.name)
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
