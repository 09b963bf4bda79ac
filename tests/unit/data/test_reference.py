"""The grid operator's own forecast: read beside demand, in MW by the hour, and never taken for demand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.unit.data.canonical_frames import PLAIN, TWO_WEEKS, kinds, read, same
from tests.unit.data.series import NOW, naive
from trainer.data.validation import canonical


@pytest.fixture
def rows() -> pd.DataFrame:
    """Two weeks as a file has them, `reference` 2 % above demand."""
    rows = naive(TWO_WEEKS, PLAIN)
    return rows.assign(reference=rows["demand"] * 1.02)


def test_a_column_of_that_name_is_kept_beside_demand(rows: pd.DataFrame) -> None:
    history, report = read(rows)
    assert history["reference"].to_numpy() == pytest.approx(TWO_WEEKS["demand"].to_numpy() * 1.02)
    assert report.reference_hours == len(TWO_WEEKS)
    assert "the grid operator's own forecast: 336 hours" in report.lines()


def test_the_region_s_columns_name_any_other_header(rows: pd.DataFrame) -> None:
    region = replace(PLAIN, columns={"Day-ahead forecast": "reference"})
    history = canonical(rows.rename(columns={"reference": "Day-ahead forecast"}), region, now=NOW).frame
    assert history["reference"].notna().all()


def test_a_source_without_one_has_no_such_column(rows: pd.DataFrame) -> None:
    history, report = read(rows.drop(columns="reference"))
    assert list(history) == ["demand"]
    assert report.reference_hours == 0


@pytest.mark.parametrize(
    ("demand", "reference", "factor"),
    [
        ("demand (kW)", "reference", 1e-3),
        ("demand", "reference (GW)", 1e3),
        ("demand (kW)", "reference (MW)", 1.0),
    ],
)
def test_its_unit_is_its_header_s_or_else_demand_s(
    rows: pd.DataFrame, demand: str, reference: str, factor: float
) -> None:
    history, _ = read(rows.rename(columns={"demand": demand, "reference": reference}))
    assert history["reference"].iloc[0] == pytest.approx(rows["reference"].iloc[0] * factor)


@pytest.mark.parametrize(("header", "first"), [("reference", 201.0), ("reference (MW)", 100.5)])
def test_finer_rows_are_averaged_and_energy_becomes_power(header: str, first: float) -> None:
    halves = pd.date_range("2024-03-01", periods=96, freq="30min")
    values = np.arange(96.0) + 100
    history, _ = read(pd.DataFrame({"time": halves, "demand (MWh)": values, header: values}))
    assert history["reference"].iloc[0] == first


def test_no_value_of_it_is_judged(rows: pd.DataFrame) -> None:
    rows.loc[100:200, "reference"] = 0.0
    rows.loc[210, "reference"] = -9e9
    found = canonical(rows, PLAIN, now=NOW)
    assert (found.judged["verdict"] == "measured").all()
    assert found.frame["reference"].iloc[210] == -9e9


def test_the_hours_to_come_keep_it(rows: pd.DataFrame) -> None:
    as_of = TWO_WEEKS.index[-24].to_pydatetime()
    history = canonical(rows, PLAIN, as_of=as_of, now=NOW).frame
    assert history["demand"].iloc[-24:].isna().all()
    assert history["reference"].notna().all()


def test_copies_that_differ_in_it_alone_leave_the_demand_measured(rows: pd.DataFrame) -> None:
    again = rows.iloc[[10, 11]].assign(reference=[1.0, np.nan])
    found = canonical(pd.concat([rows, again], ignore_index=True), PLAIN, now=NOW)
    same(found.frame[["demand"]], TWO_WEEKS)
    assert np.isnan(found.frame["reference"].iloc[10])
    assert found.frame["reference"].iloc[11] == rows["reference"][11]


def test_a_column_without_a_number_is_told_of_and_refuses_nothing(rows: pd.DataFrame) -> None:
    history, report = read(rows.assign(reference="n/e"))
    same(history[["demand"]], TWO_WEEKS)
    assert report.reference_hours == 0
    assert kinds(report) == ["reference"]
