"""What people are told of the weather as it was issued: that it could not be read, or has stopped coming."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from demand_forecast.alerts import notify
from demand_forecast.tasks.run_arguments import DagRun
from trainer.contract import MAX_ISSUE_AGE_HOURS, Region


def alert_of_issues(
    region: Region,
    dag_run: DagRun,
    *,
    ingested: Mapping[str, Any],
    frozen: Mapping[str, Any],
    forecast: Mapping[str, Any],
) -> None:
    """Sends an alert where a step could not read the issues, or the newest of them is too old. Goes by the
    facts of the run's ingest (empty without one), snapshot and forecast."""
    said = [
        ingested.get("issued", {}).get("error"),
        frozen.get("issued", {}).get("error"),
        forecast.get("issued_error"),
    ]
    told = [f"It could not be read: {error}" for error in dict.fromkeys(said) if error]
    age = forecast.get("issued_age_hours") or 0
    if age > MAX_ISSUE_AGE_HOURS:
        told.append(
            f"The newest is of {age:.0f} h before {forecast['origin']}; after {MAX_ISSUE_AGE_HOURS} h it "
            "counts only where the source has no weather of its own."
        )
    if not told:
        return
    notify.send(
        f"{region.title}: the issued weather is old or cannot be read",
        "\n".join(
            [
                *told,
                "The forecast was made with what else is known of the weather. Mend the file or its feed; "
                "the next run reads it.",
                notify.run_url(dag_run.dag_id, dag_run.run_id),
            ]
        ),
        kind="warning",
    )
