"""What the chart tells Airflow is what the DAGs' settings read: no name of its own, none left out."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from typing import Any

import jsonschema
import pytest

from demand_forecast.settings import Settings, environment_names, load_settings
from demand_forecast.settings.pod_settings import PodSettings
from tests.helm.chart import CHART, Render, of_kind
from trainer.contract import Env, FileSettings, Region, load_regions
from trainer.contract.ensembles import MEMBERS

FROM_ELSEWHERE = {
    *("image", "image_pull_policy", "image_pull_secrets", "namespace", "service_account", "store_claim"),
    *("store_mount_path", "postgres_secret", "study_secret", "influxdb_secret", "mlflow_secret"),
    *("priority_class", "kueue_queue", "env_from_secrets"),
}
"""Fields of PodSettings that the chart takes from its other values, where its own objects use them too."""
CHARTS_OWN = {
    *("runtime", "store_url", "pod_store_url", "pod", "python", "study_conn_id"),
    *("influxdb_url", "influxdb_org", "influxdb_bucket", "mlflow_tracking_uri"),
}
"""Fields of Settings that it sets itself, or that make no sense beside pods."""


def data(render: Render, values: str, changes: dict[str, Any] | None = None) -> dict[str, str]:
    configmaps = of_kind(render(values, changes), "ConfigMap")
    (settings,) = [
        item for item in configmaps if "checksum/settings" in item["metadata"].get("annotations", {})
    ]
    return dict(settings["data"])


@pytest.mark.parametrize("values", ["default", "minimal", "maximal"])
def test_the_settings_accept_every_variable(
    render: Render, values: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    variables = data(render, values)
    assert set(variables) <= {*environment_names(), *Env}
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert load_settings().runtime == "kubernetes"
    assert load_regions()


def test_values_arrive_as_they_were_given(render: Render, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in data(render, "maximal").items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    assert settings.pod.gpu_count == 2
    assert settings.pod.gpu_verbs == ("search", "train", "evaluate")
    assert settings.pod.gpu_node_selector == {"pool": "gpu"}, "the default selector is replaced, not added to"
    assert settings.pod.gpu_tolerations[0]["value"] == "gpu"
    assert settings.pod.training.cpu_limit == "16"
    assert settings.pod.env_from_secrets == ("object-store",)
    assert settings.pod.study_secret == "forecast-studies"
    assert settings.pod.deferrable is False
    assert settings.pod.namespace == "forecast"
    assert settings.timeout_minutes.search == 1440
    assert settings.store_url == "file:///mnt/models"
    assert settings.store_url_of_verbs == "file:///models/demand-forecast"
    assert settings.margin == 0.02
    assert settings.significance == 0.1
    assert load_regions()["KR"].weather == ("temperature", "humidity")


def test_the_chart_takes_no_number_that_the_settings_refuse() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    values = schema["properties"]["settings"]["properties"]
    bounds = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
    given = {re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", name): values[name] for name in values}
    read = Settings.model_json_schema()["properties"]
    numbers = {name for name, field in read.items() if field.get("type") in ("integer", "number")}
    assert len(numbers & set(given)) > 10
    for name in numbers & set(given):
        assert {key: given[name].get(key) for key in bounds} == {
            key: read[name].get(key) for key in bounds
        }, name


@pytest.mark.parametrize(
    ("key", "fields"),
    [
        ("pods", set(PodSettings.model_fields) - FROM_ELSEWHERE),
        ("settings", set(Settings.model_fields) - CHARTS_OWN),
    ],
)
def test_every_setting_can_be_given_by_a_value(key: str, fields: set[str]) -> None:
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    keys = schema["properties"][key]["properties"]
    assert {re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", name) for name in keys} == fields


def test_a_changed_value_changes_the_checksum_that_restarts_airflow(render: Render) -> None:
    def checksum(changes: dict[str, Any]) -> str:
        (settings,) = of_kind(render("default", changes), "ConfigMap")
        return str(settings["metadata"]["annotations"]["checksum/settings"])

    assert checksum({}) == checksum({})
    assert checksum({}) != checksum({"settings": {"trials": 7}})


def test_the_chart_takes_every_key_of_a_region() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    (region,) = schema["properties"]["regions"]["patternProperties"].values()
    known = {each.name for each in fields(Region)} - {"name", "files"} | FileSettings.keys()
    assert set(region["properties"]) == known


@pytest.mark.parametrize(
    ("where", "taken"),
    [("N", True), (7, True), (["N", 7], True), ([], False), (["N", "N"], False), ([{}], False)],
)
def test_the_chart_takes_one_value_of_where_or_several_different_ones(where: object, *, taken: bool) -> None:
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    (region,) = schema["properties"]["regions"]["patternProperties"].values()
    of_where = jsonschema.Draft202012Validator(region["properties"]["where"])
    assert of_where.is_valid({"area": where}) is taken


def test_the_chart_takes_every_member_of_an_ensemble() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    (region,) = schema["properties"]["regions"]["patternProperties"].values()
    assert region["properties"]["ensemble"]["items"]["enum"] == list(MEMBERS)
