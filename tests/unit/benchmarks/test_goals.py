"""Figures against what was set, and the page that is made of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.accuracy import FIGURES
from benchmarks.contenders import QUICK, STATIC, WEEKLY
from benchmarks.goals import goals, read_results
from benchmarks.record import page

MACHINE = {
    "date": "2026-01-31",
    "processor": "a processor",
    "cores": 2,
    "memory_gb": 24.0,
    "gpu": None,
    "python": "3.11.9",
    "torch": "2.13.0",
    "load_average": 0.2,
}


def row(model: str, weather: str, mape: float, group: str = "ours") -> dict[str, Any]:
    metrics = dict.fromkeys(FIGURES, 1.0) | {
        "mape": mape,
        "mape_holidays": 1.9,
        "coverage": 80.5,
        "mape_by_horizon": {str(lead): mape for lead in range(1, 25)},
    }
    return {"model": model, "group": group, "weather": weather, "cpu_seconds": 90.0, "metrics": metrics}


def accuracy(*rows: dict[str, Any], region: str = "KR") -> dict[str, Any]:
    return {
        "machine": MACHINE,
        "region": region,
        "window": ["2022-11-01", "2023-10-31"],
        "history_from": "2019-01-01T00:00:00+09:00",
        "left_out": [],
        "rows": list(rows),
    }


TRAINING = {
    "machine": MACHINE,
    "rows": [
        {
            "key": "grid",
            "what": "the grid",
            "ours": 3.0,
            "original": 300.0,
            "ratio": 100.0,
            "note": "sampled",
        },
        {
            "key": "production",
            "what": "on a GPU",
            "ours": None,
            "original": None,
            "ratio": None,
            "note": "no GPU here",
        },
    ],
    "peak_memory_mb": 1600,
}
LATENCY = {
    "machine": MACHINE,
    "rows": [
        {"key": "warm", "what": "warm", "median": 0.029, "slowest": 0.04, "cpu": 0.028, "rounds": 50},
        {"key": "peer", "what": "the peer", "median": 0.050, "slowest": 0.06, "cpu": 0.050, "rounds": 50},
        {"key": "cold", "what": "cold", "median": 5.2, "slowest": 6.0, "cpu": 4.9, "rounds": 3},
    ],
}  # fmt: skip


def verdicts(results: dict[str, Any]) -> dict[str, bool | None]:
    return {goal.figure: goal.met for goal in goals(results)}


def test_each_figure_is_held_against_its_own_goal() -> None:
    found = verdicts(
        {
            "accuracy": accuracy(
                row(STATIC, "perfect", 1.15), row(WEEKLY, "perfect", 1.06), row(QUICK, "perfect", 1.44)
            )
        }
    )
    assert found["MAPE, trained once, perfect weather"] is True
    assert found["MAPE, weekly refit, perfect weather"] is False
    assert found["MAPE, quick training, perfect weather"] is True
    assert found["MAPE on holidays, trained once, perfect weather"] is True
    assert found["80 % band holds, perfect weather"] is True


def test_the_goals_of_one_series_are_not_asked_of_another() -> None:
    found = verdicts({"accuracy": accuracy(row(STATIC, "perfect", 9.0), region="GR")})
    assert not [figure for figure in found if figure.startswith("MAPE")]


@pytest.mark.parametrize(("theirs", "met"), [(1.5, True), (1.4, False)])
def test_the_best_peer_is_to_be_beaten_by_30_percent(theirs: float, met: bool) -> None:
    peers = [row("far behind", "perfect", 5.0, "peer"), row("best", "perfect", theirs, "peer")]
    found = verdicts({"accuracy": accuracy(row(STATIC, "perfect", 1.04), *peers)})
    assert found["below the best peer (best), perfect weather"] is met


@pytest.mark.parametrize(("theirs", "met"), [(1.05, True), (1.03, False)])
def test_a_peer_that_has_our_features_is_to_be_beaten_at_all(theirs: float, met: bool) -> None:
    peer = row("best", "perfect", theirs, "peer with our features")
    found = verdicts({"accuracy": accuracy(row(STATIC, "perfect", 1.04), peer)})
    assert found["below the best peer with our features (best), perfect weather"] is met


def test_more_threads_and_a_busy_neighbour_are_held_against_theirs() -> None:
    rows = [
        {"key": "few", "what": "few", "times_seconds": 1.0, "times_cpu_seconds": 1.0},
        {"key": "many", "what": "many", "times_seconds": 0.9, "times_cpu_seconds": 1.31},
        {"key": "beside", "what": "beside", "times_seconds": 2.2, "times_cpu_seconds": 1.0},
    ]
    assert verdicts({"threads": {"rows": rows}}) == {
        "processor time of a fit, many": False,
        "time of a fit, beside": True,
    }


def test_a_quota_is_held_to_the_processor_time_of_two_threads_where_it_was_measured() -> None:
    rows = [{"key": "quota", "what": "a quota", "times_seconds": 1.9, "times_cpu_seconds": 1.2}]
    assert verdicts({"threads": {"rows": rows}}) == {"processor time of a fit, a quota": True}


@pytest.mark.parametrize(("hours", "met"), [("fit_all_hours", True), ("fit_one_hour", False)])
def test_a_fit_alone_has_a_goal_by_its_origin_hours(hours: str, met: bool) -> None:
    row = {"key": hours, "what": "a fit", "ours": 12.0, "original": None, "ratio": None, "note": ""}
    assert verdicts({"training": {"rows": [row], "peak_memory_mb": None}}) == {"a fit": met}


def test_training_and_latency_are_held_against_theirs() -> None:
    found = verdicts({"training": TRAINING, "latency": LATENCY})
    assert found["the grid"] is True
    assert found["the grid, against the original"] is True
    assert found["on a GPU"] is None
    assert found["peak memory of the quick training on five years"] is False
    assert found["warm"] is True
    assert found["cold"] is False
    assert found["cold, processor time"] is False
    assert "the peer" not in found


def test_results_are_read_as_far_as_they_are_there(tmp_path: Path) -> None:
    (tmp_path / "latency.json").write_text(json.dumps(LATENCY))
    assert read_results(tmp_path) == {"latency": LATENCY}


def test_a_folder_without_results_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="make bench"):
        read_results(tmp_path)


THREADS = {
    "machine": MACHINE,
    "rows": [
        {
            "key": "many",
            "what": "16 threads",
            "seconds": 10.0,
            "cpu_seconds": 30.5,
            "times_seconds": 1.25,
            "times_cpu_seconds": 1.5,
        }
    ],
    "left_out": ["A quota is left out"],
}


def test_the_page_holds_the_rows_of_threads_and_what_could_not_be_measured() -> None:
    text = page({"threads": THREADS})
    assert "| 16 threads | 10.0 s | 1.25 x | 30.5 s | 1.50 x |" in text
    assert "\nA quota is left out.\n" in text
    assert "| processor time of a fit, 16 threads | 1.50 x | at most 1.3 x | not met |" in text


def test_the_page_holds_every_row_with_date_and_device() -> None:
    peer = row("a peer", "perfect", 1.987, "peer with our features")
    results = {
        "accuracy": accuracy(row(STATIC, "perfect", 1.234), row(STATIC, "none", 1.876), peer),
        "training": TRAINING,
        "latency": LATENCY,
    }
    text = page(results)
    for figure in ("1.234", "1.876", "1.987", "100 x", "no GPU here", "1,600 MB", "29.0 ms", "5.20 s"):
        assert figure in text
    assert text.count("Measured on 2026-01-31: 2 cores (a processor), 24.0 GB of memory, no GPU") == 3
    assert "### Perfect weather" in text
    assert "### Forecast-like weather" not in text  # nothing was measured with it
    for goal in goals(results):
        assert f"| {goal.figure} | {goal.measured} | {goal.goal} | {goal.verdict} |" in text


@pytest.mark.parametrize(
    ("quick", "run", "remake"),
    [
        (False, "make bench", "make bench-docs"),
        (True, "make bench-quick", "make bench-docs BENCH=out/benchmarks/quick"),
    ],
)
def test_the_page_names_the_run_that_it_tells_of_and_how_to_remake_it(
    quick: bool, run: str, remake: str
) -> None:
    head = page({"training": {**TRAINING, "quick": quick}}).partition("```")[0]
    assert f"run of `{run}`" in head
    assert f"by\n`{remake}`;" in head


def at_ten(model: str, mape: float, group: str = "ours") -> dict[str, Any]:
    made = row(f"{model}, at 10:00", "perfect", mape, group)
    made["metrics"]["mape_by_horizon"] = {str(lead): mape for lead in range(15, 39)}
    return {**made, "origin_hour": 10}


def test_tomorrow_at_ten_has_a_goal_and_a_table_of_its_own() -> None:
    measured = accuracy(
        row(STATIC, "perfect", 1.0),
        row("trees", "perfect", 2.0, "peer"),
        at_ten(STATIC, 1.2),
        at_ten("trees", 1.9, "peer"),
        at_ten("naive", 6.0, "peer"),
    )
    found = {goal.figure: goal.measured for goal in goals({"accuracy": measured})}
    assert found["below the best peer (trees), perfect weather"] == "50.0 %"
    assert found["below the best peer (trees, at 10:00), perfect weather"] == "36.8 %"
    written = page({"accuracy": measured})
    midnight, market = written.split("### Perfect weather, made at 10:00 of the day before")
    assert ", at 10:00 |" not in midnight.split("### Perfect weather")[1]
    assert "| model | features | 15 | 16 |" in market
    assert "| 38 |" in market
