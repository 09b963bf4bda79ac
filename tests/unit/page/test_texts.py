"""The page's words, in each language it speaks."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from demand_forecast.page.assets import STATIC
from demand_forecast.page.setup import Language, texts

LANGUAGES: tuple[Language, ...] = get_args(Language)
SCRIPTS = "\n".join(path.read_text(encoding="utf-8") for path in sorted((STATIC / "js").glob("*.js")))


def blanks(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_the_same_things_with_the_same_blanks(language: Language) -> None:
    english = {key: blanks(text) for key, text in texts("en").items()}
    assert {key: blanks(text) for key, text in texts(language).items()} == english
    assert all(texts(language).values())


def test_the_page_asks_for_no_word_that_is_not_there() -> None:
    asked = set(re.findall(r"texts\.(\w+)", SCRIPTS))
    assert len(asked) > 40
    assert asked <= set(texts("en"))


def test_no_word_is_left_over() -> None:
    # Some keys are put together: texts[`error_${days}`], texts[name] of a list in the script.
    made = {"error_", "fallback_", "member_", "range_", "status_"}
    named = set(re.findall(r"\w+", SCRIPTS))
    assert {key for key in texts("en") if key not in named and not key.startswith(tuple(made))} == set()


def test_korean_is_korean() -> None:
    hangul = [key for key, text in texts("ko").items() if re.search("[가-힣]", text)]
    figures = {
        "mape",
        "smape",
        "mae",
        "crps",
        "rmse",
        "r2",
        "mae_detail",
        "crps_detail",
        "at",
        "band",
        "from_to",
    }
    assert set(texts("ko")) - set(hangul) <= figures
