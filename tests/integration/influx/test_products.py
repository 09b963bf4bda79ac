"""Points of named forecasts bear their name, and leave those of the daily one alone: on a real server."""

from __future__ import annotations

import pytest

from tests.integration.influx.published import REGIONS, forecast, stored
from tests.integration.influx.test_published_scores_and_decisions import scored
from trainer.influx import InfluxSettings, publish_forecast, publish_metrics

pytestmark = pytest.mark.integration

GREECE = REGIONS["GR"]


def levels(settings: InfluxSettings) -> set[tuple[str | None, str, str, float]]:
    """(product, class, version, first hour's MW) of each series of forecasts."""
    points = [one for one in stored(settings, "power_demand_forecast") if one["_field"] == "forecast"]
    first = min(point["_time"] for point in points)
    return {
        (point.get("product"), point["horizon_class"], point["model_version"], point["_value"])
        for point in points
        if point["_time"] == first
    }


def test_a_named_forecast_of_the_same_model_and_hours_stands_beside_the_daily_one(
    settings: InfluxSettings,
) -> None:
    for product, level in (("", 5000.0), ("day_ahead", 5100.0), ("week", 5200.0)):
        frame = forecast("GR-1", level=level)
        assert publish_forecast(settings, frame, region=GREECE, product=product) == 24
    again = forecast("GR-1", level=5300.0)
    publish_forecast(settings, again, region=GREECE)
    assert levels(settings) == {
        (None, "day", "GR-1", 5300.0),
        ("day_ahead", "product", "GR-1", 5100.0),
        ("week", "product", "GR-1", 5200.0),
    }


def test_another_model_takes_the_place_of_its_own_product_s_points_alone(settings: InfluxSettings) -> None:
    for product in ("", "day_ahead", "week"):
        publish_forecast(settings, forecast("GR-1"), region=GREECE, product=product)
    publish_forecast(settings, forecast("GR-2"), region=GREECE, product="week")
    publish_forecast(settings, forecast("GR-3"), region=GREECE)
    assert {(product, version) for product, _, version, _ in levels(settings)} == {
        (None, "GR-3"),
        ("day_ahead", "GR-1"),
        ("week", "GR-2"),
    }


def test_lead_times_of_two_days_are_of_one_class(settings: InfluxSettings) -> None:
    publish_forecast(settings, forecast("GR-1", hours=48), region=GREECE, product="week")
    points = stored(settings, "power_demand_forecast")
    assert {point["horizon_class"] for point in points} == {"product"}


def test_scores_of_one_window_and_model_are_told_apart_by_product(settings: InfluxSettings) -> None:
    rows = [scored(mape=1.0), scored(product="day_ahead", mape=2.0), scored(product="week", mape=3.0)]
    assert publish_metrics(settings, rows) == 3
    assert publish_metrics(settings, rows) == 3
    points = [point for point in stored(settings, "forecast_metrics") if point["_field"] == "mape"]
    assert {point.get("product"): point["_value"] for point in points} == {
        None: 1.0,
        "day_ahead": 2.0,
        "week": 3.0,
    }
