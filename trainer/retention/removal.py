"""Removes a run's or a version's files so that a kill at any instruction leaves nothing that looks whole."""

from __future__ import annotations

from typing import Final

from trainer.contract import shadow_mark
from trainer.retention.plan import Folder, manifests
from trainer.store import Store

MODEL_MANIFEST: Final = "manifest.json"
"""What makes a version complete; without it nothing takes the folder for a model."""


def remove_version(store: Store, version: Folder) -> None:
    """Its manifest goes first: what is left after a kill is no model, and goes next time. So does the mark of
    one that was published for a shadow, while the folder is still there to come back for."""
    store.remove(f"{version.path}/{MODEL_MANIFEST}")
    region, _, name = version.path.split("/")
    store.remove(shadow_mark(region, name))
    store.remove(version.path)


def remove_run(store: Store, run: Folder) -> None:
    """Manifests go first, so that at no time one names a file that is gone; the snapshot's before all others,
    so that what is left after a kill is not taken for a run in progress, and goes next time."""
    for manifest in manifests(run):
        store.remove(f"{run.path}/{manifest}")
    store.remove(run.path)
