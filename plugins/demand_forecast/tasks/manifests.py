"""Reads back from the model store what a step wrote, and not what Airflow says of its task."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from trainer.contract import ContractError, Manifest, manifest_path


class ManifestError(ContractError):
    """A step left no manifest, a damaged one, or another step's; the message names the file."""


def read_manifest(
    store_url: str, region: str, run_id: str, step: str, *, kept_under: str | None = None
) -> Manifest:
    """The manifest that closed `step` of a run, its checksum, schema, run, region and step checked.

    kept_under: what it lies under in the place of the run's id, where each run's replaces the last one's.
    Raises ManifestError where it does not hold; a store that does not answer raises what fsspec raises.
    """
    import fsspec  # noqa: PLC0415  brings in the store's own client, which parsing a DAG does not need

    path = manifest_path(region, kept_under or run_id, step)
    files, root = fsspec.core.url_to_fs(store_url)
    place = f"{store_url.rstrip('/')}/{path}"
    try:
        content: bytes = files.cat_file(f"{root.rstrip('/')}/{path}")
    except FileNotFoundError as error:
        raise ManifestError(
            f"step {step!r} of run {run_id!r} left no manifest at {place}: it did not finish, whatever the "
            "state of its task; clear the task to run it again"
        ) from error
    try:
        manifest = Manifest.from_json(content.decode(), place=place, run_id=run_id)
    except UnicodeDecodeError as error:
        raise ManifestError(f"manifest {place} is damaged: not UTF-8; run the step again") from error
    except (ContractError, KeyError, TypeError) as error:
        raise ManifestError(str(error)) from error
    if (manifest.region, manifest.step) != (region, step):
        raise ManifestError(
            f"manifest {place} is of step {manifest.step!r} of region {manifest.region}, "
            f"not of {step!r} of {region}; run the step again"
        )
    return manifest


def verify_artifact(store_url: str, path: str, checksum: str) -> None:
    """Reads a published model's files, under `path` in the store, whole.

    `checksum` is the one on record: of its manifest.json, which has those of the others.
    Raises ManifestError for a file that is missing or another; a store that does not answer raises what
    fsspec raises.
    """
    import fsspec  # noqa: PLC0415  as above

    files, root = fsspec.core.url_to_fs(store_url)
    place = f"{store_url.rstrip('/')}/{path}"

    def require(name: str, expected: str) -> bytes:
        try:
            content: bytes = files.cat_file(f"{root.rstrip('/')}/{path}/{name}")
        except FileNotFoundError as error:
            raise ManifestError(f"model {place}: {name} is missing") from error
        if hashlib.sha256(content).hexdigest() != expected:
            raise ManifestError(f"model {place}: {name} is not the one on record: its checksum differs")
        return content

    manifest: dict[str, Any] = json.loads(require("manifest.json", checksum))
    for name, expected in manifest["files"].items():
        require(name, expected)
