"""Of several columns the one that a person would take is proposed; where two are as likely, it is asked."""

from __future__ import annotations

import pytest

from trainer.data.tables.likely_columns import likely_demand, likely_times


@pytest.mark.parametrize(
    ("headers", "demand"),
    [
        (["Forecast AIL", "Actual AIL"], "Actual AIL"),
        (["MTLF (MWh)", "ActualLoad (MWh)"], "ActualLoad (MWh)"),
        (["EJECUTADO", "PROG. DIARIA", "PROG. SEMANAL"], "EJECUTADO"),
        (["Demanda Real [MW]", "Demanda Programada [MW]"], "Demanda Real [MW]"),
        (["Dobowa prognoza zapotrzebowania", "Rzeczywiste zapotrzebowanie"], "Rzeczywiste zapotrzebowanie"),
        (["Last [MW]", "Prognose [MW]"], "Last [MW]"),
        (["totalload", "mostrecentforecast", "dayaheadforecast"], "totalload"),
        (["Tarbimine", "Planeeritud tarbimine"], "Tarbimine"),
        (["Генерация факт", "Потребление план", "Потребление факт"], "Потребление факт"),
        (["エリア需要", "合計", "太陽光発電実績"], "エリア需要"),
        (["Residual Demand", "Contracted Forecast", "Contracted Demand"], "Contracted Demand"),
        (["National Hourly Demand", "Western Region Hourly Demand"], "National Hourly Demand"),
        (["production", "consumption"], "consumption"),
        (["ACTUAL_POOL_PRICE", "ACTUAL_AIL", "DAY_AHEAD_FORECASTED_AIL"], "ACTUAL_AIL"),
        (["Demand (GWh)", "Demand ($)"], "Demand (GWh)"),
        (["Consumption", "Consumption gas [MWh]"], "Consumption"),
        (["Electric load", "Heat load [MW]"], "Electric load"),
        (["Load", "Load last week"], "Load"),
        (["Load_est", "Load_act"], "Load_act"),
        (["Demand", "Number of consumers"], "Demand"),
        (["Load", "Load [MW]"], "Load [MW]"),
        (["Measured load", "Modelled load"], "Measured load"),
        (["Cooling load", "Electric load"], "Electric load"),
        (["quantity [MW]", "mRID"], "quantity [MW]"),
    ],
)
def test_the_column_that_speaks_of_measured_demand_is_likely(headers: list[str], demand: str) -> None:
    assert likely_demand(headers) == [demand]


@pytest.mark.parametrize(
    "headers",
    [
        ["NI Demand", "IE Demand"],
        ["North", "South"],
        ["Load A [MW]", "Load B"],
        ["Demand", "Total demand of sector A"],
        ["Power", "Heat demand"],
        ["Payload", "Frames"],
        ["Wind", "Wind forecast"],
        ["Bruttó rendszerterhelés", "Nettó rendszerterhelés"],
    ],
)
def test_where_nothing_tells_or_several_are_alike_none_is_preferred(headers: list[str]) -> None:
    assert len(likely_demand(headers)) != 1


@pytest.mark.parametrize(
    ("headers", "time"),
    [
        (["Date_Begin_GMT", "Date_Begin_Local"], "Date_Begin_GMT"),
        (["Start time UTC", "End time UTC", "Start time UTC+03:00"], "Start time UTC"),
        (["date_heure", "record_timestamp"], "date_heure"),
        (["RUN_TIME", "TIME_INTERVAL"], "TIME_INTERVAL"),
        (["von", "bis"], "von"),
    ],
)
def test_the_row_s_own_time_is_likely(headers: list[str], time: str) -> None:
    assert likely_times(headers, with_clock=headers) == [time]


def test_whole_times_go_before_their_days() -> None:
    assert likely_times(["Day", "Interval"], with_clock=["Interval"]) == ["Interval"]


def test_two_times_that_nothing_tells_apart_stay() -> None:
    assert len(likely_times(["local", "period"], with_clock=["local", "period"])) > 1
