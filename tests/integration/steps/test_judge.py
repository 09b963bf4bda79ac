"""A person's word on hours of demand: kept, listed, and refused where it cannot be meant."""

from __future__ import annotations

import json

import pytest

from trainer.commands.cli import main
from trainer.contract import Env, ExitCode

pytestmark = pytest.mark.integration

WORD = ["--accept", "--by", "Kim", "--why", "the works were closed"]
HOURS = ["--from", "2024-03-10T05:00", "--to", "2024-03-10T07:00"]


@pytest.fixture(autouse=True)
def configured(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(Env.POSTGRES_URL, database_url)


def listed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, str]]:
    capsys.readouterr()
    assert main(["judge", "--region", "KR", "--json"]) == ExitCode.DONE
    found: list[dict[str, str]] = json.loads(capsys.readouterr().out)["judgements"]
    return found


def test_what_was_said_is_listed_in_local_time(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["judge", "--region", "KR", *HOURS, *WORD]) == ExitCode.DONE
    assert listed(capsys) == [
        {
            "first": "2024-03-10T05:00:00+09:00",
            "last": "2024-03-10T07:00:00+09:00",
            "judgement": "accepted",
            "decided_by": "Kim",
            "reason": "the works were closed",
        }
    ]


def test_one_hour_needs_no_end(capsys: pytest.CaptureFixture[str]) -> None:
    words = [*HOURS[:2], "--reject", *WORD[1:]]
    assert main(["judge", "--region", "KR", *words]) == ExitCode.DONE
    (found,) = listed(capsys)
    assert (found["first"], found["judgement"]) == (found["last"], "rejected")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([*HOURS, *WORD[1:]], "--accept or --reject is missing"),
        (WORD, "--from is missing"),
        ([*HOURS, *WORD[:3]], "--why is missing"),
        (["--from", "2024-03-10T05:00", "--to", "2024-03-09T05:00", *WORD], "is before --from"),
    ],
)
def test_half_a_word_is_bad_usage_and_is_not_kept(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["judge", "--region", "KR", *words]) == ExitCode.USAGE
    assert said in capsys.readouterr().err
    assert listed(capsys) == []
