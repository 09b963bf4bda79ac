"""shadow: which models forecast beside a region's champion, so that operators can compare them live."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

from trainer.contract import Env, FileRef, Manifest, Shadow, ShadowKind, model_folder, shadow_mark
from trainer.database.connection import connect
from trainer.database.copies import nothing_removed_elsewhere
from trainer.database.deployments import read_champion
from trainer.database.shadows import ShadowRow, end_shadow, read_shadows, store_shadow
from trainer.environment import require_database_url
from trainer.errors import UsageError
from trainer.model.artifact import MANIFEST, is_of_model, load_artifact
from trainer.steps.promote import publish_version
from trainer.steps.shadow_comparisons import compared
from trainer.store import Run

log = logging.getLogger(__name__)


def add_shadow(
    run: Run,
    *,
    name: str,
    kind: ShadowKind,
    version: str | None,
    candidate_of: str | None,
    added_by: str,
    reason: str,
    most: int,
) -> Manifest:
    """From the next run on this shadow forecasts too, and is scored beside the champion.

    version: a published one; candidate_of: the run id of a retraining, whose candidate is published for it
    without becoming champion, and marked as such (`shadow_mark`), so that no forecast without a pinned model
    takes it for the newest. Killed at any instruction, or told the same again, it converges. While a shadow
    is live, housekeeping leaves its version. most: live shadows that a region may have.
    Facts: action, shadow {name, kind, version, checksum}.
    Raises UsageError for what the region has not, a name that stands for another model, the champion itself,
    a twin without weather where there is none, and a shadow too many; ArtifactError for a model that cannot
    be read.
    """
    started, url, region = datetime.now(UTC), require_database_url("shadow"), run.region.name
    # Housekeeping removes nothing between here and the shadow's being on record.
    with connect(url) as connection, nothing_removed_elsewhere(connection):
        training = replace(run, run_id=candidate_of).require("train") if candidate_of else None
        shadow = _described(run, name, kind, version, training)
        rows = {row.shadow.name: row for row in read_shadows(connection, region)}
        known = rows.get(name)
        if known and known.shadow != shadow:
            raise UsageError(
                f"region {region}: {name} stands for {_model(known.shadow)}, and for what it forecast; "
                "choose another name"
            )
        live = sorted(row.shadow.name for row in rows.values() if row.removed_at is None)
        if name not in live and len(live) >= most:
            raise UsageError(
                f"region {region} has {len(live)} shadows ({', '.join(live)}), at most {most} may be: "
                f"remove one, or raise {Env.MAX_SHADOWS}"
            )
        champion = read_champion(connection, region)
        if champion is not None and shadow.version == champion.version:
            raise UsageError(
                f"{shadow.version} is the champion of region {region}: there is nothing to compare"
            )
        if training is not None and shadow.version is not None:
            _publish_unserved(run, training, shadow.version)
        store_shadow(connection, region, shadow, added_by=added_by, reason=reason)
    log.info("%s forecasts in shadow from the next run on: %s", name, _model(shadow))
    return _closed(run, started, "add", shadow)


def remove_shadow(
    run: Run, *, name: str, removed_by: str | None = None, reason: str | None = None
) -> Manifest:
    """Ends a shadow. What it forecast stays on record, with who removed it and why; one that was removed
    before stays as it is. Facts as `add_shadow`.

    Raises UsageError for a name that the region never had.
    """
    started, url, region = datetime.now(UTC), require_database_url("shadow"), run.region.name
    with connect(url) as connection:
        shadow = known_shadow(read_shadows(connection, region), region, name).shadow
        end_shadow(connection, region, name, by=removed_by, reason=reason)
    log.info("%s forecasts no more", name)
    return _closed(run, started, "remove", shadow)


def compare_shadow(run: Run, *, name: str, asked_by: str, reason: str) -> Manifest:
    """The figures that a shadow's promotion is decided on: those of `evaluate`, on the live hours of which it
    and the champion spoke, the shadow as challenger.

    Metrics: challenger and champion, None without such an hour. Facts: action, shadow, challenger_version,
    champion_version, product, hours, days, improvement, artifact {path, checksum}, train_from, train_until,
    asked_by, reason.
    Raises UsageError for a name that is no live shadow's or stands for no version, and where the region has
    no champion; ArtifactError for a version whose files are missing or damaged.
    """
    if done := run.finished("shadow", {"action": "compare", "name": name}, {}):
        return done
    started, url, region = datetime.now(UTC), require_database_url("shadow"), run.region
    with connect(url) as connection:
        row = known_shadow(read_shadows(connection, region.name), region.name, name)
        shadow = row.shadow
        if row.removed_at is not None or shadow.version is None or shadow.checksum is None:
            why = "was removed" if row.removed_at is not None else f"is {_model(shadow)}, and no version"
            raise UsageError(f"region {region.name}: {name} {why}; it cannot become champion")
        champion = read_champion(connection, region.name)
        if champion is None:
            raise UsageError(f"region {region.name} has no champion to compare {name} with")
        found = compared(connection, region, name, until=run.as_of)
    path = model_folder(region.name, shadow.version)
    held = json.loads(run.store.read_checked(FileRef(f"{path}/{MANIFEST}", shadow.checksum, 0)))
    return _closed(
        run,
        started,
        "compare",
        shadow,
        metrics={
            "challenger": found.shadow if found else None,
            "champion": found.champion if found else None,
        },
        facts={
            "challenger_version": shadow.version,
            "champion_version": champion.version,
            "product": region.main_product.name if region.main_product else "",
            "hours": found.hours if found else 0,
            "days": found.days if found else 0,
            "improvement": asdict(found.improvement) if found and found.improvement else None,
            "artifact": {"path": path, "checksum": shadow.checksum},
            "train_from": held["data"]["train_from"],
            "train_until": held["data"]["train_until"],
            "asked_by": asked_by,
            "reason": reason,
        },
    )


def known_shadow(rows: list[ShadowRow], region: str, name: str) -> ShadowRow:
    """Raises UsageError, naming the live ones, for a name that is none of them."""
    for row in rows:
        if row.shadow.name == name:
            return row
    live = [row.shadow.name for row in rows if row.removed_at is None]
    raise UsageError(
        f"region {region} has no shadow {name!r}; it has {', '.join(live) or 'none'}: "
        f"python -m trainer shadow list --region {region}"
    )


def shadows(run: Run) -> list[dict[str, Any]]:
    """Every shadow that the region ever had, with who added it and why; moments in ISO 8601, local. Of live
    ones `comparison` with the champion up to the run's moment, see `Comparison`; None without any hour."""

    def local(moment: datetime | None) -> str | None:
        return moment.astimezone(run.region.zone).isoformat(timespec="seconds") if moment else None

    with connect(require_database_url("shadow")) as connection:
        rows = read_shadows(connection, run.region.name)
        beside = {
            row.shadow.name: compared(connection, run.region, row.shadow.name, until=run.as_of)
            for row in rows
            if row.removed_at is None
        }
    return [
        {
            **asdict(row.shadow),
            "added_by": row.added_by,
            "added_at": local(row.added_at),
            "reason": row.reason,
            "removed_at": local(row.removed_at),
            "removed_by": row.removed_by,
            "removed_reason": row.removed_reason,
            "comparison": found.to_dict() if (found := beside.get(row.shadow.name)) else None,
        }
        for row in rows
    ]


def _publish_unserved(run: Run, training: Manifest, version: str) -> None:
    """One that is there whole was published as a model that may serve, or is marked already."""
    folder, region = model_folder(run.region.name, version), run.region.name
    if not run.store.exists(f"{folder}/{MANIFEST}"):
        mark = {"version": version, "candidate_of": training.run_id}
        run.store.write(shadow_mark(region, version), json.dumps(mark).encode())
    publish_version(run.store, training.outputs, folder)


def _described(
    run: Run, name: str, kind: ShadowKind, version: str | None, training: Manifest | None
) -> Shadow:
    """The shadow with the checksum of its model, once that is known to forecast for the region."""
    region = run.region.name
    if training is not None:
        path, version = training.facts["artifact"]["path"], str(training.facts["version"])
    elif version is not None:
        path = model_folder(region, version)
    elif kind is ShadowKind.WEATHERLESS and not run.region.weather:
        raise UsageError(f"region {region} has no weather, and its champion no twin without it")
    else:
        return Shadow(name=name, kind=kind)
    try:
        content = run.store.read(f"{path}/{MANIFEST}")
    except FileNotFoundError as error:
        there = [one for one in run.store.names(model_folder(region, "").rstrip("/")) if one != version]
        raise UsageError(
            f"region {region} has no version {version} in {run.store.locate(path)}; it has "
            f"{', '.join(there[-5:]) or 'none'}"
        ) from error
    checksum = hashlib.sha256(content).hexdigest()
    with run.store.download(path, only=is_of_model) as folder:
        load_artifact(folder, checksum=checksum)
    if (made_for := json.loads(content)["region"]["name"]) != region:
        raise UsageError(f"{run.store.locate(path)} is a model of region {made_for}, not of {region}")
    return Shadow(name=name, kind=kind, version=version, checksum=checksum)


def _model(shadow: Shadow) -> str:
    return (
        shadow.version
        or {
            ShadowKind.WEATHERLESS: "the champion's twin without weather",
            ShadowKind.BASELINE: "the seasonal naive forecast",
        }[shadow.kind]
    )


def _closed(
    run: Run,
    started: datetime,
    action: str,
    shadow: Shadow,
    *,
    metrics: Mapping[str, Any] | None = None,
    facts: Mapping[str, Any] | None = None,
) -> Manifest:
    return run.close(
        "shadow",
        started=started,
        parameters={"action": action, "name": shadow.name},
        metrics=metrics,
        facts={"action": action, "shadow": asdict(shadow), **(facts or {})},
    )
