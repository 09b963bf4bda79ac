"""What a caller orders by POST /api/predict, and what comes back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Final, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from trainer.api.moments import Moment
from trainer.api.read.forecasts import DayBody
from trainer.api.read.hours import ForecastHour
from trainer.api.read.quantiles import LEVELS_DESCRIPTION, LEVELS_PATTERN
from trainer.api.read.quantities import Fallback, FallbackFrom, Megawatts
from trainer.contract import MAX_HORIZON

MOST_DAYS: Final = 92
"""Of history in one request, back from its origin."""
MOST_WEATHER_HOURS: Final = MAX_HORIZON + 24
"""Of weather after the origin: the longest horizon, and the rest of its last local day."""
MOST_PATHS: Final = 100


def _whole_hour(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(
            "needs an offset, such as Z or +09:00: a local hour is ambiguous when clocks go back"
        )
    moment = moment.astimezone(UTC)
    if moment.minute or moment.second or moment.microsecond:
        raise ValueError("is not the beginning of an hour in UTC")
    return moment


WholeHour = Annotated[
    Moment,
    AfterValidator(_whole_hour),
    Field(description="beginning of the hour, with its offset", examples=["2023-10-30T15:00:00Z"]),
]
WeatherName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{1,32}$")]
Weather = Annotated[
    dict[WeatherName, Annotated[float, Field(strict=True, allow_inf_nan=False)]],
    Field(
        max_length=16,
        description="by the region's own names, such as temperature (C) and humidity (%)",
        examples=[{"temperature": 14.2, "humidity": 61.0}],
    ),
]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class HistoryHour(_Strict):
    time: WholeHour
    demand_mw: Annotated[float, Field(strict=True, allow_inf_nan=False, examples=[61250.0])] | None
    weather: Weather = {}


class WeatherHour(_Strict):
    time: WholeHour
    weather: Weather


class Order(_Strict):
    """A forecast with the region's active model, from stored history or from the history given here."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"region": "KR", "horizon_hours": 24},
                {
                    "region": "KR",
                    "horizon_hours": 48,
                    "as_of": "2023-10-31T00:00:00+09:00",
                    "weather": [
                        {
                            "time": "2023-10-30T15:00:00Z",
                            "weather": {"temperature": 11.5, "humidity": 78.0},
                        }
                    ],
                    "allow_fallback": False,
                },
            ]
        },
    )

    region: str = Field(pattern=r"^[A-Za-z0-9_]{1,32}$", examples=["KR"])
    horizon_hours: int = Field(default=24, strict=True, ge=1, le=MAX_HORIZON)
    as_of: Moment | None = Field(
        default=None,
        description="the moment to speak for: nothing from its hour on is known. Local time unless it has an "
        "offset. Default: the end of `history`, else now",
    )
    history: list[HistoryHour] | None = Field(
        default=None,
        min_length=1,
        max_length=MOST_DAYS * 24,
        description=f"hourly, at most {MOST_DAYS} days, each hour once; 63 days serve best, 30 are needed. "
        "Default: what the database holds",
    )
    weather: list[WeatherHour] = Field(
        default=[],
        max_length=MOST_DAYS * 24 + MOST_WEATHER_HOURS,
        description="goes before what the database or `history` says of the weather; the hours to forecast "
        "need it where the region's models read weather, unless the database has it, from the source or as "
        "it was issued, which an order with `history` does not read",
    )
    allow_fallback: bool = Field(
        default=True,
        strict=True,
        description="whether an earlier model, or a seasonal baseline, may stand in for a champion that "
        "cannot be loaded, its weatherless twin for the days of which a champion lacks the weather, and the "
        "baseline for one that cannot read demand since it turned to zero and below; the answer says so in "
        "`fallback` and `fallback_from`",
    )
    quantiles: str | None = Field(
        default=None, pattern=LEVELS_PATTERN, description=LEVELS_DESCRIPTION, examples=["all"]
    )
    paths: int = Field(
        default=0,
        strict=True,
        ge=0,
        le=MOST_PATHS,
        description="sample paths to draw: equally likely courses of demand over the hours; the same order "
        "draws the same ones",
    )

    @model_validator(mode="after")
    def _each_hour_once(self) -> Self:
        for name, rows in (("history", self.history or []), ("weather", self.weather)):
            times = {row.time for row in rows}
            if len(times) < len(rows):
                raise ValueError(f"{name} has an hour twice; give each hour once")
        return self


class OrderedHour(ForecastHour):
    """trend, seasonality and residual add up to the forecast."""

    trend_mw: Megawatts
    seasonality_mw: Megawatts
    residual_mw: Megawatts


class Delivery(BaseModel):
    """The forecast that was ordered. It is not stored."""

    region: str
    timezone: str
    as_of: datetime
    origin: datetime
    local_origin: datetime
    model_version: str = Field(description="of the first hour")
    model_age_days: float | None = Field(
        description="from the end of its training data to as_of; null for the baseline"
    )
    fallback: Fallback
    fallback_from: FallbackFrom
    fallback_reasons: list[str]
    hours: list[OrderedHour]
    days: list[DayBody] = Field(
        description="each whole local day of these hours; empty where the model says nothing of days"
    )
    paths: list[list[Megawatts]] = Field(
        description="as many as were ordered, each as long as `hours`; empty where none were, and where what "
        "made the forecast has none: a baseline, or a model that an earlier release trained"
    )
