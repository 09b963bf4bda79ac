"""The rows that `make bench-gpu` keeps, the goals they are held against, and the page made of them."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.goals import goals
from benchmarks.gpu.page import section, with_section
from benchmarks.gpu.rows import FIGURES, KEPT, Row, gpu_goals, keep_rows, read_rows
from benchmarks.record import page

REPOSITORY = Path(__file__).parents[3]
PAGE = REPOSITORY / "docs" / "benchmarks.md"
ROW = Row("fit_all_hours", 5.0, 9.0, "", "KR", "NVIDIA H100", 8, "2.11.0", "2026-12-24", "abc1234")


def test_a_row_takes_the_place_of_the_older_one_and_the_others_stay(tmp_path: Path) -> None:
    path = Path(shutil.copy(KEPT, tmp_path))
    rows = keep_rows([ROW], path)
    assert read_rows(path) == rows
    assert ROW in rows
    assert {row.key: row for row in rows} == {row.key: row for row in read_rows()} | {ROW.key: ROW}


def test_rows_stand_in_the_order_of_the_figures(tmp_path: Path) -> None:
    later = replace(ROW, key="difference")
    assert [row.key for row in keep_rows([later, ROW], tmp_path / "new" / "gpu.json")] == [
        "fit_all_hours",
        "difference",
    ]


@pytest.mark.parametrize(
    ("found", "met"),
    [
        ({"production_search": 40.0, "production_fit": 15.0}, True),
        ({"production_search": 50.0, "production_fit": 15.0}, False),
        ({"production_search": 20.0}, None),
    ],
)
def test_a_goal_of_two_rows_is_measured_when_both_are(found: dict[str, float], met: bool | None) -> None:
    rows = [replace(ROW, key=key, gpu=gpu) for key, gpu in found.items()]
    by_text = {goal.figure: goal for goal in gpu_goals(rows)}
    assert by_text["production training, 50 x 100, search and fit, GPU"].met is met


def test_each_other_goal_is_held_against_its_row() -> None:
    found = {
        "fit_all_hours": 5.9,
        "quick_search": 6.0,
        "quick_fit": 6.1,
        "quick_busy": 50.1,
        "difference": 1.1e-4,
    }
    rows = [replace(ROW, key=key, gpu=gpu) for key, gpu in found.items()]
    assert [goal.met for goal in gpu_goals(rows)] == [None, True, False, None, True, False]


def test_the_page_says_which_figures_no_gpu_gave_so_far() -> None:
    names = [figure.what for key, figure in FIGURES.items() if key != ROW.key]
    assert section([ROW]).endswith(f"Not measured on a GPU so far: {'; '.join(names)}.\n")


def test_a_page_gets_its_part_once_and_keeps_what_follows() -> None:
    once = with_section("# Benchmarks\n\nfigures\n", [ROW])
    assert once == "# Benchmarks\n\nfigures\n\n" + section([ROW])
    between = once + "\n## Later\n\ntext\n"
    newer = replace(ROW, gpu=4.0)
    assert with_section(between, [newer]) == once.replace("5.0 s", "4.0 s") + "\n## Later\n\ntext\n"


def test_the_page_in_the_docs_is_made_of_the_rows_on_record() -> None:
    text = PAGE.read_text()
    assert with_section(text, read_rows()) == text


def test_the_page_of_all_benchmarks_ends_with_the_same_part() -> None:
    assert page({}).endswith(section(read_rows()))
    assert goals({}) == []


def test_the_rows_on_record_name_machine_day_and_code() -> None:
    today = datetime.now(UTC).date().isoformat()
    rows = json.loads(KEPT.read_text())["rows"]
    assert rows
    for row in rows:
        assert row["key"] in FIGURES
        assert row["device"].startswith("NVIDIA")
        assert "2026-11-27" <= row["date"] <= today
        assert row["code"]
