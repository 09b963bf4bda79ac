"""The search is repeatable, looks at the past alone, and never ends below the defaults."""

from __future__ import annotations

import math
from dataclasses import asdict, replace
from typing import Any

import optuna
import pandas as pd
import pytest

from trainer.contract import Region
from trainer.errors import UsageError
from trainer.model.config import ModelConfig
from trainer.model.progress import EpochReport, Silent
from trainer.model.training.search.search import SearchResult, search


@pytest.fixture(scope="module")
def run(history: pd.DataFrame, bare_region: Region, tiny: ModelConfig, train_until: pd.Timestamp) -> Any:
    def call(**overrides: Any) -> SearchResult:
        options = {"trials": 3, "epochs": 2, "seed": 7, "train_until": train_until, "base": tiny}
        return search(history, bare_region, device="cpu", **{**options, **overrides})

    return call


@pytest.fixture(scope="module")
def found(run: Any) -> SearchResult:
    return run()


def without_seconds(result: SearchResult) -> list[dict[str, Any]]:
    return [{**asdict(trial), "seconds": 0} for trial in result.trials]


def test_the_first_trial_is_the_configuration_it_was_given(found: SearchResult, tiny: ModelConfig) -> None:
    assert found.trials[0].parameters["hidden"] == tiny.hidden
    assert found.trials[0].parameters["learning_rate"] == tiny.learning_rate


def test_half_a_year_is_searched_for_no_finer_wave_of_the_year(found: SearchResult) -> None:
    assert found.best.ky == 1


def test_the_winner_is_the_trial_with_the_least_loss(found: SearchResult) -> None:
    best = min(found.trials, key=lambda trial: trial.value)
    assert found.best_value == best.value
    assert found.best.hidden == best.parameters["hidden"]
    assert found.best.epochs == best.parameters["epochs"]


def test_the_same_seed_finds_the_same(run: Any, found: SearchResult) -> None:
    again = run()
    assert without_seconds(again) == without_seconds(found)
    assert again.best == found.best


def test_what_comes_after_train_until_changes_nothing(
    run: Any,
    found: SearchResult,
    history: pd.DataFrame,
    bare_region: Region,
    tiny: ModelConfig,
    train_until: pd.Timestamp,
) -> None:
    changed = history.copy()
    changed.loc[changed.index >= train_until, "demand"] *= 4
    again = search(
        changed,
        bare_region,
        trials=3,
        epochs=2,
        seed=7,
        train_until=train_until,
        base=tiny,
        device="cpu",
    )
    assert again.best == found.best
    assert again.best_value == found.best_value


def test_shards_share_the_trials_out(run: Any) -> None:
    counts = [len(run(shard=(number, 2)).trials) for number in (0, 1)]
    assert counts == [2, 1]


def test_shards_that_share_a_storage_run_each_trial_once_and_agree_on_the_best(run: Any) -> None:
    storage = optuna.storages.InMemoryStorage()
    first, second = (run(trials=5, shard=(number, 2), storage=storage) for number in (0, 1))
    assert [[t.number for t in result.trials] for result in (first, second)] == [[0, 2, 4], [1, 3]]
    assert second.best_value == min(t.value for t in first.trials + second.trials if t.state == "complete")


def test_a_search_that_was_cut_off_runs_what_is_missing_and_finds_the_same(
    run: Any, found: SearchResult
) -> None:
    storage = optuna.storages.InMemoryStorage()
    started: list[int] = []

    class CutOffError(Exception):
        pass

    class Listener(Silent):
        cut = True

        def on_trial_start(self, trial: int, trials: int, parameters: dict[str, Any]) -> None:
            started.append(trial)

        def on_epoch(self, report: EpochReport) -> None:
            if self.cut and report.trial == 1:
                raise CutOffError

    listener = Listener()
    with pytest.raises(CutOffError):
        run(storage=storage, progress=listener)
    listener.cut = False
    resumed = run(storage=storage, progress=listener)
    assert started == [0, 1, 1, 2]
    assert without_seconds(resumed) == without_seconds(found)
    assert resumed.best == found.best


def test_a_trial_that_diverges_is_no_reason_to_try_it_again(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    losses = iter([0.5, 0.4, math.nan, math.nan, 0.3, 0.2])
    monkeypatch.setattr(
        "trainer.model.training.search.trial_training.median_error", lambda *_: next(losses, 0.6)
    )
    trials = run().trials
    assert (trials[1].value, trials[1].state) == (None, "pruned")
    assert len(trials) == 3


def test_more_shards_than_trials_are_refused(run: Any) -> None:
    with pytest.raises(UsageError, match="more shards than trials"):
        run(trials=1, shard=(1, 2))


@pytest.mark.parametrize("options", [{"trials": 0}, {"epochs": 0}, {"shard": (2, 2)}])
def test_nonsense_is_refused(run: Any, options: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="make no sense"):
        run(**options)


def test_progress_counts_trials_and_epochs(run: Any) -> None:
    events: list[Any] = []

    class Listener(Silent):
        def on_trial_start(self, trial: int, trials: int, parameters: dict[str, Any]) -> None:
            events.append(("start", trial, trials))

        def on_epoch(self, report: EpochReport) -> None:
            events.append(report)

        def on_trial_end(self, trial: int, trials: int, value: float | None, state: str) -> None:
            events.append((state, trial, trials))

    run(trials=2, progress=Listener())
    assert events[0] == ("start", 0, 2)
    assert events[-1] == ("complete", 1, 2)
    last = [event for event in events if isinstance(event, EpochReport)][-1]
    assert last.seconds_left == pytest.approx(0, abs=1e-6)
    assert last.best == min(e.validation_loss for e in events if isinstance(e, EpochReport))


def test_a_configuration_survives_json_and_refuses_what_is_out_of_range(tiny: ModelConfig) -> None:
    assert ModelConfig.from_dict(tiny.to_dict()) == tiny
    with pytest.raises(UsageError, match="unknown keys"):
        ModelConfig.from_dict({"layers": 3})
    for wrong in ({"horizon": 169}, {"segment": 5}, {"kd": 15}, {"dropout": 1.0}, {"members": 0}):
        with pytest.raises(UsageError, match="model config"):
            replace(tiny, **wrong)


@pytest.mark.parametrize("window", [18, 342])
def test_a_window_longer_than_a_forecast_looks_back_is_refused(tiny: ModelConfig, window: int) -> None:
    with pytest.raises(UsageError, match=f"window {window} is not within 24..336"):
        replace(tiny, window=window)
    assert replace(tiny, window=336).window == 336


@pytest.mark.parametrize(("days", "yearly"), [(75, 1), (364, 1), (365, 4), (729, 4), (730, 13), (2000, 13)])
def test_as_many_waves_of_the_year_are_fitted_as_its_repetitions_can_tell(days: int, yearly: int) -> None:
    assert ModelConfig(ky=13).with_resolvable_harmonics(24 * days) == ModelConfig(ky=yearly)
    assert ModelConfig(ky=1).with_resolvable_harmonics(24 * days) == ModelConfig(ky=1)
