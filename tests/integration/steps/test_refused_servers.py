"""A PostgreSQL that refuses ends a verb with exit code 4 and a sentence; InfluxDB and MLflow may be away."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.integration.steps.small_model import DAYS, leave_candidate, leave_search
from trainer.commands.cli import main
from trainer.contract import Env, ExitCode, Region
from trainer.database import connect
from trainer.steps.ingest import ingest
from trainer.steps.snapshot import snapshot
from trainer.store import Run, Store

pytestmark = pytest.mark.integration

NOBODY = "127.0.0.1:9"
Verb = Callable[..., int]


@pytest.fixture
def verb(region: Region, make_run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch) -> Verb:
    """A verb of the command line for the run `daily/1`; the exit code."""
    monkeypatch.setenv(Env.REGIONS, json.dumps({"T": region.to_dict()}))
    run = make_run()
    words = ["--region", "T", "--run-id", run.run_id, "--as-of", run.as_of.isoformat()]
    return lambda name, *more: main([name, *words, "--store", run.store.url, *more])


@pytest.fixture
def forecast_made(
    make_run: Callable[..., Run], close_forecast: Callable[..., None], database: str
) -> Callable[..., Run]:
    def make() -> Run:
        run = make_run()
        ingest(run, source=None)
        snapshot(run, lookback_days=30, source=None)
        close_forecast(run)
        return run

    return make


@pytest.mark.parametrize("name", ["ingest", "snapshot", "publish", "score"])
def test_postgres_refused_is_infrastructure_and_closes_nothing(
    name: str,
    verb: Verb,
    forecast_made: Callable[..., Run],
    make_run: Callable[..., Run],
    buckets: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = forecast_made() if name == "publish" else make_run()
    monkeypatch.setenv(Env.POSTGRES_URL, f"postgresql://u:sesame@{NOBODY}/d")
    assert verb(name) == ExitCode.INFRASTRUCTURE
    said = capsys.readouterr().err
    assert f"{NOBODY}/d cannot be reached" in said
    assert "sesame" not in said
    assert run.manifest(name) is None


def test_postgres_refused_ends_a_migration_the_same_way(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(Env.POSTGRES_URL, f"postgresql://u:sesame@{NOBODY}/d")
    assert main(["migrate"]) == ExitCode.INFRASTRUCTURE
    said = capsys.readouterr().err
    assert NOBODY in said
    assert "sesame" not in said


@pytest.mark.parametrize("name", ["ingest", "publish", "score"])
def test_influxdb_away_costs_a_warning_and_the_verb_again_delivers(
    name: str,
    verb: Verb,
    forecast_made: Callable[..., Run],
    make_run: Callable[..., Run],
    database: str,
    buckets: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = make_run() if name == "ingest" else forecast_made()
    if name == "score":
        assert verb("publish") == ExitCode.DONE
        with connect(database) as connection:  # its actuals have arrived
            connection.execute(
                """INSERT INTO raw_demand (region, time, demand_mw, source, ingested_at)
                   SELECT region, time, forecast_mw * 1.01, 'test', now() FROM predictions
                   ON CONFLICT (region, time) DO UPDATE SET demand_mw = excluded.demand_mw"""
            )
    later = ["--as-of", "2024-03-16"] if name == "score" else []
    with monkeypatch.context() as away:
        away.setenv(Env.INFLUXDB_URL, f"http://{NOBODY}")
        assert verb(name, *later) == ExitCode.DONE
    assert f"{NOBODY} cannot be reached" in capsys.readouterr().err
    assert run.require(name).facts["influxdb_owed"] > 0
    assert verb("score", *later) == ExitCode.DONE
    assert run.require("score").facts["influxdb_owed"] == 0


@pytest.fixture
def without_mlflow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Configured, and nobody there."""
    monkeypatch.setenv(Env.MLFLOW_TRACKING_URI, f"http://{NOBODY}")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")


@pytest.fixture
def weekly(place: Region, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Run, Verb]:
    """A retraining that has its snapshot, and its verbs on the command line."""
    monkeypatch.setenv(Env.REGIONS, json.dumps({"T": place.to_dict()}))
    as_of = pd.Timestamp("2024-04-10", tz=place.timezone).tz_convert("UTC").to_pydatetime()
    run = Run(region=place, run_id="weekly/1", as_of=as_of, store=Store.at(tmp_path / "store"))
    snapshot(run, lookback_days=DAYS, source=None)
    words = ["--region", "T", "--run-id", "weekly/1", "--as-of", as_of.isoformat(), "--store", run.store.url]
    return run, lambda name, *more: main([name, *words, *more])


def test_mlflow_refused_costs_a_training_a_warning(
    weekly: tuple[Run, Verb], without_mlflow: None, capsys: pytest.CaptureFixture[str]
) -> None:
    run, verb = weekly
    leave_search(run)
    assert verb("train", "--holdout-days", "8", "--device", "cpu") == ExitCode.DONE
    assert "the run goes on without it" in capsys.readouterr().err
    assert run.require("train").facts["mlflow_run_id"] is None


def test_mlflow_gone_since_the_training_costs_the_rest_of_the_run_a_warning_each(
    weekly: tuple[Run, Verb], artifact: Path, without_mlflow: None, capsys: pytest.CaptureFixture[str]
) -> None:
    run, verb = weekly
    leave_candidate(run, artifact, mlflow_run_id="0" * 32)
    warnings = {}
    options = {"evaluate": ["--holdout-days", "7"], "announce": ["--model-version", run.version]}
    for name in ("evaluate", "promote", "announce"):
        assert verb(name, *options.get(name, [])) == ExitCode.DONE
        warnings[name] = capsys.readouterr().err
    assert "MLflow refused files" in warnings["evaluate"]
    assert run.require("evaluate").facts["mlflow_run_id"] == "0" * 32  # the page still leads to the training
    assert "MLflow refused register" in warnings["promote"]
    assert "the promotion stands without it" in warnings["announce"]
    assert run.require("promote").facts["registered"] is False
    assert run.require("announce").facts["announced"] is False
