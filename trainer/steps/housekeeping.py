"""housekeeping: removes what no deployment, no rollback and no run in progress needs any more."""

from __future__ import annotations

import json
import logging
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from trainer.contract import Manifest, slug
from trainer.database.connection import Connection, connect
from trainer.database.copies import nothing_removed_elsewhere
from trainer.database.retention import Named, forget_snapshots, read_named, retire_versions
from trainer.database.sizes import RegionSize, record_size, rows_of
from trainer.environment import require_database_url
from trainer.errors import ArtifactError
from trainer.observers.mlflow_deletion import forget_run
from trainer.retention.plan import Folder, Plan, Retention, make_plan, run_goes
from trainer.retention.removal import MODEL_MANIFEST, remove_run, remove_version
from trainer.steps.studies import forget_studies
from trainer.store import Run

log = logging.getLogger(__name__)


def housekeeping(
    run: Run, *, keep_champions: int, training_days: int, run_days: int, dry_run: bool
) -> Manifest:
    """Removes old versions but for the last champions, their parents and what was judged; runs older than
    their setting, with their rows in snapshots and their runs in MLflow; Optuna's studies of such runs.

    Ages are counted to the run's moment, or to now where that lies ahead. Killed at any instruction it leaves
    nothing half removed that is still named, and the next run goes on.
    What the region takes then is a row in region_sizes. dry_run: nothing is removed, nothing recorded.
    Facts: dry_run, versions and runs (by folder: bytes), studies, bytes_before, bytes_freed.
    Raises ArtifactError where the champion on record is not in this store: it is another database's, then.
    """
    started, url = datetime.now(UTC), require_database_url("housekeeping")
    retention = Retention(
        moment=min(run.as_of, started),
        keep_champions=keep_champions,
        training_days=training_days,
        run_days=run_days,
    )
    with connect(url) as connection, nothing_removed_elsewhere(connection):
        named = _named(connection, run, retention)
        plan = make_plan(run.region.name, run.store.files(run.region.name), named, retention)
        if not dry_run:
            # From here on nobody goes back to what is to be removed.
            retire_versions(connection, run.region.name, keep=keep_champions, moment=retention.moment)
            named = _named(connection, run, retention)
            plan = make_plan(run.region.name, run.store.files(run.region.name), named, retention)
            plan = _removed(connection, run, plan, named, retention)
            _measure(connection, run, plan, retention)
    studies = forget_studies(
        run,
        held=set(run.store.names(f"{run.region.name}/runs")) - {old.name for old in plan.runs},
        before=retention.moment - timedelta(days=training_days),
        dry_run=dry_run,
    )
    facts: dict[str, Any] = {
        "dry_run": dry_run,
        "versions": {version.path: version.bytes for version in plan.versions},
        "runs": {old.path: old.bytes for old in plan.runs},
        "studies": studies,
        "bytes_before": plan.bytes,
        "bytes_freed": plan.freed,
    }
    log.info(
        "%s %d versions and %d runs, %d of %d bytes",
        "would remove" if dry_run else "removed",
        *(len(plan.versions), len(plan.runs), plan.freed, plan.bytes),
    )
    parameters = {key: value for key, value in asdict(retention).items() if key != "moment"}
    return run.close("housekeeping", started=started, parameters=parameters, facts=facts)


def _named(connection: Connection, run: Run, retention: Retention) -> Named:
    named = read_named(connection, run.region.name, keep=retention.keep_champions, moment=retention.moment)
    if named.champion_path and not run.store.exists(f"{named.champion_path}/{MODEL_MANIFEST}"):
        raise ArtifactError(
            f"the champion that the database names is not in {run.store.locate(named.champion_path)}: "
            "nothing was removed, since this may be the store of another database; correct --store, or roll "
            "back to a version that is there"
        )
    return named


def _removed(connection: Connection, run: Run, plan: Plan, named: Named, retention: Retention) -> Plan:
    """Carries out the plan; what of it was done."""
    for version in plan.versions:
        remove_version(run.store, version)
    # Where a removal was killed at its very end, an empty folder is left, which no listing of files shows.
    models = f"{run.region.name}/models"
    for name in named.retired.difference(named.versions).intersection(run.store.names(models)):
        run.store.remove(f"{models}/{name}")
    decided = {slug(run_id) for run_id in named.decided_runs}
    frozen = {slug(run_id): run_id for run_id in named.frozen_runs}
    gone = []
    for planned in plan.runs:
        # Somebody may have cleared the run since the listing, and have it go on.
        old = Folder(path=planned.path, files=tuple(run.store.files(planned.path)))
        if not run_goes(old, old.name in decided, retention) or not _forgotten_by_mlflow(run, old):
            continue
        if old.name in frozen:
            forget_snapshots(connection, run.region.name, [frozen[old.name]])
        remove_run(run.store, old)
        gone.append(planned)
    return Plan(versions=plan.versions, runs=tuple(gone), bytes=plan.bytes)


def _measure(connection: Connection, run: Run, done: Plan, retention: Retention) -> None:
    rows, size = rows_of(connection, run.region.name)
    record_size(
        connection,
        run.region.name,
        run.run_id,
        RegionSize(
            tidied_at=retention.moment,
            store_bytes=done.bytes - done.freed,
            freed_bytes=done.freed,
            table_rows=rows,
            table_bytes=size,
        ),
    )


def _forgotten_by_mlflow(run: Run, old: Folder) -> bool:
    """A run whose training MLflow still knows stays, since its manifest alone tells which run of MLflow's."""
    mlflow_run_id = None
    with suppress(FileNotFoundError, ValueError, KeyError, TypeError):
        mlflow_run_id = json.loads(run.store.read(f"{old.path}/train.json"))["facts"]["mlflow_run_id"]
    return mlflow_run_id is None or forget_run(run.region.name, str(mlflow_run_id))
