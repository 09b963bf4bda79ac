"""The dashboard as a file: what Grafana understands, and what a reader of it needs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

REPOSITORY = Path(__file__).parents[3]
DASHBOARD: dict[str, Any] = json.loads((REPOSITORY / "grafana/dashboards/power-demand.json").read_text())
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
UNTYPED = {
    ".annotations.list[0].mappings",
    ".annotations.list[0].target.refId",
    ".annotations.list[0].target.query",
}
"""Grafana's schema leaves an annotation's query to the data source."""


def title(panel: dict[str, Any]) -> str:
    return str(panel["title"])


def differences(ours: Any, theirs: Any, place: str = "") -> Iterator[str]:
    """Where `theirs` lacks or changes something of `ours`."""
    if isinstance(ours, dict):
        for key, value in ours.items():
            known = isinstance(theirs, dict) and key in theirs
            yield from differences(value, theirs[key], f"{place}.{key}") if known else [f"{place}.{key}"]
    elif isinstance(ours, list):
        if len(ours) != len(theirs):
            yield place
        for number, (mine, its) in enumerate(zip(ours, theirs, strict=False)):
            yield from differences(mine, its, f"{place}[{number}]")
    elif ours != theirs:
        yield place


def test_grafana_s_own_types_read_the_dashboard_and_lose_nothing_of_it() -> None:
    register_default_plugins()

    read = json.loads(json.dumps(Dashboard.from_json(DASHBOARD), cls=JSONEncoder))

    assert set(differences(DASHBOARD, read)) == UNTYPED


def test_the_two_forms_of_one_panel_are_told_apart() -> None:
    assert list(differences({"a": [{"b": 1}]}, {"a": [{"b": 2}]})) == [".a[0].b"]
    assert list(differences({"a": 1}, {})) == [".a"]


@pytest.mark.parametrize("panel", PANELS, ids=title)
def test_a_panel_says_what_it_shows_in_which_unit_and_what_when_there_is_nothing(
    panel: dict[str, Any],
) -> None:
    defaults = panel["fieldConfig"]["defaults"]
    units = {defaults.get("unit")} | {
        prop["value"]
        for override in panel["fieldConfig"]["overrides"]
        for prop in override["properties"]
        if prop["id"] == "unit"
    }
    assert panel["description"].endswith(".")
    assert units - {None} <= {"megwatt", "watth", "percent", "d", "h", "none"}
    assert units - {None}
    assert defaults["noValue"]


@pytest.mark.parametrize(
    "panel", [panel for panel in PANELS if panel["type"] in ("timeseries", "barchart")], ids=title
)
def test_a_chart_has_a_legend_and_names_its_axis(panel: dict[str, Any]) -> None:
    assert panel["options"]["legend"]["showLegend"] is True
    labels = [panel["fieldConfig"]["defaults"]["custom"]["axisLabel"]] + [
        prop["value"]
        for override in panel["fieldConfig"]["overrides"]
        for prop in override["properties"]
        if prop["id"] == "custom.axisLabel"
    ]
    assert any(labels)


def test_the_figures_of_accuracy_have_thresholds() -> None:
    stats = {title(panel): panel for panel in PANELS if panel["type"] == "stat"}
    for name in ("MAPE", "MAE", "RMSE", "CRPS", "R²"):
        steps = stats[name]["fieldConfig"]["defaults"]["thresholds"]["steps"]
        assert {step["color"] for step in steps} == {"green", "#EAB839", "red"}


def test_each_band_of_the_fan_is_filled_between_its_own_two_edges() -> None:
    (chart,) = [panel for panel in PANELS if title(panel) == "Forecast against actual"]
    overrides = {
        override["matcher"]["options"]: {prop["id"]: prop["value"] for prop in override["properties"]}
        for override in chart["fieldConfig"]["overrides"]
    }
    names = {field: properties["displayName"] for field, properties in overrides.items()}
    filled = {
        field: properties["custom.fillBelowTo"]
        for field, properties in overrides.items()
        if "custom.fillBelowTo" in properties
    }
    assert filled == {"upper": names["lower"], "q95": names["q5"], "q75": names["q25"]}
    query = chart["targets"][0]["query"]
    assert all(f'"{field}"' in query for field in ("lower", "upper", "q5", "q25", "q75", "q95"))


def test_panels_have_numbers_of_their_own_and_do_not_overlap() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert max(x for x, _ in cells) < 24
        assert not cells & taken
        taken |= cells
    numbers = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(numbers) == len(set(numbers))


def test_every_variable_that_is_used_exists() -> None:
    names = {variable["name"] for variable in DASHBOARD["templating"]["list"]}
    used = set(re.findall(r"\$\{(\w+)", json.dumps(DASHBOARD))) - {"__field", "__data"}
    assert used == names == {"region", "product", "horizon", "airflow_url", "mlflow_url"}


def test_runs_and_models_are_one_click_away() -> None:
    urls = re.findall(r'"url": "([^"]+)"', json.dumps(DASHBOARD))
    assert any(url.startswith("${airflow_url}/dags/${__data.fields.dag") for url in urls)
    assert any(url.startswith("${mlflow_url}/#/models/power-demand-hybrid-${region}") for url in urls)
    assert any(url.startswith("${mlflow_url}/#/runs/${__data.fields.mlflow_run_id") for url in urls)
