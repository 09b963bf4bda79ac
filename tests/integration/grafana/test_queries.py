"""Every query of the dashboard, run on a real InfluxDB that holds what the trainer writes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.grafana.points import judged, said_of_day
from tests.integration.grafana.queries import DASHBOARD, PANELS, figures, run
from trainer.influx import InfluxSettings

pytestmark = pytest.mark.integration


def targets() -> list[Any]:
    return [
        pytest.param(target["query"], id=f"{name} {target['refId']}")
        for name, panel in PANELS.items()
        for target in panel["targets"]
    ]


@pytest.mark.parametrize("query", targets())
def test_every_query_of_a_panel_returns_rows(influxdb: InfluxSettings, query: str) -> None:
    assert run(influxdb, query)


def test_the_forecast_comes_as_one_series_with_its_band(influxdb: InfluxSettings) -> None:
    rows = figures(influxdb, "Forecast against actual")
    assert len(rows) == 7 * 24
    assert {(row["forecast"], row["lower"], row["upper"]) for row in rows} == {(60_000.0, 59_100.0, 60_900.0)}
    assert [row["_time"] for row in rows] == sorted(row["_time"] for row in rows)


def test_the_forecast_s_other_quantiles_come_with_it_where_it_has_them(influxdb: InfluxSettings) -> None:
    names = ("q5", "q25", "q75", "q95")
    rows = figures(influxdb, "Forecast against actual")
    assert {tuple(row[name] for name in names) for row in rows} == {(58_500.0, 59_600.0, 60_400.0, 61_500.0)}
    (*_, without) = figures(influxdb, "Forecast against actual", region="GR")
    assert not set(names) & set(without)


def test_the_other_region_s_hours_stay_out(influxdb: InfluxSettings) -> None:
    assert len(figures(influxdb, "Forecast against actual", region="GR")) == 24
    assert figures(influxdb, "Forecast against actual", 1, region="GR") == []


def test_a_product_is_chosen_beside_the_daily_forecast_and_shown_alone(influxdb: InfluxSettings) -> None:
    (variable,) = [one for one in DASHBOARD["templating"]["list"] if one["name"] == "product"]
    offered = [row["_value"] for row in run(influxdb, variable["query"]["query"])]
    assert sorted(offered) == ["(daily)", "day_ahead"]
    assert [row["_value"] for row in run(influxdb, variable["query"]["query"], region="GR")] == ["(daily)"]
    for horizon in ("day", "week"):
        shown = figures(influxdb, "Forecast against actual", product="day_ahead", horizon=horizon)
        assert [row["forecast"] for row in shown] == [70_000.0] * 24
    assert {row["_value"] for row in figures(influxdb, "MAPE", product="day_ahead")} == {9.0}
    leads = [row["lead_time"] for row in figures(influxdb, "Error by horizon", product="day_ahead")]
    assert leads == ["15 h"]


def test_a_day_s_peak_and_energy_come_with_their_bands_the_latest_day_first(influxdb: InfluxSettings) -> None:
    today, yesterday = figures(influxdb, "Peak and energy by day")
    assert (today["peak_at"], yesterday["peak_at"]) == (said_of_day(0).peak_time, said_of_day(-1).peak_time)
    assert (today["peak_lower"], today["peak"], today["peak_upper"]) == (69_000.0, 70_000.0, 71_500.0)
    watt_hours = (today["energy_lower"], today["energy"], today["energy_upper"])
    assert watt_hours == (1.48e12, 1.5e12, 1.52e12)


def test_a_day_without_bands_is_shown_without_them(influxdb: InfluxSettings) -> None:
    (day,) = figures(influxdb, "Peak and energy by day", product="day_ahead")
    assert (day["peak"], day.get("peak_lower"), day.get("energy_upper")) == (70_000.0, None, None)


def test_components_add_up_to_the_forecast(influxdb: InfluxSettings) -> None:
    sums = {row["trend"] + row["seasonality"] + row["residual"] for row in figures(influxdb, "Components")}
    assert sums == {60_000.0}


def test_the_error_by_horizon_runs_from_1_to_24_hours_in_order(influxdb: InfluxSettings) -> None:
    rows = figures(influxdb, "Error by horizon")
    assert [row["lead_time"] for row in rows] == [f"{lead} h" for lead in range(1, 25)]
    assert [row["mape"] for row in rows] == pytest.approx([1.5 + lead / 10 for lead in range(1, 25)])


def test_the_accuracy_figures_are_those_of_all_lead_times(influxdb: InfluxSettings) -> None:
    values = {name: figures(influxdb, name)[-1]["_value"] for name in ("MAPE", "MAE", "RMSE", "CRPS", "R²")}
    assert values == {"MAPE": 1.5, "MAE": 900.0, "RMSE": 1000.0, "CRPS": 650.0, "R²": 0.97}


def test_errors_in_mw_are_judged_against_mean_demand(influxdb: InfluxSettings) -> None:
    for name in ("MAE", "RMSE", "CRPS"):
        assert [row["demand"] for row in figures(influxdb, name, 1)] == [60_500.0]


def test_the_error_is_told_only_of_hours_that_have_both(influxdb: InfluxSettings) -> None:
    rows = figures(influxdb, "Forecast minus actual")
    assert len(rows) == 6 * 24
    assert {row["error"] for row in rows} == {-500.0}


def test_a_rejected_candidate_is_no_champion_and_a_refit_is(influxdb: InfluxSettings) -> None:
    assert [row["version"] for row in figures(influxdb, "Champion")] == ["KR-1-refit"]


def test_the_age_of_the_model_counts_from_the_end_of_its_training(influxdb: InfluxSettings) -> None:
    (row,) = figures(influxdb, "Model age")
    assert 5 <= row["_value"] < 5.1


def test_decisions_come_newest_first_without_refits_and_with_their_runs_in_airflow_and_mlflow(
    influxdb: InfluxSettings,
) -> None:
    rows = figures(influxdb, "Decisions on models")
    assert [(row["version"], row["outcome"]) for row in rows] == [("KR-2", "rejected"), ("KR-1", "promoted")]
    assert {(row["dag"], row["run"]) for row in rows} == {
        ("weekly_retrain_KR", "manual__2026-11-01T03:00:00+00:00")
    }
    assert [row["mlflow_run_id"] for row in rows] == ["run-of-KR-2", "run-of-KR-1"]


def test_a_first_model_had_no_champion_to_be_compared_with_and_perhaps_no_mlflow(
    influxdb: InfluxSettings,
) -> None:
    (row,) = figures(influxdb, "Decisions on models", region="GR")
    assert row.get("mlflow_run_id") is None
    assert (row["version"], row["challenger_mape"], row.get("champion_mape")) == ("GR-1", 1.9, None)


def test_promotions_are_annotated_with_their_reason(influxdb: InfluxSettings) -> None:
    (annotation,) = DASHBOARD["annotations"]["list"]
    a_month = annotation["target"]["query"].replace("v.timeRangeStart", "-30d")
    (point,) = run(influxdb, a_month)
    assert point["title"] == "Promoted KR-1"
    assert point["text"] == 'MAPE 1.9 % against "2.0 %" Model age: 1 d.'


def test_the_regions_to_choose_from_are_those_with_points(influxdb: InfluxSettings) -> None:
    (variable,) = [v for v in DASHBOARD["templating"]["list"] if v["name"] == "region"]
    offered = sorted(point["_value"] for point in run(influxdb, variable["query"]["query"]))
    assert offered == ["FEEDER", "GR", "KR"]


def test_the_operator_s_own_forecast_stands_beside_ours_on_the_same_hours(influxdb: InfluxSettings) -> None:
    (record,) = run(influxdb, PANELS["Operator's own forecast"]["targets"][0]["query"])
    assert (record["operator"], record["ours"]) == (pytest.approx(2.0), pytest.approx(1.4))
    line = run(influxdb, PANELS["Forecast against actual"]["targets"][2]["query"])
    assert {point["reference"] for point in line} == {61_500.0}


def test_the_share_of_hours_measured_counts_those_of_which_nothing_came(influxdb: InfluxSettings) -> None:
    (row,) = figures(influxdb, "Demand measured")
    assert row["_value"] == pytest.approx(100 * 90 / 96)
    assert figures(influxdb, "Demand measured", region="GR") == []


def test_suspect_hours_come_in_stretches_of_one_reason_the_newest_first(influxdb: InfluxSettings) -> None:
    hours = judged().index
    told = [
        (row["first"], row["last"], row["hours"], row["reason"])
        for row in figures(influxdb, "Suspect stretches")
    ]
    assert told == [
        (hours[50], hours[50], 1, "spike"),
        (hours[12], hours[12], 1, "kW?"),
        (hours[10], hours[11], 2, "spike"),
    ]
    assert figures(influxdb, "Suspect stretches", region="GR") == []
