"""Which published version a step uses: the one that it was told, else the store's newest."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import groupby

import pandas as pd

from trainer.contract import model_folder, shadow_mark
from trainer.errors import NoModelError
from trainer.model.artifact import MANIFEST
from trainer.store import Run


@dataclass(frozen=True)
class PinnedModel:
    """A published version; a `checksum` of None trusts the version's own manifest."""

    version: str
    checksum: str | None = None


def newest_models(run: Run) -> tuple[PinnedModel, PinnedModel | None]:
    """The store's newest version and the one before it (None without one), among those that learned from
    nothing after the run's moment. Where all of them did, the newest alone, which `forecast` turns away.

    Newest is the latest as_of, and among equal ones the one published last. Versions that were published for
    a shadow alone do not count. Raises NoModelError for a store without a version.
    """
    newest: PinnedModel | None = None
    usable: list[PinnedModel] = []
    for version, manifest in _newest_first(run):
        newest = newest or PinnedModel(version)
        if not _has_hindsight(manifest, run):
            usable.append(PinnedModel(version))
        if len(usable) == 2:
            break
    if newest is None:
        raise NoModelError(run.region.name)
    model, *before = usable or [newest]
    return model, before[0] if before else None


def _newest_first(run: Run) -> Iterator[tuple[str, bytes]]:
    """The store's versions, the newest first, each with its manifest.json. A version without one, whose
    publication was cut off, is passed over, and so are those that were published for a shadow alone.
    """
    models = model_folder(run.region.name, "").rstrip("/")
    unserved = set(run.store.names(shadow_mark(run.region.name, "-").rpartition("/")[0]))
    versions = [name for name in run.store.names(models) if f"{name}.json" not in unserved]
    # Of one moment, names differ in a digest of the run's id, which says nothing of their order.
    for _, of_one_moment in groupby(reversed(versions), lambda name: name.rpartition("-")[0]):
        complete = []
        for version in of_one_moment:
            with suppress(FileNotFoundError):
                complete.append((version, run.store.read(f"{models}/{version}/{MANIFEST}")))
        if len(complete) > 1:
            complete.sort(key=lambda model: _published_at(model[1], run), reverse=True)
        yield from complete


def _published_at(manifest: bytes, run: Run) -> str:
    """When the version of this `manifest` was published (ISO 8601, UTC), as the manifest of the promotion or
    refit has it; empty where that one is gone or `manifest` is damaged."""
    try:
        run_id = str(json.loads(manifest)["facts"]["run_id"])
    except (ValueError, KeyError, TypeError):
        return ""
    of_run = replace(run, run_id=run_id)
    publication = of_run.manifest("promote") or of_run.manifest("refit")
    return publication.finished_at if publication else ""


def _has_hindsight(manifest: bytes, run: Run) -> bool:
    """Whether the model learned from data after the run's moment. False for a damaged manifest: `forecast`
    says what is wrong with it."""
    try:
        return pd.Timestamp(json.loads(manifest)["data"]["train_until"]) > pd.Timestamp(run.as_of)
    except (ValueError, KeyError, TypeError):
        return False
