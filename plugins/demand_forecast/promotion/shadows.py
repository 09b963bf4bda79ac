"""Which models forecast in shadow: reads shadow_models, which the trainer's verb `shadow` writes."""

from __future__ import annotations

import logging
from contextlib import closing
from typing import Any

from trainer.contract import Shadow, ShadowKind

log = logging.getLogger(__name__)


def live(connection: Any, region: str) -> list[Shadow]:
    """The region's live shadows, those first that were added first; none, with a line in the log, where they
    cannot be told, such as before the migration that brings the table: no forecast waits for them.

    Ends the transaction that it works in, so it wants a connection with no work under way.
    """
    try:
        with closing(connection.cursor()) as cursor:
            cursor.execute(
                "SELECT name, kind, version, checksum FROM shadow_models "
                "WHERE region = %(region)s AND removed_at IS NULL ORDER BY added_at, name",
                {"region": region},
            )
            rows = cursor.fetchall()
        connection.commit()
    except Exception:
        log.exception("the shadows of region %s are not known; the champion forecasts alone", region)
        if not connection.closed:
            connection.rollback()
        return []
    return [
        Shadow(name=name, kind=ShadowKind(kind), version=version, checksum=checksum)
        for name, kind, version, checksum in rows
    ]
