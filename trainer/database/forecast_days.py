"""What a forecast says of whole local days, its peak and its energy: the table forecast_days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any, Final, Self

from psycopg.rows import class_row

from trainer.database.connection import Connection


@dataclass(frozen=True, kw_only=True)
class ForecastDay:
    """One local day of a forecast; the bands are of 80 %, None where they are not known."""

    date: date
    hours: int
    """Of the day that the forecast covers."""
    peak_mw: float
    peak_time: datetime
    """Beginning of the hour of the peak, UTC."""
    peak_lower_mw: float | None
    peak_upper_mw: float | None
    energy_mwh: float
    """Over those hours."""
    energy_lower_mwh: float | None
    energy_upper_mwh: float | None

    @classmethod
    def of_fact(cls, fact: Mapping[str, Any]) -> Self:
        """From one of the `days` of a forecast's manifest."""
        figures = {name: fact[name] for name in _COLUMNS}
        day, peak = date.fromisoformat(fact["date"]), datetime.fromisoformat(fact["peak_time"])
        return cls(**{**figures, "date": day, "peak_time": peak})


_COLUMNS: Final = tuple(field.name for field in fields(ForecastDay))


def replace_days(
    connection: Connection, days: Sequence[ForecastDay], *, region: str, origin: datetime, product: str = ""
) -> None:
    """What an earlier run said of the forecast's days is replaced; all or nothing."""
    columns, marks = ", ".join(_COLUMNS), ", ".join(f"%({name})s" for name in _COLUMNS)
    key = {"region": region, "product": product, "origin": origin}
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM forecast_days "
            "WHERE region = %(region)s AND product = %(product)s AND origin = %(origin)s",
            key,
        )
        cursor.executemany(
            f"INSERT INTO forecast_days (region, product, origin, {columns}) "
            f"VALUES (%(region)s, %(product)s, %(origin)s, {marks})",
            [{**key, **asdict(day)} for day in days],
        )


def read_days(connection: Connection, region: str, origin: datetime, product: str = "") -> list[ForecastDay]:
    """By date; none where the forecast says nothing of its days."""
    with connection.cursor(row_factory=class_row(ForecastDay)) as cursor:
        return cursor.execute(
            f"""
            SELECT {", ".join(_COLUMNS)} FROM forecast_days
            WHERE region = %s AND product = %s AND origin = %s ORDER BY date
            """.encode(),
            (region, product, origin),
        ).fetchall()
