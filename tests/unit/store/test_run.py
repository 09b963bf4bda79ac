"""A step that finds its own finished manifest returns it; anything else is done again."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from trainer.commands.arguments import build_parser
from trainer.commands.runs import open_run
from trainer.contract import load_regions, manifest_path, search_step
from trainer.errors import DataError, UsageError
from trainer.store import Run, Store, parse_as_of

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


def test_runs_that_replace_one_another_are_kept_in_one_place_and_find_nothing_finished_but_their_own(
    run: Run,
) -> None:
    first = replace(run, kept_under="forecast_KR_hourly")
    second = replace(first, run_id="weekly/2")
    close(first)
    assert second.folder == first.folder != run.folder
    assert second.manifest("search") is None
    close(second)
    assert second.require("search").run_id == "weekly/2"
    assert first.manifest("search") is None


def test_a_missing_earlier_step_is_named_with_its_command(run: Run) -> None:
    with pytest.raises(DataError, match="python -m trainer search --region KR --run-id weekly/1 "):
        run.require("search")


def words_to_paste(run: Run, step: str) -> list[str]:
    with pytest.raises(DataError) as refused:
        run.require(step)
    return shlex.split(str(refused.value).partition("python -m trainer ")[2])


def test_the_command_of_a_missing_part_of_a_search_is_a_verb_with_its_part(run: Run) -> None:
    options = build_parser().parse_args(words_to_paste(run, search_step(1, 4)))
    assert (options.verb, options.shard) == ("search", (1, 4))


@pytest.mark.parametrize("run_id", ["weekly/1", "it's Monday", "$(date)"])
def test_the_command_of_a_missing_step_opens_the_same_run(run: Run, run_id: str) -> None:
    asked = replace(run, run_id=run_id)
    opened = open_run(build_parser().parse_args(words_to_paste(asked, "train")), KR)
    assert (opened.run_id, opened.as_of) == (asked.run_id, asked.as_of)
    assert opened.store.locate("x") == asked.store.locate("x")


@pytest.fixture
def open_later(run: Run, tmp_path: Path) -> Callable[..., Run]:
    """Opens the run by its name, without --as-of, in a verb."""

    def open_in(verb: str) -> Run:
        words = [verb, "--region", "KR", "--run-id", run.run_id, "--store", str(tmp_path)]
        return open_run(build_parser().parse_args(words), KR)

    return open_in


@pytest.mark.parametrize("verb", ["search", "train", "evaluate", "promote", "forecast", "publish"])
def test_a_run_speaks_for_the_moment_of_its_snapshot(
    run: Run, open_later: Callable[..., Run], verb: str
) -> None:
    run.close("snapshot", started=datetime.now(UTC), parameters={})
    assert open_later(verb).as_of == run.as_of


@pytest.mark.parametrize("verb", ["ingest", "snapshot", "score"])
def test_a_verb_that_works_on_no_snapshot_speaks_for_now(
    run: Run, open_later: Callable[..., Run], verb: str
) -> None:
    run.close("snapshot", started=datetime.now(UTC), parameters={})
    assert datetime.now(UTC) - open_later(verb).as_of < timedelta(minutes=1)


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
