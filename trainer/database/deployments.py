"""Which published versions a forecast may be made with: reads model_deployments, which promotions write."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from trainer.contract import USABLE, USABLE_ORDER
from trainer.database.connection import Connection

_COLUMNS: Final = "SELECT version, artifact_checksum FROM model_deployments WHERE "
_USABLE: Final = f"{_COLUMNS} {USABLE} ORDER BY {USABLE_ORDER} LIMIT 1"

Published = tuple[str, str]
"""Version, and the SHA-256 of its manifest.json, hexadecimal."""


def read_champion(connection: Connection, region: str) -> Published | None:
    """The active version; None for a region without a model."""
    return connection.execute(f"{_COLUMNS} region = %s AND status = 'active'".encode(), (region,)).fetchone()


def read_usable(
    connection: Connection, region: str, moment: datetime, *, other_than: str | None = None
) -> Published | None:
    """The champion, else the last one before it, that learned from nothing after `moment` (`USABLE`).

    other_than: a version that is passed over.
    """
    values = {"region": region, "moment": moment, "other_than": other_than}
    return connection.execute(_USABLE.encode(), values).fetchone()
