"""What was decided on each model: the table model_deployments, as dashboards tell it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from psycopg.rows import class_row

from trainer.database.connection import Connection


@dataclass(frozen=True, kw_only=True)
class Decision:
    """One candidate that became champion, or was turned away, or a champion that was brought up to date."""

    version: str
    run_id: str
    outcome: Literal["promoted", "rejected", "refitted"]
    reason: str
    """The decision's own words."""
    decided_at: datetime
    point_at: datetime
    """The second that it has to itself among the region's decisions: that of decided_at, or the next free one
    where others were made within the same second."""
    trained_to: datetime | None
    """The end of its training data; unknown for a candidate that was turned away."""
    challenger_mape: float | None
    """Percent over the held-out hours, as champion_mape; None where it was not measured."""
    champion_mape: float | None
    mlflow_run_id: str | None
    """Of its training; None without MLflow."""

    def fields(self) -> dict[str, str | float | int | None]:
        """Everything but the moments, in types that a time series database stores."""
        return {
            "version": self.version,
            "run_id": self.run_id,
            "outcome": self.outcome,
            "reason": self.reason,
            "trained_to": int(self.trained_to.timestamp()) if self.trained_to else None,
            "challenger_mape": self.challenger_mape,
            "champion_mape": self.champion_mape,
            "mlflow_run_id": self.mlflow_run_id,
        }


def read_decisions(connection: Connection, region: str, *, limit: int = 100) -> list[Decision]:
    """The newest `limit` decisions of a region, oldest first, refits of champions among them."""
    with connection.cursor(row_factory=class_row(Decision)) as cursor:
        return cursor.execute(
            """
            SELECT * FROM (
                SELECT version, run_id, reason, decided_at, trained_to,
                       -- The latest of: its own second, and one more than each earlier decision's. Told from
                       -- all of them, so that one which leaves the newest moves no other.
                       to_timestamp((place + max(floor(extract(epoch FROM decided_at)) - place)
                                    OVER (ORDER BY place))::float8) AS point_at,
                       CASE WHEN parent IS NOT NULL THEN 'refitted' WHEN status = 'rejected' THEN 'rejected'
                            ELSE 'promoted' END AS outcome,
                       -- jsonb_path_query_first gives SQL null for JSON null, text and what is not there.
                       jsonb_path_query_first(metrics, '$.challenger.mape ? (@.type() == "number")')::float8
                           AS challenger_mape,
                       jsonb_path_query_first(metrics, '$.champion.mape ? (@.type() == "number")')::float8
                           AS champion_mape,
                       metrics ->> 'mlflow_run_id' AS mlflow_run_id
                FROM (
                    SELECT *, row_number() OVER (ORDER BY decided_at, id) AS place
                    FROM model_deployments WHERE region = %(region)s
                ) AS made
                ORDER BY place DESC LIMIT %(limit)s
            ) AS newest ORDER BY point_at
            """,
            {"region": region, "limit": limit},
        ).fetchall()
