"""Four days of a region with an ensemble for champion and three shadows, through the DAGs' own tasks, twice.

The same as `make replay-shadows`, with less of everything.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from benchmarks.shadows.differences import differences
from benchmarks.shadows.replay import ShadowReplay
from benchmarks.year.site import Site
from demand_forecast.settings import regions, settings
from stack import postgres
from stack.airflow import connection_uri
from stack.state import State
from tests.unit.data.series import KOREA
from tests.unit.model.series import make_history
from trainer.contract import Env
from trainer.contract.file_settings import FileSettings
from trainer.database.schema import migrate

pytestmark = [
    pytest.mark.integration,
    pytest.mark.timeout(900),
    # Apprise's plugins are imported when the first alert goes out.
    pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning"),
]

DAYS = 4
SUNDAY = datetime(2021, 5, 2, tzinfo=KOREA.zone)
"""The first day: one training at midnight, and that of the week at three."""
EFFORT = {"lookback_days": 100, "holdout_days": 7, "trials": 1, "epochs": 1}


def with_operators_forecast(history: pd.DataFrame) -> pd.DataFrame:
    """Off by 1 % from hour to hour."""
    off = np.random.default_rng(3).normal(0, 0.01, len(history))
    return history.assign(reference=history["demand"] * (1 + off))


def replayed(folder: Path, database: str) -> dict[str, Any]:
    region = replace(
        KOREA,
        source=str(folder / "source.csv"),
        files=FileSettings(stamp="start"),
        ensemble=("seasonal", "reference"),
    )
    here = Site(
        state=State(folder),
        region=region,
        history=with_operators_forecast(make_history(130)),
        database=database,
        influx=None,
        source=folder / "source.csv",
    )
    variables = {
        "DEMAND_FORECAST_STORE_URL": here.store.as_uri(),
        "AIRFLOW_CONN_DEMAND_FORECAST_POSTGRES": connection_uri(database),
        Env.REGIONS: json.dumps({region.name: region.to_dict()}),
        Env.DEVICE: "cpu",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        settings.cache_clear()
        regions.cache_clear()
        replay = ShadowReplay(here, SUNDAY, DAYS, lambda _: None, asked_every=3, effort=EFFORT)
        replay.run()
        found = replay.found()
    settings.cache_clear()
    regions.cache_clear()
    return json.loads(json.dumps(found))  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def twice(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[dict[str, Any]]]:
    found = []
    for name in ("shadow_replay_first", "shadow_replay_second"):
        database = postgres.create_database(postgres_url, name)
        migrate(database)
        found.append(replayed(tmp_path_factory.mktemp(name), database))
    yield found
    for name in ("shadow_replay_first", "shadow_replay_second"):
        postgres.drop_database(postgres_url, name)


@pytest.fixture
def found(twice: list[dict[str, Any]]) -> dict[str, Any]:
    return twice[0]


def test_the_same_days_end_with_the_same_decisions_weights_and_forecasts(twice: list[dict[str, Any]]) -> None:
    assert differences(*twice) == []


def test_no_task_and_no_shadow_fails(found: dict[str, Any]) -> None:
    assert found["failures"] == {}
    assert found["failed_shadows"] == {}


def test_the_gate_takes_the_first_model_judges_the_next_and_turns_a_young_shadow_away(
    found: dict[str, Any],
) -> None:
    judged = [row for row in found["decisions"] if row["parent"] is None]
    first, second, shadow = judged
    assert first["status"] == "archived"  # its refit is champion
    assert first["reason"].startswith("First model of its region: MAPE ")
    assert second["reason"].startswith(("Nothing is promoted: ", "The challenger wins: "))
    assert shadow["status"] == "rejected"
    assert "can be compared on 1 days, and 14 days are needed" in shadow["reason"]
    assert sum(row["status"] == "active" for row in found["decisions"]) == 1


def test_each_training_is_followed_by_a_refit_of_the_champion(found: dict[str, Any]) -> None:
    assert found["trainings"] == found["refits"] == 2
    assert len([row for row in found["decisions"] if row["parent"] is not None]) >= 1


def test_a_shadow_that_was_turned_away_makes_room_and_three_forecast_on_the_last_day(
    found: dict[str, Any],
) -> None:
    ended = [row["name"] for row in found["shadows"] if row["removed_at"] is not None]
    live = {row["name"] for row in found["shadows"] if row["removed_at"] is None}
    assert len(ended) == 1
    assert ended[0].startswith("rival-")
    assert {"naive", "weatherless"} < live
    assert len(live) == 3
    last = max(row["origin"] for row in found["forecasts"])
    hours = {row["who"]: len(row["mw"]) for row in found["forecasts"] if row["origin"] == last}
    assert hours == dict.fromkeys({"champion", *live}, 24)


def test_shadows_are_compared_with_the_champion_on_the_hours_that_came(found: dict[str, Any]) -> None:
    compared = {row["name"]: row["comparison"] for row in found["shadows"] if row["comparison"]}
    assert compared["naive"]["hours"] >= 24
    assert compared["naive"]["shadow"]["mape"] > compared["naive"]["champion"]["mape"]


def test_the_champion_is_an_average_of_three_on_every_day(found: dict[str, Any]) -> None:
    of_days = {run: shares for run, shares in found["weights"].items() if run.startswith("forecast")}
    assert len(of_days) == DAYS
    for shares in of_days.values():
        assert set(shares) == {"model", "seasonal", "reference"}
        assert sum(shares.values()) == pytest.approx(1, abs=0.001)  # each is rounded
        assert shares["reference"] > 0
