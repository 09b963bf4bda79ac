"""Quantiles, days and sample paths of a forecast that is ordered: what the champion says of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.integration.api.orders import AS_OF
from tests.integration.api.running import Running

pytestmark = pytest.mark.integration

ALL = ["5", "10", "25", "50", "75", "90", "95"]


def ordered(api: Running, **more: Any) -> dict[str, Any]:
    answer = api.client.post("/api/predict", json={"region": "KR", "as_of": AS_OF, **more})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def refused(api: Running, **more: Any) -> list[str]:
    """Which values of the order cannot be used."""
    answer = api.client.post("/api/predict", json={"region": "KR", "as_of": AS_OF, **more})
    assert answer.status_code == 422
    return [fault["where"] for fault in answer.json()["faults"]]


def test_all_quantiles_that_the_region_asks_for_never_cross(api: Running) -> None:
    hours = ordered(api, quantiles="all")["hours"]
    assert len(hours) == 24
    for hour in hours:
        assert list(hour["quantiles"]) == ALL
        assert list(hour["quantiles"].values()) == sorted(hour["quantiles"].values())
        assert hour["quantiles"]["50"] == hour["forecast_mw"]


def test_those_ordered_are_told_and_no_others(api: Running) -> None:
    for hour in ordered(api, quantiles="90,5,2.5")["hours"]:
        assert list(hour["quantiles"]) == ["90", "5", "2.5"]
        assert hour["quantiles"]["90"] == hour["upper_mw"]
        assert hour["quantiles"]["2.5"] is None, "the region does not ask for it"
    assert all("quantiles" not in hour for hour in ordered(api)["hours"])


def test_its_whole_local_days_have_their_peak_and_energy(api: Running) -> None:
    body = ordered(api, horizon_hours=60)
    assert [day["date"] for day in body["days"]] == ["2023-10-31", "2023-11-01"], "half of a third is no day"
    for number, day in enumerate(body["days"]):
        hours = body["hours"][24 * number : 24 * (number + 1)]
        highest = max(hours, key=lambda hour: hour["forecast_mw"])
        assert (day["hours"], day["peak_mw"]) == (24, pytest.approx(highest["forecast_mw"]))
        assert (day["peak_time"], day["peak_local_time"]) == (highest["time"], highest["local_time"])
        assert day["peak_lower_mw"] <= day["peak_mw"] <= day["peak_upper_mw"]
        assert day["energy_mwh"] == pytest.approx(sum(hour["forecast_mw"] for hour in hours))
        assert day["energy_lower_mwh"] <= day["energy_mwh"] <= day["energy_upper_mwh"]


def test_paths_are_courses_over_its_hours_whose_quantiles_are_the_forecast_s(api: Running) -> None:
    body = ordered(api, horizon_hours=48, paths=100)
    paths = np.array(body["paths"])
    assert paths.shape == (100, 48)
    for name, share in (("lower_mw", 0.1), ("forecast_mw", 0.5), ("upper_mw", 0.9)):
        edge = np.array([hour[name] for hour in body["hours"]])
        # Several paths may lie on an edge.
        assert ((paths < edge - 1e-6).mean(axis=0) <= share).all()
        assert ((paths <= edge + 1e-6).mean(axis=0) >= share).all()


def test_the_same_order_draws_the_same_paths(api: Running) -> None:
    assert ordered(api, paths=3)["paths"] == ordered(api, paths=3)["paths"]


def test_none_are_drawn_where_none_are_ordered(api: Running) -> None:
    assert ordered(api)["paths"] == []


@pytest.mark.parametrize(
    "wrong", [{"quantiles": "most"}, {"quantiles": ""}, {"paths": 101}, {"paths": -1}, {"paths": "ten"}]
)
def test_what_cannot_be_ordered_is_refused_by_name(api: Running, wrong: dict[str, Any]) -> None:
    assert refused(api, **wrong) == [f"body.{name}" for name in wrong]
