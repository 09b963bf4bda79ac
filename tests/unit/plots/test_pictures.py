"""A run's pictures: in the language that is set, and never in the way of the run."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import get_args

import numpy as np
import pandas as pd
import pytest
from matplotlib import image

from demand_forecast.page.setup import Language
from trainer.contract import LANGUAGES, load_regions
from trainer.environment import language
from trainer.errors import UsageError
from trainer.plots.pictures import plot_evaluation, plot_forecast
from trainer.plots.texts import TEXTS

KR = load_regions({})["KR"]
HOURS = pd.date_range("2026-01-01 15:00", periods=24 * 20, freq="h", tz="UTC", name="time")
DEMAND = 60_000 + 8_000 * np.sin(2 * np.pi * np.arange(len(HOURS)) / 24)


def history() -> pd.DataFrame:
    return pd.DataFrame({"demand": DEMAND}, index=HOURS)


def forecast() -> pd.DataFrame:
    values = pd.DataFrame({"forecast": DEMAND[-24:]}, index=HOURS[-24:])
    values["lower"], values["upper"] = values["forecast"] - 900, values["forecast"] + 900
    values["q5"], values["q95"] = values["forecast"] - 1300, values["forecast"] + 1300
    return values.assign(trend=60_000.0, seasonality=values["forecast"] - 60_100, residual=100.0)


def evaluation() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "actual": DEMAND,
            "challenger": DEMAND * 1.01,
            "champion": DEMAND * 0.98,
            "reference": np.where(np.arange(len(HOURS)) < 48, np.nan, DEMAND * 1.03),
            "q25": DEMAND * 1.005,
            "q75": DEMAND * 1.02,
        },
        index=HOURS,
    )


@pytest.mark.parametrize("spoken", LANGUAGES)
def test_every_word_has_its_letters_in_the_font(spoken: str, tmp_path: Path) -> None:
    """A missing letter is a warning of matplotlib's, and warnings are errors here."""
    plot_forecast(history(), forecast(), KR, "KR-v1", tmp_path / "forecast.png", spoken)
    plot_evaluation(evaluation(), KR, tmp_path / "evaluation.png", spoken)
    for name in ("forecast.png", "evaluation.png"):
        assert image.imread(tmp_path / name).std() > 0.05


def test_the_languages_are_the_page_s_and_say_the_same_things() -> None:
    assert get_args(Language) == LANGUAGES == tuple(TEXTS)
    english = {key: set(re.findall(r"{\w+}", text)) for key, text in TEXTS["en"].items()}
    korean = {key: set(re.findall(r"{\w+}", text)) for key, text in TEXTS["ko"].items()}
    assert korean == english
    assert all(re.search("[가-힣]", text) for text in TEXTS["ko"].values())


def test_english_is_the_default_and_an_unknown_language_is_refused() -> None:
    assert language({}) == "en"
    assert language({"DEMAND_FORECAST_LANGUAGE": "ko"}) == "ko"
    with pytest.raises(UsageError, match="'xx' is not known; use en or ko"):
        language({"DEMAND_FORECAST_LANGUAGE": "xx"})


def test_a_picture_that_cannot_be_drawn_is_said_and_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        plot_forecast(history(), forecast().drop(columns="forecast"), KR, "KR-v1", tmp_path / "f.png", "en")
    assert "f.png could not be drawn; the run goes on without it" in caplog.text
    assert not (tmp_path / "f.png").exists()
