"""Shadow models: they forecast beside the champion, from the same snapshot, and nobody is served by them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Final, Self

from trainer.contract.errors import ContractError

DEFAULT_MAX_SHADOWS: Final = 3
"""Live ones of a region, where nobody says otherwise: each costs every forecast a fraction of a second."""
MAX_SHADOW_DAYS: Final = 90
"""The most days that a promotion may ask for."""
SHADOW_LOOK_BACK_DAYS: Final = 120
"""The most that a comparison of a shadow with the champion looks back on: more than a promotion may ask for,
since days on which another model stood in for the champion do not count."""
_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,31}")


class ShadowKind(StrEnum):
    """What a shadow forecasts with."""

    VERSION = "version"
    """A published model."""
    WEATHERLESS = "weatherless"
    """The twin without weather of whichever model is champion."""
    BASELINE = "baseline"
    """The seasonal naive forecast."""


@dataclass(frozen=True, kw_only=True)
class Shadow:
    """One shadow of a region, as a forecast needs it; version and checksum only where the kind is VERSION."""

    name: str
    kind: ShadowKind
    version: str | None = None
    checksum: str | None = None
    """SHA-256 of the version's manifest.json, hexadecimal."""

    def __post_init__(self) -> None:
        """Raises ContractError for a name that is none, or a version where there must be none."""
        if not _NAME.fullmatch(self.name):
            raise ContractError(
                f"{self.name!r} is no name of a shadow; use 1 to 32 small letters, digits, '_' or '-', a "
                "letter first"
            )
        if (self.kind is ShadowKind.VERSION) != bool(self.version and self.checksum):
            raise ContractError(
                f"shadow {self.name}: of kind {self.kind} it has "
                f"{'a version and its checksum' if self.kind is ShadowKind.VERSION else 'no version'}"
            )

    @classmethod
    def parse(cls, values: object) -> Self:
        """From what `shadows_to_json` wrote of one. Raises ContractError."""
        try:
            fields = dict(values)  # type: ignore[call-overload]
            return cls(**{**fields, "kind": ShadowKind(fields["kind"])})
        except (KeyError, TypeError, ValueError) as error:
            raise ContractError(f"{values!r} describes no shadow: {error}") from error


def shadows_to_json(shadows: Iterable[Shadow]) -> str:
    """The option `--shadows` of a forecast."""
    return json.dumps([asdict(shadow) for shadow in shadows])


def shadows_from_json(text: str) -> tuple[Shadow, ...]:
    """Raises ContractError for a text that is no list of shadows."""
    try:
        found = json.loads(text)
    except ValueError as error:
        raise ContractError(f"{text!r} is no JSON list of shadows") from error
    if not isinstance(found, list):
        raise ContractError(f"{text!r} is no JSON list of shadows")
    return tuple(Shadow.parse(one) for one in found)
