"""A model as files: written whole, read back with their checksums, refused by name where they do not fit.

Every schema that was ever published stays loadable.
"""

from trainer.model.artifact.artifact import load_artifact, load_twin, save_artifact
from trainer.model.artifact.saved_config import is_of_config, load_config
from trainer.model.artifact.twin_files import is_of_model, is_of_twin
from trainer.model.artifact.verified_files import MANIFEST, artifact_checksum

__all__ = [
    "MANIFEST",
    "artifact_checksum",
    "is_of_config",
    "is_of_model",
    "is_of_twin",
    "load_artifact",
    "load_config",
    "load_twin",
    "save_artifact",
]
