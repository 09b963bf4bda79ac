"""A model as files: written whole, read back with their checksums, refused by name where they do not fit.

Every schema that was ever published stays loadable.
"""

from trainer.model.artifact.artifact import (
    MANIFEST,
    artifact_checksum,
    is_of_model,
    is_of_twin,
    load_artifact,
    load_twin,
    read_manifest,
    save_artifact,
)

__all__ = [
    "MANIFEST",
    "artifact_checksum",
    "is_of_model",
    "is_of_twin",
    "load_artifact",
    "load_twin",
    "read_manifest",
    "save_artifact",
]
