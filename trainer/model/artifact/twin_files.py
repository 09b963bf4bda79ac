"""Which files of an artifact are the model's, and which its weatherless twin's."""

from __future__ import annotations

from typing import Final

from trainer.model.artifact.verified_files import MANIFEST

TWIN: Final = "weatherless_"
"""How the names of the twin's files begin."""


def is_of_model(name: str) -> bool:
    """Whether `load_artifact` may read the file of this name."""
    return not name.startswith(TWIN)


def is_of_twin(name: str) -> bool:
    """Whether `load_twin` may read the file of this name."""
    return name == MANIFEST or name.startswith(TWIN)
