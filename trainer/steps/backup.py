"""backup and restore: the tables and the files that they name, as one thing with its checksums."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final

from trainer.contract import Env, FileRef, shadow_mark
from trainer.database.connection import connect, describe
from trainer.database.copies import copy_in, copy_out, nothing_removed_elsewhere, tables_with_rows
from trainer.database.schema import current, downgrade, migrate
from trainer.environment import require_database_url
from trainer.errors import ArtifactError, DataError, UsageError
from trainer.store import Store, code_versions

log = logging.getLogger(__name__)

MANIFEST: Final = "backup.json"
"""Written last: without it there is no backup."""
_SCHEMA: Final = 1

_NAMED_MODELS: Final = """
    SELECT artifact_path, artifact_checksum FROM model_deployments
    WHERE status <> 'rejected' AND files_removed_at IS NULL
    UNION
    SELECT region || '/models/' || version, checksum FROM shadow_models
    WHERE removed_at IS NULL AND version IS NOT NULL
"""
_NAMED_SNAPSHOTS: Final = "SELECT path, sha256 FROM snapshots"


def backup(store: Store, target: Store) -> dict[str, Any]:
    """Copies all tables, of one moment, and the files of every version and snapshot that they name.

    Returns the manifest: revision, tables {name: columns, rows' file}, files, missing. Killed, it leaves no
    manifest, and goes on when it is started again.
    Raises UsageError where `target` holds a backup already, ArtifactError, once all else is saved, where a
    file that is named is missing or damaged.
    """
    url = require_database_url("backup")
    if target.exists(MANIFEST):
        raise UsageError(f"{target.locate('')} holds a backup already; name another folder")
    with connect(url) as connection, nothing_removed_elsewhere(connection), connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        tables = {
            name: {"columns": columns, "rows": asdict(target.write(f"tables/{name}.gz", rows))}
            for name, columns, rows in copy_out(connection)
        }
        models = connection.execute(_NAMED_MODELS).fetchall()
        snapshots = connection.execute(_NAMED_SNAPSHOTS).fetchall()
        files, missing = _copied(store, target, _promised(store, models, snapshots))
    body = {
        "schema": _SCHEMA,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "code": code_versions(),
        "revision": current(url),
        "tables": tables,
        "files": files,
        "missing": missing,
    }
    target.write(MANIFEST, json.dumps({**body, "checksum": _digest(body)}, indent=1).encode())
    log.info("saved %d tables and %d files in %s", len(tables), len(files), target.locate(""))
    if missing:
        raise ArtifactError(
            f"saved, but for {len(missing)} files that the database names and that are missing or damaged in "
            f"the store: {', '.join(missing[:5])}; a rollback to their versions would be refused"
        )
    return body


def restore(store: Store, source: Store) -> dict[str, Any]:
    """Brings the tables of an empty database and the files that they name back; returns the manifest.

    All checksums are looked at before anything is written. Files come first, the rows that name them after,
    in one transaction; then the tables are brought to this code's revision. Killed, it can be started again.
    Raises UsageError where there is no backup, or the database holds anything; ArtifactError where what was
    saved is damaged.
    """
    url = require_database_url("restore")
    body = _read_manifest(source)
    with connect(url) as connection:
        if held := tables_with_rows(connection):
            raise UsageError(
                f"PostgreSQL at {describe(url)} holds rows already ({', '.join(held)}); restore into an "
                f"empty database: make one, and name it in {Env.POSTGRES_URL}. Where an earlier try of "
                "this restore was cut off at its end, go on with: python -m trainer migrate"
            )
    tables = {
        name: (table["columns"], source.read_checked(FileRef(**table["rows"])))
        for name, table in body["tables"].items()
    }
    refs = {path: FileRef(**ref) for path, ref in body["files"].items()}
    for ref in refs.values():
        source.read_checked(ref)
    for path, ref in refs.items():
        store.write(path, source.read_checked(ref))
    if current(url) is not None:
        downgrade(url, "base")
    migrate(url, body["revision"])
    copy_in(url, tables)
    migrate(url)
    log.info("restored %d tables and %d files of %s", len(tables), len(refs), body["made_at"])
    return body


def _promised(
    store: Store, models: list[tuple[Any, ...]], snapshots: list[tuple[Any, ...]]
) -> dict[str, str]:
    """Path -> checksum of every file that is named, as far as the models' manifests can be read, and of the
    marks of those that were published for a shadow."""
    promised = {str(path): str(checksum) for path, checksum in snapshots}
    for folder, checksum in models:
        manifest = f"{folder}/manifest.json"
        promised[manifest] = str(checksum)
        try:
            held: Mapping[str, Any] = json.loads(
                store.read_checked(FileRef(path=manifest, sha256=str(checksum), bytes=0))
            )
        except ArtifactError:
            continue  # told of when it is copied
        promised |= {f"{folder}/{name}": str(expected) for name, expected in held["files"].items()}
        region, _, version = str(folder).partition("/models/")
        if store.exists(mark := shadow_mark(region, version)):
            promised[mark] = hashlib.sha256(store.read(mark)).hexdigest()
    return promised


def _copied(store: Store, target: Store, promised: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    files: dict[str, Any] = {}
    missing = []
    for path, checksum in sorted(promised.items()):
        try:
            content = store.read_checked(FileRef(path=path, sha256=checksum, bytes=0))
        except ArtifactError as error:
            log.warning("not saved: %s", error)
            missing.append(path)
        else:
            files[path] = asdict(target.write(f"files/{path}", content))
    return files, missing


def _read_manifest(source: Store) -> dict[str, Any]:
    try:
        body: dict[str, Any] = json.loads(source.read(MANIFEST))
        checksum = body.pop("checksum")
    except FileNotFoundError as error:
        raise UsageError(f"{source.locate(MANIFEST)} is missing: the backup is incomplete") from error
    except (ValueError, KeyError, AttributeError) as error:
        raise ArtifactError(f"{source.locate(MANIFEST)} is damaged; take another backup") from error
    if checksum != _digest(body):
        raise ArtifactError(f"{source.locate(MANIFEST)} is damaged; take another backup")
    if body["schema"] != _SCHEMA:
        raise DataError(f"{source.locate(MANIFEST)} has schema {body['schema']}, this code reads {_SCHEMA}")
    if outside := [path for path in body["files"] if path.startswith("/") or ".." in path.split("/")]:
        raise ArtifactError(f"{source.locate(MANIFEST)} names files outside of the store: {outside[0]!r}")
    return body


def _digest(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
