"""A verb's results go over nothing of the user's, and a collision is told before anything is computed."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from trainer.commands.arguments import build_parser
from trainer.commands.cli import main
from trainer.commands.outputs import check_outputs, check_run_folder
from trainer.contract import Env, ExitCode
from trainer.errors import UsageError

WINDOW = ("--test-start", "2024-01-01", "--test-end", "2024-01-07")
HOURLY = "time,actual,forecast,lower,upper,trend,seasonality,residual\n"
FIGURES = dict.fromkeys(("region", "test_start", "test_end", "refit", "config", "hourly"))
STEP = dict.fromkeys(("manifest", "checksum", "facts", "metrics"))


@pytest.fixture(autouse=True)
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, which holds the user's vic.csv and nothing else."""
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "vic.csv").write_text("time,demand\n2024-01-01,5000\n")
    monkeypatch.chdir(folder)
    monkeypatch.delenv(Env.REGIONS_FILE, raising=False)
    return folder


def words(verb: str, *more: str) -> argparse.Namespace:
    return build_parser().parse_args([verb, "--region", "GR", "--csv", "vic.csv", *more])


def backtest(place: str) -> argparse.Namespace:
    return words("backtest", *WINDOW, "--json", place)


def refusal(options: argparse.Namespace, *inputs: str) -> str:
    with pytest.raises(UsageError) as caught:
        check_outputs(options, inputs)
    return str(caught.value)


def test_the_hours_of_a_backtest_are_not_written_over_the_input() -> None:
    assert "vic.csv would be written over the input vic.csv" in refusal(backtest("vic.json"))


def test_the_command_line_refuses_before_it_reads_or_writes(workplace: Path) -> None:
    before = (workplace / "vic.csv").read_bytes()
    code = main(["backtest", "--region", "GR", "--csv", "vic.csv", *WINDOW, "--json", "vic.json"])
    assert code == ExitCode.USAGE
    assert (workplace / "vic.csv").read_bytes() == before
    assert [path.name for path in workplace.iterdir()] == ["vic.csv"]


def test_a_result_is_not_written_over_the_input() -> None:
    assert "over the input" in refusal(words("forecast", "--json", "vic.csv"))


@pytest.mark.parametrize("name", ["../work/vic.csv", "./sub/../vic.csv"])
def test_another_way_to_the_input_is_the_input(name: str, workplace: Path) -> None:
    (workplace / "sub").mkdir()
    assert "over the input" in refusal(words("forecast", "--json", name))
    assert "over the input" in refusal(words("forecast", "--json", str(workplace / "vic.csv")))


def test_a_symbolic_link_to_the_input_is_the_input(workplace: Path) -> None:
    (workplace / "link.json").symlink_to("vic.csv")
    assert "over the input" in refusal(words("forecast", "--json", "link.json"))


def test_a_hard_link_to_the_input_is_the_input(workplace: Path) -> None:
    (workplace / "link.json").hardlink_to("vic.csv")
    assert "over the input" in refusal(words("forecast", "--json", "link.json"))


def test_an_input_given_as_a_url_of_this_machine_is_known(workplace: Path) -> None:
    options = words("forecast", "--json", "vic.csv")
    options.source = f"file://{workplace / 'vic.csv'}"
    assert "over the input" in refusal(options)


def test_the_region_s_own_source_is_an_input_too(workplace: Path) -> None:
    (workplace / "own.csv").write_text("time,demand\n")
    assert "over the input" in refusal(words("forecast", "--json", "own.csv"), "own.csv")


def test_the_regions_file_is_an_input_too(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (workplace / "regions.toml").write_text("")
    monkeypatch.setenv(Env.REGIONS_FILE, "regions.toml")
    assert "over the input" in refusal(words("forecast", "--json", "regions.toml"))


@pytest.mark.parametrize("content", ["notes", '{"mine": 1}', "[1]", json.dumps(FIGURES)])
def test_a_file_that_the_verb_did_not_write_is_left_alone(workplace: Path, content: str) -> None:
    (workplace / "out.json").write_text(content)
    assert "was not written by this verb" in refusal(words("forecast", "--json", "out.json"))


def test_another_csv_beside_the_json_is_left_alone(workplace: Path) -> None:
    (workplace / "out.csv").write_text("time,demand\n")
    assert "out.csv is there" in refusal(backtest("out.json"))


def test_without_json_the_hours_are_not_written_over_a_file_of_that_name_either(workplace: Path) -> None:
    (workplace / "backtest-GR-2024-01-01-2024-01-07.csv").write_text("mine")
    assert "was not written by this verb" in refusal(words("backtest", *WINDOW))


def test_figures_and_hours_cannot_go_to_one_file() -> None:
    assert "would hold two results" in refusal(backtest("out.csv"))


def test_a_folder_is_no_file(workplace: Path) -> None:
    (workplace / "out").mkdir()
    assert "out is a folder" in refusal(words("forecast", "--json", "out"))


def test_nothing_can_be_written_below_a_file() -> None:
    assert "vic.csv is no folder" in refusal(words("forecast", "--json", "vic.csv/out.json"))


def test_a_folder_without_permission_is_named_before_the_work(
    workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may write anywhere, so that the permission is taken away in words."""
    monkeypatch.setattr("trainer.commands.outputs.os.access", lambda *_: False)
    assert f"no permission in {workplace}" in refusal(words("forecast", "--json", "out.json"))


def test_a_run_does_not_write_beside_its_own_input(workplace: Path) -> None:
    folder = workplace / "out" / "GR" / "runs" / "first"
    folder.mkdir(parents=True)
    (folder / "forecast.csv").write_text("time,demand\n")
    with pytest.raises(UsageError, match="name another --run-id"):
        check_run_folder("out/GR/runs/first", "out/GR/runs/first/../first/forecast.csv")
    check_run_folder("out/GR/runs/second", "out/GR/runs/first/forecast.csv")
    check_run_folder("s3://bucket/GR/runs/first", "out/GR/runs/first/forecast.csv")


def test_results_of_the_same_verb_are_written_again(workplace: Path) -> None:
    (workplace / "out.json").write_text(json.dumps({**FIGURES, "mape": 1.2}))
    (workplace / "out.csv").write_text(HOURLY)
    check_outputs(backtest("out.json"))
    (workplace / "step.json").write_text(json.dumps(STEP))
    check_outputs(words("forecast", "--json", "step.json"))


def test_new_files_empty_ones_and_what_is_no_file_are_written(workplace: Path) -> None:
    (workplace / "empty.json").touch()
    for place in ("new/folder/out.json", "empty.json", "/dev/null", "-"):
        check_outputs(words("forecast", "--json", place))
