"""What a step leaves in the store for the next one: where it lies, and the manifest that vouches for it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Self

from trainer.contract.errors import ContractError

SCHEMA_VERSION: Final = 1
_DAMAGED: Final = (AttributeError, KeyError, RecursionError, TypeError, ValueError)
"""What text raises that is no JSON, or JSON of another shape."""


def slug(run_id: str) -> str:
    """A folder name for a run id: readable, safe in file names and object keys, and collision-free."""
    readable = re.sub(r"[^A-Za-z0-9.-]+", "_", run_id).strip("_.")[:64]
    return f"{readable}-{hashlib.sha256(run_id.encode()).hexdigest()[:8]}"


def run_folder(region: str, run_id: str) -> str:
    """Relative to the store: where the steps of one run put their results."""
    return f"{region}/runs/{slug(run_id)}"


def manifest_path(region: str, run_id: str, step: str) -> str:
    """Relative to the store: the manifest that closes `step` of a run."""
    return f"{run_folder(region, run_id)}/{step}.json"


def search_step(index: int, count: int) -> str:
    """The step that closes part `index` (from 0) of a search of `count` parts."""
    return "search" if count == 1 else f"search-{index}of{count}"


def command_words(step: str) -> list[str]:
    """The verb that closes `step`, and of a search in parts the option that names the part."""
    verb, _, part = step.partition("-")
    return [verb, "--shard", part.replace("of", "/")] if part else [verb]


def model_folder(region: str, version: str) -> str:
    """Relative to the store: the immutable files of one published model version.

    Raises ContractError for a version that would lead elsewhere.
    """
    if "/" in version or "\\" in version or version in {".", ".."}:
        raise ContractError(
            f"version {version!r} is no name of a published model; model_deployments lists them"
        )
    return f"{region}/models/{version}"


def shadow_mark(region: str, version: str) -> str:
    """Relative to the store: the file that is there while a version is published for a shadow alone.

    Raises ContractError as `model_folder`.
    """
    model_folder(region, version)
    return f"{region}/shadows/{version}.json"


def model_version(region: str, run_id: str, as_of: datetime) -> str:
    """The version that a run's candidate carries: the same run always makes the same version."""
    digest = hashlib.sha256(run_id.encode()).hexdigest()[:8]
    return f"{region}-{as_of.astimezone(UTC):%Y%m%dT%H%M}-{digest}"


def twin_version(version: str) -> str:
    """The name that forecasts of a model's weatherless twin bear: they are not scored as the model's own."""
    return f"{version}-weatherless"


@dataclass(frozen=True)
class FileRef:
    """A file by its path relative to the store, and what must be in it."""

    path: str
    sha256: str
    bytes: int


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """The JSON that closes a step. No manifest, no result."""

    step: str
    region: str
    run_id: str
    as_of: str
    """ISO 8601, UTC."""
    parameters: Mapping[str, Any]
    inputs: Mapping[str, FileRef] = field(default_factory=dict)
    outputs: Mapping[str, FileRef] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What the step found or made that is no file and no metric; each step documents its own."""
    code: Mapping[str, str] = field(default_factory=dict)
    """git sha and library versions."""
    started_at: str = ""
    finished_at: str = ""
    schema: int = SCHEMA_VERSION

    @property
    def checksum(self) -> str:
        """SHA-256 over the content."""
        return _digest(asdict(self))

    def to_json(self) -> str:
        """JSON with the checksum over everything else, NaN and infinity refused (ValueError)."""
        body = asdict(self)
        return json.dumps({**body, "checksum": _digest(body)}, indent=1, ensure_ascii=False, allow_nan=False)

    @classmethod
    def from_json(cls, text: str, *, place: str, run_id: str | None = None) -> Self:
        """Raises ContractError when the text is damaged, of another schema, or of another run."""
        try:
            body = json.loads(text)
            checksum = body.pop("checksum")
            fits = checksum == _digest(body)
        except _DAMAGED as error:
            raise ContractError(f"manifest {place} is damaged: {error!r}; run the step again") from error
        if body.get("schema") != SCHEMA_VERSION:
            raise ContractError(
                f"manifest {place} has schema {body.get('schema')}, this code reads {SCHEMA_VERSION}"
            )
        if not fits:
            raise ContractError(f"manifest {place}: checksum does not fit its content; run the step again")
        try:
            for name in ("inputs", "outputs"):
                body[name] = {key: FileRef(**ref) for key, ref in body[name].items()}
            manifest = cls(**body)
        except _DAMAGED as error:
            raise ContractError(f"manifest {place} is no manifest: {error!r}; run the step again") from error
        if run_id is not None and manifest.run_id != run_id:
            raise ContractError(f"manifest {place} is of run {manifest.run_id!r}, not of {run_id!r}")
        return manifest


def _digest(body: Mapping[str, Any]) -> str:
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
