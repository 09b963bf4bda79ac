"""Kernels on inducing points tell of days what the whole kernel would."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from trainer.contract import Region
from trainer.model.covariates.features import HourCovariates
from trainer.model.covariates.windows import TAIL
from trainer.model.regressions.kernels import KERNELS, Groups, InducingPoints, gaussian, kernels_of
from trainer.model.regressions.origin_features import OriginFeatures

RANDOM = np.random.default_rng(5)


@pytest.fixture
def groups() -> Groups:
    """300 common days, two of another kind among them."""
    kind = np.zeros((300, 1), dtype=np.float32)
    kind[[70, 200]] = 1
    return [(1.0, RANDOM.standard_normal((300, 2)).astype(np.float32)), (1.0, kind)]


def test_a_day_is_wholly_alike_to_itself_and_less_to_others(groups: Groups) -> None:
    inducing_points, _, _ = InducingPoints.of(groups, 160)
    told = inducing_points(groups)
    assert told.max() == pytest.approx(1, abs=1e-5)
    assert (told.argmax(0) != 0).any()
    assert (told >= 0).all()


def test_products_of_coordinates_are_the_kernel(groups: Groups) -> None:
    inducing_points, coordinates, _ = InducingPoints.of(groups, 160)
    features = np.hstack([group for _, group in groups])
    scaled = (features - inducing_points.centres) * inducing_points.multipliers
    clipped = np.clip(scaled, -5 / np.sqrt(2), 5 / np.sqrt(2))
    clipped[:, 2] = np.clip(scaled[:, 2], -5, 5)
    np.testing.assert_allclose(coordinates @ coordinates.T, gaussian(clipped, clipped), atol=0.05)


def test_likenesses_turn_back_into_coordinates(groups: Groups) -> None:
    inducing_points, coordinates, back = InducingPoints.of(groups, 160)
    np.testing.assert_allclose(inducing_points(groups) @ back, coordinates, atol=0.02)


def test_a_kind_of_day_seen_twice_has_a_landmark(groups: Groups) -> None:
    inducing_points, _, _ = InducingPoints.of(groups, 160)
    rare = (1 - inducing_points.centres[2]) * inducing_points.multipliers[2]
    assert np.isclose(inducing_points.marks[:, 2], min(rare, 5), atol=1e-3).any()


def test_equal_days_need_one_landmark() -> None:
    inducing_points, _, _ = InducingPoints.of(
        [(1.0, np.repeat(np.eye(3, dtype=np.float32), 50, axis=0))], 160
    )
    assert len(inducing_points.marks) == 3


def test_a_region_without_weather_is_told_by_its_last_residuals(
    history: pd.DataFrame, region: Region, bare_region: Region
) -> None:
    names = []
    for place in (region, bare_region):
        facts, flat = HourCovariates.of(history, place), np.zeros(len(history))
        origin_features = OriginFeatures.of(
            facts, flat, place.weather, history.index[0].isoformat(), base=flat
        )
        groups = origin_features.kernel_features(np.array([24]), np.zeros((1, TAIL), dtype=np.float32))
        names.append([kernel.name for kernel in kernels_of(groups, KERNELS)])
    assert names == [["calendar", "rest", "date", "comfort", "sky"], ["calendar", "rest", "date", "trail"]]
