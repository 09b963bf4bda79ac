"""Options that cannot be meant are refused with the values that can be."""

from __future__ import annotations

import pytest

from trainer.commands.arguments import build_parser
from trainer.commands.cli import main
from trainer.contract import ExitCode


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["forecast", "--horizon", "abc"], "--horizon: 'abc' is not a whole number"),
        (["forecast", "--horizon", "-1"], "--horizon: -1 is not within 1..168 hours"),
        (["snapshot", "--lookback-days", "9999999"], "--lookback-days: 9999999 is not within 1..36525 days"),
        (["train", "--holdout-days", "9999999"], "--holdout-days: 9999999 is not within 1..36525 days"),
        (["train", "--origin-hours", "0,24"], "--origin-hours: 24 is not within 0..23"),
        (["train", "--origin-hours", ""], "--origin-hours: '' is not a whole number"),
        (["score", "--days", "9999999"], "--days: 9999999 is not within 1..36525 days"),
        (["search", "--trials", "1.5"], "--trials: '1.5' is not a whole number"),
        (["search", "--seed", "x"], "--seed: 'x' is not a whole number"),
        (["search", "--shard", "x"], "--shard: x is not I/N"),
        (["backtest", "--test-start", "2022-13-01"], "--test-start: '2022-13-01' is no day; write it as"),
        (["backtest", "--origin", "10:30"], "--origin: 10:30 is no full hour; write it as 10:00"),
        (["backtest", "--margin", "1"], "--margin: 1 is not within 0..1: it is a share, 0.01 stands for 1 %"),
        (["backtest", "--margin", "nan"], "--margin: nan is not within 0..1"),
        (["backtest", "--significance", "0"], "--significance: 0 is not within 0..1: it is a probability"),
        (["backtest", "--significance", "5 %"], "--significance: '5 %' is not a number"),
        (["backtest", "--origin", "25:00"], "--origin: 25 is not within 0..23"),
        (
            ["backtest", "--test-end", "9999-12-31"],
            "--test-end: 9999-12-31 is not within the years 1970..2199",
        ),
    ],
)
def test_a_value_that_cannot_be_meant_is_bad_usage(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    verb, *options = words
    with pytest.raises(SystemExit) as ended:
        build_parser().parse_args([verb, "--region", "T", *options])
    assert ended.value.code == ExitCode.USAGE
    assert said in capsys.readouterr().err


def test_a_port_that_no_server_can_have_is_bad_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        build_parser().parse_args(["serve", "--port", "99999"])
    assert "--port: 99999 is not within 1..65535" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "hours"),
    [
        ([], (0, 6, 12, 18)),
        (["--origin-hours", "12,0,12"], (0, 12)),
        (["--origin-hours", "all"], tuple(range(24))),
    ],
)
def test_the_hours_that_forecasts_begin_at_are_a_list_or_all(
    words: list[str], hours: tuple[int, ...]
) -> None:
    assert build_parser().parse_args(["train", "--region", "T", *words]).origin_hours == hours


def test_the_day_that_is_covered_is_of_an_origin(capsys: pytest.CaptureFixture[str]) -> None:
    window = ["--test-start", "2020-06-01", "--test-end", "2020-06-02"]
    code = main(["backtest", "--region", "GR", "--csv", "sample:greece", *window, "--covers", "tomorrow"])
    assert code == ExitCode.USAGE
    assert "give --origin 10:00 too" in capsys.readouterr().err
