"""A region's shadows beside its champion, from what both are on record with."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

import psycopg

from trainer.contract import SHADOW_LOOK_BACK_DAYS, Region
from trainer.database.connection import Connection
from trainer.database.shadows import read_compared, read_shadows, store_comparison
from trainer.errors import DemandForecastError
from trainer.model.shadow_comparison import Comparison, compare

log = logging.getLogger(__name__)


def compared(connection: Connection, region: Region, shadow: str, *, until: datetime) -> Comparison | None:
    """Champion and shadow over the last SHADOW_LOOK_BACK_DAYS days before `until`, as the region's main
    product is made; None where there is no hour yet on which they can be compared.

    The champion is whichever model is that now, with its refits: what an earlier one or a stand-in forecast
    does not count.
    """
    product = region.main_product.name if region.main_product else ""
    since = until - timedelta(days=SHADOW_LOOK_BACK_DAYS)
    pairs = read_compared(connection, region.name, shadow, product, since, until)
    return compare(pairs, region, product)


def keep_comparisons(connection: Connection, region: Region, *, until: datetime) -> dict[str, int]:
    """Keeps each live shadow's comparison beside its row, where pages read it; hours compared, by name.

    Where there is nothing to compare, such as after another model became champion, none is kept. What cannot
    be compared is logged, each by itself: no score and no other shadow waits for it.
    """
    hours: dict[str, int] = {}
    try:
        live = [row.shadow.name for row in read_shadows(connection, region.name) if row.removed_at is None]
    except (DemandForecastError, psycopg.Error) as error:
        log.warning("shadows were not compared: %s", error)
        return hours
    for name in live:
        try:
            with connection.transaction():
                found = compared(connection, region, name, until=until)
                kept = found.to_dict() if found else None
                store_comparison(connection, region.name, name, kept, until=until)
        except (DemandForecastError, psycopg.Error, ValueError) as error:
            log.warning("shadow %s was not compared: %s", name, error)
        else:
            hours[name] = found.hours if found else 0
    return hours
