"""Day networks read a week of demand and the whole day ahead; plain arrays say what PyTorch does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from tests.unit.model.series import TINY, TRAIN_UNTIL
from trainer.contract import Region
from trainer.errors import DataError
from trainer.model.day_networks import DayNetworks, DayScaling
from trainer.model.day_training import DayNetwork, DayTraining
from trainer.model.decomposition import Series
from trainer.model.fitting import training_series
from trainer.model.stage import Stage

CPU = torch.device("cpu")
FEW_STEPS = 1


def stage_of(history: pd.DataFrame, region: Region) -> Stage:
    series = training_series(history, region, TRAIN_UNTIL)
    return Stage.of(series, region, TINY, len(series) - 28 * 24, CPU)


@pytest.fixture(scope="module")
def stage(history: pd.DataFrame, region: Region) -> Stage:
    return stage_of(history, region)


@pytest.fixture(scope="module")
def taught(stage: Stage) -> DayNetworks:
    training = DayTraining.begin(stage, TINY)
    training.run(stage, epochs=2)
    return training.trained()


@pytest.fixture(scope="module")
def origins(stage: Stage) -> np.ndarray:
    return stage.validation_origins(72, 24).numpy()


def error(stage: Stage, networks: DayNetworks, origins: np.ndarray) -> float:
    said = networks.roll(stage.days, stage.log_demand, origins, 24)
    return float(np.abs(said - stage.log_demand[origins[:, None] + np.arange(24)]).mean())


def test_what_they_learn_holds_on_days_not_seen(
    stage: Stage, taught: DayNetworks, origins: np.ndarray
) -> None:
    """The series' noise alone is 0.8 % in the mean; the day before is a poorer guess."""
    day_before = stage.log_demand[origins[:, None] + np.arange(-24, 0)]
    actual = stage.log_demand[origins[:, None] + np.arange(24)]
    assert error(stage, taught, origins) < 0.6 * np.abs(day_before - actual).mean()


def test_nothing_at_or_after_an_origin_is_read(
    stage: Stage, taught: DayNetworks, origins: np.ndarray
) -> None:
    changed = stage.log_demand.copy()
    changed[origins[0] :] += 1
    for_first = origins[:1]
    np.testing.assert_array_equal(
        taught.roll(stage.days, changed, for_first, 72),
        taught.roll(stage.days, stage.log_demand, for_first, 72),
    )


def test_a_second_day_stands_on_what_was_said_of_the_first(
    stage: Stage, taught: DayNetworks, origins: np.ndarray
) -> None:
    both = taught.roll(stage.days, stage.log_demand, origins[:1], 48)
    said = stage.log_demand.copy()
    said[origins[0] : origins[0] + 24] = both[0, :24]
    second = taught.roll(stage.days, said, origins[:1] + 24, 24)
    np.testing.assert_allclose(second[0], both[0, 24:], atol=1e-6)


def test_a_level_that_rises_is_followed(stage: Stage, taught: DayNetworks, origins: np.ndarray) -> None:
    before = taught.roll(stage.days, stage.log_demand, origins, 24)
    np.testing.assert_allclose(
        taught.roll(stage.days, stage.log_demand + 0.5, origins, 24), before + 0.5, atol=1e-4
    )


def test_arrays_compute_what_pytorch_does() -> None:
    torch.manual_seed(1)
    members = [DayNetwork(30, 8) for _ in range(2)]
    random = np.random.default_rng(0)
    features = random.standard_normal((5, 30)).astype(np.float32)
    scaling = DayScaling.of(features, random.standard_normal((5, 24)).astype(np.float32))
    networks = DayTraining(scaling, members, seed=0).trained()
    with torch.inference_mode():
        inputs = torch.from_numpy(scaling.inputs(features))
        expected = torch.stack([member.eval()(inputs) for member in members]).mean(0).numpy()
    np.testing.assert_allclose(networks.said(features), scaling.days(expected), atol=1e-5)


def test_one_seed_teaches_the_same(stage: Stage) -> None:
    def weights(seed: int) -> np.ndarray:
        training = DayTraining.begin(stage, replace(TINY, seed=seed))
        training.run(stage, FEW_STEPS)
        return training.trained().weights["first.weight"]

    np.testing.assert_array_equal(weights(3), weights(3))
    assert not np.array_equal(weights(3), weights(4))


def test_a_region_without_weather_has_them_too(history: pd.DataFrame, bare_region: Region) -> None:
    stage = stage_of(history, bare_region)
    training = DayTraining.begin(stage, TINY)
    training.run(stage, epochs=2)
    assert error(stage, training.trained(), stage.validation_origins(24, 24).numpy()) < 0.03


def test_an_input_that_never_changed_has_no_say(taught: DayNetworks) -> None:
    """A flag that the first bridge day after the training sets was not learnt from."""
    constant = np.flatnonzero(np.isinf(taught.scaling.scales))
    assert constant.size > 0
    features = np.zeros((1, len(taught.scaling.means)), dtype=np.float32)
    before = taught.said(features)
    features[:, constant] = 1
    np.testing.assert_array_equal(taught.said(features), before)


def test_weeks_that_are_mostly_made_up_teach_nothing(history: pd.DataFrame, region: Region) -> None:
    gappy = history.copy()
    gappy.iloc[1000:1100, gappy.columns.get_loc("demand")] = np.nan
    stage = stage_of(gappy, region)
    found = stage.day_origins()
    assert 1100 not in found
    assert 1100 + 24 * 7 in found
    assert 975 in found


@pytest.mark.parametrize("name", ["scales", "second.weight", "straight.bias"])
def test_weights_of_other_shapes_are_refused(taught: DayNetworks, name: str) -> None:
    tensors = taught.tensors()
    tensors[name] = tensors[name][..., 1:]
    with pytest.raises(ValueError, match=f"{name} has shape"):
        DayNetworks.from_tensors(tensors)


def test_a_series_without_one_known_day_is_refused(history: pd.DataFrame, region: Region) -> None:
    gappy = history.copy()
    gappy.loc[gappy.index.hour == 3, "demand"] = np.nan
    series = Series.of(gappy.loc[gappy.index < TRAIN_UNTIL], region)
    with pytest.raises(DataError, match="no training window without unknown demand"):
        DayTraining.begin(Stage.of(series, region, TINY, len(series), CPU), TINY)
