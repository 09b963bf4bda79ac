"""What a saved model was made with, read without the model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from trainer.errors import ArtifactError, UsageError
from trainer.model.artifact.verified_files import AGAIN, MANIFEST, verified_files
from trainer.model.config import ModelConfig

CONFIG: Final = "config.json"


def load_config(folder: Path, *, checksum: str | None = None) -> ModelConfig:
    """The configuration of the model saved in `folder`, also of one whose features this code does not build.

    `checksum`, when given, is what the manifest itself must have. Raises ArtifactError when that file or the
    manifest is missing, damaged or of an unknown schema.
    """
    content = verified_files(folder, "", checksum, [CONFIG], [])[CONFIG]
    try:
        return ModelConfig.from_dict(json.loads(content))
    except (AttributeError, RecursionError, TypeError, ValueError, UsageError) as error:
        raise ArtifactError(f"artifact {folder} has no model's {CONFIG}: {error!r}; {AGAIN}") from error


def is_of_config(name: str) -> bool:
    """Whether `load_config` reads the file of this name."""
    return name in (CONFIG, MANIFEST)
