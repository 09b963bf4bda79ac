"""What is thought of each stored hour, and what people said over it: verdicts and demand_judgements."""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from trainer.contract import Judgement
from trainer.data.quality import Overruling
from trainer.database.connection import Connection
from trainer.database.incoming import incoming

_STORE = """
    UPDATE raw_demand AS stored
    SET verdict = judged.verdict, verdict_reason = judged.reason, ingested_at = now()
    FROM incoming AS judged
    WHERE stored.region = %(region)s AND stored.time = judged.time
      AND (stored.verdict, stored.verdict_reason) IS DISTINCT FROM (judged.verdict, judged.reason)
"""


def store_verdicts(connection: Connection, judged: pd.DataFrame, *, region: str) -> int:
    """Store `judged` (UTC hours, columns verdict and reason) beside the demand; rows changed are counted.

    Hours of which raw_demand has no row stay without one. All or nothing.
    """
    times = pd.DatetimeIndex(judged.index).to_pydatetime()
    rows = zip(times, judged["verdict"], judged["reason"], strict=True)
    with incoming(connection, {"time": "timestamptz", "verdict": "text", "reason": "text"}, rows) as cursor:
        cursor.execute(_STORE, {"region": region})
        return cursor.rowcount


def read_verdicts(connection: Connection, region: str, start: datetime, end: datetime) -> pd.DataFrame:
    """What is thought of the stored hours start <= time < end: columns `verdict` and `reason`, the latter
    empty for all but suspect ones. Demand that nobody has judged yet counts as measured; hours to come are
    left out."""
    rows = connection.execute(
        """
        SELECT time, coalesce(verdict, 'measured'), verdict_reason FROM raw_demand
        WHERE region = %s AND time >= %s AND time < %s AND (verdict IS NOT NULL OR demand_mw IS NOT NULL)
        ORDER BY time
        """,
        (region, start, end),
    ).fetchall()
    frame = pd.DataFrame(rows, columns=["time", "verdict", "reason"])
    frame["time"] = pd.to_datetime(frame["time"], utc=True)
    return frame.set_index("time")


def record_overruling(connection: Connection, overruling: Overruling, *, region: str) -> None:
    """Keep what a person said of hours; what was said of them before stays on record and holds no more."""
    connection.execute(
        """
        INSERT INTO demand_judgements (region, first_hour, last_hour, judgement, decided_by, reason)
        VALUES (%s, %s, %s, %s, %s, %s)
        """,
        (
            region,
            overruling.first.to_pydatetime(),
            overruling.last.to_pydatetime(),
            overruling.judgement.value,
            overruling.decided_by,
            overruling.reason,
        ),
    )


def read_overrulings(connection: Connection, region: str) -> list[Overruling]:
    """What people said of a region's hours, the earliest first."""
    rows: list[tuple[datetime, datetime, str, str, str]] = connection.execute(
        """
        SELECT first_hour, last_hour, judgement, decided_by, reason
        FROM demand_judgements WHERE region = %s ORDER BY id
        """,
        (region,),
    ).fetchall()
    return [
        Overruling(_utc(first), _utc(last), Judgement(judgement), decided_by, reason)
        for first, last, judgement, decided_by, reason in rows
    ]


def _utc(moment: datetime) -> pd.Timestamp:
    return pd.Timestamp(moment).tz_convert("UTC")
