"""How well each model did: the table model_metrics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Final, Literal

from psycopg.rows import class_row

from trainer.database.connection import Connection

ALL_LEAD_TIMES: Final = 0
DAY_AHEAD: Final = 24
"""Lead times that the figure of a whole day counts: longer forecasts of the same hour stand beside it. Where
clocks go back, the 25th hour of a forecast that began with the day counts too."""


@dataclass(frozen=True, kw_only=True)
class MetricsRow:
    """One model's errors over the hours window_start <= time < window_end (UTC)."""

    region: str
    model_version: str
    scope: Literal["score", "evaluation"]
    """score: forecasts as they were published; evaluation: the held-out days of a training run."""
    window_start: datetime
    window_end: datetime
    lead_time: int
    """Hours ahead; ALL_LEAD_TIMES for all of them together: of a product for those that it covers."""
    hours: int
    mae: float
    """MW, as rmse; mse in MW squared."""
    mse: float
    rmse: float
    r2: float | None
    """None where the demand was constant."""
    mape: float | None
    """Percent, as smape; None where an actual is zero or below."""
    smape: float | None
    run_id: str
    product: str = ""
    """Name of the forecast that was scored; empty for the daily one."""
    rmae: float | None = None
    """MAE over that of the seasonal naive forecast (168 h) on the same hours; None where it is unknown."""
    crps: float | None = None
    """MW, twice the mean pinball loss of all quantiles; None where one of the hours has the band alone."""
    common_hours: int | None = None
    """Hours of which the grid operator's own forecast is known too; None, as those below, for none."""
    common_mae: float | None = None
    """MW, of the model over the common hours; MAPE in percent likewise."""
    common_mape: float | None = None
    reference_mae: float | None = None
    """MW, of the operator's own forecast over the common hours; MAPE in percent likewise."""
    reference_mape: float | None = None


_COLUMNS: Final = tuple(field.name for field in fields(MetricsRow))
_KEY: Final = ("region", "product", "model_version", "scope", "window_start", "window_end", "lead_time")


def upsert_metrics(connection: Connection, rows: Sequence[MetricsRow]) -> None:
    """All rows or none; a window scored again is replaced."""
    marks = ", ".join(f"%({name})s" for name in _COLUMNS)
    changes = ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS if name not in _KEY)
    with connection.transaction(), connection.cursor() as cursor:
        cursor.executemany(
            f"""
            INSERT INTO model_metrics ({", ".join(_COLUMNS)}) VALUES ({marks})
            ON CONFLICT ({", ".join(_KEY)}) DO UPDATE SET {changes}, created_at = now()
            """,
            [asdict(row) for row in rows],
        )


def replace_scores(
    connection: Connection, region: str, windows: Sequence[datetime], rows: Sequence[MetricsRow]
) -> list[datetime]:
    """Makes `rows` all that is scored of the windows that begin at `windows`, in one transaction: what was
    scored there of forecasts that another run has replaced, or of hours that are suspect since, goes. Returns
    the windows of which something went or is there, ascending.
    """
    with connection.transaction():
        gone = connection.execute(
            """
            DELETE FROM model_metrics AS before
            WHERE region = %(region)s AND scope = 'score' AND window_start = ANY(%(windows)s) AND NOT EXISTS (
                SELECT FROM unnest(%(products)s::text[], %(versions)s::text[], %(starts)s::timestamptz[],
                                   %(ends)s::timestamptz[], %(lead_times)s::int[])
                    AS scored(product, model_version, window_start, window_end, lead_time)
                WHERE (scored.product, scored.model_version, scored.window_start, scored.window_end,
                       scored.lead_time)
                    = (before.product, before.model_version, before.window_start, before.window_end,
                       before.lead_time)
            )
            RETURNING window_start
            """,
            {
                "region": region,
                "windows": list(windows),
                "products": [row.product for row in rows],
                "versions": [row.model_version for row in rows],
                "starts": [row.window_start for row in rows],
                "ends": [row.window_end for row in rows],
                "lead_times": [row.lead_time for row in rows],
            },
        ).fetchall()
        upsert_metrics(connection, rows)
    return sorted({*(start for (start,) in gone), *(row.window_start for row in rows)})


def read_metrics(connection: Connection, region: str, window_start: datetime) -> list[MetricsRow]:
    """What was scored of the window that begins there: every product, model version and lead time."""
    with connection.cursor(row_factory=class_row(MetricsRow)) as cursor:
        return cursor.execute(
            f"""
            SELECT {", ".join(_COLUMNS)} FROM model_metrics
            WHERE region = %s AND scope = 'score' AND window_start = %s
            ORDER BY window_end, product, model_version, lead_time
            """.encode(),
            (region, window_start),
        ).fetchall()
