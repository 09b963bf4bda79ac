"""Holes in the weather: filled in the past, named in the future."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.unit.data.series import KOREA, NOW, hours_of, load, naive
from trainer.data.validation import canonical
from trainer.data.weather.gaps import require_weather
from trainer.errors import DataError

YEAR = load(hours_of(KOREA, "2023-01-01", 365), KOREA)
ORIGIN = pd.Timestamp("2023-12-20T00:00Z")


def with_hole(first: str, hours: int, name: str = "temperature") -> pd.DataFrame:
    frame = YEAR.copy()
    start = frame.index.get_loc(pd.Timestamp(first))
    frame.iloc[start : start + hours, frame.columns.get_loc(name)] = np.nan
    return frame


def test_a_gap_of_six_hours_is_interpolated() -> None:
    found = canonical(naive(with_hole("2023-05-01T00:00Z", 6), KOREA), KOREA, now=NOW)
    history, report = found.frame, found.report
    hole = history["temperature"].loc["2023-04-30T23:00Z":"2023-05-01T06:00Z"]
    np.testing.assert_allclose(np.diff(hole, 2), 0, atol=1e-9)
    assert [(f.kind, f.count) for f in report.findings] == [("weather_gap_interpolated", 6)]


def test_weather_that_begins_later_than_demand_is_told_of() -> None:
    found = canonical(naive(with_hole("2022-12-31T15:00Z", 1000, "humidity"), KOREA), KOREA, now=NOW)
    assert found.frame["humidity"].isna().sum() == 1000
    assert [(f.kind, f.count) for f in found.report.findings] == [("weather_gap_left", 1000)]


def test_the_fill_of_the_past_never_sees_the_future() -> None:
    holed = with_hole("2023-12-15T00:00Z", 48)
    changed = holed.copy()
    changed.loc[changed.index >= ORIGIN, ["temperature", "humidity"]] = 50.0
    results = [
        canonical(naive(frame, KOREA), KOREA, as_of=ORIGIN, now=NOW).frame.loc[
            : ORIGIN - pd.Timedelta(hours=1)
        ]
        for frame in (holed, changed)
    ]
    pd.testing.assert_frame_equal(results[0], results[1])


def test_missing_weather_in_the_future_stays_missing() -> None:
    holed = with_hole("2023-12-20T10:00Z", 30)
    found = canonical(naive(holed, KOREA), KOREA, as_of=ORIGIN, now=NOW)
    history, report = found.frame, found.report
    assert history["temperature"].loc["2023-12-20T10:00Z":"2023-12-21T15:00Z"].isna().all()
    assert report.findings == ()


def test_a_forecast_without_weather_is_refused_naming_the_hours_and_the_mend() -> None:
    holed = with_hole("2023-12-20T10:00Z", 30)
    history = canonical(naive(holed, KOREA), KOREA, as_of=ORIGIN, now=NOW).frame
    with pytest.raises(
        DataError,
        match=r"temperature is unknown for 14 .*2023-12-20 19:00 \.\. 2023-12-21 08:00 \(14 h\)"
        r" Asia/Seoul; add rows with the weather forecast",
    ):
        require_weather(history, KOREA, ORIGIN, 24)


def test_a_forecast_beyond_the_last_row_lacks_weather() -> None:
    with pytest.raises(DataError, match="unknown for 24 of the 24 hours"):
        require_weather(YEAR, KOREA, YEAR.index[-1] + pd.Timedelta(hours=1), 24)


def test_known_weather_is_enough() -> None:
    require_weather(YEAR, KOREA, ORIGIN, 168)


@pytest.mark.parametrize(("name", "value"), [("temperature", 288.0), ("humidity", 101.0), ("humidity", -1.0)])
def test_weather_that_cannot_be_is_unknown_and_told_of_by_row(name: str, value: float) -> None:
    rows = naive(YEAR, KOREA)
    rows.loc[300:309, name] = value
    found = canonical(rows, KOREA, now=NOW)
    assert found.frame[name].iloc[300:310].isna().all()
    assert f"{value:g} in column '{name}', row 301, is not within" in found.report.findings[0].text


def test_humidity_as_a_share_is_refused() -> None:
    with pytest.raises(DataError, match="looks like a share of 1"):
        canonical(naive(YEAR.assign(humidity=YEAR["humidity"] / 100), KOREA), KOREA, now=NOW)
