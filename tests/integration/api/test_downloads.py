"""Hours as CSV: the same as in JSON, a line each, under the same names."""

from __future__ import annotations

import csv
import io
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.integration

LATEST = ("/api/predictions/latest", {"region": "KR"})
COMPONENTS = ("/api/predictions/components", {"region": "KR", "date": "2023-10-31"})
ACTUALS = (
    "/api/actual-vs-forecast",
    {"region": "KR", "start": "2023-10-30T00:00", "end": "2023-11-01T00:00"},
)


def lines(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


@pytest.mark.parametrize(("path", "asked"), [LATEST, COMPONENTS, ACTUALS])
def test_each_hour_is_a_line_with_the_figures_that_json_has(
    reader: httpx.Client, path: str, asked: dict[str, str]
) -> None:
    hours: list[dict[str, Any]] = reader.get(path, params=asked).json()["hours"]
    found = lines(reader.get(path, params={**asked, "format": "csv"}))
    assert found == [
        {name: "" if value is None else str(value) for name, value in hour.items()} for hour in hours
    ]


def test_a_product_s_file_is_named_for_it(reader: httpx.Client) -> None:
    asked = {"region": "KR", "product": "day_ahead", "format": "csv"}
    answer = reader.get("/api/predictions/latest", params=asked)
    assert len(lines(answer)) == 24
    said = answer.headers["content-disposition"]
    assert said == 'attachment; filename="KR_day_ahead_forecast_2023-10-30.csv"'


@pytest.mark.parametrize(
    ("path", "asked", "name"),
    [
        (*LATEST, "KR_forecast_2023-10-31"),
        (*COMPONENTS, "KR_components_2023-10-31"),
        (*ACTUALS, "KR_actual-vs-forecast_2023-10-30"),
    ],
)
def test_a_file_is_named_for_its_first_local_day(
    reader: httpx.Client, path: str, asked: dict[str, str], name: str
) -> None:
    answer = reader.get(path, params={**asked, "format": "csv"})
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}.csv"'


def test_without_hours_the_file_has_its_header(reader: httpx.Client) -> None:
    path, asked = COMPONENTS
    answer = reader.get(path, params={**asked, "date": "2019-01-01", "format": "csv"})
    assert lines(answer) == []
    assert answer.text.startswith("time,local_time,lead_time_hours,forecast_mw,")


def test_another_format_is_refused_by_name(reader: httpx.Client) -> None:
    path, asked = LATEST
    answer = reader.get(path, params={**asked, "format": "xml"})
    assert answer.status_code == 422
    assert "format" in answer.text


def test_a_refusal_stays_a_problem_in_json(reader: httpx.Client) -> None:
    answer = reader.get("/api/predictions/latest", params={"region": "XX", "format": "csv"})
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
