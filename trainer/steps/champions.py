"""Which models an hourly forecast is made with, as on record: champion, what it falls back to, shadows."""

from __future__ import annotations

import logging
from datetime import datetime

import psycopg

from trainer.contract import Shadow
from trainer.database.connection import Connection
from trainer.database.deployments import read_champion, read_usable
from trainer.database.shadows import read_shadows
from trainer.errors import NoModelError
from trainer.steps.pinned_models import PinnedModel

log = logging.getLogger(__name__)


def pin_champions(
    connection: Connection, region: str, moment: datetime
) -> tuple[PinnedModel, PinnedModel | None]:
    """The champion and the one before it (None without one), of those that learned from nothing after
    `moment`. Where none counts the champion alone, which `make_forecast` turns away for the baseline.

    As `pin_model` of the daily forecast's DAG: both go by `USABLE`. Raises NoModelError for a region that has
    no model.
    """
    usable = read_usable(connection, region, moment)
    model = usable or read_champion(connection, region)
    if model is None:
        raise NoModelError(region)
    before = usable and read_usable(connection, region, moment, other_than=usable.version)
    return PinnedModel(*model), PinnedModel(*before) if before else None


def live_shadows(connection: Connection, region: str) -> list[Shadow]:
    """The region's, those first that were added first; none, with a line in the log, where they cannot be
    told: no forecast waits for them."""
    try:
        rows = read_shadows(connection, region)
    except psycopg.Error as error:
        if connection.closed:
            raise
        log.warning("the shadows of region %s are not known; the champion forecasts alone: %s", region, error)
        return []
    return [row.shadow for row in rows if row.removed_at is None]
