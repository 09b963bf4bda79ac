"""The settings of the DAGs: what is read, what is refused, and with which words."""

from __future__ import annotations

import traceback

import pytest
from pydantic import BaseModel, ValidationError

from demand_forecast.settings import Settings, SettingsError, Timeouts, environment_names, load_settings
from demand_forecast.settings.pod_settings import LightResources, PodSettings, TrainingResources
from trainer.contract import Verb


def test_without_any_variable_the_defaults_run_verbs_as_processes(configure) -> None:
    config = configure()
    assert config.runtime == "local"
    assert config.notify_urls == ()


def test_nested_variables_reach_the_pod(configure) -> None:
    config = configure(
        POD__NAMESPACE="power",
        POD__NODE_SELECTOR='{"pool": "cpu"}',
        POD__TRAINING__CPU="8",
        TIMEOUT_MINUTES__TRAIN="7",
    )
    assert config.pod.namespace == "power"
    assert config.pod.node_selector == {"pool": "cpu"}
    assert config.pod.training.cpu == "8"
    assert config.timeout_minutes.of(Verb.TRAIN).total_seconds() == 7 * 60


def test_one_overridden_resource_leaves_the_others_at_their_defaults(configure) -> None:
    config = configure(POD__TRAINING__MEMORY="64Gi")
    assert config.pod.training == TrainingResources(cpu="4", memory="64Gi", ephemeral_storage="10Gi")


def test_an_unknown_variable_is_refused_with_the_nearest_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEMAND_FORECAST_POD__IMGAE", "registry.example/trainer:1")
    with pytest.raises(
        SettingsError, match="POD__IMGAE is no setting; did you mean DEMAND_FORECAST_POD__IMAGE"
    ):
        load_settings()


def test_variables_of_the_trainer_and_of_the_stack_are_no_typing_errors(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DEMAND_FORECAST_POSTGRES_URL", "postgresql://localhost/x")
    monkeypatch.setenv("DEMAND_FORECAST_STACK_STATE", "/tmp/x")
    load_settings()


def test_the_settings_cannot_be_changed(configure) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        configure().trials = 3


@pytest.mark.parametrize(
    "image", ["trainer", "trainer:latest", "registry:5000/trainer", "registry:5000/a/b:latest"]
)
def test_an_image_without_a_version_is_refused(configure, image: str) -> None:
    with pytest.raises(ValidationError, match="name a version"):
        configure(POD__IMAGE=image)


@pytest.mark.parametrize("image", ["trainer:1.2.0", "registry:5000/trainer:1", "trainer@sha256:" + "0" * 64])
def test_an_image_with_a_version_or_a_digest_is_taken(configure, image: str) -> None:
    assert configure(POD__IMAGE=image).pod.image == image


def test_kubernetes_without_an_image_is_refused(configure) -> None:
    with pytest.raises(ValidationError, match="DEMAND_FORECAST_POD__IMAGE"):
        configure(RUNTIME="kubernetes")


def test_gpu_pods_without_a_node_selector_are_refused(configure) -> None:
    with pytest.raises(ValidationError, match="node selector beside their toleration"):
        configure(POD__GPU_NODE_SELECTOR="{}")


def test_a_quantity_that_kubernetes_would_refuse_is_refused_here(configure) -> None:
    with pytest.raises(ValidationError, match="no Kubernetes quantity"):
        configure(POD__SHM_SIZE="2 GB")


def test_pods_may_see_the_store_under_another_address(configure) -> None:
    seen = {"RUNTIME": "kubernetes", "POD__IMAGE": "trainer:1", "STORE_URL": "file:///srv/store"}
    assert configure(**seen).store_url_of_verbs == "file:///srv/store"
    assert configure(**seen, POD_STORE_URL="file:///store").store_url_of_verbs == "file:///store"


@pytest.mark.parametrize(
    "wrong",
    [
        {"NOTIFY_URLS": '"mailto://user:S3cretPw@host"'},
        {"NOTIFY_URLS": "mailto://user:S3cretPw@host"},
        {"NOTIFY_URLS": '["mailto://user:S3cretPw@host"]', "RUNTIME": "kubernetes"},
        {"POD__ENV": '["S3cretPw"]'},
        {"TIMEOUT_MINUTES__TRAIN": "S3cretPw"},
    ],
)
def test_what_airflow_shows_of_a_wrong_setting_holds_none_of_the_values(
    configure, wrong: dict[str, str]
) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - pydantic's own error, or that of its reader
        configure(**wrong)
    assert "S3cretPw" not in "".join(traceback.format_exception(refused.value))


def test_pods_are_not_shown_the_password_of_mlflow_s_address(
    configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://svc:S3cretPw@mlflow.example.org")
    with pytest.raises(ValidationError, match="MLFLOW_TRACKING_PASSWORD into the Secret") as refused:
        configure(RUNTIME="kubernetes", POD__IMAGE="trainer:1")
    assert "S3cretPw" not in str(refused.value)


def test_every_verb_has_a_timeout() -> None:
    assert all(Timeouts().of(verb).total_seconds() > 0 for verb in Verb)


@pytest.mark.parametrize("model", [Settings, PodSettings, TrainingResources, LightResources, Timeouts])
def test_every_setting_is_described(model: type[BaseModel]) -> None:
    assert [name for name, field in model.model_fields.items() if not field.description] == []


def test_every_variable_is_named_once() -> None:
    names = list(environment_names())
    assert len(names) == len(set(names))
    assert {"DEMAND_FORECAST_RUNTIME", "DEMAND_FORECAST_POD__TRAINING__MEMORY", "INFLUXDB_URL"} <= set(names)


@pytest.mark.parametrize("hours", ["0", "0,6,12,18", "23,9", "all"])
def test_hours_that_forecasts_begin_at_are_taken(configure, hours: str) -> None:
    assert configure(ORIGIN_HOURS=hours).origin_hours == hours


@pytest.mark.parametrize("hours", ["", "24", "0,", "0 6", "-1", "midnight"])
def test_hours_that_no_day_has_are_refused(configure, hours: str) -> None:
    with pytest.raises(ValidationError, match="origin_hours"):
        configure(ORIGIN_HOURS=hours)
