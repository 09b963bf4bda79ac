"""Two replays beside each other: where they differ is named to the digit, and what was decided is told."""

from __future__ import annotations

from typing import Any

from benchmarks.shadows.__main__ import told
from benchmarks.shadows.differences import differences

FOUND: dict[str, Any] = {
    **{"region": "France", "ensemble": ["reference"], "days": 120, "trainings": 18, "promotions": 2},
    **{"refits": 18, "failures": {}},
    "decisions": [
        {
            "run_id": "weekly_retrain_FR/1",
            "status": "archived",
            "reason": "It won.",
            "decided_at": "2023-09-01T01:00:00+00:00",
        },
        {
            "run_id": "shadow_model_FR/1",
            "status": "rejected",
            "reason": "Too few days.",
            "decided_at": "2023-09-28T10:00:00+00:00",
        },
    ],
    "weights": {"forecast 1": {"model": 0.8, "reference": 0.2}},
}


def test_what_is_the_same_differs_nowhere() -> None:
    assert differences(FOUND, {**FOUND}) == []


def test_a_last_digit_is_a_difference_and_its_place_is_named() -> None:
    other = {**FOUND, "weights": {"forecast 1": {"model": 0.8000000000000002, "reference": 0.2}}}
    assert differences(FOUND, other) == ["weights.forecast 1.model: 0.8 and 0.8000000000000002"]


def test_a_decision_more_and_a_key_that_one_alone_has_are_told() -> None:
    other = {**FOUND, "decisions": FOUND["decisions"][:1], "more": 1}
    assert differences(FOUND, other) == ["decisions: 2 and 1 entries", "more: only in the second"]


def test_the_summary_has_each_verdict_with_its_day_and_reason() -> None:
    lines = told(FOUND).splitlines()
    assert lines[0] == (
        "France with reference: 120 days, 18 trainings, 2 promotions, 18 refits, 1 shadows judged, "
        "0 runs with a failed task"
    )
    assert lines[1:] == ["  2023-09-01 archived: It won.", "  2023-09-28 rejected: Too few days."]
