"""Alerts, through Apprise: Slack, Teams, e-mail, webhooks. Off until URLs are set, never in the way."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

from airflow.sdk import Context, conf

from demand_forecast.settings import settings

log = logging.getLogger(__name__)

Kind = Literal["info", "success", "warning", "failure"]


@dataclass(frozen=True, kw_only=True)
class Alert:
    """A warning, not sent yet, of what may be found again by the next run."""

    of: str
    """One word, what it warns of: the same from run to run."""
    title: str
    body: str
    cause: str = ""
    """Why, in the words of errors: another one is told anew."""


def send(title: str, body: str, *, kind: Kind) -> bool:
    """Logs the alert and sends it to every configured URL; True when all took it, or none is configured.

    Raises nothing: an alert that cannot be sent is logged, and the work goes on.
    """
    log.log(logging.WARNING if kind in ("warning", "failure") else logging.INFO, "%s\n%s", title, body)
    urls = settings().notify_urls
    if not urls:
        return True
    try:
        # A second of import that only a sent alert needs.
        from apprise import Apprise, NotifyFormat  # noqa: PLC0415

        messenger = Apprise()
        refused = [number for number, url in enumerate(urls, start=1) if not messenger.add(url)]
        # Said to be text, lines stay lines in a mail and `<` is no tag.
        taken = messenger.notify(title=title, body=body, notify_type=kind, body_format=NotifyFormat.TEXT)
        sent = bool(taken) and not refused
    except Exception:
        log.exception("the alert %r could not be sent", title)
        return False
    if not sent:
        # The URLs hold credentials, so they are named by their place only.
        log.error("the alert %r did not reach every target; URLs that Apprise refused: %s", title, refused)
    return sent


def on_failure(context: Context) -> None:
    """Airflow calls this when a task has failed for good."""
    run = context["dag_run"]
    task = context["ti"].task_id
    error = context.get("exception")
    send(
        f"{run.dag_id}: {task} failed",
        f"{error or 'the log says why'}\n{run_url(run.dag_id, run.run_id)}",
        kind="failure",
    )


def on_stopped(context: Context) -> None:
    """Airflow calls this when a run has failed. Its tasks told why, unless Airflow stopped the run."""
    if context.get("reason") != "timed_out":
        return
    dag = context["dag"]
    send(
        f"{dag.dag_id}: stopped, not done within {dag.dagrun_timeout}",
        "What it had not done is skipped, so that the next run can begin. To go on, clear those tasks.\n"
        f"{run_url(dag.dag_id, context['run_id'])}",
        kind="failure",
    )


def run_url(dag_id: str, run_id: str) -> str:
    """The page of a DAG run in Airflow."""
    base = settings().airflow_url or conf.get("api", "base_url", fallback="http://localhost:8080")
    return f"{base.rstrip('/')}/dags/{dag_id}/runs/{quote(run_id, safe='')}"


def figures(metrics: Mapping[str, Any]) -> str:
    """Metrics as a line for people: MAE and RMSE in MW, MAPE and SMAPE in percent, RMAE beside the seasonal
    naive forecast."""
    units = {"mape": " %", "smape": " %", "mae": " MW", "rmse": " MW", "r2": "", "rmae": ""}
    said = [
        f"{name.upper()} {metrics[name]:.4g}{unit}"
        for name, unit in units.items()
        if isinstance(metrics.get(name), int | float)
    ]
    return ", ".join(said) or "no figures"
