"""Bearer tokens: what an entry means, what is refused before the service starts, what a changed file does."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.api.tokens import SHORTEST, Scope, Tokens
from trainer.contract import Env
from trainer.errors import UsageError

GOOD = "a-good-token-0123"
OTHER = "another-token-456"


def test_a_bare_token_may_do_everything() -> None:
    assert Tokens(GOOD).scopes(GOOD) == set(Scope)


@pytest.mark.parametrize(
    ("entry", "scopes"),
    [
        (f"read:{GOOD}", {Scope.READ}),
        (f"metrics:{GOOD}", {Scope.METRICS}),
        (f"read+predict:{GOOD}", {Scope.READ, Scope.PREDICT}),
    ],
)
def test_an_entry_names_the_scopes_of_its_token(entry: str, scopes: set[Scope]) -> None:
    assert Tokens(entry).scopes(GOOD) == scopes


@pytest.mark.parametrize("separator", [",", ", ", " ", "\n", "\n\n"])
def test_several_tokens_are_accepted_side_by_side(separator: str) -> None:
    tokens = Tokens(f"{GOOD}{separator}read:{OTHER}")
    assert tokens.scopes(GOOD) == set(Scope)
    assert tokens.scopes(OTHER) == {Scope.READ}


@given(st.text())
def test_no_other_text_is_a_token(text: str) -> None:
    assert Tokens(GOOD).scopes(text) == (set(Scope) if text == GOOD else set())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has no token"),
        ("   ", "has no token"),
        ("x" * (SHORTEST - 1), f"at least {SHORTEST}"),
        (f"write:{GOOD}", "scope is none of read, predict, metrics"),
        ("pa$$word-pa$$word-pa$$word", "letters, digits"),
    ],
)
def test_tokens_that_cannot_be_meant_are_refused(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        Tokens(text)


def test_a_refused_token_is_not_repeated_in_the_message() -> None:
    with pytest.raises(UsageError) as refused:
        Tokens("hunter2,")
    assert "hunter2" not in str(refused.value)


def test_the_environment_names_tokens_and_their_file(tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    file.write_text(f"read:{OTHER}\n")
    tokens = Tokens.from_environ({Env.API_TOKEN: GOOD, Env.API_TOKEN_FILE: str(file)})
    assert tokens.scopes(GOOD) == set(Scope)
    assert tokens.scopes(OTHER) == {Scope.READ}


def test_a_missing_file_is_refused_naming_the_variable(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="DEMAND_FORECAST_API_TOKEN_FILE"):
        Tokens(file=tmp_path / "none")


def test_a_token_taken_out_of_the_file_is_refused_from_then_on(tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    file.write_text(f"{GOOD}\n{OTHER}\n")
    tokens = Tokens(file=file)
    assert tokens.scopes(OTHER)
    replace(file, f"{GOOD}\n")
    assert not tokens.scopes(OTHER)
    assert tokens.scopes(GOOD)


@pytest.mark.parametrize("damaged", ["short", None])
def test_a_file_that_became_unusable_leaves_the_last_good_tokens(tmp_path: Path, damaged: str | None) -> None:
    file = tmp_path / "tokens"
    file.write_text(GOOD)
    tokens = Tokens(file=file)
    if damaged is None:
        file.unlink()
    else:
        replace(file, damaged)
    assert tokens.scopes(GOOD)


def test_such_a_file_is_told_once_and_again_when_it_breaks_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "tokens"
    file.write_text(GOOD)
    tokens = Tokens(file=file)
    for text, told in (("short", 1), (GOOD, 1), ("short", 2)):
        replace(file, text)
        for _ in range(3):
            tokens.scopes(GOOD)
        warnings = [record for record in caplog.records if "stay as they were" in record.message]
        assert len(warnings) == told


def replace(file: Path, text: str) -> None:
    """As a mounted secret changes: by another file."""
    fresh = file.with_suffix(".new")
    fresh.write_text(text)
    fresh.replace(file)
