"""A history as it was known at an origin."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.unit.data.issues import issue_of, true_issues
from trainer.contract import Region
from trainer.data.weather.issued import IssuedWeather
from trainer.model.covariates.places import PlaceWeights
from trainer.model.covariates.weather_as_issued import as_issued, with_newest_issue

ORIGIN = pd.Timestamp("2021-03-09 15:00", tz="UTC")
WEATHER = ["temperature", "humidity"]


def test_an_issue_that_comes_true_leaves_the_history_as_it_is(history: pd.DataFrame, region: Region) -> None:
    history = history[: ORIGIN + pd.Timedelta(days=20)]
    issued = IssuedWeather.of(true_issues(history, WEATHER, hours=24 * 30))
    for origin in (ORIGIN, ORIGIN + pd.Timedelta(hours=7)):
        pd.testing.assert_frame_equal(as_issued(history, issued, origin, region), history, check_freq=False)


def test_weather_measured_from_the_origin_on_is_never_read(history: pd.DataFrame, region: Region) -> None:
    issued = IssuedWeather.of(true_issues(history, WEATHER))
    other = history.copy()
    other.loc[ORIGIN:, WEATHER] = -50.0
    seen, again = (as_issued(frame, issued, ORIGIN, region) for frame in (history, other))
    pd.testing.assert_frame_equal(seen[WEATHER], again[WEATHER])
    pd.testing.assert_frame_equal(
        seen.loc[: ORIGIN - pd.Timedelta(hours=1)],
        history.loc[: seen.index[seen.index < ORIGIN][-1]],
        check_freq=False,
    )


def test_hours_that_no_issue_speaks_of_are_unknown(history: pd.DataFrame, region: Region) -> None:
    part = history.loc[ORIGIN:, WEATHER].iloc[:30]
    issued = IssuedWeather.of(issue_of(ORIGIN, ORIGIN, **{name: part[name].to_numpy() for name in WEATHER}))
    seen = as_issued(history, issued, ORIGIN, region)
    known = seen.loc[ORIGIN:, WEATHER].notna().all(axis=1)
    assert known.iloc[:30].all()
    assert not known.iloc[30:].any()


def test_it_reaches_as_far_as_the_issues_do(history: pd.DataFrame, region: Region) -> None:
    past = history[history.index < ORIGIN]
    issued = IssuedWeather.of(
        issue_of(ORIGIN - pd.Timedelta(hours=3), ORIGIN, temperature=np.ones(48), humidity=np.ones(48))
    )
    seen = as_issued(past, issued, ORIGIN, region)
    assert seen.index[-1] == ORIGIN + pd.Timedelta(hours=47)
    assert seen.loc[ORIGIN:, "demand"].isna().all()
    assert (seen.loc[ORIGIN:, "temperature"] == 1).all()


def test_temperatures_of_places_are_those_of_the_issue_too(history: pd.DataFrame, region: Region) -> None:
    placed = history.assign(temperature_busan=history["temperature"] + 3)
    rows = issue_of(ORIGIN, ORIGIN, temperature=[1.0], humidity=[50.0], temperature_busan=[2.0])
    seen = as_issued(placed, IssuedWeather.of(rows), ORIGIN, region)
    assert seen.loc[ORIGIN, "temperature_busan"] == 2.0
    silent = as_issued(placed, IssuedWeather.of(rows.drop(columns="temperature_busan")), ORIGIN, region)
    assert np.isnan(silent.loc[ORIGIN, "temperature_busan"])


def test_an_issue_without_places_is_not_undone_by_the_places_of_the_source(
    history: pd.DataFrame, region: Region
) -> None:
    """The source says 10 C of both places; production reads what a backtest by the same issue reads."""
    places = ["temperature_busan", "temperature_seoul"]
    placed = history.assign(**dict.fromkeys(places, 10.0), temperature=10.0)
    issued = IssuedWeather.of(issue_of(ORIGIN, ORIGIN, temperature=[3.0] * 6, humidity=[50.0] * 6))
    weights = PlaceWeights(dict.fromkeys(places, 0.5), dict.fromkeys(places, 0.0))
    now, replayed = (
        weights.applied(seen(placed, issued, ORIGIN, region)) for seen in (with_newest_issue, as_issued)
    )
    hours = slice(ORIGIN, ORIGIN + pd.Timedelta(hours=5))
    pd.testing.assert_frame_equal(now.loc[hours, WEATHER], replayed.loc[hours, WEATHER])
    assert (now.loc[hours, "temperature"] == 3.0).all()
    beyond = now.loc[hours.stop + pd.Timedelta(hours=1) :]
    assert (beyond["temperature"] == 10.0).all()


@pytest.mark.parametrize(("age", "read"), [(36, 3.0), (37, 10.0)])
def test_an_issue_of_more_than_36_hours_gives_way_to_the_weather_of_the_source(
    history: pd.DataFrame, region: Region, age: int, read: float
) -> None:
    """As far as that knows it: its humidity ends at the origin."""
    placed = history.assign(temperature=10.0, temperature_busan=10.0)
    placed.loc[ORIGIN:, "humidity"] = np.nan
    told = issue_of(
        ORIGIN - pd.Timedelta(hours=age),
        ORIGIN,
        temperature=[3.0],
        humidity=[50.0],
        temperature_busan=[3.0],
    )
    seen = with_newest_issue(placed, IssuedWeather.of(told), ORIGIN, region).loc[ORIGIN]
    assert seen["temperature"] == seen["temperature_busan"] == read
    assert seen["humidity"] == 50.0


def test_one_hour_far_away_makes_no_history_of_thousands_of_years(
    history: pd.DataFrame, region: Region
) -> None:
    past = history[history.index < ORIGIN]
    far = pd.DatetimeIndex(["9999-01-01T00:00Z"]).as_unit("us")
    rows = issue_of(ORIGIN, ORIGIN, temperature=[1.0] * 24, humidity=[50.0] * 24)
    stray = rows.iloc[-1:].assign(time=far)
    seen = as_issued(past, IssuedWeather(pd.concat([rows, stray])), ORIGIN, region)
    assert seen.index[-1] == ORIGIN + pd.Timedelta(days=9)
    assert seen["temperature"].iloc[-1:].isna().all()
    assert (seen.loc[ORIGIN:, "temperature"].dropna() == 1.0).sum() == 24


def test_weather_that_the_region_no_longer_has_is_left_to_whoever_lacks_it(
    history: pd.DataFrame, region: Region
) -> None:
    issued = IssuedWeather.of(issue_of(ORIGIN, ORIGIN, temperature=np.ones(24)))
    seen = with_newest_issue(history.drop(columns="humidity"), issued, ORIGIN, region)
    assert (seen.loc[ORIGIN:, "temperature"].iloc[:24] == 1).all()
    assert "humidity" not in seen
