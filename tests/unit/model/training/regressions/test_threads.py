"""How many threads the process may use is decided in one place."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from threadpoolctl import threadpool_info

from trainer.model.training.regressions import threads
from trainer.model.training.regressions.threads import allowed_threads, one_thread_each, one_thread_pool


@pytest.fixture(autouse=True)
def _eight_cores(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(threads, "_cores", lambda: 8)
    monkeypatch.setattr(threads, "_GROUPS", tmp_path)
    monkeypatch.setattr(threads, "_OWN_GROUPS", tmp_path / "own")
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)


def test_all_cores_are_used_where_nothing_says_otherwise() -> None:
    assert allowed_threads() == 8


@pytest.mark.parametrize(
    ("quota", "count"), [("max 100000", 8), ("250000 100000", 3), ("50000 100000", 1), ("1600000 100000", 8)]
)
def test_a_container_s_quota_holds(tmp_path: Path, quota: str, count: int) -> None:
    (tmp_path / "cpu.max").write_text(quota)
    assert allowed_threads() == count


def put(folder: Path, **values: str) -> None:
    """Files of a control group, by name without the `cpu.` that they begin with."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, value in values.items():
        (folder / f"cpu.{name}").write_text(f"{value}\n")


@pytest.mark.parametrize(
    ("quota", "period", "count"), [("-1", "100000", 8), ("250000", "100000", 3), ("50000", "50000", 1)]
)
@pytest.mark.parametrize("controllers", ["cpu", "cpu,cpuacct"])
def test_so_does_one_of_the_older_kind(
    tmp_path: Path, controllers: str, quota: str, period: str, count: int
) -> None:
    (tmp_path / "own").write_text(f"4:memory:/\n1:{controllers}:/docker/4f2a\n0::/\n")
    put(tmp_path / controllers, cfs_quota_us=quota, cfs_period_us=period)
    assert allowed_threads() == count


def test_a_tree_whose_folder_is_named_in_another_order_is_found_by_its_link(tmp_path: Path) -> None:
    (tmp_path / "own").write_text("1:cpuacct,cpu:/\n")
    put(tmp_path / "cpu,cpuacct", cfs_quota_us="200000", cfs_period_us="100000")
    (tmp_path / "cpu").symlink_to("cpu,cpuacct")
    assert allowed_threads() == 2


@pytest.mark.parametrize("line", ["0::/system.slice/trainer.service", "1:cpu:/system.slice/trainer.service"])
def test_the_least_quota_of_the_groups_that_hold_a_process_holds(tmp_path: Path, line: str) -> None:
    (tmp_path / "own").write_text(f"{line}\n")
    if line.startswith("0"):
        put(tmp_path / "system.slice", max="400000 100000")
        put(tmp_path / "system.slice" / "trainer.service", max="max 100000")
    else:
        put(tmp_path / "cpu" / "system.slice", cfs_quota_us="400000", cfs_period_us="100000")
        put(tmp_path / "cpu" / "system.slice" / "trainer.service", cfs_quota_us="-1", cfs_period_us="100000")
    assert allowed_threads() == 4


def test_a_group_that_a_container_cannot_see_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "own").write_text("0::/../../pod\n")
    put(tmp_path, max="200000 100000")
    assert allowed_threads() == 2


def test_omp_num_threads_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    assert allowed_threads() == 2


def test_a_process_held_to_one_core_has_one_thread() -> None:
    asked = (
        "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
        "from trainer.model.training.regressions.threads import allowed_threads; print(allowed_threads())"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "1"


def test_libraries_start_no_threads_within_those_of_a_pool() -> None:
    before = torch.get_num_threads()
    with one_thread_each() as count:
        assert count == 8
        assert torch.get_num_threads() == 1
        assert all(pool["num_threads"] == 1 for pool in threadpool_info() if pool["user_api"] == "blas")
    assert torch.get_num_threads() == before


def test_each_thread_of_a_pool_computes_with_one() -> None:
    with one_thread_pool() as pool:
        assert pool.submit(torch.get_num_threads).result() == 1
        libraries = pool.submit(threadpool_info).result()
    # Others, such as scikit-learn, bring an OpenMP of their own, which nothing in the pool computes with.
    used = [one for one in libraries if one["user_api"] == "blas" or "torch" in one["filepath"]]
    assert {one["user_api"] for one in used} == {"blas", "openmp"}
    assert {one["num_threads"] for one in used} == {1}
