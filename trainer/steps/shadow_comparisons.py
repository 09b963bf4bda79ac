"""A region's shadows beside its champion, from what both are on record with."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

import psycopg

from trainer.contract import MAX_SHADOW_DAYS, Region
from trainer.database.connection import Connection
from trainer.database.shadows import read_compared, read_shadows, store_comparison
from trainer.errors import DemandForecastError
from trainer.model.shadow_comparison import Comparison, compare

log = logging.getLogger(__name__)


def compared(connection: Connection, region: Region, shadow: str, *, until: datetime) -> Comparison | None:
    """Champion and shadow over the last MAX_SHADOW_DAYS days before `until`, as the region's main product is
    made; None where there is no hour yet on which they can be compared.

    The champion is whichever model is that now, with its refits: what an earlier one or a stand-in forecast
    does not count.
    """
    product = region.main_product.name if region.main_product else ""
    since = until - timedelta(days=MAX_SHADOW_DAYS)
    pairs = read_compared(connection, region.name, shadow, product, since, until)
    return compare(pairs, region, product)


def keep_comparisons(connection: Connection, region: Region, *, until: datetime) -> dict[str, int]:
    """Keeps each live shadow's comparison beside its row, where pages read it; hours compared, by name.

    What cannot be compared is logged: no score waits for a shadow.
    """
    hours: dict[str, int] = {}
    try:
        live = [row.shadow.name for row in read_shadows(connection, region.name) if row.removed_at is None]
        for name in live:
            found = compared(connection, region, name, until=until)
            if found is not None:
                store_comparison(connection, region.name, name, found.to_dict())
            hours[name] = found.hours if found else 0
    except (DemandForecastError, psycopg.Error) as error:
        log.warning("shadows were not compared: %s", error)
    return hours
