"""What InfluxDB is owed: the table influx_deliveries, written with the rows that are owed.

A unit names rows, it holds none: whoever delivers it reads what PostgreSQL has of it by then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from trainer.database.connection import Connection

Kind = Literal["forecast", "actuals", "metrics", "decisions"]

ALL_DECISIONS: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""The one unit of a region's newest decisions."""


@dataclass(frozen=True, kw_only=True)
class Unit:
    """One thing that is owed: the forecast of the origin `starts` and of `product` (empty: the daily one),
    with what the shadows forecast beside it, the actuals of the UTC month that begins there, the metrics of
    the window that begins there, or the newest decisions."""

    id: int
    kind: Kind
    starts: datetime
    product: str = ""


@dataclass(frozen=True, kw_only=True)
class Backlog:
    owed: int
    """Units."""
    since: datetime | None
    """When the oldest of them came to be owed; None where nothing is."""
    hours: int
    """Of forecasts and of demand that the units hold; a month of demand is one unit, and goes whole."""


def owe(
    connection: Connection, region: str, kind: Kind, starts: Iterable[datetime], product: str = ""
) -> None:
    """Call it in the transaction that writes the rows, so that neither is there without the other.

    A unit that is owed already stays where it stands in the queue.
    """
    # An update that changes nothing, rather than DO NOTHING: it waits for a delivery of the old rows that is
    # under way, and then owes the new ones; and no delivery takes the unit before the new rows are there.
    with connection.transaction(), connection.cursor() as cursor:
        cursor.executemany(
            """
            INSERT INTO influx_deliveries AS owed (region, kind, product, starts) VALUES (%s, %s, %s, %s)
            ON CONFLICT (region, kind, product, starts) DO UPDATE SET last_error = owed.last_error
            """,
            [(region, kind, product, moment) for moment in sorted(set(starts))],
        )


def owe_actuals(connection: Connection, region: str, *, since: datetime | None = None) -> None:
    """Owe the months of raw_demand that this transaction changed, and those from `since` on, if given."""
    rows = connection.execute(
        """
        SELECT DISTINCT date_trunc('month', time, 'UTC') FROM raw_demand
        WHERE region = %(region)s
          AND (demand_mw IS NOT NULL OR reference_mw IS NOT NULL OR verdict IS NOT NULL)
          AND (ingested_at = now() OR time >= %(since)s::timestamptz)
        """,
        {"region": region, "since": since},
    ).fetchall()
    owe(connection, region, "actuals", [month for (month,) in rows])


@contextmanager
def claimed(connection: Connection, region: str, *, after: int) -> Iterator[Unit | None]:
    """The oldest unit with an id over `after`, or None. One that is still there at the end was not delivered.

    A transaction: where two runs deliver at once, each waits while the other has a unit, so that the points
    of an older forecast never come after those of a newer one. A unit whose rows are being written is left to
    who writes them.
    """
    with connection.transaction():
        connection.execute(
            "SELECT pg_advisory_xact_lock(hashtext('influx_deliveries'), hashtext(%s))", (region,)
        )
        row = connection.execute(
            """
            SELECT id, kind, starts, product FROM influx_deliveries WHERE region = %s AND id > %s
            ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
            """,
            (region, after),
        ).fetchone()
        yield None if row is None else Unit(id=row[0], kind=row[1], starts=row[2], product=row[3])


def settle(connection: Connection, unit: Unit) -> None:
    connection.execute("DELETE FROM influx_deliveries WHERE id = %s", (unit.id,))


def put_off(connection: Connection, unit: Unit, error: str) -> None:
    """The unit stays owed, with what was said when it was tried."""
    connection.execute(
        "UPDATE influx_deliveries SET attempts = attempts + 1, last_error = %s WHERE id = %s",
        (error, unit.id),
    )


def backlog(connection: Connection, region: str) -> Backlog:
    row = connection.execute(
        """
        SELECT count(*), min(enqueued_at), coalesce(sum(
            CASE kind
            WHEN 'forecast' THEN (
                SELECT count(*) FROM predictions AS made
                WHERE made.region = owed.region AND made.product = owed.product
                  AND made.origin = owed.starts
            )
            WHEN 'actuals' THEN (
                SELECT count(*) FROM raw_demand AS stored
                WHERE stored.region = owed.region AND stored.time >= owed.starts
                  AND stored.time < (owed.starts AT TIME ZONE 'UTC' + interval '1 month') AT TIME ZONE 'UTC'
                  AND (demand_mw IS NOT NULL OR reference_mw IS NOT NULL)
            )
            END
        ), 0)::bigint
        FROM influx_deliveries AS owed WHERE region = %s
        """,
        (region,),
    ).fetchone()
    assert row is not None  # an aggregate has one row
    return Backlog(owed=row[0], since=row[1], hours=row[2])
