"""Trees as a member: fitted to what was known, kept in the artifact, the same wherever they are fitted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.unit.model.conftest import ORIGIN_HOURS
from tests.unit.model.series import ORIGIN, TINY, make_history
from trainer.contract import Region
from trainer.contract.ensembles import TREES
from trainer.errors import ArtifactError
from trainer.model.artifact import load_artifact, save_artifact
from trainer.model.forecasting.forecaster import Forecaster
from trainer.model.metrics import scores
from trainer.model.progress import Silent
from trainer.model.training import tree_fitting
from trainer.model.training.fitting import fit, update, without_hindsight
from trainer.model.training.tree_fitting import LEAST_HOURS
from trainer.model.trees.boosted_trees import BoostedTrees

DAYS = pd.date_range(ORIGIN, periods=12, freq="D")


@pytest.fixture(scope="module", autouse=True)
def half_a_year_is_enough() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tree_fitting, "LEAST_HOURS", 60 * 24)
        yield


class Told(Silent):
    def __init__(self) -> None:
        self.stages: dict[str, str] = {}

    def on_stage(self, stage: str, detail: str) -> None:
        self.stages[stage] = detail


@pytest.fixture(scope="module")
def ensemble(history: pd.DataFrame, region: Region, train_until: pd.Timestamp) -> Forecaster:
    return fitted(history, region, train_until)


def fitted(history: pd.DataFrame, region: Region, train_until: pd.Timestamp) -> Forecaster:
    asked = replace(region, ensemble=(TREES,))
    return fit(history, asked, TINY, train_until=train_until, device="cpu", origin_hours=ORIGIN_HOURS)


def mape(model: Forecaster, history: pd.DataFrame) -> float:
    made = model.forecast_many(history, DAYS, 24)
    return float(scores(history["demand"].reindex(made["time"]), made["forecast"])["mape"])


def tree_share(model: Forecaster, history: pd.DataFrame, horizon: int) -> float:
    shares = model.forecasts(history, [ORIGIN], horizon).shares()
    assert shares is not None
    return shares[TREES]


def test_they_count_in_forecasts_and_cost_no_accuracy(
    ensemble: Forecaster, forecaster: Forecaster, history: pd.DataFrame
) -> None:
    assert tree_share(ensemble, history, 24) > 0.05
    assert mape(ensemble, history) < 1.05 * mape(forecaster, history)


def test_with_less_than_a_year_the_model_stands_alone(
    history: pd.DataFrame, region: Region, train_until: pd.Timestamp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tree_fitting, "LEAST_HOURS", LEAST_HOURS)
    asked, told = replace(region, ensemble=(TREES,)), Told()
    model = fit(history, asked, TINY, train_until=train_until, device="cpu", origin_hours=[0], progress=told)
    assert model.members is None
    assert "left out: they ask for 365 days" in told.stages["trees"]


def test_beyond_three_days_the_model_stands_alone(ensemble: Forecaster, history: pd.DataFrame) -> None:
    three, week = tree_share(ensemble, history, 72), tree_share(ensemble, history, 168)
    assert week == pytest.approx(three * 72 / 168, abs=1e-3)


def test_nothing_after_train_until_enters_them(
    ensemble: Forecaster, history: pd.DataFrame, region: Region, train_until: pd.Timestamp
) -> None:
    later = history.copy()
    later.loc[later.index >= train_until, "demand"] *= 3
    assert ensemble.members is not None
    again = fitted(later, region, train_until).members
    assert again is not None
    assert ensemble.members.trees is not None
    assert again.trees is not None
    for name, values in ensemble.members.trees.tensors().items():
        np.testing.assert_array_equal(values, again.trees.tensors()[name])


def test_a_refit_teaches_them_the_days_since(ensemble: Forecaster, history: pd.DataFrame) -> None:
    def taught_until(day: pd.Timestamp) -> BoostedTrees:
        members = update(ensemble, history, train_until=day, origin_hours=ORIGIN_HOURS).members
        assert members is not None
        assert members.trees is not None
        return members.trees

    sooner, later = taught_until(DAYS[1]), taught_until(DAYS[7])
    assert sooner.baseline[0] != later.baseline[0]


def test_brought_back_in_time_they_know_nothing_of_the_days_since_however_few_are_left(
    ensemble: Forecaster, history: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    knowing = update(ensemble, history, train_until=DAYS[7], origin_hours=ORIGIN_HOURS)
    monkeypatch.setattr(tree_fitting, "LEAST_HOURS", LEAST_HOURS)
    rewound = without_hindsight(knowing, history, DAYS[:7]).members
    assert knowing.members is not None
    assert rewound is not None
    assert rewound.trees is not None
    assert knowing.members.trees is not None
    assert rewound.trees.baseline[0] != knowing.members.trees.baseline[0]


def test_a_loaded_artifact_forecasts_to_the_bit_as_before(
    ensemble: Forecaster, history: pd.DataFrame, tmp_path: Path
) -> None:
    save_artifact(ensemble, tmp_path / "model", {})
    loaded = load_artifact(tmp_path / "model")
    pd.testing.assert_frame_equal(
        loaded.forecast(history, ORIGIN, 48), ensemble.forecast(history, ORIGIN, 48), check_exact=True
    )


def test_trees_of_other_feature_code_are_refused_with_the_mend(ensemble: Forecaster, tmp_path: Path) -> None:
    assert ensemble.members is not None
    assert ensemble.members.trees is not None
    wider = replace(ensemble.members.trees, width=ensemble.members.trees.width + 1)
    save_artifact(replace(ensemble, members=replace(ensemble.members, trees=wider)), tmp_path / "model", {})
    with pytest.raises(ArtifactError, match=r"made by other feature code.*features of its trees.*train anew"):
        load_artifact(tmp_path / "model")


@pytest.mark.parametrize(("every", "members"), [(9, (TREES,)), (12, None)])
def test_where_few_days_are_measured_the_model_is_trained_with_trees_if_any_has_a_level(
    region: Region, every: int, members: tuple[str, ...] | None
) -> None:
    long = make_history(900)
    rare = long.assign(demand=long["demand"].where(np.arange(len(long)) // 24 % every == 0))
    until = rare.index[-1] + pd.Timedelta(hours=1)
    asked = replace(region, ensemble=(TREES,))
    model = fit(rare, asked, TINY, train_until=until, device="cpu", origin_hours=ORIGIN_HOURS)
    assert (model.members and model.members.names) == members
