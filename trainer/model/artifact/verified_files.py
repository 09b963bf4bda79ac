"""The files of an artifact as they were written: each is held to the checksum that the manifest has of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from trainer.errors import ArtifactError

ARTIFACT_SCHEMA: Final = 2
MANIFEST: Final = "manifest.json"
AGAIN: Final = "publish the version again, or train anew"
"""What helps against a file that is damaged, at the end of a message."""


def verified_files(
    folder: Path, prefix: str, checksum: str | None, required: Sequence[str], optional: Sequence[str]
) -> dict[str, bytes]:
    """The files of one model by their names without `prefix`: its manifest, those `required`, and of the
    `optional` ones those that the manifest lists. `checksum` is the manifest's, None to trust it as it is.

    Raises ArtifactError for a file that is missing, not listed, or another than the one listed.
    """
    files = {MANIFEST: verified_manifest(folder, prefix, checksum)}
    listed = json.loads(files[MANIFEST])["files"]
    for name in (*required, *(name for name in optional if name in listed)):
        if name not in listed:
            raise ArtifactError(
                f"artifact {folder} was made by other code: it has no {name}; "
                "use the release that made it, or train anew"
            )
        files[name] = _read(folder, f"{prefix}{name}")
        if hashlib.sha256(files[name]).hexdigest() != listed[name]:
            raise ArtifactError(f"artifact {folder}: {prefix}{name} does not fit its checksum; {AGAIN}")
    return files


def verified_manifest(folder: Path, prefix: str, checksum: str | None) -> bytes:
    """The content of the manifest, its schema checked, and its sha256 against `checksum` unless that is None.
    `prefix` is what its name begins with, empty for that of the artifact itself. Raises ArtifactError."""
    name = f"{prefix}{MANIFEST}"
    content = _read(folder, name)
    found = hashlib.sha256(content).hexdigest()
    if checksum is not None and found != checksum:
        raise ArtifactError(
            f"artifact {folder}: {name} has checksum {found[:12]}, expected {checksum[:12]}; {AGAIN}"
        )
    try:
        manifest = json.loads(content)
        schema, _ = manifest["schema"], dict(manifest["files"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ArtifactError(f"artifact {folder}: {name} is damaged ({error!r}); {AGAIN}") from error
    if schema != ARTIFACT_SCHEMA:
        raise ArtifactError(
            f"artifact {folder} has schema {schema!r}, this code reads {ARTIFACT_SCHEMA}; "
            "use the release that made it, or train anew"
        )
    return content


def artifact_checksum(folder: Path) -> str:
    """sha256 of manifest.json, which holds those of the other files. Raises ArtifactError."""
    return hashlib.sha256(_read(folder, MANIFEST)).hexdigest()


def _read(folder: Path, name: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except OSError as error:
        raise ArtifactError(
            f"artifact {folder}: {name} cannot be read ({error.strerror}); {AGAIN}"
        ) from error
