"""What days out of the ordinary do to demand is learnt from those of the same name."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.unit.data.series import KOREA
from tests.unit.model.series import ORIGIN, TINY, TRAIN_UNTIL, make_history
from trainer.contract import Region
from trainer.model.forecasting.forecaster import Forecaster
from trainer.model.training.fitting import fit

_LESS = 0.85
"""Of the usual demand, on days of a strike."""
TOMORROW = str(ORIGIN.tz_convert(KOREA.zone).date())
STRIKES = [f"2021-{day}" for day in ("01-19", "02-03", "02-25", "03-10", "03-24", "04-08", "04-27", "05-13")]
PLAIN = replace(KOREA, weather=())
LISTED = replace(PLAIN, days=dict.fromkeys(STRIKES, "strike"))


@pytest.fixture(scope="module")
def struck() -> pd.DataFrame:
    frame = make_history()
    dates = pd.DatetimeIndex(frame.index).tz_convert(KOREA.zone).strftime("%Y-%m-%d")
    frame["demand"] *= np.where(dates.isin([*STRIKES, TOMORROW]), _LESS, 1)
    return frame


def fitted(struck: pd.DataFrame, region: Region) -> Forecaster:
    return fit(struck, region, TINY, train_until=TRAIN_UNTIL, device="cpu", origin_hours=(0,))


def mean(forecaster: Forecaster, struck: pd.DataFrame) -> float:
    return float(forecaster.forecast(struck, ORIGIN, 24)["forecast"].mean())


def test_an_announced_day_is_forecast_as_those_before_it_were(struck: pd.DataFrame) -> None:
    model = fitted(struck, LISTED)
    usual, measured = mean(model, struck), struck["demand"].loc[ORIGIN:].iloc[:24].mean()
    announced = replace(LISTED, days={**LISTED.days, TOMORROW: "strike"})
    told = mean(model.as_configured(announced), struck)
    assert abs(told - measured) < abs(usual - measured) / 3


def test_a_day_of_a_name_that_no_model_has_seen_is_forecast_all_the_same(struck: pd.DataFrame) -> None:
    model = fitted(struck, PLAIN)
    announced = replace(PLAIN, days={TOMORROW: "call to save"})
    assert mean(model.as_configured(announced), struck) == pytest.approx(mean(model, struck), rel=0.05)
