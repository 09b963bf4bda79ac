"""What trees read of an hour was known at the forecast's origin."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.unit.data.series import KOREA
from tests.unit.model.series import make_history
from trainer.model.covariates.features import HourCovariates
from trainer.model.regressions.origin_features import DAY, OriginFeatures
from trainer.model.trees.tree_features import FARTHEST, TreeFeatures

BEGUN = 40 * DAY
AHEAD = BEGUN + np.arange(FARTHEST)
ORIGIN = np.full(FARTHEST, BEGUN)


@pytest.fixture(scope="module")
def features() -> TreeFeatures:
    return features_of(make_history(60))


def features_of(history: pd.DataFrame) -> TreeFeatures:
    facts = HourCovariates.of(history, KOREA)
    epoch = str(history.index[0].isoformat())
    flat = np.ones(len(history))
    hours = OriginFeatures.of(facts, flat, KOREA.weather, epoch, flat)
    return TreeFeatures.of(np.log(history["demand"].to_numpy()), np.zeros(len(history)), hours)


def test_demand_from_the_origin_on_changes_nothing(features: TreeFeatures) -> None:
    later = features.demand.copy()
    later[BEGUN:] = np.nan
    for now, then in zip(
        features.at(ORIGIN, AHEAD), replace(features, demand=later).at(ORIGIN, AHEAD), strict=True
    ):
        np.testing.assert_array_equal(now, then)


def test_the_last_hour_before_the_origin_counts(features: TreeFeatures) -> None:
    other = features.demand.copy()
    other[BEGUN - 1] += 1
    now, then = features.at(ORIGIN, AHEAD)[0], replace(features, demand=other).at(ORIGIN, AHEAD)[0]
    assert (now != then).any(axis=1).all()


def test_the_level_is_the_mean_of_the_same_hour_on_the_last_week_s_days(features: TreeFeatures) -> None:
    _, level = features.at(ORIGIN, AHEAD)
    for hour in (0, 23, 24, 47):
        back = np.array([BEGUN + hour % DAY - DAY * day for day in range(1, 8)])
        assert level[hour] == pytest.approx(features.demand[back].mean())


def test_unknown_days_are_left_out_of_the_level(features: TreeFeatures) -> None:
    holes = features.demand.copy()
    holes[BEGUN - DAY : BEGUN] = np.nan
    _, level = replace(features, demand=holes).at(ORIGIN, AHEAD)
    back = np.array([BEGUN - DAY * day for day in range(2, 8)])
    assert level[0] == pytest.approx(features.demand[back].mean())


def test_without_a_week_of_demand_there_is_no_level(features: TreeFeatures) -> None:
    nothing = np.full_like(features.demand, np.nan)
    assert np.isnan(replace(features, demand=nothing).at(ORIGIN, AHEAD)[1]).all()


def test_an_hour_has_the_same_features_wherever_the_frame_begins(features: TreeFeatures) -> None:
    cut = features_of(make_history(60).iloc[DAY * 2 :])
    moved = cut.at(ORIGIN - 2 * DAY, AHEAD - 2 * DAY)[0]
    np.testing.assert_allclose(moved[:, 1:25], features.at(ORIGIN, AHEAD)[0][:, 1:25], rtol=1e-9)


def test_a_region_without_weather_has_those_of_demand_and_calendar_alone() -> None:
    history = make_history(60)
    bare = replace(KOREA, weather=())
    facts = HourCovariates.of(history, bare)
    flat = np.ones(len(history))
    hours = OriginFeatures.of(facts, flat, (), str(history.index[0].isoformat()), flat)
    found = TreeFeatures.of(np.log(history["demand"].to_numpy()), np.zeros(len(history)), hours)
    rows, _ = found.at(ORIGIN, AHEAD)
    assert len(rows) == FARTHEST
    assert np.isfinite(rows).all()


def test_across_a_clock_change_the_days_before_are_those_of_the_local_hour() -> None:
    paris = replace(KOREA, timezone="Europe/Paris", country="FR", weather=())
    index = pd.date_range("2022-02-01", periods=80 * DAY, freq="h", tz="UTC")
    local_hour = index.tz_convert(paris.zone).hour.to_numpy()
    history = pd.DataFrame({"demand": 100.0 + local_hour}, index=index)
    facts, flat = HourCovariates.of(history, paris), np.ones(len(history))
    hours = OriginFeatures.of(facts, flat, (), str(index[0].isoformat()), flat)
    found = TreeFeatures.of(history["demand"].to_numpy(), np.zeros(len(history)), hours)
    begun = index.get_loc(pd.Timestamp("2022-03-29", tz="Europe/Paris").tz_convert("UTC"))
    ahead = begun + np.arange(DAY - 1)  # of the last hour the same one a day before is not known yet
    ahead = ahead[local_hour[ahead] != 2]  # which the day of the change had not
    _, level = found.at(np.full(len(ahead), begun), ahead)
    np.testing.assert_allclose(level, history["demand"].to_numpy()[ahead])
