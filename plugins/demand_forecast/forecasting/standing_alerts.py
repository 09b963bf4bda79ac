"""What lasts is told when it begins, when its cause changes, and then once a day: the table standing_alerts.

For what is done every hour; a daily forecast's alerts come once a day as they are. The table is in PostgreSQL
since each run is a process of its own, and Airflow may have been restarted between two.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from demand_forecast.alerts import notify
from demand_forecast.alerts.notify import Alert
from demand_forecast.database import connection

log = logging.getLogger(__name__)

_AGAIN: Final = timedelta(hours=23, minutes=30)
"""From one telling to the next: a day, but for half an hour, since runs do not begin to the second."""


@dataclass(frozen=True)
class _Told:
    cause: str
    since: datetime
    """When it was told first."""
    at: datetime
    """When it was told last."""


def tell(region: str, product: str, alerts: Sequence[Alert], *, now: datetime) -> None:
    """Sends those `alerts` of a product that are due, by what was told before; one that is not among them any
    more has ended, and begins anew when it comes back. now: aware.

    One that did not reach every target is due again the next time. Raises nothing: where PostgreSQL does not
    say what was told all are sent.
    """
    before = _read(region, product)
    standing: dict[str, _Told] = {}
    for alert in alerts:
        told, cause = before.get(alert.of), _in_words(alert.cause)
        if told and told.cause == cause and now - told.at < _AGAIN:
            log.warning("%s, as told at %s\n%s", alert.title, _moment(told.at), alert.body)
            standing[alert.of] = told
            continue
        since = told.since if told else now
        begun = f"It was told first at {_moment(since)}. " if told else ""
        body = f"{alert.body}\n{begun}While it lasts, it is told once a day."
        if notify.send(alert.title, body, kind="warning"):
            standing[alert.of] = _Told(cause, since, now)
        elif told:
            standing[alert.of] = told
    if standing != before:
        _write(region, product, standing)


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _in_words(cause: str) -> str:
    """Without moments, counts and addresses, which differ from hour to hour: words that hold a digit."""
    return re.sub(r"\S*\d\S*", "#", cause)


def _read(region: str, product: str) -> dict[str, _Told]:
    try:
        with connection() as database, closing(database.cursor()) as cursor:
            cursor.execute(
                "SELECT alert, cause, since, told_at FROM standing_alerts "
                "WHERE region = %(region)s AND product = %(product)s",
                {"region": region, "product": product},
            )
            return {alert: _Told(*told) for alert, *told in cursor.fetchall()}
    except Exception:
        log.exception("what was told of %s, %s is not known; all of it is told again", region, product)
        return {}


def _write(region: str, product: str, standing: Mapping[str, _Told]) -> None:
    key = {"region": region, "product": product}
    rows = [
        {**key, "alert": alert, "cause": told.cause, "since": told.since, "told_at": told.at}
        for alert, told in standing.items()
    ]
    try:
        with connection() as database, closing(database.cursor()) as cursor:
            cursor.execute(
                "DELETE FROM standing_alerts WHERE region = %(region)s AND product = %(product)s", key
            )
            for row in rows:
                cursor.execute(
                    "INSERT INTO standing_alerts (region, product, alert, cause, since, told_at) VALUES "
                    "(%(region)s, %(product)s, %(alert)s, %(cause)s, %(since)s, %(told_at)s)",
                    row,
                )
            database.commit()
    except Exception:
        log.exception("what was told of %s, %s is not on record; it is told again", region, product)
