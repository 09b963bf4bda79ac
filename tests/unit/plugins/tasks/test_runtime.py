"""Tasks of a verb, whatever the runtime."""

from __future__ import annotations

import pytest
from airflow.sdk import DAG

from demand_forecast.tasks.runtime import trainer_task
from tests.names import TRAINER_IMAGE
from trainer.contract import Verb, load_regions

KR = load_regions({})["KR"]


@pytest.mark.parametrize(
    "runtime",
    [{"RUNTIME": "local"}, {"RUNTIME": "kubernetes", "POD__IMAGE": TRAINER_IMAGE, "POD__GPU_COUNT": "0"}],
    ids=["local", "kubernetes without a GPU"],
)
def test_one_pool_bounds_the_trainings_of_every_runtime(configure, runtime: dict[str, str]) -> None:
    configure(TRAINING_POOL="training", **runtime)
    with DAG("weekly_retrain_KR"):
        pools = {verb: trainer_task(verb, KR).pool for verb in Verb}
    assert {verb for verb, pool in pools.items() if pool == "training"} == {Verb.SEARCH, Verb.TRAIN}
    assert set(pools.values()) == {"training", "default_pool"}
