"""A step that finds its own finished manifest returns it; anything else is done again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from trainer.contract import load_regions, manifest_path
from trainer.errors import DataError, UsageError
from trainer.run import Run, parse_as_of
from trainer.store import Store

KR = load_regions({})["KR"]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    as_of = datetime(2023, 10, 31, tzinfo=UTC)
    return Run(region=KR, run_id="weekly/1", as_of=as_of, store=Store.at(tmp_path))


def close(run: Run, trials: int = 5) -> None:
    output = run.store.write(f"{run.folder}/result", b"result")
    run.close("search", started=datetime.now(UTC), parameters={"trials": trials}, outputs={"result": output})


def test_a_finished_step_is_found(run: Run) -> None:
    close(run)
    assert run.finished("search", {"trials": 5}, {}) is not None


def test_other_parameters_are_another_result(run: Run) -> None:
    close(run)
    assert run.finished("search", {"trials": 6}, {}) is None


def test_other_inputs_are_another_result(run: Run) -> None:
    close(run)
    snapshot = run.store.write("snapshot", b"newer data")
    assert run.finished("search", {"trials": 5}, {"snapshot": snapshot}) is None


def test_another_moment_is_another_result(run: Run) -> None:
    close(run)
    later = replace(run, as_of=run.as_of + timedelta(days=1))
    assert later.finished("search", {"trials": 5}, {}) is None


def test_a_lost_output_is_made_again(run: Run, tmp_path: Path) -> None:
    close(run)
    (tmp_path / run.folder / "result").unlink()
    assert run.finished("search", {"trials": 5}, {}) is None


def test_a_damaged_manifest_counts_as_none(run: Run, tmp_path: Path) -> None:
    close(run)
    path = tmp_path / manifest_path("KR", run.run_id, "search")
    path.write_text(path.read_text().replace('"trials": 5', '"trials": 6'))
    assert run.manifest("search") is None


def test_a_missing_earlier_step_is_named_with_its_command(run: Run) -> None:
    with pytest.raises(DataError, match="python -m trainer search --region KR --run-id 'weekly/1'"):
        run.require("search")


def test_a_manifest_names_the_code_that_made_it(run: Run) -> None:
    close(run)
    assert {"git", "torch", "pandas"} <= set(run.require("search").code)


def test_a_moment_without_an_offset_is_local() -> None:
    assert parse_as_of("2023-10-31T00:00", KR) == datetime(2023, 10, 30, 15, tzinfo=UTC)


def test_a_moment_with_an_offset_is_taken_as_it_is() -> None:
    assert parse_as_of("2023-10-31T00:00+00:00", KR) == datetime(2023, 10, 31, tzinfo=UTC)


def test_text_that_is_no_moment_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="write it as 2023-10-31T00:00"):
        parse_as_of("tomorrow", KR)


@pytest.mark.parametrize("text", ["0001-01-01T00:00", "9999-12-31T23:59-05:00", "1969-12-31", "2200-01-01"])
def test_a_moment_that_no_calendar_here_reaches_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"is not within the years 1970\.\.2199"):
        parse_as_of(text, KR)
