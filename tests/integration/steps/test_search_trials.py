"""Each trial of a search runs once: whoever is killed, and however many processes share it."""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.study import Study, get_all_study_summaries, load_study
from optuna.trial import TrialState

from stack import postgres
from tests.integration.steps.small_model import DAYS
from tests.integration.steps.worker import AS_OF, RUN, Worker
from trainer.contract import Env, ExitCode, Manifest, Region, run_folder
from trainer.database.studies import study_storage
from trainer.steps.snapshot import snapshot
from trainer.steps.studies import JOURNAL
from trainer.store import Run, parse_as_of

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

TRIALS = 5
DONE = (TrialState.COMPLETE, TrialState.PRUNED)


def prepared(folder: Path, place: Region) -> Worker:
    """A retraining that has its data, and has still to search."""
    worker = Worker(folder, place)
    run = Run(region=place, run_id=RUN, as_of=parse_as_of(AS_OF, place), store=worker.store)
    snapshot(run, lookback_days=DAYS, source=None)
    return worker


@pytest.fixture
def empty_database(postgres_url: str) -> Iterator[str]:
    """Without any table, as no `migrate` makes Optuna's."""
    yield postgres.create_database(postgres_url, "studies")
    postgres.drop_database(postgres_url, "studies")


@pytest.fixture(scope="module")
def alone(place: Region, tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    worker = prepared(tmp_path_factory.mktemp("alone"), place)
    assert worker.ends("search") == ExitCode.DONE, worker.said
    return worker.manifest("search")


def without_seconds(manifest: Manifest) -> list[dict[str, Any]]:
    return [{**trial, "seconds": 0} for trial in manifest.facts["trials"]]


def states(study: Study) -> Counter[TrialState]:
    return Counter(trial.state for trial in study.get_trials(deepcopy=False))


def finished_numbers(study: Study) -> list[int]:
    trials = study.get_trials(deepcopy=False, states=DONE)
    return sorted(trial.user_attrs["number"] for trial in trials)


def killed_twice(worker: Worker) -> Manifest:
    for epoch in (4, 2):
        assert worker.dies_at_epoch("search", epoch) == -signal.SIGKILL, worker.said
    assert worker.ends("search") == ExitCode.DONE, worker.said
    assert "trials are finished already" in worker.said
    return worker.manifest("search")


def test_a_killed_search_runs_what_is_missing_and_finds_what_one_left_alone_finds(
    place: Region, tmp_path: Path, alone: Manifest
) -> None:
    worker = prepared(tmp_path, place)
    killed = killed_twice(worker)
    assert without_seconds(killed) == without_seconds(alone)
    assert killed.facts["best"] == alone.facts["best"]
    assert killed.facts["usage"]["device"] == "cpu"
    journal = worker.store.local_folder(run_folder("T", RUN))
    assert journal is not None
    storage = JournalStorage(JournalFileBackend(str(journal / JOURNAL)))
    study = load_study(study_name=killed.facts["study"], storage=storage)
    assert states(study)[TrialState.FAIL] == 2, "those that ran when it was killed"
    assert finished_numbers(study) == list(range(TRIALS))


def test_so_does_one_that_keeps_its_trials_in_the_database(
    place: Region, tmp_path: Path, alone: Manifest, empty_database: str
) -> None:
    worker = prepared(tmp_path, place)
    worker.environ[Env.POSTGRES_URL] = empty_database
    killed = killed_twice(worker)
    assert without_seconds(killed) == without_seconds(alone)
    assert killed.facts["best"] == alone.facts["best"]
    with study_storage(empty_database) as storage:
        study = load_study(study_name=killed.facts["study"], storage=storage)
        assert finished_numbers(study) == list(range(TRIALS))


def connections(url: str) -> int:
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND application_name = 'demand-forecast'"
        ).fetchone()
    return int(found[0]) if found else 0


def test_two_parts_begun_at_once_share_one_study_and_a_connection_each(
    place: Region, tmp_path: Path, empty_database: str
) -> None:
    worker = prepared(tmp_path, place)
    worker.environ[Env.POSTGRES_URL] = empty_database
    parts = [worker.begins("search", "--shard", f"{index}/2") for index in range(2)]
    said = [""] * len(parts)

    def listen(index: int) -> None:
        said[index] = parts[index].communicate()[1]

    listeners = [threading.Thread(target=listen, args=(index,)) for index in range(len(parts))]
    for listener in listeners:
        listener.start()
    most = 0
    while any(listener.is_alive() for listener in listeners):
        most = max(most, connections(empty_database))
        for listener in listeners:
            listener.join(0.1)
    assert [part.returncode for part in parts] == [ExitCode.DONE] * 2, said
    shards = [worker.manifest(f"search-{index}of2") for index in range(2)]
    numbers = [[trial["number"] for trial in shard.facts["trials"]] for shard in shards]
    assert numbers == [[0, 2, 4], [1, 3]]
    with study_storage(empty_database) as storage:
        (summary,) = get_all_study_summaries(storage)
        study = load_study(study_name=summary.study_name, storage=storage)
        assert finished_numbers(study) == list(range(TRIALS))
        best = study.best_value
    assert min(float(shard.metrics["validation_loss"]) for shard in shards) == best
    assert 1 <= most <= 3 * len(parts), "two each, and one that makes the tables"


def test_a_try_beside_which_another_began_leaves_the_search_to_that_one(
    place: Region, tmp_path: Path, alone: Manifest, empty_database: str
) -> None:
    worker = prepared(tmp_path / "store", place)
    worker.environ[Env.POSTGRES_URL] = empty_database
    waits, goes_on = tmp_path / "waits", tmp_path / "goes-on"
    with worker.waits_at_epoch("search", 4, waits, goes_on) as first:
        try:
            while not waits.exists():
                assert first.poll() is None
                time.sleep(0.1)
            assert worker.ends("search") == ExitCode.DONE, worker.said
        finally:
            goes_on.touch()
            said = first.communicate()[1]
    assert first.returncode == ExitCode.INFRASTRUCTURE, said
    assert "another try of it began while this one ran, and runs trial 1 anew" in said
    assert "Traceback" not in said
    assert without_seconds(worker.manifest("search")) == without_seconds(alone)


def test_optuna_s_tables_stay_in_their_schema(empty_database: str) -> None:
    with study_storage(empty_database), psycopg.connect(empty_database) as connection:
        query = "SELECT DISTINCT table_schema FROM information_schema.tables WHERE table_schema !~ '^pg_'"
        schemas = {schema for (schema,) in connection.execute(query)} - {"information_schema"}
    assert schemas == {"optuna"}
