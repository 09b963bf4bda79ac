"""Shadow models and what they forecast: the tables shadow_models and shadow_predictions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import pandas as pd
from psycopg.types.json import Jsonb

from trainer.contract import Shadow, ShadowKind
from trainer.database.connection import Connection

_COLUMNS: Final = (
    "name, kind, version, checksum, added_by, added_at, reason, removed_at, removed_by, removed_reason"
)


@dataclass(frozen=True, kw_only=True)
class ShadowRow:
    """A shadow as it is on record. Moments carry their offset."""

    shadow: Shadow
    added_by: str
    added_at: datetime
    reason: str
    removed_at: datetime | None = None
    """None while it forecasts."""
    removed_by: str | None = None
    """Of one that became champion the run that recorded that; None where nobody said, as the reason."""
    removed_reason: str | None = None


def read_shadows(connection: Connection, region: str) -> list[ShadowRow]:
    """Every shadow that the region ever had, those first that were added first."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM shadow_models WHERE region = %s ORDER BY added_at, name".encode(), (region,)
    ).fetchall()
    return [
        ShadowRow(
            shadow=Shadow(name=name, kind=ShadowKind(kind), version=version, checksum=checksum),
            added_by=added_by,
            added_at=added_at,
            reason=reason,
            removed_at=removed_at,
            removed_by=removed_by,
            removed_reason=removed_reason,
        )
        for (
            name,
            kind,
            version,
            checksum,
            added_by,
            added_at,
            reason,
            removed_at,
            removed_by,
            removed_reason,
        ) in rows
    ]


def store_shadow(connection: Connection, region: str, shadow: Shadow, *, added_by: str, reason: str) -> None:
    """Puts the shadow on record; one of that name that was removed goes on with what it forecast before."""
    connection.execute(
        """
        INSERT INTO shadow_models AS kept (region, name, kind, version, checksum, added_by, reason)
        VALUES (%(region)s, %(name)s, %(kind)s, %(version)s, %(checksum)s, %(added_by)s, %(reason)s)
        ON CONFLICT (region, name) DO UPDATE
        SET removed_at = NULL, added_at = excluded.added_at, added_by = excluded.added_by,
            reason = excluded.reason, removed_by = NULL, removed_reason = NULL
        WHERE kept.removed_at IS NOT NULL
        """,
        {
            "region": region,
            "name": shadow.name,
            "kind": shadow.kind.value,
            "version": shadow.version,
            "checksum": shadow.checksum,
            "added_by": added_by,
            "reason": reason,
        },
    )


def end_shadow(
    connection: Connection, region: str, name: str, *, by: str | None = None, reason: str | None = None
) -> None:
    """What it forecast stays. One that was removed before stays as it is."""
    connection.execute(
        """
        UPDATE shadow_models
        SET removed_at = greatest(clock_timestamp(), added_at), removed_by = %s, removed_reason = %s
        WHERE region = %s AND name = %s AND removed_at IS NULL
        """,
        (by, reason, region, name),
    )


def store_comparison(
    connection: Connection, region: str, name: str, comparison: Mapping[str, Any] | None, *, until: datetime
) -> None:
    """Beside the shadow's row, with this moment, in the place of the one before; None where nothing can be
    compared. One of days up to a later `until` stays."""
    connection.execute(
        """
        UPDATE shadow_models
        SET comparison = %(comparison)s, compared_until = %(until)s,
            compared_at = CASE WHEN %(comparison)s::jsonb IS NOT NULL THEN clock_timestamp() END
        WHERE region = %(region)s AND name = %(name)s
            AND coalesce(compared_until <= %(until)s, true)
        """,
        {
            "comparison": None if comparison is None else Jsonb(comparison),
            "until": until,
            "region": region,
            "name": name,
        },
    )


def read_compared(
    connection: Connection, region: str, shadow: str, product: str, since: datetime, until: datetime
) -> pd.DataFrame:
    """The hours since <= time < until of which the champion and `shadow` spoke from the same origin and whose
    demand was measured: origin, time (UTC), lead_time, champion, shadow, actual (MW), by time and origin.

    The champion's are forecasts by the active version and by those that share its judged version, which are
    its refits and what they were made from.
    """
    cursor = connection.execute(
        """
        WITH champion AS (
            SELECT alike.version FROM model_deployments AS alike JOIN model_deployments AS active
                ON alike.region = active.region
                AND coalesce(alike.judged_version, alike.version)
                    = coalesce(active.judged_version, active.version)
            WHERE active.region = %(region)s AND active.status = 'active' AND alike.status <> 'rejected'
        )
        SELECT s.origin, s.time, s.lead_time, p.forecast_mw AS champion, s.forecast_mw AS shadow,
               r.demand_mw AS actual
        FROM shadow_predictions AS s JOIN predictions AS p USING (region, product, origin, time)
            JOIN raw_demand AS r USING (region, time)
        WHERE s.region = %(region)s AND s.shadow = %(shadow)s AND s.product = %(product)s
            AND s.time >= %(since)s AND s.time < %(until)s
            AND p.model_version IN (SELECT version FROM champion) AND p.fallback = 'none'
            AND r.demand_mw IS NOT NULL AND coalesce(r.verdict, 'measured') = 'measured'
        ORDER BY s.time, s.origin
        """,
        {"region": region, "shadow": shadow, "product": product, "since": since, "until": until},
    )
    assert cursor.description is not None
    frame = pd.DataFrame(cursor.fetchall(), columns=[column.name for column in cursor.description])
    return _typed(frame, "champion", "shadow", "actual")


def upsert_shadow_predictions(
    connection: Connection, frame: pd.DataFrame, *, region: str, run_id: str, product: str = ""
) -> int:
    """Store what shadows forecast from one origin: indexed by UTC hour, with shadow, origin, lead_time,
    model_version, and forecast, lower and upper in MW. Returns the rows written.

    What these shadows said from that origin before is replaced. All or nothing.
    """
    # Object dtype first: only there does None stay None instead of becoming NaN again.
    plain = frame.rename_axis("time").reset_index().astype(object)
    rows: list[dict[Any, Any]] = plain.where(plain.notna(), None).to_dict("records")
    said = sorted({str(name) for name in frame["shadow"]})
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM shadow_predictions
            WHERE region = %s AND product = %s AND origin = %s AND shadow = ANY(%s)
            """,
            (region, product, rows[0]["origin"], said),
        )
        cursor.executemany(
            """
            INSERT INTO shadow_predictions
                (region, shadow, product, origin, time, lead_time, model_version, run_id,
                 forecast_mw, lower_mw, upper_mw)
            VALUES (%(region)s, %(shadow)s, %(product)s, %(origin)s, %(time)s, %(lead_time)s,
                    %(model_version)s, %(run_id)s, %(forecast)s, %(lower)s, %(upper)s)
            """,
            [{"region": region, "product": product, "run_id": run_id, **row} for row in rows],
        )
    return len(rows)


def read_shadow_predictions(
    connection: Connection, region: str, origin: datetime, product: str = ""
) -> pd.DataFrame:
    """What all shadows forecast from `origin`, in the shape that `upsert_shadow_predictions` takes; empty if
    nothing."""
    cursor = connection.execute(
        """
        SELECT time, shadow, origin, lead_time, model_version,
               forecast_mw AS forecast, lower_mw AS lower, upper_mw AS upper
        FROM shadow_predictions
        WHERE region = %(region)s AND product = %(product)s AND origin = %(origin)s ORDER BY shadow, time
        """,
        {"region": region, "product": product, "origin": origin},
    )
    assert cursor.description is not None
    frame = pd.DataFrame(cursor.fetchall(), columns=[column.name for column in cursor.description])
    return _typed(frame, "forecast", "lower", "upper").set_index("time")


def _typed(frame: pd.DataFrame, *figures: str) -> pd.DataFrame:
    for name in ("time", "origin"):
        frame[name] = pd.to_datetime(frame[name], utc=True)
    return frame.astype({**dict.fromkeys(figures, "float64"), "lead_time": "int64"})
