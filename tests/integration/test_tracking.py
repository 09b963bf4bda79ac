"""MLflow sees the run, its figures and its model; and when it does not answer, the run does not notice."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import mlflow
import pytest

from trainer.observers.tracking import (
    EXPERIMENT,
    Tracker,
    move_champion_alias,
    registered_model,
    training_tracker,
)

pytestmark = pytest.mark.integration


@pytest.fixture
def client(mlflow_uri: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[mlflow.MlflowClient]:
    """At its end nothing runs any more, so that no later test goes on with a run of this one."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow_uri)
    client = mlflow.MlflowClient(tracking_uri=mlflow_uri)
    yield client
    experiment = client.get_experiment_by_name(EXPERIMENT)
    for run in client.search_runs([experiment.experiment_id], "attributes.status = 'RUNNING'"):
        client.set_terminated(run.info.run_id)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    (tmp_path / "config.json").write_text("{}")
    return tmp_path


def started(run_id: str = "weekly/1", training: str = "a", region: str = "T") -> Tracker:
    return training_tracker("weekly_retrain_20231029", region=region, run_id=run_id, training=training)


def test_a_training_that_was_killed_goes_on_in_its_run(client: mlflow.MlflowClient) -> None:
    killed = started()
    killed.parameters({"epochs": 2})
    killed.metrics({"train_loss": 0.3}, step=1)
    again = started()
    again.parameters({"epochs": 2})
    again.metrics({"train_loss": 0.2}, step=2)
    assert again.run_id == killed.run_id
    assert [m.step for m in client.get_metric_history(str(again.run_id), "train_loss")] == [1, 2]


def test_a_killed_run_that_trained_otherwise_is_ended_as_killed(client: mlflow.MlflowClient) -> None:
    killed, other_region = started(training="a"), started(training="a", region="U")
    again = started(training="b")
    assert again.run_id != killed.run_id
    assert client.get_run(str(killed.run_id)).info.status == "KILLED"
    assert client.get_run(str(other_region.run_id)).info.status == "RUNNING"


def test_a_run_carries_parameters_losses_by_epoch_and_the_model(
    client: mlflow.MlflowClient, model: Path
) -> None:
    run = started()
    run.parameters({"epochs": 2})
    for epoch, loss in enumerate((0.3, 0.2), start=1):
        run.metrics({"train_loss": loss, "validation_loss": None}, step=epoch)
    run.files(model, "model")
    run.end(failed=False)
    seen = client.get_run(str(run.run_id))
    assert seen.info.run_name == "weekly_retrain_20231029"
    assert seen.info.status == "FINISHED"
    assert seen.data.params == {"epochs": "2"}
    assert [m.value for m in client.get_metric_history(str(run.run_id), "train_loss")] == [0.3, 0.2]
    assert [f.path for f in client.list_artifacts(str(run.run_id), "model")] == ["model/config.json"]
    assert client.get_experiment(seen.info.experiment_id).name == EXPERIMENT


def test_the_alias_champion_follows_the_promotion(client: mlflow.MlflowClient, model: Path) -> None:
    for version in ("T1-first", "T1-second"):
        run = started(training=version)
        run.files(model, "model")
        run.register("T1", version)
        run.register("T1", version)
        assert move_champion_alias("T1", version)
        crowned = client.get_model_version_by_alias(registered_model("T1"), "champion")
        assert crowned.tags["demand_forecast.version"] == version
    found = client.search_model_versions(f"name = '{registered_model('T1')}'")
    assert len(found) == 2, "registering the same version twice makes one entry"


def test_an_unregistered_version_leaves_the_alias_where_it_was(
    client: mlflow.MlflowClient, model: Path
) -> None:
    run = started()
    run.files(model, "model")
    run.register("T2", "T2-first")
    assert move_champion_alias("T2", "T2-first")
    assert not move_champion_alias("T2", "T2-unknown")
    crowned = client.get_model_version_by_alias(registered_model("T2"), "champion")
    assert crowned.tags["demand_forecast.version"] == "T2-first"


def test_a_server_that_is_down_costs_a_warning_and_not_the_run(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with caplog.at_level(logging.WARNING):
        run = started()
        assert not move_champion_alias("T", "T-1")
    run.metrics({"mape": 1.0})
    assert run.run_id is None
    assert "is not available" in caplog.text
    assert "the promotion stands without it" in caplog.text
    assert "the run goes on without it" in caplog.text


def test_a_server_that_goes_away_ends_the_tracking_and_not_the_run(
    client: mlflow.MlflowClient, caplog: pytest.LogCaptureFixture
) -> None:
    run = started()
    run.run_id = "0" * 32
    with caplog.at_level(logging.WARNING):
        run.metrics({"mape": 1.0})
    assert "MLflow refused metrics" in caplog.text
    assert run.client is None
    run.metrics({"mape": 2.0})


def test_without_a_server_nothing_is_sent_and_nothing_is_said(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    run = started()
    run.metrics({"mape": 1.0})
    assert run.run_id is None
    assert not caplog.records
