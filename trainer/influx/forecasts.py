"""What is forecast, as which measurement, tags and fields: hours, shadows' hours, days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

import pandas as pd
from influxdb_client.client.influxdb_client import InfluxDBClient

from trainer.contract import Region
from trainer.contract.local_days import day_ahead_hours, midnight
from trainer.contract.quantiles import quantile_levels
from trainer.database.forecast_days import ForecastDay
from trainer.influx.points import quoted, span, write_rows
from trainer.influx.server import InfluxSettings, influx_client

FORECAST: Final = "power_demand_forecast"
DAYS: Final = "power_demand_day"
SHADOW_FORECAST: Final = "power_demand_shadow_forecast"

_FORECAST_FIELDS: Final = ("forecast", "trend", "seasonality", "residual", "lower", "upper")


def publish_forecast(
    settings: InfluxSettings, frame: pd.DataFrame, *, region: Region, product: str = ""
) -> int:
    """Publish one forecast, indexed by UTC hour: lead_time, model_version, the forecast in MW and its
    components, band and further quantiles, q5, q25 and so on (a NaN is left out). Returns the points read
    back.

    Lead times up to 24 h, 25 h where clocks go back, are of horizon class `day`, the others of `week`: a
    dashboard shows one of them. A named `product` is of the class `product` whatever its lead times, and
    bears the tag `product`, which the daily forecast is without.
    Points that another model left for the same class and hours are removed after the write, so that a
    reader always finds at least one. Raises InfrastructureError.
    """
    fields = [*_FORECAST_FIELDS, *quantile_levels(frame.columns)]
    day = day_ahead_hours(frame.index[0].to_pydatetime(), region)
    classes = frame["lead_time"].le(day).map({True: "day", False: "week"})
    if product:
        classes = pd.Series("product", index=frame.index)
    written = 0
    with influx_client(settings) as client:
        for (horizon_class, version), part in frame.groupby([classes, "model_version"]):
            tags = {
                **_tags(region, product),
                "model_version": str(version),
                "horizon_class": str(horizon_class),
            }
            written += write_rows(client, settings, FORECAST, tags, part[fields])
            _remove_other_versions(client, settings, tags, part.index)
    return written


def publish_days(
    settings: InfluxSettings,
    days: Sequence[ForecastDay],
    *,
    region: Region,
    product: str = "",
) -> int:
    """Publish peak and energy of each local day that a forecast covers whole, as one point at its beginning:
    peak, energy and their bands (MW, MWh; a band that is not known is left out), peak_time (seconds since
    1970). Returns the points read back.

    A day has one point of the daily forecast, and one of each named `product`, which bears the tag product:
    of the newest forecast that covers it. Raises InfrastructureError.
    """
    begins = [midnight(day.date, region) for day in days]
    ends = [midnight(day.date + timedelta(days=1), region) for day in days]
    figures = pd.DataFrame(
        {
            "peak": [day.peak_mw for day in days],
            "peak_lower": [day.peak_lower_mw for day in days],
            "peak_upper": [day.peak_upper_mw for day in days],
            "peak_time": [day.peak_time.timestamp() for day in days],
            "energy": [day.energy_mwh for day in days],
            "energy_lower": [day.energy_lower_mwh for day in days],
            "energy_upper": [day.energy_upper_mwh for day in days],
        },
        index=pd.DatetimeIndex(begins),
        dtype="float64",
    )
    whole = [
        day.hours * timedelta(hours=1) == end - begin
        for day, begin, end in zip(days, begins, ends, strict=True)
    ]
    if not any(whole):
        return 0
    with influx_client(settings) as client:
        return write_rows(client, settings, DAYS, _tags(region, product), figures[whole])


def publish_shadows(
    settings: InfluxSettings, frame: pd.DataFrame, *, region: Region, product: str = ""
) -> int:
    """Publish what shadows forecast from one origin, indexed by UTC hour: shadow, lead_time, and forecast,
    lower and upper in MW. Returns the points read back.

    A measurement of their own, with the tags region, shadow, role (`shadow`) and, of a named `product`,
    product: no panel of what is served can take them in. Of the daily forecast the first day's hours, so
    that an hour has one point of each shadow. Raises InfrastructureError.
    """
    if not product:
        frame = frame[frame["lead_time"] <= day_ahead_hours(frame["origin"].iloc[0].to_pydatetime(), region)]
    written = 0
    with influx_client(settings) as client:
        for shadow, part in frame.groupby("shadow"):
            tags = {**_tags(region, product), "shadow": str(shadow), "role": "shadow"}
            figures = part[["forecast", "lower", "upper"]]
            written += write_rows(client, settings, SHADOW_FORECAST, tags, figures)
    return written


def _tags(region: Region, product: str) -> dict[str, str]:
    """Of whatever a product forecasts; the daily forecast, which has no name, is without that tag."""
    return {"region": region.name, **({"product": product} if product else {})}


def _remove_other_versions(
    client: InfluxDBClient, settings: InfluxSettings, tags: Mapping[str, str], hours: pd.Index[Any]
) -> None:
    between = span(int(hours[0].timestamp()), int(hours[-1].timestamp()))
    tables = client.query_api().query(
        """
        from(bucket: params_bucket) |> range(start: params_start, stop: params_stop)
        |> filter(fn: (r) => r._measurement == params_measurement and r._field == "forecast"
            and r.region == params_region and r.horizon_class == params_horizon_class
            and r.model_version != params_model_version
            and (if exists r.product then r.product else "") == params_product)
        |> group(columns: ["model_version"]) |> first() |> keep(columns: ["model_version"])
        """,
        params={
            **{f"params_{name}": value for name, value in tags.items()},
            "params_bucket": settings.bucket,
            "params_measurement": FORECAST,
            "params_product": tags.get("product", ""),
            **between,
        },
    )
    for version in sorted({record["model_version"] for table in tables for record in table.records}):
        # The delete API knows neither `!=` nor parameters: one call per version, quoted by hand.
        wanted = {**tags, "_measurement": FORECAST, "model_version": version}
        predicate = " AND ".join(f"{name}={quoted(value)}" for name, value in wanted.items())
        client.delete_api().delete(
            between["params_start"], between["params_stop"], predicate, bucket=settings.bucket
        )
