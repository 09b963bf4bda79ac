"""Series beside the one of `make bench`: tables and goals of their own, and the operator's own forecast."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from benchmarks.contenders import OPERATOR, STATIC, Effort, everyone, quick
from benchmarks.goals import goals, read_results
from benchmarks.protocol import Window, known_days, operators_own, run_peer
from benchmarks.record import page
from tests.unit.benchmarks.test_goals import accuracy, row
from tests.unit.benchmarks.test_protocol import Recorder
from trainer.contract import Region


@pytest.fixture
def beside(history: pd.DataFrame) -> pd.DataFrame:
    """An operator that is 2 % above demand, and silent on every other day (UTC)."""
    own = history["demand"].where(history.index.day % 2 == 0) * 1.02
    return history.assign(reference=own)


def test_the_operators_own_forecast_is_judged_where_it_speaks(
    beside: pd.DataFrame, region: Region, window: Window
) -> None:
    found = operators_own(beside, region, window)
    spoken = beside["reference"][beside.index >= window.midnights(region)[0]]
    assert found["mape"] == pytest.approx(2.0)
    assert found["hours"] == spoken[spoken.index < window.midnights(region)[-1]].notna().sum()


def test_it_is_a_row_of_each_table_where_the_history_has_it(region: Region) -> None:
    for jobs_of in (everyone, quick):
        assert OPERATOR not in {job.model for job in jobs_of(region, Effort())}
    jobs = [job for job in everyone(region, Effort(), beside_operator=True) if job.model == OPERATOR]
    assert {weather for job in jobs for weather in job.weathers} == {"perfect", "forecast-like", "none"}
    assert OPERATOR in {job.model for job in quick(region, Effort(), beside_operator=True)}


def test_peers_see_the_weather_of_each_place_beside_the_mean(
    history: pd.DataFrame, region: Region, window: Window
) -> None:
    of_places = history.assign(temperature_busan=history["temperature"] + 2)
    recorder = Recorder()
    run_peer(recorder, of_places, region, window, ["perfect"], seed=0)
    assert recorder.fitted is not None
    for frame in (recorder.fitted, recorder.days[0].frame):
        assert list(frame) == ["demand", "temperature", "humidity", "temperature_busan"]


def test_a_peer_without_weather_sees_none_of_a_place(
    history: pd.DataFrame, region: Region, window: Window
) -> None:
    of_places = history.assign(temperature_busan=history["temperature"] + 2)
    [day, *_] = known_days(of_places, replace(region, weather=()), window, "none", seed=0)
    assert list(day.frame) == ["demand"]


@pytest.mark.parametrize(("theirs", "met"), [(1.40, True), (1.38, False)])
def test_on_a_further_series_the_best_peer_is_to_be_beaten_by_25_percent(
    tmp_path: Path, theirs: float, met: bool
) -> None:
    measured = accuracy(row(STATIC, "perfect", 1.04), row("best", "perfect", theirs, "peer"), region="FR")
    (tmp_path / "accuracy-FR.json").write_text(json.dumps(measured))
    found = {goal.figure: goal.met for goal in goals(read_results(tmp_path))}
    assert found["FR: below the best peer (best), perfect weather"] is met


def test_its_tables_follow_those_of_the_first(tmp_path: Path) -> None:
    for name, region in (("accuracy", "KR"), ("accuracy-FR", "FR")):
        measured = accuracy(
            row(STATIC, "perfect", 1.5), row(OPERATOR, "perfect", 2.4, "operator"), region=region
        )
        (tmp_path / f"{name}.json").write_text(json.dumps(measured))
    written = page(read_results(tmp_path))
    first, second = written.split("## Accuracy: KR")[1].split("## Accuracy: FR")
    assert first.count(OPERATOR) == second.count(OPERATOR) == 2
