"""Rows that are measured anew stand beside those of an earlier run, each with its day."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.accuracy import beside_kept, require_same_hours
from benchmarks.record import page
from trainer.errors import UsageError

METRICS = {"mape": 1.0, "mape_by_horizon": {}}


def result(day: str, *models: str, window: tuple[str, str] = ("2022-11-01", "2023-10-31")) -> dict[str, Any]:
    machine = {
        "date": day,
        "gpu": None,
        "cores": 2,
        "processor": "some",
        "memory_gb": 8,
        "python": "3",
        "torch": "2",
        "load_average": 0.1,
    }
    rows = [
        {
            "model": model,
            "group": "peer",
            "weather": "none",
            "measured": day,
            "cpu_seconds": 60.0,
            "metrics": METRICS,
        }
        for model in models
    ]
    return {
        "machine": machine,
        "quick": False,
        "region": "KR",
        "window": list(window),
        "history_from": "2019-01-01",
        "left_out": [],
        "rows": rows,
    }


def test_a_model_measured_anew_takes_its_row_and_leaves_the_others() -> None:
    both = beside_kept(result("2026-02-02", "ours"), result("2026-01-01", "ours", "trees"))
    assert [(row["model"], row["measured"]) for row in both["rows"]] == [
        ("trees", "2026-01-01"),
        ("ours", "2026-02-02"),
    ]


def test_rows_that_do_not_tell_their_day_have_that_of_their_run() -> None:
    earlier = result("2026-01-01", "trees")
    del earlier["rows"][0]["measured"]
    both = beside_kept(result("2026-02-02", "ours"), earlier)
    assert both["rows"][0]["measured"] == "2026-01-01"


def test_rows_of_other_hours_are_not_mixed_in() -> None:
    earlier = result("2026-01-01", "trees", window=("2021-11-01", "2022-10-31"))
    with pytest.raises(UsageError, match="another window"):
        require_same_hours(result("2026-02-02", "ours"), earlier)


def test_the_page_names_the_day_of_kept_rows() -> None:
    both = beside_kept(result("2026-02-02", "ours"), result("2026-01-01", "trees"))
    assert "Measured on 2026-01-01, on the same hours, and kept: trees." in page({"accuracy": both})
