"""One run of one region: where its steps put their results, and how a step is closed or found closed."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shlex
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from trainer.contract import (
    FIRST_YEAR,
    LAST_YEAR,
    ContractError,
    FileRef,
    Manifest,
    Region,
    command_words,
    manifest_path,
    model_version,
    run_folder,
)
from trainer.errors import DataError, UsageError
from trainer.store.store import Store

log = logging.getLogger(__name__)

_LIBRARIES = ("numpy", "pandas", "torch", "scikit-learn", "holidays")


@dataclass(frozen=True, kw_only=True)
class Run:
    """`as_of` is the moment the run speaks for, in UTC: everything before it is known, nothing after it."""

    region: Region
    run_id: str
    as_of: datetime
    store: Store
    kept_under: str | None = None
    """Of runs whose results replace one another, such as those of an hourly product, what these are kept
    under in the place of their run ids."""

    @property
    def folder(self) -> str:
        return run_folder(self.region.name, self.kept_under or self.run_id)

    def manifest_path(self, step: str) -> str:
        """Relative to the store: the manifest that closes `step`."""
        return manifest_path(self.region.name, self.kept_under or self.run_id, step)

    @property
    def version(self) -> str:
        """The version that this run's candidate carries."""
        return model_version(self.region.name, self.run_id, self.as_of)

    def manifest(self, step: str) -> Manifest | None:
        """The manifest that closed `step`, or None; a damaged one counts as none."""
        path = self.manifest_path(step)
        try:
            return Manifest.from_json(
                self.store.read(path).decode(), place=self.store.locate(path), run_id=self.run_id
            )
        except FileNotFoundError:
            return None
        except (ContractError, UnicodeDecodeError) as error:
            log.warning("%s", error)
            return None

    def require(self, step: str) -> Manifest:
        """The manifest of an earlier step. Raises DataError with the command that makes it, to be pasted."""
        manifest = self.manifest(step)
        if manifest is None:
            verb = [*command_words(step), "--region", self.region.name, "--run-id", self.run_id]
            where = ["--as-of", self.as_of.isoformat(), "--store", self.store.locate("").rstrip("/")]
            raise DataError(
                f"run {self.run_id!r} has no finished step {step!r} in {self.store.locate(self.folder)}; "
                f"run it first: python -m trainer {shlex.join(verb + where)}"
            )
        return manifest

    def finished(
        self, step: str, parameters: Mapping[str, Any], inputs: Mapping[str, FileRef]
    ) -> Manifest | None:
        """The manifest of this very step, when it was made for the same moment, from the same parameters and
        inputs, and its files are there."""
        manifest = self.manifest(step)
        if manifest is None or manifest.as_of != self.as_of.isoformat():
            return None
        if manifest.parameters != parameters or manifest.inputs != inputs:
            return None
        if not all(self.store.exists(ref.path) for ref in manifest.outputs.values()):
            return None
        log.info("%s: already done in this run, finished %s", step, manifest.finished_at)
        return manifest

    def fingerprint(self, parameters: Mapping[str, Any], inputs: Mapping[str, FileRef], **more: str) -> str:
        """16 hexadecimal digits, of this moment, region's settings, parameters, inputs and code."""
        what = {
            "region": self.region.to_dict(),
            "as_of": self.as_of.isoformat(),
            "parameters": parameters,
            "inputs": {name: ref.sha256 for name, ref in inputs.items()},
            "code": code_versions(),
            **more,
        }
        return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:16]

    def reopen(self, step: str) -> None:
        """Takes away the manifest that closed `step`. Where runs replace one another the one of before, or of
        this run before it was cleared, would vouch for a step that was killed."""
        self.store.remove(self.manifest_path(step))

    def close(
        self,
        step: str,
        *,
        started: datetime,
        parameters: Mapping[str, Any],
        inputs: Mapping[str, FileRef] | None = None,
        outputs: Mapping[str, FileRef] | None = None,
        metrics: Mapping[str, Any] | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> Manifest:
        """Writes the manifest: the last act of a step, and what makes its result exist."""
        manifest = Manifest(
            step=step,
            region=self.region.name,
            run_id=self.run_id,
            as_of=self.as_of.isoformat(),
            parameters=parameters,
            inputs=inputs or {},
            outputs=outputs or {},
            metrics=metrics or {},
            facts=facts or {},
            code=code_versions(),
            started_at=started.isoformat(timespec="seconds"),
            finished_at=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        self.store.write(self.manifest_path(step), manifest.to_json().encode())
        return manifest


def parse_as_of(text: str, region: Region) -> datetime:
    """UTC from ISO 8601; a text without an offset is in the region's local time. Raises UsageError."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f"as_of {text!r} is not an ISO 8601 moment; write it as 2023-10-31T00:00 "
            f"(then in {region.timezone}) or 2023-10-31T00:00+09:00"
        ) from error
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise UsageError(f"as_of {text!r} is not within the years {FIRST_YEAR}..{LAST_YEAR}")
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=region.zone)
    return moment.astimezone(UTC)


@cache
def code_versions() -> dict[str, str]:
    """The git sha (of the image, or of the checkout) and the libraries that a result may depend on, of those
    that are installed: a forecast does without PyTorch."""
    versions = {}
    for name in _LIBRARIES:
        with suppress(metadata.PackageNotFoundError):
            versions[name] = metadata.version(name)
    return {"git": os.environ.get("GIT_SHA") or _checkout_sha(), **versions}


def _checkout_sha() -> str:
    try:
        done = subprocess.run(
            ["git", "rev-parse", "HEAD"],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=True,
            timeout=10,
        )
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return done.stdout.strip()
