"""What the read routes answer with. Units are in the names; `null` where a figure is not known, never NaN."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

Fallback = Literal["none", "weatherless", "previous", "baseline"]
Megawatts = Annotated[float, Field(allow_inf_nan=False, examples=[64210.5])]

QuantilesOfHour = Annotated[
    dict[str, Megawatts | None] | None,
    Field(
        description="MW by level in percent, where `quantiles` asks for them; null for a level that the "
        "hour's forecast does not have",
        examples=[{"5": 62890.0, "95": 65610.5}],
        exclude_if=lambda found: found is None,
    ),
]
Percent = Annotated[float | None, Field(description="null where demand is zero or below at one of the hours")]


class RegionBody(BaseModel):
    name: str = Field(examples=["KR"])
    title: str = Field(examples=["South Korea"])
    timezone: str = Field(examples=["Asia/Seoul"])
    country: str = Field(examples=["KR"])
    weather: list[str] = Field(examples=[["temperature", "humidity"]])
    """Weather columns that the region's models read."""
    products: list[str] = Field(examples=[["day_ahead"]])
    """Its named forecasts, the main one first, beside the daily one."""


class RegionsBody(BaseModel):
    regions: list[RegionBody]


class SummaryBody(BaseModel):
    """How a region stands, in one line; null where there is nothing of it yet."""

    region: str = Field(examples=["KR"])
    timezone: str = Field(examples=["Asia/Seoul"])
    origin: datetime | None = Field(description="first hour of the newest forecast, UTC")
    until: datetime | None = Field(description="end of its last hour, UTC")
    model_version: str | None = Field(description="what made it")
    fallback: Fallback | None
    last_actual: datetime | None = Field(description="the last hour whose demand is known and believed, UTC")
    scored_hours: int = Field(ge=0, description="of the last 7 scored days, which the errors are of")
    mae_mw: Megawatts | None
    mape_percent: Percent
    champion: str | None = Field(examples=["KR-20231029T1500-1a2b3c4d"])
    trained_to: datetime | None = Field(description="end of the champion's training data")
    suspect_hours: int = Field(ge=0, description="of the 14 days up to the last hour that is judged")
    owed: int = Field(ge=0, description="deliveries to InfluxDB; see /delivery")


class Hour(BaseModel):
    """One hour, named by its beginning."""

    time: datetime = Field(description="UTC", examples=["2023-10-30T15:00:00Z"])
    local_time: datetime = Field(
        description="the same moment in the region's timezone", examples=["2023-10-31T00:00:00+09:00"]
    )


class ForecastHour(Hour):
    lead_time_hours: int = Field(ge=1, le=168)
    forecast_mw: Megawatts
    lower_mw: Megawatts | None = Field(description="lower edge of the 80 % band")
    upper_mw: Megawatts | None = Field(description="upper edge of the 80 % band")
    quantiles: QuantilesOfHour = None


class PublishedHour(ForecastHour):
    reference_mw: Megawatts | None = Field(description="the grid operator's own forecast, where it is known")


class DayBody(BaseModel):
    """What a forecast says of one whole local day. The bands are of 80 %, from sample paths rather than from
    those of its hours; null where they are not known."""

    date: date
    hours: int = Field(ge=1, le=25, description="of the day: 23 to 25")
    peak_mw: Megawatts = Field(description="the highest hour of the day")
    peak_lower_mw: Megawatts | None
    peak_upper_mw: Megawatts | None
    peak_time: datetime = Field(description="beginning of that hour, UTC")
    peak_local_time: datetime
    energy_mwh: float = Field(description="of the day", examples=[1490210.0])
    energy_lower_mwh: float | None
    energy_upper_mwh: float | None


class ForecastBody(BaseModel):
    """One forecast as it was made and published."""

    region: str = Field(examples=["KR"])
    timezone: str = Field(examples=["Asia/Seoul"])
    origin: datetime = Field(description="first hour of the forecast, UTC; nothing from it on was known")
    local_origin: datetime
    model_version: str = Field(examples=["KR-20231029T1500-1a2b3c4d"])
    fallback: Fallback = Field(description="none: the champion made it; else what stood in for it")
    run_id: str
    created_at: datetime
    hours: list[PublishedHour]
    days: list[DayBody] = Field(
        description="its whole local days; empty where the model says nothing of them"
    )


class ComponentsHour(PublishedHour):
    """trend, seasonality and residual add up to the forecast; null where a baseline stood in."""

    origin: datetime
    trend_mw: Megawatts | None
    seasonality_mw: Megawatts | None
    residual_mw: Megawatts | None
    actual_mw: Megawatts | None = Field(description="null while it has not arrived")
    model_version: str
    fallback: Fallback


class ComponentsBody(BaseModel):
    region: str
    timezone: str
    date: date
    hours: list[ComponentsHour] = Field(
        description="23 to 25 hours of the local day, each from the newest forecast of it; empty if none"
    )


class ActualHour(Hour):
    actual_mw: Megawatts | None
    forecast_mw: Megawatts | None
    lower_mw: Megawatts | None
    upper_mw: Megawatts | None
    reference_mw: Megawatts | None = Field(description="the grid operator's own forecast, where it is known")
    error_mw: Megawatts | None = Field(description="forecast minus actual")
    quantiles: QuantilesOfHour = None
    lead_time_hours: int | None
    model_version: str | None
    fallback: Fallback | None


class ActualsBody(BaseModel):
    """Hours with an actual, a forecast, or both; each with the newest forecast of it."""

    region: str
    timezone: str
    start: datetime
    end: datetime = Field(description="excluded")
    hours: list[ActualHour]


class BesideReference(BaseModel):
    """The grid operator's own forecast and ours, over the hours of which both are known."""

    hours: int = Field(ge=1)
    reference_mae_mw: Megawatts
    reference_mape_percent: Percent
    mae_mw: Megawatts
    mape_percent: Percent


class Accuracy(BaseModel):
    """Errors over `hours` pairs of forecast and actual. mse is in MW squared."""

    hours: int = Field(ge=1)
    mae_mw: Megawatts
    mse_mw2: float
    rmse_mw: Megawatts
    mape_percent: Percent
    smape_percent: Percent
    rmae: float | None = Field(
        description="MAE over that of the seasonal naive forecast (168 h) on the same hours; null where that "
        "is not known"
    )
    crps_mw: Megawatts | None = Field(
        description="continuous ranked probability score: twice the mean pinball loss of all quantiles, "
        "which of the median alone is the MAE; null where the forecasts have no more than the band"
    )
    beside_reference: BesideReference | None = Field(
        description="null where the grid operator's own forecast is known of none of the hours"
    )


class DayAccuracy(Accuracy):
    """One local day's forecasts up to 24 h ahead by one model version."""

    date: date
    model_version: str
    r2: float | None = Field(description="null where demand was constant")


class LeadTimeAccuracy(Accuracy):
    lead_time_hours: int = Field(ge=1, le=168)


class RollingAccuracy(Accuracy):
    days: int = Field(description="local days of the window that ends with `until`")


class PerformanceBody(BaseModel):
    region: str
    timezone: str
    start: date | None = Field(description="first local day asked for; null while nothing is scored")
    until: date | None = Field(description="last local day that is scored; `days` count back from it")
    by_day: list[DayAccuracy]
    by_lead_time: list[LeadTimeAccuracy] = Field(description="all the days together, hour by hour ahead")
    rolling: list[RollingAccuracy] = Field(description="the last 1, 7, 28 and `days` days")


class SuspectStretch(BaseModel):
    """Hours in a row whose demand is not believed, for one reason; UTC, both ends included."""

    first: datetime
    last: datetime
    hours: int = Field(ge=1)
    reason: str = Field(examples=["spike: far outside of what is usual at that hour"])


class QualityBody(BaseModel):
    """How much of the demand of 14 days was measured."""

    region: str
    timezone: str
    last: datetime | None = Field(description="the last hour that is judged, UTC; null where none is stored")
    hours: int = Field(
        ge=0, description="hours looked at: 14 days up to `last`, fewer where the series begins"
    )
    measured_share: float | None = Field(ge=0, le=1, description="of these hours; null where there are none")
    suspect: list[SuspectStretch] = Field(description="newest first, at most 50")


class DeliveryBody(BaseModel):
    """How far InfluxDB, where dashboards read, is behind PostgreSQL. Each run delivers what is owed."""

    region: str
    timezone: str
    owed: int = Field(
        ge=0,
        description="deliveries: forecasts, UTC months of demand, scored days, the decisions; 0 also where "
        "there is no InfluxDB",
    )
    hours: int = Field(
        ge=0, description="of forecasts and of demand in them; a month of demand is delivered whole"
    )
    since: datetime | None = Field(
        description="when the oldest of them came to be owed, UTC; null where nothing is"
    )


class DeploymentBody(BaseModel):
    """One decision on one run's model, with its reason."""

    id: int
    version: str
    run_id: str
    status: Literal["active", "archived", "rejected"] = Field(
        description="active: the champion; archived: was champion; rejected: lost against it"
    )
    reason: str = Field(examples=["MAPE 1.49 % is 8.2 % better than the champion's 1.62 %"])
    metrics: dict[str, Any] = Field(
        description="challenger's and champion's figures on the same hours; beside_reference: on the hours "
        "of which the grid operator's own forecast is known, its figures and ours, where there are any"
    )
    mlflow_run_id: str | None = Field(description="of its training; null without MLflow")
    trained_from: datetime | None
    trained_to: datetime | None
    decided_at: datetime
    archived_at: datetime | None
    parent: str | None = Field(description="of a refit: the champion that it brought up to date")
    judged_version: str | None = Field(
        description="of a refit: the version that was judged on held-out days, whose networks it carries"
    )


class ModelsBody(BaseModel):
    region: str
    champion: DeploymentBody | None
    deployments: list[DeploymentBody] = Field(
        description="every decision, newest first; the champion may be a refit of one"
    )
    next_before: int | None = Field(description="give it as `before` for older ones; null at the end")
