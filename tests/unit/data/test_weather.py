"""Holes in the weather: filled in the past, named in the future."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.unit.data.series import KOREA, NOW, hours_of, load, naive
from trainer.data.validation import canonical
from trainer.data.weather import require_weather
from trainer.errors import DataError

YEAR = load(hours_of(KOREA, "2023-01-01", 365), KOREA)
ORIGIN = pd.Timestamp("2023-12-20T00:00Z")


def with_hole(first: str, hours: int, name: str = "temperature") -> pd.DataFrame:
    frame = YEAR.copy()
    start = frame.index.get_loc(pd.Timestamp(first))
    frame.iloc[start : start + hours, frame.columns.get_loc(name)] = np.nan
    return frame


def test_a_gap_of_six_hours_is_interpolated() -> None:
    history, report = canonical(naive(with_hole("2023-05-01T00:00Z", 6), KOREA), KOREA, now=NOW)
    hole = history["temperature"].loc["2023-04-30T23:00Z":"2023-05-01T06:00Z"]
    np.testing.assert_allclose(np.diff(hole, 2), 0, atol=1e-9)
    assert [(f.kind, f.count) for f in report.findings] == [("weather_gap_interpolated", 6)]


def test_a_longer_gap_gets_what_is_usual_at_that_hour_and_season() -> None:
    history, report = canonical(naive(with_hole("2023-05-01T00:00Z", 72), KOREA), KOREA, now=NOW)
    hole = slice("2023-05-01T00:00Z", "2023-05-03T23:00Z")
    # The synthetic temperature drifts by 0.024 C a day: the mean of 10 days around is within a degree.
    np.testing.assert_allclose(history["temperature"].loc[hole], YEAR["temperature"].loc[hole], atol=0.5)
    assert [(f.kind, f.count) for f in report.findings] == [("weather_gap_filled", 72)]


def test_the_fill_of_the_past_never_sees_the_future() -> None:
    holed = with_hole("2023-12-15T00:00Z", 48)
    changed = holed.copy()
    changed.loc[changed.index >= ORIGIN, ["temperature", "humidity"]] = 50.0
    results = [
        canonical(naive(frame, KOREA), KOREA, as_of=ORIGIN, now=NOW)[0].loc[: ORIGIN - pd.Timedelta(hours=1)]
        for frame in (holed, changed)
    ]
    pd.testing.assert_frame_equal(results[0], results[1])


def test_more_than_a_tenth_missing_in_the_past_is_refused() -> None:
    with pytest.raises(DataError, match=r"humidity is missing in 11% .*take humidity out of the region's"):
        canonical(naive(with_hole("2023-03-01T00:00Z", 1000, "humidity"), KOREA), KOREA, now=NOW)


def test_missing_weather_in_the_future_stays_missing() -> None:
    holed = with_hole("2023-12-20T10:00Z", 30)
    history, report = canonical(naive(holed, KOREA), KOREA, as_of=ORIGIN, now=NOW)
    assert history["temperature"].loc["2023-12-20T10:00Z":"2023-12-21T15:00Z"].isna().all()
    assert report.findings == ()


def test_a_forecast_without_weather_is_refused_naming_the_hours_and_the_mend() -> None:
    holed = with_hole("2023-12-20T10:00Z", 30)
    history, _ = canonical(naive(holed, KOREA), KOREA, as_of=ORIGIN, now=NOW)
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
def test_weather_in_another_unit_is_refused_by_row(name: str, value: float) -> None:
    rows = naive(YEAR, KOREA)
    rows.loc[3, name] = value
    with pytest.raises(DataError, match=rf"{value:g} in column '{name}', row 4, is not within"):
        canonical(rows, KOREA, now=NOW)


def test_humidity_as_a_share_is_refused() -> None:
    with pytest.raises(DataError, match="looks like a share of 1"):
        canonical(naive(YEAR.assign(humidity=YEAR["humidity"] / 100), KOREA), KOREA, now=NOW)
