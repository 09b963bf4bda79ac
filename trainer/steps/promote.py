"""promote: publish the run's candidate under an immutable version."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from trainer.contract import FileRef, Manifest, model_folder, shadow_mark
from trainer.errors import ArtifactError
from trainer.observers.tracking import tracker
from trainer.store import Run, Store


def promote(run: Run) -> Manifest:
    """Copies the candidate's files to the version's own folder, reads each back, and registers it; one that
    was published for a shadow alone serves from here on.

    Facts: version, artifact {path, checksum}: its folder and the sha256 of its manifest.json, train_from,
    train_until, registered (whether MLflow took it). The database's record of the promotion comes after it.
    Raises ArtifactError when the version is published already with other content, or a file is damaged.
    """
    training = run.require("train")
    candidate = {name: training.outputs[name] for name in sorted(training.outputs)}
    if done := run.finished("promote", {}, candidate):
        return done
    started = datetime.now(UTC)
    folder = model_folder(run.region.name, run.version)
    outputs = publish_version(run.store, candidate, folder)
    run.store.remove(shadow_mark(run.region.name, run.version))
    mlflow = tracker(training.facts.get("mlflow_run_id"))
    mlflow.register(run.region.name, run.version)
    artifact = outputs["manifest.json"]
    return run.close(
        "promote",
        started=started,
        parameters={},
        inputs=candidate,
        outputs=outputs,
        metrics=training.metrics,
        facts={
            "version": run.version,
            "artifact": {"path": folder, "checksum": artifact.sha256},
            "train_from": training.facts["train_from"],
            "train_until": training.facts["train_until"],
            "registered": mlflow.client is not None,
        },
    )


def publish_version(store: Store, candidate: Mapping[str, FileRef], folder: str) -> dict[str, FileRef]:
    """Copies a candidate's files into the version's `folder`, each read back; what is there already stays.

    Raises ArtifactError when other content is there, or a file of the candidate is damaged.
    """
    # manifest.json is what makes a model complete, so it comes last.
    names = sorted(candidate, key=lambda name: (name == "manifest.json", name))
    return {name: _publish(store, candidate[name], f"{folder}/{name}") for name in names}


def _publish(store: Store, source: FileRef, target: str) -> FileRef:
    content = store.read_checked(source)
    if store.exists(target):
        published = FileRef(path=target, sha256=source.sha256, bytes=source.bytes)
        try:
            store.read_checked(published)
        except ArtifactError as error:
            raise ArtifactError(
                f"{store.locate(target)} is published already with other content; "
                "a version never changes: train again under a new run id"
            ) from error
        return published
    published = store.write(target, content)
    store.read_checked(published)
    return published
