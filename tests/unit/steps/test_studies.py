"""A search without a database keeps its trials in the run's folder, and a torn line costs that line alone."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import optuna
import pytest

from trainer.contract import Env, load_regions
from trainer.steps.studies import JOURNAL, kept_study
from trainer.store import Run, Store


@pytest.fixture(autouse=True)
def _no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(Env.POSTGRES_URL, raising=False)


def run_in(store: Store) -> Run:
    region = load_regions({})["GR"]
    return Run(region=region, run_id="study", as_of=datetime(2020, 1, 1, tzinfo=UTC), store=store)


def values(run: Run, *more: float) -> list[float]:
    with kept_study(run) as storage:
        study = optuna.create_study(storage=storage, study_name="s", load_if_exists=True)
        for value in more:
            study.add_trial(optuna.trial.create_trial(value=value))
        return [float(trial.value) for trial in study.trials]


def test_what_was_tried_is_there_the_next_time(tmp_path: Path) -> None:
    run = run_in(Store.at(tmp_path))
    assert values(run, 1.0, 2.0) == [1.0, 2.0]
    assert values(run, 3.0) == [1.0, 2.0, 3.0]


def test_a_last_line_that_was_cut_off_is_taken_away(tmp_path: Path) -> None:
    run = run_in(Store.at(tmp_path))
    values(run, 1.0)
    (journal,) = tmp_path.rglob(JOURNAL)
    with journal.open("ab") as file:
        file.write(b'{"op_code": 4, "wor')
    assert values(run, 2.0) == [1.0, 2.0]
    assert values(run) == [1.0, 2.0]


def test_where_files_are_objects_the_trials_live_in_memory() -> None:
    with kept_study(run_in(Store("memory://studies"))) as storage:
        assert storage is None
