"""Which failures are tried again, and what a verb may see."""

from __future__ import annotations

import json
import signal

import pytest
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from demand_forecast.tasks.verb_task import failure, plain_environment
from trainer.contract import INFLUXDB_VERBS, MLFLOW_VERBS, Env, ExitCode, Verb, load_regions

KR = load_regions({})["KR"]


@pytest.mark.parametrize(
    "code",
    [ExitCode.INFRASTRUCTURE, -signal.SIGTERM, -signal.SIGKILL, 137, 143, 128, None],
)
def test_what_another_try_can_mend_is_retried(code: int | None) -> None:
    assert type(failure(Verb.TRAIN, code)) is AirflowException


@pytest.mark.parametrize("code", [ExitCode.USAGE, ExitCode.DATA, 1])
def test_what_would_end_the_same_way_is_not_retried(code: int) -> None:
    error = failure(Verb.TRAIN, code)
    assert isinstance(error, AirflowFailException)
    assert f"train ended with exit code {int(code)}" in str(error)


def test_a_failure_tells_the_reason_that_is_known() -> None:
    assert str(failure(Verb.TRAIN, 137, "OOMKilled")) == "train ended with exit code 137: OOMKilled"


@pytest.mark.parametrize("verb", list(Verb))
def test_a_verb_sees_only_the_servers_it_talks_to(
    configure, monkeypatch: pytest.MonkeyPatch, verb: Verb
) -> None:
    monkeypatch.setenv("INFLUXDB_URL", "http://influxdb:8086")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://mlflow:5000")
    environ = plain_environment(verb, KR, configure())
    assert ("INFLUXDB_URL" in environ) == (verb in INFLUXDB_VERBS)
    assert ("MLFLOW_TRACKING_URI" in environ) == (verb in MLFLOW_VERBS)


def test_a_verb_is_told_of_its_own_region_only(configure) -> None:
    environ = plain_environment(Verb.TRAIN, KR, configure())
    assert load_regions(environ) == {"KR": KR}
    assert list(json.loads(environ["DEMAND_FORECAST_REGIONS"])) == ["KR"]


def test_a_verb_that_draws_is_told_the_language(configure, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEMAND_FORECAST_LANGUAGE", "ko")
    told = {verb for verb in Verb if plain_environment(verb, KR, configure()).get(Env.LANGUAGE) == "ko"}
    assert told == {Verb.EVALUATE, Verb.FORECAST}
