"""When a champion has drifted, and when that starts a training."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from demand_forecast.forecasting.drift import MIN_HOURS, RecentError, Verdict, judge

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def judged(recent: RecentError | None, **changed: Any) -> Verdict:
    facts: dict[str, Any] = {
        "limit": 5.0,
        "moment": NOW,
        "decided_at": NOW - timedelta(days=10),
        "cooldown": timedelta(days=3),
        "retraining": False,
        "paused_dag": None,
    }
    return judge(recent, **{**facts, **changed})


def test_an_error_over_the_limit_alerts_and_retrains() -> None:
    verdict = judged(RecentError(5.01, 168))
    assert (verdict.drifted, verdict.retrain) == (True, True)
    assert "5.01 % over 168 h" in verdict.reason


@pytest.mark.parametrize("mape", [0.0, 4.99, 5.0])
def test_an_error_at_or_below_the_limit_does_nothing(mape: float) -> None:
    assert not judged(RecentError(mape, 168)).drifted


@pytest.mark.parametrize(("rmae", "drifted"), [(0.6, False), (1.0, False), (1.01, True)])
def test_where_percentages_mean_nothing_the_seasonal_naive_forecast_is_the_limit(
    rmae: float, drifted: bool
) -> None:
    verdict = judged(RecentError(None, 168, rmae))
    assert (verdict.drifted, verdict.retrain) == (drifted, drifted)
    assert f"{rmae:.2f} times the seasonal naive forecast's over 168 h" in verdict.reason


def test_nothing_to_compare_with_is_no_drift() -> None:
    assert not judged(RecentError(None, 168, None)).drifted


@pytest.mark.parametrize("recent", [None, RecentError(50.0, MIN_HOURS - 1)])
def test_less_than_a_day_of_scores_tells_nothing(recent: RecentError | None) -> None:
    assert not judged(recent).drifted


def test_a_retraining_under_way_is_not_started_twice() -> None:
    verdict = judged(RecentError(9, 168), retraining=True)
    assert (verdict.drifted, verdict.retrain) == (True, False)


@pytest.mark.parametrize("queued", [False, True])
def test_a_paused_dag_is_said_to_start_nothing_whether_a_run_of_it_waits_or_not(queued: bool) -> None:
    verdict = judged(RecentError(9, 168), paused_dag="weekly_retrain_KR", retraining=queued)
    assert (verdict.drifted, verdict.retrain) == (True, False)
    assert "weekly_retrain_KR is paused, so no retraining is started" in verdict.reason
    assert verdict.reason.endswith("airflow dags unpause weekly_retrain_KR")


def test_a_young_decision_is_given_time() -> None:
    verdict = judged(RecentError(9, 168), decided_at=NOW - timedelta(days=2))
    assert (verdict.drifted, verdict.retrain) == (True, False)


def test_a_replay_of_the_past_never_retrains() -> None:
    assert not judged(
        RecentError(9, 168), decided_at=NOW + timedelta(days=300), cooldown=timedelta(0)
    ).retrain
