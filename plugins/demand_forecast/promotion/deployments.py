"""Which model is champion: reads and writes model_deployments over any DB-API connection.

Airflow's PostgresHook(...).get_conn() and psycopg.connect(...) both fit. Every function ends the
transaction that it works in, so it wants a connection of its own, not one with work under way.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from demand_forecast.promotion.deployment_rows import Deployment, broken_rule, read_rows, run_statements
from demand_forecast.promotion.sql import RECORD_DEPLOYMENT, RECORD_REFIT, RECORD_REJECTION, ROLL_BACK
from trainer.contract import USABLE, USABLE_ORDER

_ONE_ACTIVE: Final = "model_deployments_one_active"

_NAMED: Final = 50
"""Of the versions that a rollback may go back to, the newest terms as champion."""

_REFITS_READ: Final = 1000
"""The newest of a judged version's refits: years of them."""


class DeploymentError(RuntimeError):
    """A promotion or a rollback that cannot stand; nothing was written."""


def parameters(
    *,
    region: str,
    version: str,
    run_id: str,
    reason: str,
    metrics: Mapping[str, Any],
    champion_version: str | None,
    artifact_path: str | None,
    artifact_checksum: str | None,
    trained_from: str | None,
    trained_to: str | None,
) -> dict[str, str | None]:
    """What the statements of RECORD_DEPLOYMENT and RECORD_REJECTION ask for; fits through an XCom.

    champion_version: the champion that the challenger was measured against, None for a region without
    one; `record` fails when another is champion by then. Moments are ISO 8601 with an offset.
    Raises ValueError for metrics that are not finite: JSON has no word for them.
    """
    return {
        "region": region,
        "version": version,
        "run_id": run_id,
        "reason": reason,
        "metrics": json.dumps(metrics, allow_nan=False),
        "champion_version": champion_version,
        "artifact_path": artifact_path,
        "artifact_checksum": artifact_checksum,
        "trained_from": trained_from,
        "trained_to": trained_to,
    }


def active(connection: Any, region: str) -> Deployment | None:
    """The champion, or None for a region without a model."""
    rows = read_rows(connection, "region = %(region)s AND status = 'active'", {"region": region}, limit=1)
    return rows[0] if rows else None


def usable_at(
    connection: Any, region: str, moment: datetime, *, other_than: str | None = None
) -> Deployment | None:
    """The champion, else the last one before it, that learned from nothing after `moment`.

    A version that a rollback turned away is none of them, nor one whose files were removed (`USABLE`).
    other_than: a version that is passed over.
    """
    rows = read_rows(
        connection,
        USABLE,
        {"region": region, "moment": moment, "other_than": other_than},
        order=USABLE_ORDER,
        limit=1,
    )
    return rows[0] if rows else None


def history(connection: Any, region: str, limit: int = 50) -> list[Deployment]:
    """Decisions of every kind, newest first; a refit is none."""
    return read_rows(connection, "region = %(region)s AND parent IS NULL", {"region": region}, limit=limit)


def judged_as(connection: Any, region: str, version: str | None) -> str | None:
    """The version that the gate judged of one that is on record, as `Deployment.judged`."""
    where = "region = %(region)s AND version = %(version)s"
    rows = read_rows(connection, where, {"region": region, "version": version}, limit=1)
    return rows[0].judged if rows else version


def of_run(connection: Any, region: str, run_id: str) -> Deployment | None:
    """The decision of one run, by the trainer's run id."""
    where = "region = %(region)s AND run_id = %(run_id)s"
    rows = read_rows(connection, where, {"region": region, "run_id": run_id}, limit=1)
    return rows[0] if rows else None


def last_term(connection: Any, region: str, version: str) -> Deployment | None:
    """The row that a rollback to `version` brings back; None where it never was followed as champion, or its
    files were removed."""
    where = (
        "region = %(region)s AND version = %(version)s AND status = 'archived' AND files_removed_at IS NULL"
    )
    rows = read_rows(connection, where, {"region": region, "version": version}, limit=1)
    return rows[0] if rows else None


def versions_judged_as(connection: Any, region: str, judged: str) -> list[str]:
    """The judged version and its refits."""
    where = "region = %(region)s AND coalesce(judged_version, version) = %(judged)s"
    rows = read_rows(connection, where, {"region": region, "judged": judged}, limit=_REFITS_READ)
    return sorted({row.version for row in rows})


def record(connection: Any, values: Mapping[str, str | None]) -> Deployment:
    """Make the run's model champion in one transaction; recorded before, it changes nothing.

    Raises DeploymentError when another model became champion since the challenger was measured.
    """
    try:
        run_statements(connection, RECORD_DEPLOYMENT, values)
    except Exception as error:
        if broken_rule(error) != _ONE_ACTIVE:
            raise
        raise DeploymentError(
            f"region {values['region']}, version {values['version']}, measured against champion "
            f"{values['champion_version'] or '(none)'}: {explained(error)}"
        ) from error
    return _recorded(connection, values)


def explained(error: Exception) -> str:
    """What a database error means for a promotion, on one line."""
    if broken_rule(error) == _ONE_ACTIVE:
        return (
            "another model was promoted meanwhile and stays champion; "
            "run the retraining again to be measured against it"
        )
    return " ".join(str(error).split())


def record_refit(connection: Any, values: Mapping[str, str | None]) -> Deployment | None:
    """Let a refit follow its parent as champion in one transaction; recorded before, it changes nothing.

    values: region, version, run_id, parent, reason, artifact_path, artifact_checksum, trained_from and
    trained_to (ISO 8601 with an offset). None where the parent is champion no more, or knows as much: then
    nothing was written.
    """
    run_statements(connection, RECORD_REFIT, values)
    return of_run(connection, str(values["region"]), str(values["run_id"]))


def record_rejection(connection: Any, values: Mapping[str, str | None]) -> Deployment:
    """Put on record that the run's model was turned away; the champion stays as it is."""
    run_statements(connection, RECORD_REJECTION, values)
    return _recorded(connection, values)


def rollback(connection: Any, *, region: str, version: str, run_id: str, reason: str) -> Deployment:
    """Make an earlier champion the champion again, as a new row under the rollback's own run id.

    Raises DeploymentError when `version` never was champion of the region, or its files were removed.
    """
    values = {"region": region, "version": version, "run_id": run_id, "reason": reason}
    run_statements(connection, ROLL_BACK, values)
    champion = active(connection, region)
    if champion is not None and champion.version == version:
        return champion
    recorded = of_run(connection, region, run_id)
    if recorded is not None and recorded.version == version:
        return recorded
    with_files = "region = %(region)s AND status <> 'rejected' AND files_removed_at IS NULL"
    were = read_rows(connection, with_files, {"region": region}, limit=_NAMED)
    known = sorted({row.version for row in were})
    raise DeploymentError(
        f"version {version} was never champion of region {region}, or its files were removed, nothing was "
        f"changed; versions to go back to: {', '.join(known) or 'none'}"
    )


def _recorded(connection: Any, values: Mapping[str, str | None]) -> Deployment:
    row = of_run(connection, str(values["region"]), str(values["run_id"]))
    assert row is not None  # its statement has run
    return row
