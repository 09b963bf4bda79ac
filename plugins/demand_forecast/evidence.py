"""Reads manifests back from the model store: what a step wrote, and not what Airflow says of its task."""

from __future__ import annotations

from trainer.contract import ContractError, Manifest, manifest_path


class EvidenceError(ContractError):
    """A step left no manifest, a damaged one, or another step's; the message names the file."""


def read_manifest(store_url: str, region: str, run_id: str, step: str) -> Manifest:
    """The manifest that closed `step` of a run, its checksum, schema, run, region and step checked.

    Raises EvidenceError where it does not hold; a store that does not answer raises what fsspec raises.
    """
    import fsspec  # noqa: PLC0415  brings in the store's own client, which parsing a DAG does not need

    path = manifest_path(region, run_id, step)
    files, root = fsspec.core.url_to_fs(store_url)
    place = f"{store_url.rstrip('/')}/{path}"
    try:
        content: bytes = files.cat_file(f"{root.rstrip('/')}/{path}")
    except FileNotFoundError as error:
        raise EvidenceError(
            f"step {step!r} of run {run_id!r} left no manifest at {place}: it did not finish, whatever the "
            "state of its task; clear the task to run it again"
        ) from error
    try:
        manifest = Manifest.from_json(content.decode(), place=place, run_id=run_id)
    except UnicodeDecodeError as error:
        raise EvidenceError(f"manifest {place} is damaged: not UTF-8; run the step again") from error
    except (ContractError, KeyError, TypeError) as error:
        raise EvidenceError(str(error)) from error
    if (manifest.region, manifest.step) != (region, step):
        raise EvidenceError(
            f"manifest {place} is of step {manifest.step!r} of region {manifest.region}, "
            f"not of {step!r} of {region}; run the step again"
        )
    return manifest
