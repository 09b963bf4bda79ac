"""Who takes part, and that one who fails does not take the others with it."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from benchmarks import contenders
from benchmarks.accuracy import work
from benchmarks.contenders import NETWORK, QUICK, STATIC, TREES, WEEKLY, Effort, Job, everyone, quick
from benchmarks.protocol import Window
from benchmarks.series import FIVE_YEARS, Source, five_years
from tests.unit.model.series import TINY
from trainer.contract import Region


def cells(jobs: list[Job]) -> set[tuple[str, str, str]]:
    return {(job.model, job.group, weather) for job in jobs for weather in job.weathers}


def test_every_peer_is_there_in_every_column_with_its_own_features_and_with_ours(region: Region) -> None:
    found = cells(everyone(region, Effort()))
    for model in (TREES, NETWORK):
        for group in ("peer", "peer with our features"):
            for weather in ("perfect", "none", "forecast-like"):
                assert (model, group, weather) in found
    for weather in ("perfect", "none", "forecast-like"):
        assert (STATIC, "ours", weather) in found
    assert {(WEEKLY, "ours", "perfect"), (QUICK, "ours", "perfect")} <= found


def test_tomorrow_at_ten_is_asked_of_ours_of_the_trees_and_of_the_naive_forecasts(region: Region) -> None:
    jobs = [job for job in everyone(region, Effort()) if job.origin_hour is not None]
    assert {job.model.removesuffix(", at 10:00") for job in jobs} == {
        *(STATIC, TREES, "seasonal naive, 168 h", "seasonal naive, 24 h")
    }
    assert {(job.origin_hour, job.weathers) for job in jobs} == {(10, ("perfect",))}


def test_a_region_without_weather_has_one_column(region: Region) -> None:
    found = cells(everyone(replace(region, weather=()), Effort()))
    assert {weather for _, _, weather in found} == {"none"}
    assert {STATIC, WEEKLY, QUICK, TREES, NETWORK} <= {model for model, _, _ in found}


def test_the_quick_benchmark_has_ours_and_the_fast_peers(region: Region) -> None:
    jobs = quick(region, Effort())
    assert {job.model for job in jobs} == {STATIC, TREES, "seasonal naive, 168 h", "seasonal naive, 24 h"}
    assert {weather for _, _, weather in cells(jobs)} == {"perfect"}


def test_every_fit_can_be_handed_to_another_process(region: Region) -> None:
    jobs = everyone(region, Effort())
    assert cells(pickle.loads(pickle.dumps(jobs))) == cells(jobs)


@pytest.fixture
def source(history: pd.DataFrame, tmp_path: Path) -> Source:
    file = tmp_path / "series.csv"
    history.rename_axis("time").to_csv(file)
    return Source(str(file), "KR")


def job_of(jobs: list[Job], model: str, weather: str) -> Job:
    return next(job for job in jobs if job.model == model and weather in job.weathers)


def test_ours_and_a_peer_are_judged_on_the_same_hours(
    source: Source, region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contenders, "ModelConfig", lambda: TINY)
    jobs = everyone(region, Effort())
    window = Window.latest(*source.read(), days=3)
    ours, naive = (
        work(job_of(jobs, model, "perfect"), source, window) for model in (STATIC, "seasonal naive, 168 h")
    )
    assert ours.fault is None
    assert [row["weather"] for row in naive.rows] == ["perfect", "forecast-like"]
    assert ours.rows[0]["metrics"]["hours"] == naive.rows[0]["metrics"]["hours"] == 72
    assert set(naive.rows[0]["metrics"]) <= set(ours.rows[0]["metrics"])
    assert ours.rows[0]["metrics"]["coverage"] > 0


def test_the_fault_of_one_is_told_and_stops_nobody(source: Source, window: Window) -> None:
    def fail(*_: Any) -> Any:
        raise ValueError("a fault of its own")

    done = work(Job("a peer", "peer", ("perfect",), 1, fail), source, window)
    assert done.rows == []
    assert done.fault is not None
    assert "a peer: failed" in done.fault
    assert "a fault of its own" in done.fault


def test_five_years_are_the_last_ones_where_there_are_as_many(history: pd.DataFrame) -> None:
    index = pd.date_range("2015-01-01", periods=FIVE_YEARS + 100, freq="h", tz="UTC", name="time")
    long = pd.DataFrame({"demand": range(len(index))}, index=index, dtype=float)
    pd.testing.assert_frame_equal(five_years(long), long.iloc[100:], check_freq=False)


def test_a_shorter_history_is_repeated_by_whole_weeks(history: pd.DataFrame) -> None:
    whole = five_years(history)
    assert len(whole) == FIVE_YEARS
    assert whole.index[-1] == history.index[-1]
    assert (whole.index[1:] - whole.index[:-1] == pd.Timedelta(hours=1)).all()
    assert whole["demand"].notna().all()
    first = whole.iloc[[0]]
    twins = history[history["demand"] == first["demand"].iloc[0]]
    assert (twins.index.day_of_week == first.index.day_of_week).all()
    assert (twins.index.hour == first.index.hour).all()
