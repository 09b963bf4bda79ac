"""Which published versions a forecast may be made with: reads model_deployments, which promotions write."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final, NamedTuple

from trainer.contract import USABLE, USABLE_ORDER
from trainer.database.connection import Connection

_COLUMNS: Final = "SELECT version, artifact_checksum FROM model_deployments WHERE "
_USABLE: Final = f"{_COLUMNS} {USABLE} ORDER BY {USABLE_ORDER} LIMIT 1"


class Published(NamedTuple):
    """A version whose files are in the store."""

    version: str
    checksum: str
    """SHA-256 of its manifest.json, hexadecimal."""


def read_champion(connection: Connection, region: str) -> Published | None:
    """The active version; None for a region without a model."""
    return _published(connection, f"{_COLUMNS} region = %(region)s AND status = 'active'", {"region": region})


def read_usable(
    connection: Connection, region: str, moment: datetime, *, other_than: str | None = None
) -> Published | None:
    """The champion, else the last one before it, that learned from nothing after `moment` (`USABLE`).

    other_than: a version that is passed over.
    """
    return _published(connection, _USABLE, {"region": region, "moment": moment, "other_than": other_than})


def _published(connection: Connection, query: str, values: Mapping[str, object]) -> Published | None:
    row = connection.execute(query.encode(), values).fetchone()
    return Published(*row) if row else None
