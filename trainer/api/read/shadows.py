"""A region's live shadows beside its champion, as the last score compared them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final, Literal

from psycopg.rows import dict_row
from pydantic import BaseModel, Field

from trainer.api.read.database import Connection
from trainer.api.read.quantities import Megawatts, Percent
from trainer.api.read.routes import RegionName, Routes
from trainer.contract import Region

Error = float
"""In the comparison's unit."""

_LIVE: Final = """
    SELECT name, kind, version, added_by, added_at, reason, comparison, compared_at
    FROM shadow_models WHERE region = %(region)s AND removed_at IS NULL ORDER BY added_at, name
"""


class LiveAccuracy(BaseModel):
    mae_mw: Megawatts
    rmse_mw: Megawatts
    mape_percent: Percent


class LiveImprovement(BaseModel):
    """What the shadow saves a day, in the comparison's unit; the interval holds the truth at 90 %."""

    days: int
    mean: float = Field(description="positive where the shadow errs less")
    lower: float
    upper: float
    p_value: float = Field(description="probability of so great an improvement where in truth there is none")


class BothErrors(BaseModel):
    champion: Error
    shadow: Error


class DayErrors(BothErrors):
    date: date


class LeadTimeErrors(BothErrors):
    lead_time_hours: int = Field(ge=1, le=168)
    hours: int = Field(ge=1)


class LiveComparison(BaseModel):
    """Both models on the hours of which they spoke from the same origin and whose demand was measured."""

    product: str = Field(description="the named forecast that was compared; empty for the daily one")
    hours: int = Field(ge=1)
    days: int = Field(ge=1)
    first: date
    last: date
    unit: Literal["%", "MW"] = Field(
        description="of errors by day and by lead time: percent, or MW where demand is zero or below"
    )
    champion: LiveAccuracy
    shadow: LiveAccuracy
    improvement: LiveImprovement | None = Field(description="null below five days")
    by_day: list[DayErrors]
    by_lead_time: list[LeadTimeErrors]


class ShadowBody(BaseModel):
    name: str = Field(examples=["lost"])
    kind: Literal["version", "weatherless", "baseline"]
    version: str | None = Field(description="of kind version")
    added_by: str
    added_at: datetime
    reason: str
    comparison: LiveComparison | None = Field(
        description="with whichever model is champion, over at most 120 days, as of compared_at; null while "
        "there is no hour on which they can be compared"
    )
    compared_at: datetime | None


class ShadowsBody(BaseModel):
    region: str
    timezone: str
    shadows: list[ShadowBody] = Field(description="those that forecast, the first one added first")


def add_shadows(routes: Routes) -> None:
    @routes.get("/shadows", "shadows", 404, 422, 503)
    def shadows(region: RegionName) -> ShadowsBody:
        """The models that forecast beside the champion, and how both did on the same hours."""
        of = routes.configured(region)
        with routes.connect() as connection:
            return _shadows_of(connection, of)


def _shadows_of(connection: Connection, region: Region) -> ShadowsBody:
    with connection.cursor(row_factory=dict_row) as cursor:
        rows: Sequence[Mapping[str, Any]] = cursor.execute(_LIVE, {"region": region.name}).fetchall()
    return ShadowsBody(
        region=region.name,
        timezone=region.timezone,
        shadows=[
            ShadowBody(
                **{
                    **row,
                    "added_at": row["added_at"].astimezone(UTC),
                    "compared_at": row["compared_at"] and row["compared_at"].astimezone(UTC),
                    "comparison": row["comparison"] and _comparison(row["comparison"]),
                }
            )
            for row in rows
        ],
    )


def _comparison(kept: Mapping[str, Any]) -> LiveComparison:
    return LiveComparison(
        **{
            **kept,
            "champion": _accuracy(kept["champion"]),
            "shadow": _accuracy(kept["shadow"]),
            "by_lead_time": [{**one, "lead_time_hours": one["lead_time"]} for one in kept["by_lead_time"]],
        }
    )


def _accuracy(kept: Mapping[str, Any]) -> LiveAccuracy:
    return LiveAccuracy(mae_mw=kept["mae"], rmse_mw=kept["rmse"], mape_percent=kept["mape"])
