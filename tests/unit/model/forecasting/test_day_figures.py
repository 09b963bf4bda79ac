"""Peak and energy of whole local days, with bands that hold what they say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.unit.data.series import KOREA
from trainer.contract import Region
from trainer.model.forecasting.day_figures import DayFigures, day_figures, day_scales, half_widths
from trainer.model.forecasting.day_scores import day_scores

ONES = np.ones(2)
SANTIAGO = replace(KOREA, timezone="America/Santiago")
APIA = replace(KOREA, timezone="Pacific/Apia")
KOLKATA = replace(KOREA, timezone="Asia/Kolkata")


def figures(start: str, hours: int, region: Region = KOREA, scales: np.ndarray = ONES) -> list[DayFigures]:
    """Of demand that rises by 1 MW an hour from 1000 MW, its paths from 10 MW below to 10 MW above."""
    time = pd.date_range(start, periods=hours, freq="h", tz="UTC")
    forecast = 1000.0 + np.arange(hours)
    paths = forecast + np.linspace(-10, 10, 101)[:, None]
    return list(day_figures(time, forecast, paths, scales, region))


def test_a_day_has_its_peak_its_hour_and_its_energy() -> None:
    (day,) = figures("2023-01-01 15:00", 24)
    assert (day.date, day.hours) == ("2023-01-02", 24)
    assert (day.peak_mw, day.peak_time) == (1023, pd.Timestamp("2023-01-02 14:00", tz="UTC"))
    assert (day.peak_lower_mw, day.peak_upper_mw) == pytest.approx((1015, 1031))
    assert day.energy_mwh == sum(range(1000, 1024))
    assert day.energy_mwh - day.energy_lower_mwh == pytest.approx(24 * 8)
    assert day.to_dict()["peak_time"] == "2023-01-02T14:00:00+00:00"


def test_the_scales_widen_each_band() -> None:
    (day,) = figures("2023-01-01 15:00", 24, scales=np.array([0.5, 2.0]))
    assert day.peak_upper_mw - day.peak_mw == pytest.approx(4)
    assert day.energy_upper_mwh - day.energy_mwh == pytest.approx(24 * 16)


def test_days_that_are_covered_in_part_are_left_out() -> None:
    assert figures("2023-01-01 15:00", 23) == []
    assert [day.date for day in figures("2023-01-01 16:00", 72)] == ["2023-01-03", "2023-01-04"]


@pytest.mark.parametrize(
    ("region", "start", "hours", "dates"),
    [
        (SANTIAGO, "2023-09-03 04:00", 23, {"2023-09-03": 23}),  # begins at 01:00
        (SANTIAGO, "2023-04-01 03:00", 49, {"2023-04-01": 25, "2023-04-02": 24}),
        (KOLKATA, "2023-01-01 18:00", 24, {"2023-01-02": 24}),
        (APIA, "2011-12-29 10:00", 48, {"2011-12-29": 24, "2011-12-31": 24}),  # there was no 30th
    ],
)
def test_a_day_is_as_long_as_its_clocks_make_it(
    region: Region, start: str, hours: int, dates: dict[str, int]
) -> None:
    assert {day.date: day.hours for day in figures(start, hours, region)} == dates


def test_under_the_scales_of_past_days_the_bands_hold_the_coverage() -> None:
    random = np.random.default_rng(0)

    def days(count: int) -> np.ndarray:
        return 1000 + 30 * random.standard_normal((count, 1)) + 10 * random.standard_normal((count, 24))

    forecast = np.full((400, 24), 1000.0)
    paths = forecast + 5 * random.standard_normal((100, 1, 24))  # far too narrow
    widths = half_widths(paths)
    scales = day_scales(days(400), forecast, widths, 0.8)
    came = days(400)
    for figure, scale in enumerate(scales):
        total, said = (x.max(-1) if figure == 0 else x.sum(-1) for x in (came, forecast))
        below, above = scale * widths[figure]
        held = np.mean((said - below <= total) & (total <= said + above))
        assert held == pytest.approx(0.8, abs=0.06)


def test_days_with_an_unknown_hour_say_nothing_of_the_scales() -> None:
    actual = np.full((3, 24), 1010.0)
    actual[:, 3] = np.nan
    widths = np.ones((2, 2, 3))
    np.testing.assert_array_equal(day_scales(actual, np.full((3, 24), 1000.0), widths, 0.8), ONES)


def test_days_are_scored_where_they_were_measured_throughout() -> None:
    said = figures("2023-01-01 15:00", 72)
    time = pd.date_range("2023-01-01 15:00", periods=72, freq="h", tz="UTC")
    demand = pd.Series(1000.0 + np.arange(72), index=time)
    demand.iloc[30:48] += 20  # the second day's peak beyond its band
    demand.iloc[60] = np.nan
    assert day_scores(said, demand, KOREA) == pytest.approx(
        {
            "days": 2,
            "peak_mape": 100 * 20 / 1067 / 2,
            "peak_coverage": 50,
            "energy_mape": 100 * 360 / demand.iloc[24:48].sum() / 2,
            "energy_coverage": 50,
        }
    )
    assert day_scores([], demand, KOREA) is None
